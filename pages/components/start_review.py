"""Who will review a run before it goes on, said before it is started; and the way to a council where none would."""

from __future__ import annotations

import streamlit as st

from core.actor import Role
from core.catalog.automated import AutomatedWorkflow, KindStep
from core.catalog.kinds import find_kinds
from pages.components.page import Screen
from pages.components.way import way
from pages.components.words import plain


def review_note(screen: Screen, workflow: AutomatedWorkflow) -> None:
    """Nothing where no council is asked by what the work is about."""
    domains = _domains(workflow)
    if not domains:
        return
    found = screen.app.councils_queries.overseers(domains)
    about, admin = " or ".join(domains), screen.actor.has(Role.ADMIN)
    names = " and ".join(f"“{plain(one.name)}”" for one in found)
    alone = bool(found) and all(one.voters <= {screen.actor.user_id} for one in found)
    if not found:
        words = f"No council oversees {plain(about)} yet, so nobody could let this go on."
        more = " Make one first; two people are enough." if admin else " An admin makes one under Councils."
        st.warning(words + more, icon=":material/group_off:")
        if admin:
            way("Make the council", "/councils", {"new": "yes", "domains": ",".join(domains)})
    elif alone and screen.app.guardrails_queries.current().four_eyes:
        words = f"Nobody but you has a vote in {names}, and whoever starts a run does not vote on it."
        more = " Give somebody else a seat." if admin else " An admin gives somebody else a seat under Councils."
        st.warning(words + more, icon=":material/group_off:")
        if admin:
            way("Open the council", "/councils", {"council": found[0].id})
    else:
        st.caption(f":material/groups: {names} {'decides' if len(found) == 1 else 'decide'} before it goes on.")


def _domains(workflow: AutomatedWorkflow) -> list[str]:
    found: dict[str, None] = {}
    for _, step, _ in workflow.all_steps():
        if isinstance(step, KindStep) and step.kind == "vote" and (kind := find_kinds().get("vote")) is not None:
            fields = kind.read(step)
            if not fields.council:
                found |= dict.fromkeys(map(str, fields.domains))
    return list(found)
