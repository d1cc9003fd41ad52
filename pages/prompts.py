"""Prompts: what language models are told in each role and task, where each text comes from, and the way to better it."""

from __future__ import annotations

from urllib.parse import quote

import streamlit as st

from core.actor import Role
from core.language_models.prompts import KnownPrompt
from core.language_models.uses import uses_in
from pages.components.empty import empty_state
from pages.components.page import open_page
from pages.components.prompt_detail import KIND_WORDS, SOURCE_WORDS, key_of, show_prompt
from pages.components.prompt_form import add_prompt
from pages.components.row_table import Cell, Column, Row, row_table
from pages.components.words import ago, count, moment, plain

screen = open_page(title="Prompts", icon=":material/edit_note:", roles=(Role.OPERATOR, Role.ADMIN), position=97)
_COLUMNS = (Column("Name", wide=True), Column("Kind"), Column("Text"), Column("Used by"), Column("Edited"))


def sentence_of(prompts: list[KnownPrompt]) -> str:
    """The page's answer: who writes, and from whose words?"""
    model = screen.app.language_models.configured()
    writes = f"{plain(model)} writes." if model else "No language model is connected: people write the documents."
    edited = sum(one.source == "edited" for one in prompts)
    missing = sum(one.source == "default" for one in prompts)
    words = f"{writes} {count(len(prompts), 'prompt')}"
    if edited:
        words += f", {edited} edited here"
    if missing:
        words += (
            f", {missing} made from the step that uses it" if missing == 1 else f", {missing} made from their steps"
        )
    return f"{words}."


def row_of(one: KnownPrompt) -> Row:
    words, tone = SOURCE_WORDS[one.source]
    edited = Cell("")
    if one.saved_at is not None:
        said = f"{ago(one.saved_at, screen.app.clock.now())} by {one.saved_by}"
        edited = Cell(said, moment(one.saved_at, screen.zone))
    used = one.used_by[0] if one.used_by else ""
    if len(one.used_by) > 1:
        used += f" and {len(one.used_by) - 1} more"
    cells = (
        Cell(one.name),
        Cell(KIND_WORDS[one.kind]),
        Cell(words, "", tone),
        Cell(used, ", ".join(one.used_by)),
        edited,
    )
    return Row(key_of(one), cells, f"/prompts?prompt={quote(key_of(one), safe='')}")


def open_prompt(key: str) -> None:
    st.query_params["prompt"] = key


found = list(screen.app.prompts.known(screen.actor, uses_in(screen.app.catalog_queries.current())))
if wanted := st.query_params.get("prompt"):
    show_prompt(screen, next((one for one in found if key_of(one) == wanted), None))
else:
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        st.markdown(sentence_of(found))
        st.button("Add a prompt", icon=":material/add:", key="add", on_click=add_prompt, args=(screen,))
    if found:
        row_table(_COLUMNS, [row_of(one) for one in found], label="Prompts", key="prompts", on_open=open_prompt)
    else:
        empty_state(
            "No prompt yet. Those of the workflows that you import appear here, to be edited.",
            icon=":material/edit_note:",
        )
