"""Letting somebody without an account answer what a gate asks: a link, shown once, and those that are about."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from core.executions.automated.gate_views import GateView
from core.invitations.queries import LinkView
from core.invitations.rules import MOST_LABEL
from core.invitations.service import BY_LINK, NewLink
from pages.components.page import Screen, carried_out, perform, show_messages
from pages.components.words import ago, moment, plain

_LASTS = {"A day": 1, "A week": 7, "30 days": 30}
_MADE = "_made_link"


def show_links(screen: Screen, gate: GateView, *, place: str) -> None:
    """For whoever may answer: the button that hands it on, and the links that were made."""
    if gate.row.kind not in BY_LINK or not gate.is_open or gate.why_not is not None:
        return
    st.button(
        "Let somebody answer by a link…", icon=":material/link:", type="tertiary", key=f"link-{gate.row.id}",
        on_click=_new_link, args=(screen, gate),
    )  # fmt: skip
    links = screen.app.invitations_queries.of_gate(screen.actor, gate.row.id)
    for link in [link for link in links if link.over is None]:
        _show(screen, link, place)


def _show(screen: Screen, link: LinkView, place: str) -> None:
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        now = screen.app.clock.now()
        st.markdown(
            f"A link for {plain(link.label)}  \n:small[made {ago(link.created_at, now)} by {plain(link.made_by)}, "
            f"answers until {moment(link.expires_at, screen.zone)}]"
        )
        st.button(
            "Withdraw", icon=":material/link_off:", type="tertiary", key=f"unlink-{link.id}", on_click=_withdraw,
            args=(screen, link, place),
        )  # fmt: skip


def _forget() -> None:
    st.session_state.pop(_MADE, None)


@st.dialog("A link that answers this", on_dismiss=_forget, width="medium")
def _new_link(screen: Screen, gate: GateView) -> None:
    made: NewLink | None = st.session_state.get(_MADE)
    if made is not None:
        _show_once(screen, made)
        return
    st.markdown("Whoever has the link can answer this once, without an account. It counts as your answer.")
    show_messages("link")
    label = st.text_input("Who is it for?", key="link-label", max_chars=MOST_LABEL, placeholder="Acme Ltd.")
    lasts = st.segmented_control("Answers for", list(_LASTS), default="A week", key="link-lasts", required=True)
    if st.button("Make the link", type="primary", key="link-make"):
        st.session_state[_MADE] = perform(
            lambda actor: screen.app.invitations.make(
                actor, gate.row.id, label=label, days=_LASTS[lasts or "A week"]
            ),
            place="link",
        )  # fmt: skip
        st.rerun(scope="fragment")


def _show_once(screen: Screen, made: NewLink) -> None:
    base: Sequence[tuple[str, str]] = (("For a person", "answer"), ("For a program (POST)", "api/hooks"))
    st.markdown("Copy it now: it is shown this once and kept nowhere.")
    for words, path in base:
        st.markdown(f"**{words}**")
        st.code(f"{screen.app.settings.base_url}/{path}/{made.token}", language=None, wrap_lines=True)
    if st.button("I have copied it", type="primary", key="link-copied"):
        _forget()
        st.rerun()


def _withdraw(screen: Screen, link: LinkView, place: str) -> None:
    carried_out(
        lambda actor: screen.app.invitations.revoke(actor, link.id), done=f"The link for {link.label} is withdrawn.",
        place=place,
    )  # fmt: skip
