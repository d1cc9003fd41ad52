"""What an item is follows from what is stored of it, whatever that is."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as some

from core.actions.rules import ActionState
from core.projects.rules import ItemState, errors_of, item_state, summary_of

OVER = {ItemState.SENT, ItemState.FAILED, ItemState.SKIPPED}


@given(
    action=some.sampled_from([None, *ActionState]), problem=some.booleans(), left_out=some.booleans(),
    skipped=some.booleans(), begun=some.booleans(), stopped=some.booleans(),
)  # fmt: skip
def test_only_what_was_executed_was_sent(
    action: ActionState | None, problem: bool, left_out: bool, skipped: bool, begun: bool, stopped: bool
) -> None:
    state = item_state(problem=problem, left_out=left_out, skipped=skipped, begun=begun, action=action, stopped=stopped)
    assert (state is ItemState.SENT) == (action is ActionState.EXECUTED)
    assert (state is ItemState.UNDER_WAY) == (action in (ActionState.APPROVED, ActionState.EXECUTING))
    if action is ActionState.UNKNOWN:
        assert state is ItemState.FAILED
    if action is None:
        assert (state in OVER) == (left_out or skipped)


def test_summary_counts_by_kind_the_most_first() -> None:
    counts = {"odoo": 1, "email": 1600, "social": 300, "other": 2}
    assert summary_of("Launch", counts) == (
        "Send 1,600 e-mails, publish 300 posts, do 2 other operations and change 1 Odoo record for “Launch”"
    )


def test_errors_are_counted_by_channel_and_words() -> None:
    failed = [("email", "Refused."), ("social", "Away."), ("email", "Refused.")]
    assert errors_of(failed) == ["email: Refused. (2 items)", "social: Away. (1 item)"]
