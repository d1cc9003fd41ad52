"""One chart block: the finding as its title, the chart or its table, the runs behind a click, the data as CSV."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from pages.components.export import csv_bytes
from pages.components.words import plain

TABLES = "tables"
NARROW = "\u00a0%"
"""A sign that stays with its number at the end of a line."""


@dataclass(frozen=True)
class ChartTable:
    """The same data in rows; `links` lead to the runs behind each row, None where a row has none."""

    header: tuple[str, ...]
    rows: Sequence[tuple[object, ...]]
    links: Sequence[str | None] = ()


def chart_block(
    finding: str,
    figure: go.Figure,
    table: ChartTable,
    *,
    key: str,
    note: str = "",
    behind: Callable[[str], None] | None = None,
) -> None:
    """Draws the block. `behind(mark)` draws the runs behind the mark that was clicked; its key is what it was given."""
    with st.container(border=True, key=f"chart-{key}", height="stretch"):
        st.markdown(f"## {plain(finding.replace(' %', NARROW))}")
        if note:
            st.caption(plain(note))
        if not table.rows:
            st.caption("No runs match these filters.")
            return
        if st.session_state.get(TABLES):
            _draw_table(finding, table, key)
            return
        event = st.plotly_chart(
            figure, theme=None, key=f"plot-{key}", on_select="rerun" if behind else "ignore", selection_mode="points",
            config={"displayModeBar": False, "responsive": True}, alt=finding,
        )  # fmt: skip
        if behind and (mark := _clicked(event)):
            behind(mark)


def table_switch() -> None:
    st.toggle("Table view", key=TABLES, bind="query-params")


def _clicked(event: object) -> str | None:
    points = getattr(getattr(event, "selection", None), "points", None) or []
    data = points[0].get("customdata") if points else None
    if isinstance(data, Mapping):
        data = list(data.values())
    return str(data[0]) if data else None


def _draw_table(finding: str, table: ChartTable, key: str) -> None:
    frame = pd.DataFrame(list(table.rows), columns=list(table.header))
    config: dict[str, Any] = {
        name: st.column_config.NumberColumn(format="localized")
        for name in table.header
        if pd.api.types.is_numeric_dtype(frame[name])
    }
    if any(table.links):
        frame["Runs behind it"] = list(table.links)
        config["Runs behind it"] = st.column_config.LinkColumn(display_text="Show runs")
    st.dataframe(frame, hide_index=True, column_config=config, key=f"table-{key}", height="content")
    st.download_button(
        "Export CSV", icon=":material/download:", type="tertiary", key=f"csv-{key}", on_click="ignore",
        data=lambda: csv_bytes(table.header, table.rows), file_name=f"{key}.csv", mime="text/csv",
    )  # fmt: skip
