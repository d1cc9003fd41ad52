"""Writing the text of a prompt: a new one, or another version of one that is there."""

from __future__ import annotations

import streamlit as st

from core.language_models.prompts import KnownPrompt, PromptKind
from pages.components.dialogs import dialog
from pages.components.page import Screen, carried_out, show_messages
from pages.components.words import plain

PLACE = "prompt-form"
KIND_WORDS = {PromptKind.ROLE: "Role", PromptKind.TASK: "Task"}
_MOST = 20_000


@dialog("Add a prompt", width="large")
def add_prompt(screen: Screen) -> None:
    show_messages(PLACE)
    with st.form("add-prompt", border=False):
        name = st.text_input(
            "Name", key="prompt-name", max_chars=200, placeholder="Market Researcher v1.0",
            help="As definitions name it, to the letter.",
        )  # fmt: skip
        kind = st.segmented_control(
            "Kind", list(PromptKind), default=PromptKind.TASK, key="prompt-kind", format_func=KIND_WORDS.__getitem__
        )
        text = _text("")
        submitted = st.form_submit_button("Save", type="primary")
    if submitted:
        chosen = PromptKind(kind or PromptKind.TASK)
        saved = carried_out(
            lambda actor: screen.app.prompts.save(actor, name, chosen, text, expected_version=0),
            done="Saved. Models are told this from the next call on.", place=PLACE,
        )  # fmt: skip
        if saved:
            st.query_params["prompt"] = f"{chosen}:{' '.join(name.split())}"
        st.rerun(scope="app" if saved else "fragment")


@dialog("Edit the prompt", width="large")
def edit_prompt(screen: Screen, prompt: KnownPrompt) -> None:
    show_messages(PLACE)
    st.markdown(f"{KIND_WORDS[prompt.kind]} **{plain(prompt.name)}**")
    with st.form("edit-prompt", border=False):
        text = _text(prompt.text or "")
        submitted = st.form_submit_button("Save", type="primary")
    if submitted:
        saved = carried_out(
            lambda actor: screen.app.prompts.save(
                actor, prompt.name, prompt.kind, text, expected_version=prompt.version
            ),
            done="Saved. Models are told this from the next call on.", place=PLACE,
        )  # fmt: skip
        st.rerun(scope="app" if saved else "fragment")


def _text(given: str) -> str:
    return st.text_area(
        "Text", given, key="prompt-text", max_chars=_MOST, height=420,
        help="The rules of the answer, the inputs and the shape of the document are added to it by themselves.",
    )  # fmt: skip
