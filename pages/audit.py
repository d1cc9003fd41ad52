"""Audit: who did what, when, and what was different afterwards."""

from __future__ import annotations

from collections.abc import Iterator

import streamlit as st

from core.actor import Role
from core.audit.queries import AuditEntry
from core.spreadsheets import csv_bytes
from pages.components.audit_entry import about, event_words, show_entry
from pages.components.empty import empty_state
from pages.components.page import open_page
from pages.components.row_table import Cell, Column, Row, row_table
from pages.components.words import ago, count, moment, plain

screen = open_page(title="Audit", icon=":material/history_edu:", roles=(Role.ADMIN,), position=130)
queries = screen.app.audit_queries
PER_PAGE = 25
EXPORT_A_TIME = 1_000
_COLUMNS = (Column("What"), Column("On", wide=True), Column("Who"), Column("When"), Column("No.", number=True))
_HEADER = (
    "sequence",
    "at",
    "actor_kind",
    "actor_id",
    "actor_name",
    "event",
    "subject",
    "before",
    "after",
    "request_id",
    "hash",
)


def draw_filters() -> tuple[str, str, str]:
    """(text, event, subject) as chosen; the subject comes from a link and is taken off here."""
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        text = st.text_input(
            "Search", key="q", bind="query-params", type="search", icon=":material/search:",
            placeholder="Person, event, subject, request", label_visibility="collapsed", on_change=to_newest,
        )  # fmt: skip
        events = queries.events()
        event = st.selectbox(
            "Event", ["Every event", *events], key="event", bind="query-params", label_visibility="collapsed",
            width=230, on_change=to_newest, format_func=event_words,
        )  # fmt: skip
        subject = st.query_params.get("subject", "")[:120]
        if subject:
            st.button(
                f"Only {plain(subject)}", icon=":material/close:", key="any-subject", on_click=to_any_subject,
                help="Show every subject again",
            )  # fmt: skip
    return (text or "")[:200].replace("\0", ""), event if event in events else "", subject.replace("\0", "")


def draw_list(text: str, event: str, subject: str) -> None:
    place = st.query_params.get("before", "")
    before = int(place) if place.isdecimal() and len(place) < 18 else None
    entries = queries.entries(text=text, event=event, subject=subject, before=before, limit=PER_PAGE + 1)
    if not entries:
        words = "No entry matches. Change the filters to see others."
        empty_state(words if text or event or subject or before else "Every change will be written here.")
    else:
        rows = [row_of(entry) for entry in entries[:PER_PAGE]]
        row_table(_COLUMNS, rows, label="Audit entries", key="entries", on_open=open_entry)
    with st.container(horizontal=True, horizontal_alignment="distribute"):
        with st.container(horizontal=True, width="content"):
            if before is not None:
                st.button("Newest", icon=":material/first_page:", type="tertiary", on_click=to_newest)
            if len(entries) > PER_PAGE:
                last = entries[PER_PAGE - 1].sequence
                st.button("Older", icon=":material/chevron_right:", type="tertiary", on_click=to_older, args=(last,))
        st.download_button(
            "Export CSV", icon=":material/download:", type="tertiary", key="export", on_click="ignore",
            data=lambda: csv_bytes(_HEADER, as_rows(text, event, subject)), file_name="audit.csv", mime="text/csv",
        )  # fmt: skip


def row_of(entry: AuditEntry) -> Row:
    cells = (
        Cell(event_words(entry.event), entry.event),
        Cell(about(entry), entry.subject), Cell(entry.actor_name),
        Cell(ago(entry.at, screen.app.clock.now()), moment(entry.at, screen.zone)),
        Cell(str(entry.sequence)),
    )  # fmt: skip
    return Row(str(entry.sequence), cells, f"/audit?entry={entry.sequence}")


def as_rows(text: str, event: str, subject: str) -> Iterator[tuple[object, ...]]:
    """All that matches, a thousand at a time."""
    before: int | None = None
    while entries := queries.entries(text=text, event=event, subject=subject, before=before, limit=EXPORT_A_TIME):
        for entry in entries:
            yield (
                entry.sequence, entry.at.isoformat(), entry.actor_kind.value, entry.actor_id, entry.actor_name,
                entry.event, entry.subject, entry.before, entry.after, entry.request_id, entry.hash,
            )  # fmt: skip
        before = entries[-1].sequence


def verify() -> None:
    with st.spinner("Computing every hash again…"):
        report = queries.verify()
    if report.fault is None:
        st.success(
            f"{count(report.entries, 'entry follows', 'entries follow')} one another unchanged.",
            icon=":material/verified:",
        )
        return
    st.error(
        f"The chain is broken: {report.fault.problem}. Keep the database as it is, and compare it with the last "
        "backup from before this entry.",
        icon=":material/error:",
    )


def open_entry(sequence: str) -> None:
    st.query_params["entry"] = sequence


def to_newest() -> None:
    st.query_params.pop("before", None)


def to_older(sequence: int) -> None:
    st.query_params["before"] = str(sequence)


def to_any_subject() -> None:
    st.query_params.pop("subject", None)
    to_newest()


with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
    st.markdown(f"{count(queries.count(), 'entry', 'entries')}, each bound to the one before it by its hash.")
    asked = st.button("Verify the chain", icon=":material/link:", key="verify")
if asked:
    verify()
draw_list(*draw_filters())
if wanted := st.query_params.get("entry"):
    show_entry(screen, wanted)
