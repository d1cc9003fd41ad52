"""What a proposer says beside an operation's own fields, the look at the plan, and putting it before people."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from html import escape
from typing import Any, Literal
from uuid import UUID

import streamlit as st

from core.actions.proposing import Preview, Proposal
from core.actions.queries import Offer
from core.actions.rules import Priority, Risk
from core.connectors.plan import Effect
from pages.components.operation_form import Filled
from pages.components.page import Screen, perform, show_messages
from pages.components.plan_view import show_plan
from pages.components.rules_view import show_rules
from pages.components.words import plain, sentence

PLACE, BELOW = "propose", "propose-below"
GIVEN = "propose-given"
"""In the session: what another page filled in, by operation. It goes once something was proposed."""
_LOOK, _PROPOSED = "_propose_look", "_proposed"

_EFFECTS = {
    Effect.READ: "Reads only",
    Effect.REVERSIBLE: "Can be undone",
    Effect.IRREVERSIBLE: "Not everything it does can be undone",
    Effect.FINANCIAL: "Moves money",
}
_USUAL_RISK = {Effect.READ: Risk.LOW, Effect.REVERSIBLE: Risk.LOW, Effect.IRREVERSIBLE: Risk.MEDIUM}
_EXPIRIES: Mapping[str, timedelta | None] = {
    "As long as the guardrails say": None,
    "4 hours": timedelta(hours=4),
    "1 day": timedelta(days=1),
    "3 days": timedelta(days=3),
    "1 week": timedelta(days=7),
}


@dataclass(frozen=True)
class Details:
    priority: Priority
    risk: Risk
    rationale: str
    expires_in: timedelta | None


@dataclass(frozen=True)
class Look:
    """A plan that was looked at, and what it was made from."""

    operation: str
    params: Mapping[str, Any]
    details: Details
    preview: Preview


@dataclass(frozen=True)
class Proposed:
    id: UUID
    words: str
    """As HTML."""


def offer_words(offer: Offer) -> str:
    return f"{_EFFECTS[offer.effect]} · goes out by the channel {offer.channel}"


def about(offer: Offer) -> Details:
    """How urgent, how risky, why, until when: those who review depend on it."""
    left, right = st.columns(2)
    with left:
        priority = st.segmented_control(
            "Priority", [one.value for one in Priority if one is not Priority.AUTOMATED], default=Priority.INFO.value,
            format_func=sentence, key="propose-priority", required=True,
        )  # fmt: skip
    with right:
        risk = st.segmented_control(
            "Risk", [one.value for one in Risk], default=_USUAL_RISK.get(offer.effect, Risk.HIGH).value,
            format_func=sentence, key=f"propose-risk-{offer.name}", required=True,
        )  # fmt: skip
    rationale = st.text_area(
        "Why", key="propose-why", max_chars=4000, height=100, help="Whoever decides reads it below the plan."
    )
    expiry = st.selectbox("It waits", list(_EXPIRIES), key="propose-expiry", width=300)
    return Details(Priority(priority), Risk(risk), rationale.strip(), _EXPIRIES[expiry])


def take_a_look(screen: Screen, operation: str, form: Filled, details: Details) -> Look | None:
    """The button, and what it showed, for as long as nothing was changed since."""
    show_messages(PLACE)
    first: Literal["primary", "secondary"] = "secondary" if _LOOK in st.session_state else "primary"
    if st.button("Preview", icon=":material/visibility:", type=first, key="preview") and not form.problems:
        st.session_state.pop(_LOOK, None)
        with st.spinner("Working out what would happen…"):
            proposal = Proposal(title="Preview", risk=details.risk, priority=details.priority)
            preview = perform(
                lambda actor: screen.app.actions.plan(actor, operation, form.values, proposal), place=PLACE
            )
        if preview is None:
            show_messages(PLACE)
        else:
            st.session_state[_LOOK] = Look(operation, dict(form.values), details, preview)
            st.session_state["propose-title"] = preview.plan.summary[:200]
    look: Look | None = st.session_state.get(_LOOK)
    if look is None or look.operation != operation:
        return None
    if look.params != form.values or look.details.risk is not details.risk:
        st.info("You changed it since the preview. Preview it again to propose it.", icon=":material/info:")
        return None
    return look


def propose_below(screen: Screen, look: Look, details: Details) -> None:
    """The plan word for word, what the rules say, who decides, and the button."""
    preview = look.preview
    with st.container(border=True, key="preview-plan"):
        st.subheader("What would happen", anchor=False)
        show_plan(preview.plan)
        st.subheader("What the rules say", anchor=False)
        show_rules(preview.evaluation, (), screen.zone)
        st.subheader("Who decides", anchor=False)
        st.markdown(_deciders(screen, preview))
    title = st.text_input("Title", key="propose-title", max_chars=200, help="A sentence with a verb and an object.")
    show_messages(BELOW)
    if st.button("Propose", icon=":material/send:", type="primary", key="propose"):
        _propose(screen, look, details, title)
        st.rerun()


def _deciders(screen: Screen, preview: Preview) -> str:
    if preview.reviews:
        names = {one.id: one.name for one in screen.app.councils_queries.all(screen.actor)}
        listed = " and ".join(f"**{plain(names.get(one, one))}**" for one in preview.reviews)
        return f"{listed} must approve it by {'their' if len(preview.reviews) > 1 else 'its'} own rule."
    if screen.app.guardrails_queries.current().four_eyes:
        return "Any one operator or admin, except you."
    return "Any one operator or admin, you included."


def _propose(screen: Screen, look: Look, details: Details, title: str) -> None:
    made = perform(
        lambda actor: screen.app.actions.propose(
            actor, look.operation, look.params, title=title,
            priority=details.priority, risk=details.risk, rationale=details.rationale, expires_in=details.expires_in,
        ),
        place=BELOW,
    )  # fmt: skip
    if made is None:
        return
    card = screen.app.actions_queries.card(screen.actor, made)
    words = f"<b>{escape(card.row.title)}</b> waits for a decision."
    if card.row.automatic:
        words = f"<b>{escape(card.row.title)}</b> was approved by the guardrails’ rule for automatic approval."
    elif card.plan.digest != look.preview.plan.digest:
        words += " It differs from the preview, because something changed in between: read it on the card."
    st.session_state[_PROPOSED] = Proposed(made, words)
    for name in [name for name in st.session_state if str(name).startswith(("propose-", _LOOK))]:
        del st.session_state[name]
