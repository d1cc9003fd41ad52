"""A workflow as one chooses it: what it is, what it takes, why it is shown, and the way to begin."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from uuid import UUID

import streamlit as st

from core.actor import Actor, Role
from core.catalog.queries import Definition
from core.executions.rules import TierTooLow
from core.identity.rules import SkillLevel
from core.recommendations.rules import SUCCESS, Objective
from core.recommendations.service import Recommended
from core.recommendations.words import explored_words
from pages.components.page import Screen, perform
from pages.components.step_executor import waiting_words
from pages.components.way import way
from pages.components.words import count, money, plain, quantity, sentence
from pages.components.workflow_outline import show_outline, stops_words

STARTED = "_started_run"
_DIFFICULTIES = {
    SkillLevel.BEGINNER: "for beginners",
    SkillLevel.INTERMEDIATE: "for some experience",
    SkillLevel.ADVANCED: "for the experienced",
}


def workflow_card(
    screen: Screen,
    definition: Definition,
    found: Recommended | None,
    *,
    open_run: UUID | None,
    aim: Objective = SUCCESS,
    first: bool = False,
) -> None:
    """Draws one workflow; `first` is the page's one recommendation, `aim` what the list is ordered by."""
    workflow = definition.guided
    allowed = screen.actor.tier.includes(definition.tier)
    with st.container(border=True, key=f"workflow-{definition.workflow_id}"):
        with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
            st.markdown(f"{'##' if first else '###'} {plain(workflow.title)}", width="stretch")
            if first and not (found and found.explored):
                st.badge("Recommended", icon=":material/thumb_up:", color="green")
            icon = ":material/lock_open:" if allowed else ":material/lock:"
            st.badge(sentence(definition.tier.value), icon=icon, color="blue" if allowed else "gray")
        if found is not None:
            _why(found, aim, first=first)
        st.markdown(plain(workflow.description))
        st.caption(" · ".join(_facts(screen, definition)))
        with st.expander("The steps"):
            st.markdown("\n".join(f"{step.number}. {plain(step.title)}" for step in workflow.steps))
        if not allowed:
            st.caption(
                f"Needs the tier {definition.tier.value}; yours is {screen.actor.tier.value}. An admin can change it."
            )
        st.button(
            "Go on" if open_run else "Start", key=f"start-{definition.workflow_id}", disabled=not allowed,
            type="primary" if first else "secondary", icon=":material/play_arrow:",
            on_click=_start, args=(screen, definition.workflow_id, found.id if found else None),
        )  # fmt: skip


def _why(found: Recommended, aim: Objective, *, first: bool) -> None:
    """What to expect, from whose results, and if it stands here to be learnt about."""
    if found.explored:
        st.badge(explored_words(found.counts), icon=":material/experiment:", color="violet")
    if found.benefit is not None and aim.unit is not None:
        middle, low, high = (
            plain(_amount(amount, aim.unit)) for amount in (found.benefit.middle, found.benefit.low, found.benefit.high)
        )
        st.markdown(f"**Expected of a run: about {middle}** (90 % interval {low} to {high})")
    st.markdown(plain(found.reason) if first else f":gray[{plain(found.reason)}]")
    if found.note:
        st.caption(plain(found.note))


def _amount(amount: float, unit: str) -> str:
    """Expected amounts have two digits, so from ten up there is nothing behind the point."""
    value = Decimal(str(amount))
    return money(value, unit, digits=amount < 10) if len(unit) == 3 and unit.isupper() else quantity(value, unit)


def automated_card(screen: Screen, definition: Definition, on_start: Callable[[str], None]) -> None:
    """One that the machine goes through; its start asks for what the steps need."""
    workflow = definition.automated
    allowed = screen.actor.tier.includes(definition.tier)
    with st.container(border=True, key=f"workflow-{definition.workflow_id}"):
        with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
            st.markdown(f"### {plain(workflow.title)}", width="stretch")
            st.badge("Runs by itself, stops for people", icon=":material/smart_toy:", color="violet")
            icon = ":material/lock_open:" if allowed else ":material/lock:"
            st.badge(sentence(definition.tier.value), icon=icon, color="blue" if allowed else "gray")
        st.markdown(plain(workflow.description))
        st.caption(" · ".join([*_facts(screen, definition), stops_words(workflow)]))
        with st.expander("The steps"):
            show_outline(workflow)
        if not allowed:
            st.caption(
                f"Needs the tier {definition.tier.value}; yours is {screen.actor.tier.value}. An admin can change it."
            )
        with st.container(horizontal=True):
            st.button(
                "Start…", key=f"start-{definition.workflow_id}", disabled=not allowed, icon=":material/play_arrow:",
                on_click=on_start, args=(definition.workflow_id,),
            )  # fmt: skip
            if screen.actor.has(Role.OPERATOR, Role.ADMIN):
                way("Definition", "/workflows", {"workflow": definition.workflow_id})


def _facts(screen: Screen, definition: Definition) -> list[str]:
    workflow = definition.workflow
    facts = [count(definition.total_steps, "step")]
    if workflow.hands_on.most:
        facts.append(f"about {workflow.hands_on} of work")
    if workflow.waiting.most:
        facts.append(waiting_words(workflow.waiting))
    if workflow.difficulty:
        facts.append(_DIFFICULTIES[workflow.difficulty])
    savings = screen.app.savings_queries.worth(definition)
    if savings and savings.weekly:
        facts.append(f"estimated to save {money(savings.weekly, savings.currency, digits=False)} a week")
    return facts


def _start(screen: Screen, workflow_id: str, recommendation_id: UUID | None) -> None:
    """Starts the run, or finds the one that is open, and remembers which recommendation led to it."""

    def start(actor: Actor) -> UUID:
        run = screen.app.executions.start(actor, workflow_id)
        if recommendation_id is not None:
            screen.app.recommendations.started(actor, recommendation_id, run)
        return run

    run = perform(start, gently=(TierTooLow,))
    if run is not None:
        st.session_state[STARTED] = str(run)
