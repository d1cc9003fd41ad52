"""One package: how far it is, what is in it, how anybody can check it, and what else was made of the same thing."""

from __future__ import annotations

from uuid import UUID

import streamlit as st

from core.deliverables.queries import PackageView
from core.deliverables.rules import UNDER_WAY, FormatState, PackageState
from core.deliverables.words import languages
from core.errors import NotFound
from core.identifiers import parse_id
from pages.components.deliverable_files import package_files
from pages.components.deliverable_list import COLUMNS, package_row
from pages.components.deliverable_preview import page_pictures
from pages.components.deliverable_proof import package_proof
from pages.components.deliverable_words import package_name, package_state, source_title
from pages.components.page import Screen, perform, show_messages
from pages.components.row_table import row_table
from pages.components.way import way
from pages.components.words import ago, count, moment, plain

LOOK_EVERY_SECONDS = 0.8
PLACE = "package"
_FILE_LOOKS = {
    FormatState.WAITING: ":gray[:material/hourglass_empty:]",
    FormatState.DONE: ":green[:material/check_circle:]",
    FormatState.FAILED: ":red[:material/error:]",
}
_FILE_WORDS = {
    FormatState.WAITING: "is being made",
    FormatState.DONE: "is ready",
    FormatState.FAILED: "could not be made",
}


def show_package(screen: Screen, wanted: str) -> None:
    st.button("All packages", icon=":material/arrow_back:", type="tertiary", key="back", on_click=_back)
    package_id = parse_id(wanted)
    try:
        if package_id is None:
            raise NotFound(kind="package", id=wanted[:40])
        view = screen.app.packages_queries.one(screen.actor, package_id)
    except NotFound:
        st.info(
            "There is no such package, or it is not yours to see. Choose one from the list.", icon=":material/info:"
        )
        return
    _header(screen, view)
    show_messages(PLACE)
    if view.row.state in UNDER_WAY:
        st.fragment(_live, run_every=LOOK_EVERY_SECONDS)(screen, view)
        return
    _problems(screen, view)
    if view.row.state is PackageState.DONE:
        package_files(screen, view)
        _pages(screen, view)
        package_proof(screen, view)
    _others(screen, view)


def _header(screen: Screen, view: PackageView) -> None:
    row = view.row
    word, colour = package_state(row.state)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.header(plain(package_name(row)), anchor=False, width="content")
        st.badge(word, color=colour)
        if view.manifest and view.manifest.get("report", {}).get("sample"):
            st.badge("Sample", icon=":material/science:", color="violet")
        if row.draft:
            st.badge("Preview, not kept", color="orange")
    language = languages().get(view.language, view.language)
    words = (
        f"{source_title(row.source)} · {view.theme_name} · {language} · times in {view.zone} · asked for by "
        f"{row.requested_by} {ago(row.created_at, screen.app.clock.now())}"
    )
    st.caption(plain(words), help=f"{moment(row.created_at, screen.zone)}. Package {row.id}.")


def _live(screen: Screen, drawn: PackageView) -> None:
    view = screen.app.packages_queries.one(screen.actor, drawn.row.id)
    if view.row.state is not drawn.row.state:
        st.rerun()  # the word above has changed too
    with st.container(border=True, key="package-progress"):
        st.progress(view.progress, text=_how_far(view))
        for one in view.files:
            read = view.row.state is PackageState.RENDERING
            words = _FILE_WORDS[one.state] if read else "waits until everything is read"
            st.markdown(f"{_FILE_LOOKS[one.state]} **{plain(one.title)}** {words}")
        st.caption("A worker does this; you can leave the page.")


def _how_far(view: PackageView) -> str:
    match view.row.state:
        case PackageState.WAITING:
            return "Waits for a worker …"
        case PackageState.READING:
            return "Reading what is known, in one moment …"
        case _:
            ready = sum(one.state is not FormatState.WAITING for one in view.files)
            return f"{ready} of {count(len(view.files), 'format')} …"


def _problems(screen: Screen, view: PackageView) -> None:
    failed = [one for one in view.files if one.state is FormatState.FAILED]
    if view.error:
        st.error(plain(view.error), icon=":material/error:")
    elif view.row.state is PackageState.FAILED and not failed:
        st.error("It could not be made. Nothing was kept of it; try again.", icon=":material/error:")
    for one in failed:
        st.error(f"**{plain(one.title)}** could not be made. {plain(one.error)}", icon=":material/error:")
    if view.row.draft or not (failed or view.row.state is PackageState.FAILED):
        return
    if view.row.state is PackageState.DONE:
        st.caption("A package never changes: trying again makes the next number, of what is known now.")
    st.button(
        "Try again", icon=":material/replay:", key="again", on_click=_again, args=(screen, view.row.id),
        type="primary" if view.row.state is PackageState.FAILED else "secondary",
    )  # fmt: skip


def _again(screen: Screen, package_id: UUID) -> None:
    made = perform(lambda actor: screen.app.packages.try_again(actor, package_id), place=PLACE)
    if made is not None:
        st.query_params["package"] = str(made)


def _pages(screen: Screen, view: PackageView) -> None:
    if view.pages:
        with st.container(border=True, key="package-pages"):
            st.subheader("First pages", anchor=False)
            page_pictures(screen, view)


def _others(screen: Screen, view: PackageView) -> None:
    """What else was made of the same thing, so that nobody hands over an old one unknowingly."""
    found = screen.app.packages_queries.page(screen.actor, subject=view.row.subject, limit=10)
    others = [one for one in found.rows if one.id != view.row.id]
    if not others:
        return
    st.subheader("Other packages of the same", anchor=False)
    newest = max((one.number or 0) for one in others)
    if view.row.number and newest > view.row.number:
        st.caption(f"Number {newest:,} is newer than this one.")
    rows = [package_row(screen, one) for one in others]
    row_table(COLUMNS, rows, label="Other packages of the same", key="other-packages", on_open=_open)
    if found.next_cursor:
        way("All packages", "/deliverables", {"of": view.row.source})


def _open(package_id: str) -> None:
    st.query_params["package"] = package_id


def _back() -> None:
    st.query_params.pop("package", None)
