"""From a figure to what stands behind it: one line a run or outcome, who logged and verified it, and the proof."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from html import escape

import streamlit as st

from core.analytics.evidence import EvidencePage, EvidenceRow, Figure, ProofRef
from core.analytics.figures import WEEKLY_SAVINGS
from core.catalog.savings import RateCard
from core.errors import CountersignError, InvalidInput
from core.spreadsheets import csv_bytes
from pages.components.empty import empty_state
from pages.components.outcome_form import size_words
from pages.components.run_filters import RunView, run_filters
from pages.components.savings_board import SavingsBoard
from pages.components.savings_figures import MEANINGS, beside, kind_words, metric_words, totals_of
from pages.components.savings_words import card_words
from pages.components.status import look
from pages.components.words import ago, count, moment, plain, quantity, sentence

PER_PAGE = 20
_EXPORTED = 200
_TRAIL, _PLACE = "_evidence_trail", "_evidence_place"
_FIGURE, _OF = "evidence-figure", "evidence-of"
Kind = tuple[str, str]
"""A metric and its unit."""


def evidence(board: SavingsBoard) -> None:
    view = run_filters(board.screen, with_text=False, compares=False)
    figure = _figure_field()
    saved = board.screen.app.analytics_queries.savings(view.filters)
    kinds = [(total.metric, total.unit) for total in totals_of(saved, figure)]
    kind = _kind_field(figure, kinds)
    if kind is None:
        empty_state(
            "Nothing is behind this figure yet: no run of these filters "
            + ("completed with an estimate." if figure is Figure.ESTIMATED else "has such an outcome."),
            icon=":material/account_tree:",
        )  # fmt: skip
        return
    _rows(board, view, figure, kind)


def _figure_field() -> Figure:
    """Which of the three; in the address as `figure`."""
    said = st.query_params.get("figure", "").lower()
    st.session_state[_FIGURE] = Figure(said) if said in set(Figure) else Figure.MEASURED
    return Figure(
        st.segmented_control(
            "Figure", list(Figure), format_func=lambda one: sentence(one.value), required=True, key=_FIGURE,
            on_change=_note_figure, label_visibility="collapsed",
        )
        or Figure.MEASURED
    )  # fmt: skip


def _note_figure() -> None:
    st.query_params["figure"] = st.session_state[_FIGURE].value


def _kind_field(figure: Figure, kinds: Sequence[Kind]) -> Kind | None:
    """Which metric in which unit; in the address as `metric` and `unit`, kept even where nothing of it is there now."""
    asked = (st.query_params.get("metric", ""), st.query_params.get("unit", ""))
    fits = all(asked) and (figure is Figure.ESTIMATED) == (asked[0] == WEEKLY_SAVINGS)
    options = [*kinds, *([asked] if fits and asked not in kinds else [])]
    if not options:
        return None
    st.session_state[_OF] = asked if asked in options else options[0]
    chosen: Kind | None = st.selectbox(
        "What", options, key=_OF, on_change=_note_kind, label_visibility="collapsed", width=280,
        format_func=lambda kind: kind_words(*kind),
    )  # fmt: skip
    return chosen


def _note_kind() -> None:
    st.query_params["metric"], st.query_params["unit"] = st.session_state[_OF]


def _rows(board: SavingsBoard, view: RunView, figure: Figure, kind: Kind) -> None:
    place = (view.filters, figure, kind)
    if st.session_state.get(_PLACE) != place:
        st.session_state[_PLACE], st.session_state[_TRAIL] = place, []
    trail: list[str] = st.session_state[_TRAIL]
    ask = partial(board.screen.app.evidence.of, board.screen.actor, view.filters, figure, *kind)
    try:
        page = ask(after=trail[-1] if trail else None, limit=PER_PAGE)
    except InvalidInput:
        st.info("There is no such figure. Choose another one above.", icon=":material/info:")
        return
    _head(figure, kind, page)
    if not page.rows:
        empty_state("Nothing is behind this figure with these filters.", icon=":material/account_tree:")
        return
    for place_of, row in enumerate(page.rows):
        _row(board, row, kind[1], len(trail) * PER_PAGE + place_of)
    with st.container(horizontal=True, gap="small"):
        if trail or page.next_cursor:
            st.button(
                "Newer", icon=":material/arrow_back:", key="newer", disabled=not trail, on_click=_newer, args=(trail,)
            )
            st.button(
                "Older", icon=":material/arrow_forward:", key="older", disabled=not page.next_cursor,
                on_click=trail.append, args=(page.next_cursor or "",),
            )  # fmt: skip
        st.download_button(
            "Export CSV", icon=":material/download:", type="tertiary", key="export", on_click="ignore",
            data=lambda: _csv(board, view, figure, kind), file_name=f"{figure.value}-{kind[0]}.csv", mime="text/csv",
        )  # fmt: skip


def _newer(trail: list[str]) -> None:
    trail.pop()


def _head(figure: Figure, kind: Kind, page: EvidencePage) -> None:
    quiet, meaning = MEANINGS[figure]
    total = plain(quantity(page.total_value, kind[1]))
    behind = f"the sum of {count(page.n, 'line')}, newest first, and of nothing else"
    with st.container(border=True, key="evidence-head"):
        st.markdown(f"## {total} :gray[{quiet}]\n{_what(kind)}, {figure.value}: {behind}. {meaning}")


def _what(kind: Kind) -> str:
    """The unit stands in the total already."""
    metric, unit = kind
    return metric_words(metric) if beside(metric, unit) else kind_words(metric, unit)


def _row(board: SavingsBoard, row: EvidenceRow, unit: str, number_of: int) -> None:
    screen = board.screen
    now = screen.app.clock.now()
    with st.container(border=True, key=f"evidence-{number_of}", gap="xsmall"):
        with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
            st.html(
                f'<p class="summary"><b>{escape(quantity(row.value, unit))}</b> '
                f'<a href="/runs?run={row.run_id}">{escape(row.title)}</a></p>'
            )
            word, icon = _badge(row)
            st.badge(word, icon=icon, color="green" if word == "Verified" else "gray")
        when = f"{ago(row.at, now)} ({moment(row.at, screen.zone)})"
        if row.outcome_id is None:
            st.caption(plain(f"Run by {row.person or 'nobody named'}, started {when}. {_card_line(row)}"))
            return
        st.caption(plain(f"Logged by {row.logged_by or 'nobody named'}, {when}.{_review_line(board, row)}"))
        if row.note:
            st.markdown(plain(row.note))
        with st.container(horizontal=True, gap="medium", vertical_alignment="center"):
            for proof in row.proofs:
                _proof(board, row, proof)


def _badge(row: EvidenceRow) -> tuple[str, str]:
    """A word and its mark."""
    if row.review is None:
        return look(row.state.value)[0], look(row.state.value)[1]
    if row.review.value == "verified":
        return "Verified", ":material/verified:"
    return ("Waits for review", ":material/schedule:") if row.proofs else ("No proof", ":material/link_off:")


def _card_line(row: EvidenceRow) -> str:
    if not row.rate_card:
        return "The sum was stated when the run was started."
    try:
        return f"By the card of that day: {card_words(RateCard(**row.rate_card))}."
    except (CountersignError, TypeError, ValueError):  # of a card that an older version kept otherwise
        return "By the card of that day."


def _review_line(board: SavingsBoard, row: EvidenceRow) -> str:
    if row.reviewed_by is None:
        return ""
    when = f", {moment(row.reviewed_at, board.screen.zone)}" if row.reviewed_at else ""
    return f" Verified by {row.reviewed_by}{when}."


def _proof(board: SavingsBoard, row: EvidenceRow, proof: ProofRef) -> None:
    label = f"{plain(proof.name)} · {size_words(proof.size)}"
    if row.may_download:
        st.download_button(
            label, icon=":material/download:", type="tertiary", key=f"proof-{proof.id}", on_click="ignore",
            data=lambda: board.screen.app.outcomes_queries.proof(board.screen.actor, proof.id).data,
            file_name=proof.name, mime=proof.content_type,
        )  # fmt: skip
    else:
        st.markdown(
            f":material/attach_file: {label}", width="content", help="For the owner of the run and for reviewers."
        )
    st.caption(f"SHA-256 {proof.sha256[:12]}…", width="content", help=proof.sha256)


def _csv(board: SavingsBoard, view: RunView, figure: Figure, kind: Kind) -> bytes:
    header = ["at", "run", "workflow", "value", "unit", "person", "logged_by", "reviewed_by", "reviewed_at", "proofs"]
    rows: list[EvidenceRow] = []
    after: str | None = None
    while True:
        page = board.screen.app.evidence.of(
            board.screen.actor, view.filters, figure, *kind, after=after, limit=_EXPORTED
        )
        rows += page.rows
        after = page.next_cursor
        if after is None:
            break
    return csv_bytes(
        header,
        (
            (
                row.at.isoformat(), row.run_id, row.workflow_id, row.value, kind[1], row.person, row.logged_by,
                row.reviewed_by, row.reviewed_at.isoformat() if row.reviewed_at else "",
                " ".join(proof.sha256 for proof in row.proofs),
            )
            for row in rows
        ),
    )  # fmt: skip
