"""One chart block: the finding as its title, the chart or its table, a click that narrows the page, the data to take along."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
import plotly.graph_objects as go
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.spreadsheets import csv_bytes
from pages.components.export import PARQUET, parquet_bytes, schema_of
from pages.components.words import plain

TABLES = "tables"
NARROW = "\u00a0%"
"""A sign that stays with its number at the end of a line."""

_CLICKS = "_clicks_"
_BEHIND = "Runs behind it"
_COLUMNS = 7
"""As many are shown at once; the table's own menu shows the others, and the files hold all."""


@dataclass(frozen=True)
class ChartTable:
    """The same data in rows, what matters most first; `links` lead to the runs behind each row, None where a row has none."""

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
    on_mark: Callable[[str], None] | None = None,
    empty: str = "No runs match these filters.",
) -> None:
    """Draws the block. A click on a mark calls `on_mark` with its key, before the rerun."""
    with st.container(border=True, key=f"chart-{key}", height="stretch"):
        st.markdown(f"## {plain(_held_together(finding))}")
        if note:
            st.caption(plain(note))
        if not table.rows:
            st.caption(empty)
            return
        if st.session_state.get(TABLES):
            _draw_table(table, key)
            return
        _draw_plot(finding, figure, key, on_mark)


def _held_together(finding: str) -> str:
    """Signs and units stay with their numbers at the end of a line."""
    return re.sub(r"(?<=\d) (?=(?:%|h|min|days?)\b|%)", "\u00a0", finding)


def side_by_side() -> tuple[DeltaGenerator, DeltaGenerator]:
    """Two places for blocks: beside each other for charts, below each other for tables, which need the width."""
    if st.session_state.get(TABLES):
        return st.container(), st.container()
    left, right = st.columns(2)
    return left, right


def table_switch() -> None:
    st.toggle("Table view", key=TABLES, bind="query-params")


def _draw_plot(
    finding: str,
    figure: go.Figure,
    key: str,
    on_mark: Callable[[str], None] | None,
) -> None:
    # A chart that was clicked is drawn anew, so that nothing stays selected in it that the page has let go.
    clicks = st.session_state.get(_CLICKS + key, 0)
    widget = f"plot-{key}-{clicks}"

    def selected() -> None:
        mark = _clicked(st.session_state.get(widget))
        if mark is not None and on_mark:
            on_mark(mark)
        st.session_state[_CLICKS + key] = clicks + 1

    st.plotly_chart(
        figure, theme=None, key=widget, on_select=selected if on_mark else "ignore", selection_mode="points",
        config={"displayModeBar": False, "responsive": True}, alt=finding,
    )  # fmt: skip


def _clicked(event: object) -> str | None:
    selection = event.get("selection") if isinstance(event, Mapping) else None
    points = selection.get("points") if isinstance(selection, Mapping) else None
    data = points[0].get("customdata") if points else None
    if isinstance(data, Mapping):
        data = list(data.values())
    return str(data[0]) if data else None


def _draw_table(table: ChartTable, key: str) -> None:
    frame = pd.DataFrame(list(table.rows), columns=list(table.header))
    config: dict[str, Any] = {
        name: st.column_config.NumberColumn(format="localized")
        for name in table.header
        if pd.api.types.is_numeric_dtype(frame[name])
    }
    shown = list(table.header[:_COLUMNS])
    if any(table.links):
        frame[_BEHIND] = list(table.links)
        config[_BEHIND] = st.column_config.LinkColumn(display_text="Show runs")
        shown = [*table.header[: _COLUMNS - 1], _BEHIND]
    st.dataframe(frame, hide_index=True, column_config=config, column_order=shown, key=f"table-{key}", height="content")
    with st.container(horizontal=True, gap="small"):
        st.download_button(
            "Export CSV", icon=":material/download:", type="tertiary", key=f"csv-{key}", on_click="ignore",
            data=lambda: csv_bytes(table.header, table.rows), file_name=f"{key}.csv", mime="text/csv",
        )  # fmt: skip
        st.download_button(
            "Parquet", icon=":material/download:", type="tertiary", key=f"parquet-{key}", on_click="ignore",
            data=lambda: parquet_bytes(schema_of(table.header, table.rows), table.rows), file_name=f"{key}.parquet",
            mime=PARQUET, help="The same table as a Parquet file",
        )  # fmt: skip
