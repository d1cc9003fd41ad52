"""One workflow's definition: its steps as a tree, what could be better, its revisions, and what changed between two."""

from __future__ import annotations

import json
from collections.abc import Sequence

import streamlit as st

from core.catalog.queries import Definition, RevisionSource
from core.catalog.starting import start_fields
from core.errors import NotFound
from core.executions.rules import RUNNERS
from pages.components.facts import facts_table
from pages.components.page import Screen
from pages.components.plan_differences import line_difference
from pages.components.way import way
from pages.components.words import count, moment, plain, sentence
from pages.components.workflow_import import problem_table
from pages.components.workflow_outline import show_outline, stops_words

SOURCES = {RevisionSource.FILE: "File", RevisionSource.IMPORT: "Import"}


def show_definition(screen: Screen, workflow_id: str) -> None:
    st.button("All workflows", icon=":material/arrow_back:", type="tertiary", key="back", on_click=_back)
    queries = screen.app.catalog_queries
    revisions = queries.revisions(workflow_id) if workflow_id.isascii() and workflow_id.isprintable() else []
    if not revisions:
        st.info("There is no such workflow. Choose one from the list.", icon=":material/info:")
        return
    try:
        shown = queries.by_id(workflow_id)
    except NotFound:
        shown = revisions[0]
        st.info("It is offered no more. Runs that began with it go on.", icon=":material/info:")
    _head(screen, shown)
    if shown.is_automated:
        st.markdown("## Steps")
        show_outline(shown.automated, scopes=True)
        _inputs(shown)
        if problems := queries.problems(shown):
            st.markdown(f"## {count(len(problems), 'warning')}")
            problem_table(problems)
    else:
        st.markdown("## Steps")
        st.markdown("\n".join(f"1. {plain(step.title)}" for step in shown.guided.steps))
    _revisions(screen, revisions)


def _head(screen: Screen, shown: Definition) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.header(plain(shown.title), anchor=False, width="content")
        st.badge("Automated" if shown.is_automated else "Guided", color="violet" if shown.is_automated else "blue")
        st.badge(sentence(shown.tier.value), color="gray")
    st.markdown(plain(shown.workflow.description))
    said = f", {stops_words(shown.automated)}" if shown.is_automated else ""
    st.caption(f"{count(shown.total_steps, 'step')}{said}.")
    with st.container(horizontal=True):
        st.download_button(
            "Export", icon=":material/download:", key="export", data=lambda: _spelled(shown).encode(),
            file_name=f"{shown.workflow_id}.json", mime="application/json", on_click="ignore",
        )  # fmt: skip
        if shown.is_automated and shown.current and screen.actor.has(*RUNNERS):
            way("Start…", "/discover", {"start": shown.workflow_id})


def _inputs(shown: Definition) -> None:
    st.markdown("## Asks for")
    facts_table(
        {
            field.title: " · ".join(
                filter(
                    None,
                    [
                        sentence(field.asked.type.value), "needed" if field.asked.required else "",
                        "a document" if field.document else "", field.asked.description,
                    ],
                )
            )
            for field in start_fields(shown.automated)
        }
    )  # fmt: skip


def _revisions(screen: Screen, revisions: Sequence[Definition]) -> None:
    st.markdown("## Revisions")
    facts_table(
        {
            f"{moment(one.first_seen_at, screen.zone)} · {one.digest[:12]}": f"{one.title} · {SOURCES[one.came_from]}"
            + (" · current" if one.current else "")
            for one in revisions
        }
    )
    if len(revisions) < 2:
        return
    st.markdown("### Compare")
    names = {one.digest: f"{moment(one.first_seen_at, screen.zone)} · {one.digest[:12]}" for one in revisions}
    with st.container(horizontal=True):
        before = st.selectbox("Before", list(names), index=1, format_func=names.__getitem__, key="before-revision")
        after = st.selectbox("After", list(names), index=0, format_func=names.__getitem__, key="after-revision")
    by_digest = {one.digest: one for one in revisions}
    if before == after:
        st.markdown("These are the same revision. Choose two.")
        return
    st.html(line_difference(_spelled(by_digest[before]), _spelled(by_digest[after])))


def _spelled(definition: Definition) -> str:
    """As it was taken in, unknown fields included."""
    return json.dumps(definition.source, indent=2, ensure_ascii=False)


def _back() -> None:
    st.query_params.pop("workflow", None)
