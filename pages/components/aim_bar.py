"""What the list of workflows is ordered by: the person's choice, and what an admin sets for everybody."""

from __future__ import annotations

import streamlit as st

from core.actor import Role
from core.recommendations.aims import MOST_SHARE, Policy
from core.recommendations.queries import Uptake
from core.recommendations.rules import Objective
from core.recommendations.service import Looked
from core.recommendations.words import objective_words
from pages.components.page import Screen, carried_out
from pages.components.words import ago, percent, plain

_CHOICE, _DEFAULT, _EXPLORE, _SHARE = "objective", "policy-objective", "policy-explore", "policy-share"


def aim_bar(screen: Screen, found: Looked) -> None:
    """One row: the objective, which the person can change where there is a choice, and the admin's settings."""
    admin = screen.actor.has(Role.ADMIN)
    if len(found.objectives) == 1 and not admin:
        st.caption(f"Ordered by {plain(objective_words(found.objective))}.")
        return
    with st.container(horizontal=True, vertical_alignment="bottom", horizontal_alignment="distribute", key="aim-bar"):
        if len(found.objectives) > 1:
            st.session_state[_CHOICE] = found.objective
            st.selectbox(
                "Ordered by", list(found.objectives), key=_CHOICE, format_func=_label, width=320,
                on_change=_choose, args=(screen,),
            )  # fmt: skip
        else:
            st.caption(f"Ordered by {plain(objective_words(found.objective))}.", width="stretch")
        if admin:
            with st.popover("Recommendations", icon=":material/tune:"):
                _settings(screen, found)


def _settings(screen: Screen, found: Looked) -> None:
    policy = found.policy
    st.markdown(f"**For everybody.** {_since(screen, policy)}")
    values = [one for one in found.objectives if one is not policy.objective]
    st.selectbox(
        "Ordered by, unless a person chooses", [policy.objective, *(one for one in values if one != policy.objective)],
        key=_DEFAULT, format_func=_label,
    )  # fmt: skip
    st.toggle(
        "Try what little is known of", value=policy.explore, key=_EXPLORE,
        help="On some days a workflow comes first as often as it may be the best one. Off: expected benefit alone.",
    )  # fmt: skip
    st.slider(
        "Share of days for it", 0, round(MOST_SHARE * 100), round(policy.explore_share * 100), 5, format="%d %%",
        key=_SHARE,
    )  # fmt: skip
    st.button("Save for everybody", key="save-policy", on_click=_save, args=(screen, policy.version), type="primary")
    rows = screen.app.recommendations_queries.uptake()
    if rows:
        st.markdown("**What came of what was shown**")
        st.dataframe([_row(one) for one in rows], hide_index=True)


def _row(one: Uptake) -> dict[str, object]:
    return {
        "Rank": one.rank, "Shown for": "learning" if one.explored else "benefit", "Shown": one.shown,
        "Clicked": one.clicked, "Started": one.started, "Result": one.succeeded,
    }  # fmt: skip


def _since(screen: Screen, policy: Policy) -> str:
    share = f"Trying on {percent(policy.explore_share)} of the days" if policy.share else "Nothing is tried"
    if policy.changed_at is None:
        return f"{share}, as installed."
    return f"{share}, set by {plain(policy.changed_by or '')} {ago(policy.changed_at, screen.app.clock.now())}."


def _label(objective: Objective) -> str:
    words = objective_words(objective)
    return words[0].upper() + words[1:]


def _choose(screen: Screen) -> None:
    carried_out(lambda actor: screen.app.recommendations.choose(actor, st.session_state[_CHOICE]))


def _save(screen: Screen, version: int) -> None:
    carried_out(
        lambda actor: screen.app.recommendations.change_policy(
            actor, objective=st.session_state[_DEFAULT], explore=st.session_state[_EXPLORE],
            explore_share=st.session_state[_SHARE] / 100, expected_version=version,
        ),
        done="Saved for everybody.",
    )  # fmt: skip
