"""What a decision card asks before it acts: a reason, other parameters, a time."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

import streamlit as st

from core.actions.cards import Card, InboxRow
from pages.components.card_notice import forget_what_was_seen
from pages.components.dialogs import close_when_done, dialog, done_with_dialog
from pages.components.files_field import keeping
from pages.components.operation_form import operation_form
from pages.components.page import Screen, carried_out, perform, show_messages
from pages.components.words import moment, plain

PLACE = "dialog"
OWN_TIME = "At a time of your own…"


def _tomorrow(now: datetime) -> datetime:
    return (now + timedelta(days=1)).replace(hour=9, minute=0, second=0, microsecond=0)


SNOOZES: Mapping[str, Callable[[datetime], datetime]] = {
    "For an hour": lambda now: now + timedelta(hours=1),
    "Until tomorrow, 09:00": _tomorrow,
    "For three days": lambda now: now + timedelta(days=3),
}


def snooze(screen: Screen, row: InboxRow, choice: str) -> None:
    """Takes the card away until the chosen time, or asks for one."""
    if choice == OWN_TIME:
        snooze_dialog(screen, row)
    elif _snoozed(screen, row, SNOOZES[choice](screen.app.clock.now().astimezone(screen.zone)), place="card"):
        st.rerun()
    else:
        show_messages("card")


@dialog("Snooze")
def snooze_dialog(screen: Screen, row: InboxRow) -> None:
    close_when_done()
    now = screen.app.clock.now().astimezone(screen.zone)
    ends = row.expires_at.astimezone(screen.zone)
    st.write(plain(row.title))
    st.datetime_input(
        "Show it again", min(_tomorrow(now), ends - timedelta(hours=1)).replace(tzinfo=None), key=f"wake-{row.id}",
        step=timedelta(minutes=15), help=f"It expires all the same, {moment(row.expires_at, screen.zone)}.",
    )  # fmt: skip
    show_messages(PLACE)
    st.button("Snooze", type="primary", key="confirm-snooze", on_click=_snooze_until, args=(screen, row))


def _snooze_until(screen: Screen, row: InboxRow) -> None:
    until = st.session_state.get(f"wake-{row.id}")
    if until is not None and _snoozed(screen, row, until.replace(tzinfo=screen.zone), place=PLACE):
        done_with_dialog()


def _snoozed(screen: Screen, row: InboxRow, until: datetime, *, place: str) -> bool:
    return carried_out(
        lambda actor: screen.app.actions.snooze(actor, row.id, until),
        done=f"Snoozed until {moment(until, screen.zone)}.", place=place,
    )  # fmt: skip


@dialog("Reject")
def reject_dialog(screen: Screen, row: InboxRow) -> None:
    close_when_done()
    st.write(plain(row.title))
    st.text_area("Reason", key=f"reason-{row.id}", max_chars=2000, help="The proposer reads it.")
    show_messages(PLACE)
    st.button("Reject", type="primary", key="confirm-reject", on_click=_reject, args=(screen, row))


def _reject(screen: Screen, row: InboxRow) -> None:
    """Rejects the version that was shown; whoever was faster is named at the card."""
    reason = str(st.session_state.get(f"reason-{row.id}", ""))
    st.query_params["card"] = str(row.id)
    if perform(lambda actor: screen.app.actions.reject(actor, row.id, reason, row.plan_digest), place=PLACE):
        forget_what_was_seen()
        done_with_dialog()


@dialog("Edit", width="large")
def edit_dialog(screen: Screen, card: Card) -> None:
    row = card.row
    st.caption(
        "Saving makes a new plan and checks the rules again. Votes on the old plan are void, "
        "and as an author of the new one you leave the decision to others."
    )
    schema = screen.app.actions_queries.edit_form(row.operation)
    form = operation_form(schema, card.params, key=f"edit-{row.id}-{row.version}", keep=keeping(screen, place=PLACE))
    show_messages(PLACE)
    if st.button("Save", type="primary", key="save-edit") and not form.problems:
        if carried_out(
            lambda actor: screen.app.actions.edit(actor, row.id, form.values, expected_version=row.version),
            done="Saved. The card shows the new plan.", place=PLACE,
        ):  # fmt: skip
            st.query_params["card"] = str(row.id)
            forget_what_was_seen()
            st.rerun()
        st.rerun(scope="fragment")
