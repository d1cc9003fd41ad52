"""One document of a run: the version that counts as people read it, what changed since another, and its files."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from html import escape
from typing import Any
from uuid import UUID

import streamlit as st

from core.executions.automated.run_documents import DocumentLine, DocumentView, Version, label_of_field, ordered
from pages.components.page import Screen
from pages.components.plan_differences import line_difference
from pages.components.site_measured import is_measured, measured
from pages.components.words import ago, count, moment, plain

MOST_SHOWN = 60_000
"""Characters of a document on the page; the rest is in its file."""


def show_document(screen: Screen, run_id: UUID, line: DocumentLine, *, key: str) -> None:
    """Draws the chosen version, first the one that counts, with the way to the others."""
    place = f" :gray[{plain(line.place)}]" if line.place else ""
    with st.container(border=True, gap="small", key=f"document-{key}"):
        st.subheader(f"{plain(line.name)}{place}", anchor=False)
        chosen = _choose(screen, line, key)
        view = screen.app.tree_queries.document(screen.actor, run_id, chosen.id)
        st.caption(_made(screen, line, chosen))
        if len(line.versions) > 1:
            _differences(screen, run_id, view, key)
        for finding in view.findings:
            st.warning(plain(f"{finding.get('path', '$')}: {finding.get('message', '')}"), icon=":material/rule:")
        if line.doc_type == "site_report" and is_measured(view.content):
            measured(view.content)
        else:
            st.html(f'<article class="document">{content_html(view.content, view.schema)}</article>')
        with st.container(horizontal=True, gap="small"):
            _downloads(view, key)


def _choose(screen: Screen, line: DocumentLine, key: str) -> Version:
    if len(line.versions) == 1:
        return line.versions[0]
    labels = {_label(line, one): one for one in reversed(line.versions)}
    word = st.selectbox(
        "Version", list(labels), index=list(labels.values()).index(line.current), key=f"version-{key}", width=280
    )
    return labels.get(word or "", line.current)


def _label(line: DocumentLine, version: Version) -> str:
    word = "accepted" if version.accepted_at else "latest" if version is line.versions[-1] else ""
    return f"Version {version.version}" + (f", {word}" if word else "")


def _made(screen: Screen, line: DocumentLine, version: Version) -> str:
    now = screen.app.clock.now()
    said = f"Version {version.version} of {len(line.versions)}, by {plain(version.made_by)}, {ago(version.created_at, now)}"
    if version.accepted_at is not None:
        said += (
            f" · accepted by {plain(version.accepted_by or 'its people')}, {moment(version.accepted_at, screen.zone)}"
        )
    return f"{said} · {version.digest[:12]}"


def _differences(screen: Screen, run_id: UUID, view: DocumentView, key: str) -> None:
    others = [one for one in view.document.versions if one.id != view.version.id]
    with st.expander("Compare with another version", icon=":material/difference:"):
        labels = {_label(view.document, one): one for one in reversed(others)}
        before = [one for one in others if one.version < view.version.version]
        first = list(labels.values()).index(before[-1]) if before else 0
        word = st.selectbox("Compare with", list(labels), index=first, key=f"compare-{key}", width=280)
        other = labels.get(word or "", others[0])
        old = screen.app.tree_queries.document(screen.actor, run_id, other.id)
        if old.version.digest == view.version.digest:
            st.caption("Both say the same, word for word.")
            return
        st.caption(f"− only in version {other.version}, + only in version {view.version.version}")
        st.html(line_difference(_shortened(old.text), _shortened(view.text)))


def _downloads(view: DocumentView, key: str) -> None:
    st.download_button(
        "JSON", data=lambda: json.dumps(ordered(view.content, view.schema), indent=2, ensure_ascii=False).encode(),
        file_name=f"{view.file_name}.json", mime="application/json", icon=":material/download:", key=f"json-{key}",
        on_click="ignore",
    )  # fmt: skip
    if view.markdown is not None:
        st.download_button(
            "Markdown", data=lambda: (view.markdown or "").encode(), file_name=f"{view.file_name}.md",
            mime="text/markdown", icon=":material/download:", key=f"markdown-{key}", on_click="ignore",
        )  # fmt: skip


def content_html(content: Any, schema: Mapping[str, Any] | None = None) -> str:
    """The document as people read it: names and values, lists as lists; every text as it is."""
    room = _Room(MOST_SHOWN)
    said = "".join(_value(ordered(content, schema or {}), room))
    cut = '<p class="quiet">It goes on; the file has all of it.</p>' if room.left <= 0 else ""
    return f"{said}{cut}"


class _Room:
    """How many characters may still be shown."""

    def __init__(self, left: int) -> None:
        self.left = left

    def take(self, text: str) -> str:
        shown = text[: max(0, self.left)]
        self.left -= len(text)
        return escape(shown)


def _value(value: Any, room: _Room) -> Iterator[str]:
    if room.left <= 0:
        return
    if isinstance(value, Mapping):
        yield from _object(value, room)
    elif isinstance(value, list):
        yield from _list(value, room)
    else:
        yield f"<p>{room.take(_scalar(value))}</p>"


def _object(value: Mapping[str, Any], room: _Room) -> Iterator[str]:
    if not value:
        yield '<p class="quiet">empty</p>'
        return
    yield "<dl>"
    for name, one in value.items():
        if room.left <= 0:
            break
        yield f"<dt>{room.take(label_of_field(str(name)))}</dt><dd>"
        yield from _value(one, room)
        yield "</dd>"
    yield "</dl>"


def _list(value: Sequence[Any], room: _Room) -> Iterator[str]:
    if not value:
        yield '<p class="quiet">none</p>'
        return
    yield "<ol>" if any(isinstance(one, (Mapping, list)) for one in value) else "<ul>"
    for one in value:
        if room.left <= 0:
            break
        yield "<li>"
        yield from _value(one, room)
        yield "</li>"
    yield "</ol>" if any(isinstance(one, (Mapping, list)) for one in value) else "</ul>"


def _scalar(value: Any) -> str:
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)


def _shortened(text: str) -> str:
    return (
        text if len(text) <= MOST_SHOWN else f"{text[:MOST_SHOWN]}\n… {count(len(text) - MOST_SHOWN, 'more character')}"
    )
