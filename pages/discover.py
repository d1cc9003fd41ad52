"""Discover: which workflow suits me, and why?"""

from __future__ import annotations

import streamlit as st

from core.actor import Role
from core.analytics.rules import Dataset
from core.errors import CountersignError
from core.identifiers import parse_id
from core.identity.service import ProfileForm
from pages.components.aim_bar import aim_bar
from pages.components.empty import empty_state
from pages.components.page import open_page
from pages.components.profile_form import profile_form, profile_words
from pages.components.start_form import STARTED as STARTED_BY_FORM
from pages.components.start_form import start_form
from pages.components.words import plain
from pages.components.workflow_card import STARTED, automated_card, workflow_card

screen = open_page(
    title="Discover", icon=":material/explore:", roles=(Role.USER, Role.OPERATOR, Role.ADMIN), position=10
)
SEARCH_FROM = 6

if started := st.session_state.pop(STARTED, None):
    st.switch_page("pages/run.py", query_params={"execution": started})
if started := st.session_state.pop(STARTED_BY_FORM, None):
    st.switch_page("pages/runs.py", query_params={"run": started})


def open_form(workflow_id: str) -> None:
    st.query_params["start"] = workflow_id


def close_form() -> None:
    st.query_params.pop("start", None)
    st.query_params.pop("like", None)


def show_form(workflow_id: str) -> None:
    st.button("All workflows", icon=":material/arrow_back:", type="tertiary", key="back", on_click=close_form)
    try:
        definition = screen.app.catalog_queries.by_id(workflow_id)
        definition.must_be_automated()
    except CountersignError as refused:
        st.info(plain(str(refused)), icon=":material/info:")
        return
    start_form(screen, definition, parse_id(st.query_params.get("like", "")))


def show_workflows() -> None:
    everything = screen.app.catalog_queries.current()
    if not everything:
        empty_state("There is no workflow yet. An admin puts definitions into workflows.json or imports them.")
        return
    found = screen.app.recommendations.recommend(screen.actor)
    ranked = {one.definition.workflow_id: one for one in found.rows}
    opened = {run.workflow_id: run.id for run in screen.app.executions_queries.open_runs(screen.actor)}
    first = found.rows[0] if found.rows else None
    aim_bar(screen, found)
    if first is not None:
        if found.dataset is Dataset.SAMPLE:
            st.badge("The reason rests on sample data", icon=":material/science:", color="violet")
        workflow_card(screen, first.definition, first, open_run=first.open_run, aim=found.objective, first=True)
    others = [one for one in everything if first is None or one.workflow_id != first.definition.workflow_id]
    if not others:
        return
    st.markdown("## All other workflows")
    if len(others) >= SEARCH_FROM:
        text = st.text_input("Search", key="q", bind="query-params", type="search", placeholder="Title or description")
        words = (text or "").casefold().split()
        others = [
            one for one in others
            if all(word in f"{one.title} {one.workflow.description}".casefold() for word in words)
        ]  # fmt: skip
        if not others:
            st.markdown("No workflow matches. Try fewer words.")
    for one in others:
        if one.is_automated:
            automated_card(screen, one, open_form)
        else:
            workflow_card(
                screen, one, ranked.get(one.workflow_id), open_run=opened.get(one.workflow_id), aim=found.objective
            )


if wanted := st.query_params.get("start"):
    show_form(wanted)
    st.stop()
assert screen.actor.user_id is not None
saved = screen.app.identity_queries.profile(screen.actor.user_id)
profile = ProfileForm(saved.goal, saved.market, saved.skill_level, saved.country) if saved else None
if profile is None:
    st.markdown("Four answers, and the workflow that suits you is next.")
    with st.container(border=True, width=720):
        profile_form(screen, None)
else:
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.markdown(f"For you: {plain(profile_words(profile))}", width="stretch")
        with st.popover("Change", icon=":material/edit:"):
            profile_form(screen, profile)
    show_workflows()
