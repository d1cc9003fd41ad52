"""One effect that nobody could confirm: what was asked, where to look, and saying what was found."""

from __future__ import annotations

from typing import Literal
from uuid import UUID

import streamlit as st

from core.actions.cards import Unconfirmed
from core.connectors.plan import AttemptOutcome, Receipt
from pages.components.dialogs import close_when_done, dialog, done_with_dialog
from pages.components.facts import facts_table
from pages.components.page import Screen, carried_out, say, show_messages
from pages.components.plan_view import show_plan
from pages.components.way import way
from pages.components.words import ago, moment, plain

Found = Literal["there", "not there", "again"]

_TITLES: dict[Found, str] = {
    "there": "I found it there",
    "not there": "It is not there",
    "again": "It is not there, try again now",
}


def show_unconfirmed(screen: Screen, one: Unconfirmed) -> None:
    """Everything it takes to find out, then the three answers; each needs how it is known."""
    now = screen.app.clock.now()
    st.subheader(plain(one.title), anchor=False)
    began = f"The call began {ago(one.called_at, now)}" if one.called_at else "When the call began is not known"
    by = f" · approved by {plain(one.approved_by)}" if one.approved_by else ""
    st.caption(f"{began} in {plain(one.plan.account)}{by}")
    if one.error:
        st.warning(plain(one.error), icon=":material/help:")
    show_messages(_place(one.id))
    st.markdown(f"**Where to look.** {plain(one.hint)}")
    facts_table(
        {
            "Call began": moment(one.called_at, screen.zone) if one.called_at else "",
            "Key it was given": one.key,
            "Reference so far": one.reference or "",
            "Attempts": str(one.attempts),
        }
    )
    with st.expander("What was asked, word for word", icon=":material/article:", key=f"asked-{one.id}", expanded=True):
        show_plan(one.plan)
    with st.container(horizontal=True, gap="small"):
        if st.button(
            "Look again", icon=":material/search:", type="primary", key=f"look-{one.id}",
            help="Asks the other system whether it is there. Changes nothing there.",
        ):  # fmt: skip
            _look_again(screen, one.id)
        if st.button("I found it there…", icon=":material/check:", key=f"there-{one.id}"):
            _dialog(screen, one, "there")
        if st.button("It is not there…", icon=":material/close:", key=f"not-{one.id}"):
            _dialog(screen, one, "not there")
        if one.expires_at > now and st.button(
            "It is not there, try again now…", icon=":material/refresh:", key=f"again-{one.id}"
        ):
            _dialog(screen, one, "again")
    way("Open the card", "/inbox", {"card": str(one.id), "show": "needs care"})


def _look_again(screen: Screen, action_id: UUID) -> None:
    answers: list[Receipt | None] = []
    with st.spinner("Asking the other system…"):
        if carried_out(
            lambda actor: answers.append(screen.app.actions.look_again(actor, action_id)), place=_place(action_id)
        ):
            receipt = answers[0]
            if receipt is None:
                words = "The other system cannot tell. Look there yourself, then say what you found."
                say("info", words, place=_place(action_id))
            elif receipt.outcome is AttemptOutcome.CONFIRMED:
                say("info", f"It is there: {receipt.message} It counts as executed now.")
            else:
                say("info", f"It is not there: {receipt.message} It can be tried again from its card.")
    st.rerun()


def _dialog(screen: Screen, one: Unconfirmed, found: Found) -> None:
    @dialog(_TITLES[found])
    def ask() -> None:
        close_when_done()
        st.write(plain(one.title))
        st.text_area(
            "How you know", key=f"evidence-{found}-{one.id}", max_chars=2000,
            help="Where you looked and what you saw. It stays on record.",
        )  # fmt: skip
        st.caption(_CONSEQUENCE[found])
        show_messages("resolve")
        st.button(
            _TITLES[found],
            type="primary",
            key=f"resolve-{found}-{one.id}",
            on_click=_resolve,
            args=(screen, one.id, found),
        )

    ask()


def _resolve(screen: Screen, action_id: UUID, found: Found) -> None:
    evidence = str(st.session_state.get(f"evidence-{found}-{action_id}", ""))
    if carried_out(
        lambda actor: screen.app.actions.resolve_unknown(
            actor, action_id, happened=found == "there", evidence=evidence, retry=found == "again"
        ),
        done=_DONE[found], place="resolve",
    ):  # fmt: skip
        done_with_dialog()


_CONSEQUENCE: dict[Found, str] = {
    "there": "It counts as executed. Nothing is done again.",
    "not there": "It counts as failed. It can be tried again from its card.",
    "again": "It is done again at once: the same plan, the same approval, the same key.",
}
_DONE: dict[Found, str] = {
    "there": "Executed, as you found.",
    "not there": "Failed, as you found.",
    "again": "A worker has it again.",
}


def _place(action_id: UUID) -> str:
    return f"unconfirmed-{action_id}"
