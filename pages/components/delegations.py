"""While somebody is away: giving a seat to another person until a day, and taking it back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

import streamlit as st

from core.actor import Role
from core.decisions.delegations import DelegationRow
from pages.components.page import TOP, Screen, carried_out, say, show_messages
from pages.components.words import moment, plain

PLACE = "away"
EVERY_SEAT = "Every seat"


def while_away(screen: Screen) -> None:
    """On a person's own page; nothing for those who never decide."""
    if not screen.actor.has(Role.OPERATOR, Role.COUNCIL, Role.ADMIN):
        return
    st.header("While you are away", anchor=False)
    st.markdown(
        "Somebody else can vote with your seat until a day you choose. It is recorded as your seat and their click. "
        "They cannot give it on, and nobody votes twice on one decision."
    )
    show_messages(PLACE)
    delegation_list(screen, screen.app.delegations_queries.mine(screen.actor))
    _form(screen, of=None)


def for_the_absent(screen: Screen) -> None:
    """For admins: somebody is away and could not do it themself."""
    with st.expander("Give the seat of somebody who is away", icon=":material/event_busy:"):
        _form(screen, of=_chosen("of", "Whose seat", dict(screen.app.delegations_queries.people())))


def delegation_list(screen: Screen, rows: Sequence[DelegationRow]) -> None:
    """Each with who, what and until when, and a way to take it back for those who may."""
    for row in rows:
        mine = screen.actor.user_id == row.from_id
        giver = "You" if mine else plain(row.from_name)
        receiver = "you" if screen.actor.user_id == row.to_id else plain(row.to_name)
        seat = f"the seat on {plain(row.council_name or row.council_id)}" if row.council_id else "every seat"
        when = f"until **{moment(row.ends_at, screen.zone)}**"
        if not row.in_force:
            when = f"from **{moment(row.starts_at, screen.zone)}** {when}"
        notes = [plain(row.reason)] if row.reason else []
        if row.by_admin:
            notes.append("set up by an admin")
        with (
            st.container(border=True, key=f"away-{row.id}"),
            st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute", gap="small"),
        ):
            note = f"  \n:small[{' · '.join(notes)}]" if notes else ""
            verb = "gave" if row.in_force else ("give" if mine else "gives")
            st.markdown(f"**{giver}** {verb} **{receiver}** {seat} {when}.{note}", width="stretch")
            if mine or screen.actor.has(Role.ADMIN):
                st.button(
                    "Take it back", icon=":material/undo:", key=f"take-{row.id}", on_click=_take_back,
                    args=(screen, row),
                )  # fmt: skip


def _form(screen: Screen, *, of: UUID | None) -> None:
    people = {key: name for key, name in screen.app.delegations_queries.people() if key != (of or screen.actor.user_id)}
    if not people:
        st.caption("There is nobody else yet who decides. An admin adds operators and council members under People.")
        return
    key = "absent" if of else "own"
    today = screen.app.clock.now().astimezone(screen.zone).date()
    voter = of or screen.actor.user_id
    seats = {
        one.id: one.name
        for one in screen.app.councils_queries.all(screen.actor)
        if voter in {member.id for member in one.members}
    }
    with st.form(f"away-{key}", border=True):
        st.selectbox("To", list(people), index=None, format_func=people.__getitem__, key=f"to-{key}",
                     placeholder="Who votes for you" if of is None else "Who votes instead")  # fmt: skip
        if seats:
            st.selectbox(
                "Which seat", [None, *seats], format_func=lambda one: seats[one] if one else EVERY_SEAT,
                key=f"seat-{key}",
            )  # fmt: skip
        left, right = st.columns(2, gap="medium")
        left.date_input("From", today, min_value=today, key=f"from-{key}", format="YYYY-MM-DD")
        right.date_input(
            "Until the end of", today + timedelta(days=7), min_value=today,
            max_value=today + timedelta(days=364), key=f"until-{key}", format="YYYY-MM-DD",
        )  # fmt: skip
        st.text_input("Reason", key=f"reason-{key}", max_chars=500, placeholder="On leave")
        st.form_submit_button(
            "Give my seat" if of is None else "Give the seat", icon=":material/how_to_vote:", on_click=_give,
            args=(screen, key, of),
        )  # fmt: skip


def _give(screen: Screen, key: str, of: UUID | None) -> None:
    typed = st.session_state
    to: UUID | None = typed[f"to-{key}"]
    if to is None:
        say("error", "Choose who votes. Nothing was saved.", place=PLACE if of is None else TOP)
        return
    begins: date = typed[f"from-{key}"]
    ends: date = typed[f"until-{key}"]
    carried_out(
        lambda actor: screen.app.delegations.give(
            actor, to=to, starts_at=_midnight(screen, begins), ends_at=_midnight(screen, ends + timedelta(days=1)),
            council_id=typed.get(f"seat-{key}"), reason=typed[f"reason-{key}"], of=of,
        ),
        done="The seat is given.", place=PLACE if of is None else TOP,
    )  # fmt: skip


def _take_back(screen: Screen, row: DelegationRow) -> None:
    carried_out(
        lambda actor: screen.app.delegations.revoke(actor, row.id),
        done="The seat is back. What was voted with it stands.",
    )


def _midnight(screen: Screen, day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=screen.zone)


def _chosen(key: str, label: str, people: dict[UUID, str]) -> UUID | None:
    found: UUID | None = st.selectbox(
        label, list(people), format_func=people.__getitem__, key=key, index=0 if people else None
    )
    return found
