"""One prompt: its text, where it comes from, what each version changed, and the way back to an earlier one."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from core.language_models.prompts import KnownPrompt, PromptVersion
from pages.components.facts import facts_table
from pages.components.page import Screen, carried_out, show_messages
from pages.components.plan_differences import line_difference
from pages.components.prompt_form import KIND_WORDS as KIND_WORDS
from pages.components.prompt_form import edit_prompt
from pages.components.status import Colour
from pages.components.words import moment, plain

_PLACE = "prompt"
SOURCE_WORDS: dict[str, tuple[str, Colour]] = {
    "file": ("As shipped", "gray"),
    "edited": ("Edited here", "blue"),
    "default": ("Made from its step", "orange"),
}


def key_of(one: KnownPrompt) -> str:
    """What the address names it by."""
    return f"{one.kind}:{one.name}"


def show_prompt(screen: Screen, prompt: KnownPrompt | None) -> None:
    st.button("All prompts", icon=":material/arrow_back:", type="tertiary", key="back", on_click=_back)
    if prompt is None:
        st.info("There is no such prompt. Choose one from the list.", icon=":material/info:")
        return
    st.header(plain(prompt.name), anchor=False)
    show_messages(_PLACE)
    versions = screen.app.prompts.versions(screen.actor, prompt.kind, prompt.name)
    origin = screen.app.prompts.origin(prompt.kind, prompt.name)
    facts_table(
        {
            "Kind": KIND_WORDS[prompt.kind],
            "Text": SOURCE_WORDS[prompt.source][0],
            "Used by": ", ".join(prompt.used_by) or "no workflow that can be started",
            **(
                {"Last edit": f"{moment(prompt.saved_at, screen.zone)} by {prompt.saved_by}"} if prompt.saved_at else {}
            ),
        }
    )
    _buttons(screen, prompt, has_file=origin is not None)
    if prompt.text is None:
        st.caption("It has no text now. A step that asks for it gets one made from its document and inputs.")
    else:
        st.code(prompt.text, language=None, wrap_lines=True)
    if versions:
        st.subheader("Versions", anchor=False)
        _versions(screen, prompt, versions, origin)


def _buttons(screen: Screen, prompt: KnownPrompt, *, has_file: bool) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            "Edit…", icon=":material/edit:", type="primary", key="edit", on_click=edit_prompt, args=(screen, prompt)
        )
        if prompt.source == "edited":
            words = "Restore the shipped text" if has_file else "Restore the text made from its step"
            st.button(words, icon=":material/undo:", key="restore", on_click=_restore, args=(screen, prompt))


def _versions(screen: Screen, prompt: KnownPrompt, versions: Sequence[PromptVersion], origin: str | None) -> None:
    """What one of them changed against the text before it, and the way to use it again."""
    by_number = {one.version: one for one in versions}

    def label(number: int) -> str:
        one = by_number[number]
        what = "" if one.text is not None else ", restored"
        return f"Version {number}: {moment(one.saved_at, screen.zone)} by {one.saved_by}{what}"

    chosen = by_number[
        st.selectbox("Version", list(by_number), format_func=label, key=f"version-{prompt.kind}-{prompt.name}")
    ]
    earlier = by_number.get(chosen.version - 1)
    before = earlier.text if earlier is not None and earlier.text is not None else origin or ""
    after = chosen.text if chosen.text is not None else origin or ""
    st.html(
        f'<section class="difference"><p class="field">What it changed</p>{line_difference(before, after)}</section>'
    )
    if chosen.text is not None and chosen.text != prompt.text:
        st.button(
            "Use this version again", icon=":material/history:", key="again", on_click=_again,
            args=(screen, prompt, chosen.text),
        )  # fmt: skip


def _restore(screen: Screen, prompt: KnownPrompt) -> None:
    carried_out(
        lambda actor: screen.app.prompts.restore(actor, prompt.name, prompt.kind, expected_version=prompt.version),
        done="Restored. The edits stay in the list of versions.", place=_PLACE,
    )  # fmt: skip


def _again(screen: Screen, prompt: KnownPrompt, text: str) -> None:
    carried_out(
        lambda actor: screen.app.prompts.save(actor, prompt.name, prompt.kind, text, expected_version=prompt.version),
        done="Models are told this from the next call on.", place=_PLACE,
    )  # fmt: skip


def _back() -> None:
    st.query_params.pop("prompt", None)
