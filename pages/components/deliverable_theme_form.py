"""The form of a theme, with a picture of how it looks that follows what is chosen."""

from __future__ import annotations

from typing import Any

import streamlit as st

from core.deliverables.content import Picture
from core.deliverables.fonts import families
from core.deliverables.look import Look
from core.deliverables.themes.logo import MOST_LOGO_BYTES, checked_logo
from core.deliverables.themes.queries import ThemeView
from core.deliverables.themes.rules import Paper, contrast_on_white, readable, series_of
from core.deliverables.themes.service import MOST_ALT, MOST_FOOTER, MOST_NAME, LogoFile, ThemeInput
from core.deliverables.themes.specimen import specimen
from core.errors import CountersignError
from pages.components.dialogs import close_when_done, dialog, done_with_dialog
from pages.components.page import Screen, carried_out, show_messages
from pages.components.upload_role import name_drop_zones
from pages.components.words import plain

PLACE = "theme-form"
_PAPERS = {Paper.A4: "A4", Paper.US_LETTER: "US letter"}


@dialog("New theme", width="large")
def add_theme(screen: Screen) -> None:
    close_when_done()
    said, logo, _ = _fields(None)
    show_messages(PLACE)
    st.button("Add the theme", icon=":material/add:", type="primary", key="add-theme", on_click=_add,
              args=(screen, said, logo))  # fmt: skip


@dialog("Change the theme", width="large")
def change_theme(screen: Screen, one: ThemeView) -> None:
    close_when_done()
    said, logo, without = _fields(one)
    show_messages(PLACE)
    st.button("Save", icon=":material/save:", type="primary", key="save-theme", on_click=_change,
              args=(screen, one, said, logo, without))  # fmt: skip


def _fields(one: ThemeView | None) -> tuple[ThemeInput, LogoFile | None, bool]:
    look = one.look if one else Look(name="")
    number = f"{one.id}-{one.version}" if one else "new"
    left, right = st.columns([5, 6], gap="medium")
    with left:
        title = st.text_input("Title", one.title if one else "", key=f"theme-title-{number}", max_chars=MOST_NAME,
                              help="What people choose it by.")  # fmt: skip
        house = st.text_input("Handed over by", look.name, key=f"theme-house-{number}", max_chars=MOST_NAME,
                              placeholder="Meridian Advisory", help="Stands on the cover and in headers.")  # fmt: skip
        accent = _colour("Accent", look.accent, f"theme-accent-{number}")
        ink = _colour("Ink of text", look.ink, f"theme-ink-{number}")
        fonts = list(families())
        heading = st.selectbox("Heading font", fonts, _place(fonts, look.heading_font), key=f"theme-heading-{number}")
        body = st.selectbox("Text font", fonts, _place(fonts, look.body_font), key=f"theme-body-{number}")
        footer = st.text_input("Footer", look.footer, key=f"theme-footer-{number}", max_chars=MOST_FOOTER,
                               placeholder="Confidential")  # fmt: skip
        paper = st.segmented_control("Paper", list(Paper), default=Paper(look.paper), key=f"theme-paper-{number}",
                                     format_func=_PAPERS.__getitem__, required=True)  # fmt: skip
    with right:
        tile = st.container()
        logo, without = _logo_field(look.logo, number)
        alt = st.text_input(
            "What the logo shows", look.logo.alt if look.logo else "", key=f"theme-alt-{number}", max_chars=MOST_ALT,
            help="Read out to those who cannot see it; without it, the name above.",
        )  # fmt: skip
    said = ThemeInput(
        title=title, house=house, accent=accent, ink=ink, heading_font=heading, body_font=body, footer=footer,
        paper=Paper(paper or Paper.A4), logo_alt=alt,
    )  # fmt: skip
    with tile:
        _tile(said, logo, None if without else look.logo)
    return said, logo, without


def _colour(label: str, given: str, key: str) -> str:
    """The field, and below it how well it can be read and what becomes of it."""
    chosen = st.color_picker(label, given, key=key)
    ratio, kept = contrast_on_white(chosen), readable(chosen)
    if kept == chosen.upper():
        st.caption(f"{ratio:.1f} : 1 on white, which can be read.")
    else:
        st.caption(
            f":orange[:material/contrast:] {chosen.upper()} has {ratio:.1f} : 1 on white, too pale to read. "
            f"It is kept as **{kept}**, the same hue at {contrast_on_white(kept):.1f} : 1."
        )
    return chosen


def _logo_field(given: Picture | None, number: str) -> tuple[LogoFile | None, bool]:
    upload = st.file_uploader(
        "Logo", type=["png", "jpg", "jpeg", "webp"], key=f"theme-logo-{number}",
        max_upload_size=MOST_LOGO_BYTES // 1_000_000, help="PNG, JPEG or WebP, at most 2 MB. It stands on white.",
    )  # fmt: skip
    name_drop_zones(key=f"theme-logo-zone-{number}")
    stays = given is not None and st.checkbox("Keep the logo it has", value=True, key=f"theme-logo-stays-{number}")
    if upload is not None:
        return LogoFile(upload.name, upload.getvalue()), False
    return None, given is not None and not stays


def _tile(said: ThemeInput, logo: LogoFile | None, given: Picture | None) -> None:
    picture = given
    if logo is not None:
        try:
            picture = checked_logo(logo.name, logo.data, "Logo")
        except CountersignError as problem:
            st.error(plain(str(problem)), icon=":material/broken_image:")
            picture = None
    accent = readable(said.accent)
    more: dict[str, Any] = {"accent": accent, "ink": readable(said.ink), "series": series_of(accent), "logo": picture}
    look = Look(
        name=said.house or "Your house",
        heading_font=said.heading_font,
        body_font=said.body_font,
        footer=said.footer,
        **more,
    )
    st.image(specimen(look), alt="How a page looks in this theme", width="stretch")


def _place(options: list[str], one: str) -> int:
    return options.index(one) if one in options else 0


def _add(screen: Screen, said: ThemeInput, logo: LogoFile | None) -> None:
    if carried_out(
        lambda actor: screen.app.themes.add(actor, said, logo=logo), done="The theme was added.", place=PLACE
    ):
        done_with_dialog()


def _change(screen: Screen, one: ThemeView, said: ThemeInput, logo: LogoFile | None, without: bool) -> None:
    changed = carried_out(
        lambda actor: screen.app.themes.change(
            actor, one.id, said, version=one.version, logo=logo, without_logo=without
        ),
        done="Saved. Packages made from now on look like this.", place=PLACE,
    )  # fmt: skip
    if changed:
        done_with_dialog()
