"""Taking a view of the Analytics page along: its address, and the runs behind it as files."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from itertools import islice
from urllib.parse import urlencode

import pyarrow as pa
import streamlit as st

from core.analytics.runs import RunRow
from core.executions.rules import ExecutionState
from core.spreadsheets import csv_bytes
from pages.components.export import PARQUET, parquet_bytes
from pages.components.page import Screen
from pages.components.run_filters import RunView
from pages.components.words import number

MOST = 200_000
"""Runs in one file: what a browser and a spreadsheet still take."""

_MONEY = pa.decimal128(20, 4)
_TIME = pa.timestamp("us", tz="UTC")
SCHEMA = pa.schema(
    [
        ("run", pa.string()), ("workflow", pa.string()), ("status", pa.string()), ("person", pa.string()),
        ("agent", pa.string()), ("council", pa.string()), ("market", pa.string()), ("skill_level", pa.string()),
        ("created_at_utc", _TIME), ("ended_at_utc", _TIME), ("steps_completed", pa.int32()), ("total_steps", pa.int32()),
        ("work_seconds", pa.float64()), ("wait_seconds", pa.float64()), ("ai_seconds", pa.float64()),
        ("estimated_weekly_savings", _MONEY), ("currency", pa.string()),
    ]
)  # fmt: skip


def sharing(screen: Screen, view: RunView, runs: int) -> None:
    """Two boxes: the address of what is shown, with a button that copies it; and its runs as CSV or Parquet."""
    with st.popover("Share", icon=":material/link:"):
        st.markdown("This address shows the same view: filters, dates, comparison, tab and tables.")
        st.code(address(), language=None, wrap_lines=True)
    with st.popover("Export runs", icon=":material/download:"):
        all_of_them = f"All {number(runs, 0)} runs" if runs <= MOST else f"The newest {number(MOST, 0)} runs"
        st.markdown(f"{all_of_them} of these filters, a line each. Charts export their own table in the table view.")
        for word, kind, mime in (("CSV", "csv", "text/csv"), ("Parquet", "parquet", PARQUET)):
            st.download_button(
                word, icon=":material/download:", key=f"runs-{kind}", on_click="ignore", mime=mime,
                data=partial(_file, screen, view, kind), file_name=f"runs.{kind}",
            )  # fmt: skip


def address() -> str:
    """Of the page as it is, with every filter that stands in it."""
    query = {name: st.query_params.get_all(name) for name in st.query_params}
    return f"{st.context.url or ''}{'?' if query else ''}{urlencode(query, doseq=True)}"


def run_rows(screen: Screen, view: RunView) -> Iterator[tuple[object, ...]]:
    for row in islice(screen.app.run_queries.every(screen.actor, view.filters), MOST):
        yield run_line(row)


def _file(screen: Screen, view: RunView, kind: str) -> bytes:
    rows = run_rows(screen, view)
    return csv_bytes(SCHEMA.names, rows) if kind == "csv" else parquet_bytes(SCHEMA, rows)


def run_line(row: RunRow) -> tuple[object, ...]:
    """A run as a line of `SCHEMA`."""
    run = row.run
    saved = run.calculated_savings if run.state is ExecutionState.COMPLETED else None
    return (
        str(run.id), row.title, run.state.value, row.person, row.agent, row.council,
        run.market.value if run.market else None, run.skill_level.value if run.skill_level else None,
        run.created_at, run.completed_at, run.steps_completed, run.total_steps,
        run.work_ms / 1000, run.wait_ms / 1000, run.ai_ms / 1000, saved, run.savings_currency if saved is not None else None,
    )  # fmt: skip
