"""The files of a package: what is in each, downloading one or all of them, and sending them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import streamlit as st

from core.actor import Role
from core.deliverables.queries import PackageFileView, PackageView
from core.deliverables.rules import EVERYTHING, FormatState
from pages.components.deliverable_words import facts_words, size_words
from pages.components.page import Screen, perform, show_messages
from pages.components.propose_form import GIVEN
from pages.components.words import plain

_OPERATION = "email_send"
PLACE = "package-files"


def package_files(screen: Screen, view: PackageView) -> None:
    if view.row.draft:
        return
    made = [one for one in view.files if one.state is FormatState.DONE]
    with st.container(border=True, gap="xsmall", key="package-files"):
        with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
            st.subheader("Files", anchor=False, width="content")
            st.download_button(
                "Download all", icon=":material/folder_zip:", type="primary", key="download-all", on_click="ignore",
                data=partial(_bytes, screen, view, EVERYTHING), mime="application/zip", file_name=_name(view, EVERYTHING),
                help="A ZIP of every file with its manifest.",
            )  # fmt: skip
        for one in made:
            _file(screen, view, one)
        show_messages(PLACE)
        if screen.actor.has(Role.OPERATOR, Role.ADMIN):
            _attaching(screen, view, made)


def _file(screen: Screen, view: PackageView, one: PackageFileView) -> None:
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        words = " · ".join(filter(None, (facts_words(one.facts), size_words(one.size or 0))))
        st.markdown(f"**{plain(one.title)}** :gray[{plain(words)}]", width="stretch")
        st.download_button(
            plain(one.name), icon=":material/download:", type="tertiary", key=f"download-{one.format}", on_click="ignore",
            data=partial(_bytes, screen, view, one.name), mime=one.media_type, file_name=_name(view, one.name),
        )  # fmt: skip
    for remark in one.remarks:
        st.caption(f":material/info: {plain(remark)}")


def _attaching(screen: Screen, view: PackageView, made: Sequence[PackageFileView]) -> None:
    titles = {one.name: one.title for one in made}
    with st.popover("Attach to an e-mail", icon=":material/attach_email:", key="attach"):
        st.markdown("The e-mail is proposed first: nothing is sent before somebody approves it.")
        chosen = st.pills(
            "Files", list(titles), selection_mode="multi", default=list(titles)[:1], key=f"attach-{view.row.id}",
            format_func=titles.__getitem__,
        )  # fmt: skip
        attached = st.button(
            "Write the e-mail", icon=":material/edit:", type="primary", key="write", disabled=not chosen,
            on_click=_attach, args=(screen, view, tuple(chosen)),
        )  # fmt: skip
    if attached and GIVEN in st.session_state:
        st.switch_page("pages/propose.py", query_params={"operation": _OPERATION})


def _attach(screen: Screen, view: PackageView, names: Sequence[str]) -> None:
    """Keeps copies for the e-mail and hands them to the page Propose."""
    st.session_state.pop(GIVEN, None)
    kept = perform(lambda actor: screen.app.packages.attach(actor, view.row.id, names), place=PLACE)
    if kept is not None:
        st.session_state[GIVEN] = {
            _OPERATION: {"attachments": [{"name": one.name, "sha256": one.sha256} for one in kept]}
        }


def _bytes(screen: Screen, view: PackageView, name: str) -> bytes:
    """Read when the button is pressed."""
    return screen.app.packages_queries.file(screen.actor, view.row.id, name).data


def _name(view: PackageView, name: str) -> str:
    """What it is called on the reader's disk: beside other packages, the thing and the number tell it apart."""
    label = "".join(letter if letter.isalnum() else "-" for letter in view.row.label.lower())
    short = "-".join(filter(None, label.split("-")))[:60] or view.row.source
    return f"{short}-{view.row.number}-{name}"
