"""The themes of deliverables: how each looks, which is the default, and changing them."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from core.deliverables.themes.queries import ThemeView
from core.deliverables.themes.specimen import specimen
from pages.components.deliverable_theme_form import add_theme, change_theme
from pages.components.dialogs import close_when_done, dialog, done_with_dialog
from pages.components.empty import empty_state
from pages.components.page import Screen, carried_out
from pages.components.words import ago, count, plain

_BESIDE = 2


def theme_list(screen: Screen) -> None:
    themes = screen.app.themes_queries.all(screen.actor)
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        st.markdown(plain(_sentence(themes)))
        if st.button("New theme…", icon=":material/add:", type="primary", key="new-theme"):
            add_theme(screen)
    st.caption("A package keeps the look it was made in. A change shows in packages made from now on.")
    if not themes:
        empty_state(
            "Packages look as Countersign does. A theme gives them your logo, colours and fonts.",
            icon=":material/palette:",
        )
        return
    for start in range(0, len(themes), _BESIDE):
        for column, one in zip(st.columns(_BESIDE), themes[start : start + _BESIDE], strict=False):
            with column.container(border=True, key=f"theme-{one.id}"):
                _theme(screen, one)


def _sentence(found: Sequence[ThemeView]) -> str:
    usual = next((one.title for one in found if one.is_default), "")
    if not found:
        return "Packages are handed over in the look of a house."
    return f"{count(len(found), 'theme')}; {usual or 'the look of Countersign'} is the default."


def _theme(screen: Screen, one: ThemeView) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.header(plain(one.title), anchor=False, width="content")
        if one.is_default:
            st.badge("Default", icon=":material/check:", color="green")
    look = one.look
    st.image(specimen(look), alt=f"A page of {look.name} in this theme", width="stretch")
    paper = "A4" if look.paper == "a4" else "US letter"
    fonts = look.heading_font if look.heading_font == look.body_font else f"{look.heading_font} and {look.body_font}"
    st.caption(
        plain(
            f"{look.name} · {fonts} · {paper} · changed by {one.changed_by} {ago(one.changed_at, screen.app.clock.now())}"
        )
    )
    with st.container(horizontal=True, gap="small"):
        if st.button("Change…", icon=":material/edit:", key=f"change-{one.id}"):
            change_theme(screen, one)
        if not one.is_default:
            st.button(
                "Make it the default", icon=":material/check:", key=f"default-{one.id}", on_click=_make_default,
                args=(screen, one),
            )  # fmt: skip
        if st.button("Remove…", icon=":material/delete:", type="tertiary", key=f"remove-{one.id}"):
            _remove_dialog(screen, one)


def _make_default(screen: Screen, one: ThemeView) -> None:
    carried_out(
        lambda actor: screen.app.themes.make_default(actor, one.id), done=f"{one.title} is the default from now on."
    )


@dialog("Remove the theme")
def _remove_dialog(screen: Screen, one: ThemeView) -> None:
    close_when_done()
    after = " Packages look as Countersign does until another one is the default." if one.is_default else ""
    st.markdown(f"**{plain(one.title)}** can be chosen no more. Packages made in it stay as they are.{after}")
    st.button(
        "Remove", icon=":material/delete:", type="primary", key="remove-now", on_click=_remove, args=(screen, one)
    )


def _remove(screen: Screen, one: ThemeView) -> None:
    carried_out(lambda actor: screen.app.themes.remove(actor, one.id), done=f"{one.title} was removed.")
    done_with_dialog()
