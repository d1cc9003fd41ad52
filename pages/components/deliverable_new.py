"""A new package: of what, in which formats and look; a preview of its first pages; and the button that makes it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import streamlit as st

from core.deliverables.format import find_formats
from core.deliverables.rules import UNDER_WAY, PackageState
from core.deliverables.source import AnySource, find_sources
from core.deliverables.words import languages, translated
from core.errors import NotFound
from core.identifiers import new_id
from pages.components import address
from pages.components.deliverable_preview import page_pictures
from pages.components.deliverable_sources import source_fields
from pages.components.deliverable_words import package_state
from pages.components.empty import empty_state
from pages.components.page import Screen, perform, show_messages
from pages.components.words import plain

PLACE = "new-package"
LOOK_EVERY_SECONDS = 0.7
_ID, _DRAFT = "_new-package-id", "_draft"
_DEFAULT = "The default"
_OWN = ("new", "id", "days")
"""What of the address belongs to this form alone."""


@dataclass(frozen=True)
class Wanted:
    """What is in the form."""

    source: str
    params: Mapping[str, Any]
    formats: tuple[str, ...]
    theme_id: UUID | None
    language: str
    zone: str

    def looks_as(self, other: Wanted) -> bool:
        """Whether its first pages are the same: formats make no difference."""
        return (self.source, self.params, self.theme_id, self.language, self.zone) == (
            other.source, other.params, other.theme_id, other.language, other.zone,
        )  # fmt: skip


def new_package(screen: Screen) -> None:
    st.button("All packages", icon=":material/arrow_back:", type="tertiary", key="back", on_click=leave)
    st.header("New package", anchor=False)
    sources = find_sources()
    if not sources:
        empty_state("There is nothing that a package can be made of.", icon=":material/inventory_2:")
        return
    with st.container(border=True, key="package-of"):
        source = _source_field(sources)
        params = source_fields(screen, source)
    wanted = _look_fields(screen, source, params)
    show_messages(PLACE)
    _buttons(screen, wanted)
    _preview(screen, wanted)


def leave() -> None:
    """Back to the list; what was chosen belongs to the form. Streamlit takes the filters out that it put in."""
    address.forget((*_OWN, "source"))
    st.session_state.pop(_DRAFT, None)
    st.session_state.pop(_ID, None)


def _source_field(sources: Mapping[str, AnySource]) -> AnySource:
    first = next(iter(sources))
    address.choice("source", sources, first)
    st.pills(  # not segments: their frame breaks where they need a second line
        "Made of", list(sources), key="source", required=True, on_change=_another_source,
        format_func=lambda one: sources[one].title,
    )  # fmt: skip
    return sources[st.session_state["source"]]


def _another_source() -> None:
    """What was chosen of one source means nothing in another."""
    address.forget(("id",))
    address.note("source")


def _look_fields(screen: Screen, source: AnySource, params: Mapping[str, Any] | None) -> Wanted | None:
    formats = {name: one.title for name, one in find_formats().items()}
    themes = {str(one.id): one for one in screen.app.themes_queries.all(screen.actor)}
    usual = f"{_DEFAULT}: {screen.app.themes_queries.default(screen.actor).name}"
    known = languages()
    with st.container(border=True, key="package-look"):
        chosen = st.pills(
            "Formats", list(formats), selection_mode="multi", default=list(formats), key="package-formats",
            format_func=formats.__getitem__,
        )  # fmt: skip
        left, right = st.columns(2)
        with left:
            theme = st.selectbox(
                "Theme", [_DEFAULT, *themes], key="package-theme",
                format_func=lambda one: themes[one].title if one in themes else usual,
            )  # fmt: skip
        with right:
            language = st.selectbox("Language", list(known), key="package-language", format_func=known.__getitem__)
        zone = str(screen.zone)
        notes = f"Times are in your zone, {zone}."
        if language.split("-")[0] not in translated():
            notes += " In this language figures and dates are written its way, and the fixed words are English."
        st.caption(plain(notes))
        if not chosen:
            st.info("Choose a format.", icon=":material/description:")
    if params is None or not chosen:
        return None
    theme_id = themes[theme].id if theme in themes else None
    return Wanted(source.name, params, tuple(chosen), theme_id, language, zone)


def _buttons(screen: Screen, wanted: Wanted | None) -> None:
    package_id = st.session_state.setdefault(_ID, new_id())
    with st.container(horizontal=True):
        st.button(
            "Preview", icon=":material/visibility:", key="preview", disabled=wanted is None, on_click=_draw,
            args=(screen, wanted), help="Its first pages as PDF shows them. A preview has no number and is not kept.",
        )  # fmt: skip
        st.button(
            "Make package", icon=":material/inventory_2:", type="primary", key="make", disabled=wanted is None,
            on_click=_make, args=(screen, wanted, package_id),
        )  # fmt: skip


def _draw(screen: Screen, wanted: Wanted) -> None:
    made = perform(lambda actor: _request(screen, actor, wanted, None, draft=True), place=PLACE)
    if made is not None:
        st.session_state[_DRAFT] = (made, wanted)


def _make(screen: Screen, wanted: Wanted, package_id: UUID) -> None:
    """The id was drawn with the button: a second click on it asks for the same package."""
    made = perform(lambda actor: _request(screen, actor, wanted, package_id, draft=False), place=PLACE)
    if made is not None:
        leave()
        st.query_params["package"] = str(made)


def _request(screen: Screen, actor: Any, wanted: Wanted, package_id: UUID | None, *, draft: bool) -> UUID:
    return screen.app.packages.request(
        actor, wanted.source, wanted.params, formats=wanted.formats, theme_id=wanted.theme_id,
        language=wanted.language, zone=wanted.zone, draft=draft, package_id=package_id,
    )  # fmt: skip


def _preview(screen: Screen, wanted: Wanted | None) -> None:
    kept: tuple[UUID, Wanted] | None = st.session_state.get(_DRAFT)
    if kept is None:
        return
    draft, of = kept
    if wanted is None or not wanted.looks_as(of):
        st.info("You changed it since the preview. Preview it again to see how it looks now.", icon=":material/info:")
        return
    try:
        state = screen.app.packages_queries.one(screen.actor, draft).row.state
    except NotFound:  # previews go after a day
        st.session_state.pop(_DRAFT)
        return
    with st.container(border=True, key="package-preview"):
        st.subheader("Preview", anchor=False)
        alive = state in UNDER_WAY
        st.fragment(_live, run_every=LOOK_EVERY_SECONDS if alive else None)(screen, draft, state)


def _live(screen: Screen, draft: UUID, drawn: PackageState) -> None:
    try:
        view = screen.app.packages_queries.one(screen.actor, draft)
    except NotFound:  # previews go after a day, with the page still open
        st.session_state.pop(_DRAFT, None)
        st.rerun()
    if view.row.state is not drawn and view.row.state not in UNDER_WAY:
        st.rerun()
    if view.row.state in UNDER_WAY:
        st.progress(view.progress, text=f"{package_state(view.row.state)[0]} …")
    elif view.pages:
        page_pictures(screen, view)
    else:
        reasons = " ".join(filter(None, (view.error, *(one.error for one in view.files))))
        st.error(plain(reasons or "There is no page to show."), icon=":material/error:")
