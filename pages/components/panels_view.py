"""Who decides on a card: each panel with its tally, and every ballot."""

from __future__ import annotations

from datetime import tzinfo
from html import escape

import streamlit as st

from core.decisions.rules import DecisionState, Rule, Vote
from core.decisions.views import BallotRow, DecisionView, PanelView
from pages.components.words import count, moment

_SIGNS = {Vote.APPROVE: ("✓", "approves"), Vote.REJECT: ("✕", "rejects"), Vote.ABSTAIN: ("–", "abstains")}


def show_panels(decision: DecisionView, zone: tzinfo) -> None:
    """Draws the panels and ballots; nothing for the one click of an operator that has not come yet."""
    first = decision.panels[0]
    plain_card = len(decision.panels) == 1 and first.council_id is None and not first.policy.groups
    if plain_card and not decision.ballots:
        return
    st.subheader("Who decides", anchor=False)
    panels = "" if plain_card else "".join(_panel(one) for one in decision.panels)
    ballots = "".join(_ballot(one, zone) for one in decision.ballots)
    why = f'<p class="quiet">{escape(decision.why)}</p>' if decision.why else ""
    st.html(f'<div class="panels">{panels}{f"<ul>{ballots}</ul>" if ballots else ""}{why}</div>')


def tally_words(panel: PanelView) -> str:
    """`2 of 3 approve; 1 more decides`."""
    words = [f"{panel.approve} of {panel.seats} approve" if panel.seats != 1 else _single(panel)]
    if panel.reject:
        words.append(f"{count(panel.reject, 'rejects', 'reject')}")
    if panel.abstain:
        words.append(f"{count(panel.abstain, 'abstains', 'abstain')}")
    said = ", ".join(words)
    if not panel.seats:
        return "nobody may vote at present; it waits until an admin names someone"
    match panel.state:
        case DecisionState.OPEN:
            return f"{said}; {_missing(panel)}"
        case DecisionState.APPROVED:
            return f"{said}; this is decided: approved"
        case _:
            return f"{said}; this is decided: {panel.state.value}"


def _single(panel: PanelView) -> str:
    return "the one who decides approves" if panel.approve else "one person decides"


def _missing(panel: PanelView) -> str:
    if panel.missing is None:
        return "what is still to come decides"
    if panel.policy.rule is Rule.ANY_ONE and not panel.approve:
        return "the first vote decides"
    words = f"{panel.missing} more {'decides' if panel.missing == 1 else 'decide'}"
    return f"{words}, with {' and '.join(panel.must_vote)} among them" if panel.must_vote else words


def _panel(panel: PanelView) -> str:
    name = panel.council_name or _named(panel)
    you = " · you sit here" if panel.mine else ""
    filled = "".join(
        f'<i class="{kind}"></i>'
        for kind, number in (("yes", panel.approve), ("no", panel.reject), ("kept", panel.abstain))
        for _ in range(number)
    ) + "<i></i>" * max(0, panel.seats - panel.approve - panel.reject - panel.abstain)
    bar = f'<span class="seats" aria-hidden="true">{filled}</span>' if panel.seats <= 24 else ""
    return (
        f'<div class="panel"><b>{escape(name)}</b><span class="quiet">{escape(you)}</span>{bar}'
        f"<span>{escape(tally_words(panel).capitalize() if panel.seats == 0 else tally_words(panel))}</span></div>"
    )


def _named(panel: PanelView) -> str:
    groups = [f"the group {one}" for one in sorted(panel.policy.groups)]
    if groups and not panel.policy.roles:
        return " or ".join(groups).replace("the group", "The group", 1)
    return " or ".join(["Operators and admins", *groups])


def _ballot(ballot: BallotRow, zone: tzinfo) -> str:
    sign, word = _SIGNS[ballot.vote]
    who = escape(ballot.voter) + (f" for {escape(ballot.on_behalf_of)}" if ballot.on_behalf_of else "")
    reason = f"<q>{escape(ballot.reason)}</q>" if ballot.reason else ""
    found = "".join(
        f"<li>{escape(criterion)}: {escape(said.replace('_', ' '))}</li>"
        for criterion, said in (ballot.checklist or {}).items()
    )
    checked = f"<details><summary>Criteria checked</summary><ul>{found}</ul></details>" if found else ""
    return (
        f'<li class="{ballot.vote.value}"><span class="sign" aria-hidden="true">{sign}</span><span><b>{who}</b> {word}'
        f' <span class="quiet">{escape(moment(ballot.cast_at, zone))}</span> {reason}{checked}</span></li>'
    )
