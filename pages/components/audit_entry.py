"""One audit entry in a dialog: who did what to what, what was different afterwards, and its place in the chain."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import streamlit as st

from core.audit.queries import AuditEntry
from core.connectors.plan import Change
from pages.components.facts import facts_table
from pages.components.page import Screen
from pages.components.plan_view import show_changes
from pages.components.way import way
from pages.components.words import count, moment, plain, sentence


def event_words(event: str) -> str:
    """`action.proposed` as "Action proposed"."""
    return sentence(event.replace(".", "_"))


def about(entry: AuditEntry) -> str:
    """What the entry is on, by its title or name if one was recorded, else by its id."""
    for recorded in (entry.after or {}, entry.before or {}):
        for name in ("title", "name", "label"):
            if recorded.get(name):
                return str(recorded[name])
    kind, _, identity = entry.subject.partition(":")
    return f"{kind} {identity}"


def show_entry(screen: Screen, sequence: str) -> None:
    """Opens the dialog; closing it takes the entry out of the URL."""
    found = None
    if sequence.isdecimal() and len(sequence) < 18:
        entries = screen.app.audit_queries.entries(before=int(sequence) + 1, limit=1)
        found = entries[0] if entries and entries[0].sequence == int(sequence) else None
    title = f"Entry {found.sequence}" if found else "No such entry"
    st.dialog(title, width="large", on_dismiss=_close)(_draw)(screen, found)


def _draw(screen: Screen, entry: AuditEntry | None) -> None:
    if entry is None:
        st.info("The chain has no entry of this number. Choose one from the list.", icon=":material/info:")
        return
    st.markdown(
        f"**{plain(event_words(entry.event))}: {plain(about(entry))}**  \n"
        f"{plain(entry.actor_name)} ({entry.actor_kind.value}), {moment(entry.at, screen.zone)}"
    )
    changed, same = _changes(entry.before or {}, entry.after or {})
    if changed:
        show_changes(changed)
    elif not same:
        st.markdown("Nothing but the event itself was recorded.")
    if same:
        with st.expander(f"{count(len(same), 'value')} unchanged"):
            show_changes(same)
    with st.expander("Its place in the chain"):
        facts_table(
            {
                "Subject": entry.subject,
                "Actor id": entry.actor_id,
                **({"Request": entry.request_id} if entry.request_id else {}),
                "Hash": entry.hash,
                "Hash before": entry.previous_hash,
            }
        )
    with st.container(horizontal=True):
        st.button("All entries on this subject", icon=":material/filter_alt:", on_click=_only, args=(entry.subject,))
        if entry.request_id:
            way("All entries of this request", "/audit", {"q": entry.request_id})


def _changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[list[Change], list[Change]]:
    """(what differs, what does not), in the order in which it was recorded."""
    names = list(dict.fromkeys([*before, *after]))
    rows = [Change(name, sentence(name), _flat(before.get(name)), _flat(after.get(name))) for name in names]
    return [row for row in rows if row.before != row.after], [row for row in rows if row.before == row.after]


def _flat(value: Any) -> Any:
    """Lists of words stay lists; anything deeper is shown as it was recorded."""
    if isinstance(value, dict) or (isinstance(value, list) and any(isinstance(item, (dict, list)) for item in value)):
        return json.dumps(value, ensure_ascii=False, indent=1)
    return value


def _only(subject: str) -> None:
    st.query_params["subject"] = subject
    st.query_params.pop("before", None)
    _close()


def _close() -> None:
    st.query_params.pop("entry", None)
