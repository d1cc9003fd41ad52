"""One person: what they may do, and what an admin can change about it."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

import streamlit as st

from core.actor import Role, Tier
from core.identity.queries import User
from core.identity.rules import group_name
from core.identity.service import ProfileForm
from pages.components.page import Screen, carried_out, show_messages
from pages.components.profile_form import profile_words
from pages.components.words import moment, plain, sentence

ROLE_WORDS = {
    Role.USER: "User",
    Role.OPERATOR: "Operator",
    Role.COUNCIL: "Council",
    Role.ANALYST: "Analyst",
    Role.ADMIN: "Admin",
}
_ROLES = (
    "User: runs workflows and logs outcomes. Operator: approves and executes. Council: votes. "
    "Analyst: reads all results. Admin: sets everything up."
)
_TIERS = "Which workflows they may start; each tier includes the ones before it."
_GROUPS = (
    "Who accepts and does what in automated workflows, as their definitions name it: pm, architect. "
    "Only people in a group decide what is put before it, admins neither."
)
_PLACE = "person"


def show_person(screen: Screen, user_id: UUID | None) -> None:
    st.button("All people", icon=":material/arrow_back:", type="tertiary", key="back", on_click=_back)
    user = screen.app.identity_queries.person(user_id) if user_id else None
    if user is None:
        st.info("There is no such person. Choose one from the list.", icon=":material/info:")
        return
    st.header(plain(user.name), anchor=False)
    _facts(screen, user)
    show_messages(_PLACE)
    with st.container(border=True):
        roles, tier = roles_and_tier(str(user.id), [Role(role) for role in user.roles], user.tier)
        groups = _groups(screen, user)
        same = set(roles) == set(user.roles) and tier is user.tier and set(groups) == set(user.groups)
        st.button(
            "Save", type="primary", key=f"save-{user.id}", on_click=_save, args=(screen, user, roles, tier, groups),
            disabled=same,
        )  # fmt: skip
    with st.container(horizontal=True, vertical_alignment="center"):
        if not user.sample:
            st.button("Set a new password", icon=":material/key:", on_click=_password_dialog, args=(screen, user))
        words, icon = ("Deactivate", ":material/person_off:") if user.active else ("Activate", ":material/person:")
        st.button(words, icon=icon, key=f"active-{user.id}", on_click=_set_active, args=(screen, user))
        st.page_link(
            "pages/audit.py", label="What was changed", icon=":material/history_edu:",
            query_params={"subject": f"user:{user.id}"},
        )  # fmt: skip


def roles_and_tier(key: str, roles: Sequence[Role], tier: Tier) -> tuple[frozenset[Role], Tier]:
    """The two fields, filled with what is; answers what they say."""
    chosen = st.pills(
        "Roles", list(Role), selection_mode="multi", default=list(roles), format_func=ROLE_WORDS.__getitem__,
        key=f"roles-{key}", help=_ROLES,
    )  # fmt: skip
    level = st.segmented_control(
        "Tier", list(Tier), default=tier, format_func=sentence, key=f"tier-{key}", required=True, help=_TIERS
    )
    return frozenset(Role(role) for role in chosen), Tier(level or tier)


def _groups(screen: Screen, user: User) -> tuple[str, ...]:
    """The groups this person is in; any that somebody is in already, or that a workflow names, or a new one."""
    named = map(group_name, screen.app.catalog_queries.groups())
    known = sorted({*screen.app.identity_queries.groups(), *named, *user.groups} - {""})
    chosen = st.multiselect(
        "Groups", known, default=list(user.groups), key=f"groups-{user.id}", accept_new_options=True,
        placeholder="None", help=_GROUPS,
    )  # fmt: skip
    return tuple(sorted({group_name(one) for one in chosen} - {""}))


def _facts(screen: Screen, user: User) -> None:
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        if user.sample:
            st.badge("Sample person", icon=":material/science:", color="violet")
        elif user.active:
            st.badge("Active", icon=":material/check_circle:", color="green")
        else:
            st.badge("Inactive: cannot sign in", icon=":material/person_off:", color="gray")
        if user.oidc_subject:
            st.badge("Single sign-on", icon=":material/key:", color="blue")
    saved = screen.app.identity_queries.profile(user.id)
    about = "No profile yet"
    if saved is not None:
        about = profile_words(ProfileForm(saved.goal, saved.market, saved.skill_level, saved.country))
    st.markdown(f"{plain(user.email)} · added {moment(user.created_at, screen.zone)}  \n{plain(about)}")


def _save(screen: Screen, user: User, roles: frozenset[Role], tier: Tier, groups: tuple[str, ...]) -> None:
    carried_out(
        lambda actor: screen.app.identity.change_user(actor, user.id, roles=roles, tier=tier, groups=groups),
        done=f"{user.name} has these roles and groups from the next click on.", place=_PLACE,
    )  # fmt: skip


def _set_active(screen: Screen, user: User) -> None:
    done = f"{user.name} is signed out and cannot sign in." if user.active else f"{user.name} can sign in again."
    carried_out(
        lambda actor: screen.app.identity.change_user(actor, user.id, active=not user.active), done=done, place=_PLACE
    )


@st.dialog("Set a new password")
def _password_dialog(screen: Screen, user: User) -> None:
    st.markdown(f"{plain(user.name)} is signed out everywhere and signs in with the new one.")
    show_messages("password")
    # In a form, because Streamlit loses a password that is left with the Tab key outside of one.
    with st.form(f"password-{user.id}-form", border=False):
        password = st.text_input(
            "New password", type="password", key=f"password-{user.id}", max_chars=200, help="At least 12 characters."
        )
        submitted = st.form_submit_button("Set the password", type="primary", key=f"set-{user.id}")
    if submitted:
        was_set = carried_out(
            lambda actor: screen.app.identity.reset_password(actor, user.id, password),
            done=f"{user.name} signs in with the new password.", place="password",
        )  # fmt: skip
        st.rerun(scope="app" if was_set else "fragment")


def _back() -> None:
    st.query_params.pop("person", None)
