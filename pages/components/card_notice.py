"""What others did to a card while it was open here, said once and kindly."""

from __future__ import annotations

import streamlit as st

from core.actions.cards import Card
from core.actions.rules import ActionState
from pages.components.page import Screen
from pages.components.words import moment, plain

_SEEN, _NOTICE = "_card_seen", "_card_notice"


def what_others_did(screen: Screen, card: Card) -> str:
    """Who was first, or who changed the plan, since this browser drew the same card; "" when nobody."""
    row = card.row
    seen, seen_state, seen_digest = st.session_state.get(_SEEN, (None, None, None))
    if (
        seen == row.id
        and seen_state is ActionState.PENDING
        and (row.state, row.plan_digest) != (seen_state, seen_digest)
    ):
        st.session_state[_NOTICE] = (row.id, row.state is ActionState.PENDING)
    st.session_state[_SEEN] = (row.id, row.state, row.plan_digest)
    noticed, edited = st.session_state.get(_NOTICE, (None, False))
    if noticed != row.id:
        st.session_state.pop(_NOTICE, None)
        return ""
    if row.state is ActionState.PENDING:
        return "The plan was changed while you had it open. You see it as it is now." if edited else ""
    if row.state is ActionState.EXPIRED:
        return "It expired while you had it open. Nothing was done."
    if row.decided_by == screen.actor.name:
        return ""  # from another tab, or by a second click
    did = "rejected" if row.state is ActionState.REJECTED else "approved"
    when = moment(row.decided_at, screen.zone) if row.decided_at else "just now"
    return (
        f"{plain(row.decided_by or 'Somebody')} {did} this while you had it open, {when}. There is nothing left to do."
    )


def forget_what_was_seen() -> None:
    """What changes next is the reader's own doing."""
    for name in (_SEEN, _NOTICE):
        st.session_state.pop(name, None)
