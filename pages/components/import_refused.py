"""What of a file was refused: how much for which reason, the first rows with their lines, and all of them as CSV."""

from __future__ import annotations

from html import escape

import streamlit as st

from core.imports.counting import Counts
from core.imports.queries import ImportView
from core.imports.refusals import Reason
from core.imports.refused_csv import refused_csv
from core.imports.rules import MOST_REFUSALS
from pages.components.import_words import reason_words
from pages.components.page import Screen
from pages.components.words import count

_SHOWN = 20


def refused_rows(screen: Screen, view: ImportView, counts: Counts) -> None:
    """Draws nothing where nothing was refused."""
    rows, cases = sum(view.refused_rows.values()), sum(counts.refused.values())
    if not rows and not cases:
        st.markdown(":material/check: Nothing was refused.")
        return
    st.subheader("Refused", anchor=False)
    words = [count(rows, "row")] if rows else []
    words += [count(cases, "whole case")] if cases else []
    st.markdown(f"{' and '.join(words)}. The rest comes in all the same. Correct them in the file and import it again.")
    told = {**view.refused_rows, **counts.refused}
    listed = sorted(told.items(), key=lambda item: -item[1])
    _table(
        "Why", ("Reason", "Of", "How many"),
        [
            (reason_words(reason), "cases" if reason in counts.refused else "rows", f"{n:,}") for reason, n in listed
        ],
    )  # fmt: skip
    if set(told) <= {Reason.ALREADY_HERE.value}:
        return
    some = rows + cases > _SHOWN
    with st.expander(f"The first {_SHOWN} by line" if some else "Line by line", icon=":material/format_list_numbered:"):
        first = screen.app.imports_queries.refused(screen.actor, view.row.id, limit=_SHOWN)
        _table(
            "Refused rows", ("Line", "Case", "Why"),
            [(f"{one.line:,}", one.case_key, f"{reason_words(one.reason)}. {one.detail}") for one in first],
        )  # fmt: skip
    total = rows + cases - counts.refused[Reason.ALREADY_HERE.value]
    kept = f" (the first {MOST_REFUSALS:,})" if total > MOST_REFUSALS else ""
    st.download_button(
        f"Download all{kept} as CSV", icon=":material/download:", key="refused-csv", on_click="ignore",
        data=lambda: _csv(screen, view), file_name="refused.csv", mime="text/csv",
    )  # fmt: skip


def _csv(screen: Screen, view: ImportView) -> bytes:
    return refused_csv(screen.app.imports_queries.all_refused(screen.actor, view.row.id))


def _table(label: str, header: tuple[str, ...], rows: list[tuple[str, ...]]) -> None:
    head = "".join(f'<th scope="col">{escape(name)}</th>' for name in header)
    body = "".join("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in rows)
    st.html(
        f'<div style="overflow-x:auto" tabindex="0" role="region" aria-label="{escape(label)}">'
        f'<table class="diff"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'
    )
