"""Gates are opened once, by whoever may, for exactly what was asked; everything else is refused and changes nothing."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from core.actor import Actor, ActorKind, Role
from core.bootstrap import Application
from core.clock import ManualClock
from core.decisions.policy import AtDeadline, Policy, Rule
from core.decisions.rules import AlreadyVoted, Vote, VoteRefused
from core.errors import CountersignError, InvalidInput, NotFound
from core.executions.automated.answers import AnswersRefused, DocumentRefused, NothingToAnswer
from core.executions.automated.gate_service import GateNeedsOthers, GateNotDecided, GateWithdrawn
from core.executions.automated.gates import closed_rows, told_by
from core.executions.automated.rules import GateChanged, GateClosed, GateKind, GateState
from core.executions.rules import ExecutionState, RunEnded
from tests.core.executions.automated.gate_room import PATH, GateRoom

QUESTION = {
    "id": "AUDIENCE", "text": "Who reads it?", "why_it_matters": "Tone.", "priority": "must",
    "constraint_kind": "scope", "answer_type": "single_choice", "choices": ["Clients", "Staff"], "blocking": True,
}  # fmt: skip
QUESTIONS = {"questions": {"mode": "questions_only", "questions": [QUESTION]}}
FORM = {
    "doc_type": "brief", "name": "Brief", "collection_field": None, "draft": None,
    "schema": {"type": "object", "required": ["goal"], "properties": {"goal": {"type": "string"}}},
}  # fmt: skip
PM = Policy(groups=frozenset({"pm"}))


@pytest.fixture
def room(app: Application, admin: Actor, person: Callable[..., Actor]) -> GateRoom:
    return GateRoom(app, admin, person)


def vote(room: GateRoom, actor: Actor, gate: Any, choice: Vote = Vote.APPROVE, reason: str = "") -> GateState:
    return room.app.gates.vote(actor, gate, digest=room.stored(gate).digest, vote=choice, reason=reason)


# -- answers ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "content", "answer"),
    [
        (GateKind.START, {}, {}),
        (GateKind.CLARIFICATION, QUESTIONS, {"AUDIENCE": {"resolution": "answered", "value": "Staff"}}),
        (GateKind.FORM, FORM, {"content": {"goal": "More clients"}}),
        (GateKind.GUIDE, {"description": "Call them.", "produces": None}, {"notes": "Called."}),
        (GateKind.GUIDE, {**FORM, "produces": "brief"}, {"notes": "", "content": {"goal": "More"}}),
    ],
)
def test_owner_answers_and_the_run_goes_on_in_the_same_transaction(
    room: GateRoom, kind: GateKind, content: dict[str, Any], answer: dict[str, Any]
) -> None:
    gate = room.open(kind, content)
    assert room.waits(room.ravi) == {gate}
    before = room.row()
    room.answer(room.ravi, gate, **answer)
    stored, row = room.stored(gate), room.row()
    assert (stored.state, stored.answer, stored.answered_by) == (GateState.CLOSED, answer, "Ravi")
    assert (row.state, row.parked, row.segment) == (ExecutionState.IN_PROGRESS, False, before.segment + 1)
    assert row.version == before.version + 1
    assert room.waits(room.ravi) == set()
    with room.app.database.reading() as session:
        told = told_by(closed_rows(session, room.run_id, PATH, 1))
        assert [one.answer for one in told] == ([] if kind is GateKind.START else [answer])
        assert told_by(closed_rows(session, room.run_id, PATH, 2)) == ()


def test_second_answer_is_refused_by_the_name_of_the_first(room: GateRoom) -> None:
    gate = room.open(GateKind.START)
    operator = room.person(Role.OPERATOR, name="Omar")
    room.answer(operator, gate)
    with pytest.raises(GateClosed, match="Omar"):
        room.answer(room.ravi, gate)
    assert room.stored(gate).answered_by == "Omar"


def test_of_two_answers_at_the_same_instant_one_counts(room: GateRoom) -> None:
    gate = room.open(GateKind.FORM, FORM)
    people = [room.ravi, *(room.person(Role.OPERATOR) for _ in range(3))]

    def answer(actor: Actor) -> str:
        try:
            room.answer(actor, gate, content={"goal": actor.name})
        except GateClosed:
            return "closed"
        return actor.name

    with ThreadPoolExecutor(4) as pool:
        said = list(pool.map(answer, people))
    won = [one for one in said if one != "closed"]
    assert len(won) == 1
    assert room.stored(gate).answer == {"content": {"goal": won[0]}}
    assert room.row().segment == 1


def test_who_is_not_asked_finds_no_gate_and_who_may_only_look_is_refused(room: GateRoom) -> None:
    gate = room.open(GateKind.FORM, FORM)
    stranger, analyst = room.person(Role.USER), room.person(Role.ANALYST)
    with pytest.raises(NotFound):
        room.answer(stranger, gate, content={"goal": "x"})
    with pytest.raises(NotFound):
        room.seen(stranger, gate)
    assert room.seen(analyst, gate).why_not
    with pytest.raises(VoteRefused):
        room.answer(analyst, gate, content={"goal": 5})  # not told what is wrong with it either
    with pytest.raises(VoteRefused):
        room.answer(replace(room.ravi, scopes=frozenset({"read"})), gate, content={"goal": "x"})
    with pytest.raises((VoteRefused, NotFound)):
        room.answer(Actor(ActorKind.AGENT, "scout", "Scout"), gate, content={"goal": "x"})
    assert room.stored(gate).state is GateState.OPEN
    assert room.row().segment == 0


def test_groups_that_the_step_names_may_answer_too(room: GateRoom) -> None:
    helper, other = room.group("Writers "), room.group("pm")
    gate = room.open(
        GateKind.GUIDE, {}, Policy(roles=frozenset({"operator"}), groups=frozenset({"writers"}), recusal=False)
    )
    assert (room.waits(helper), room.waits(other)) == ({gate}, set())
    room.answer(helper, gate, notes="done")
    assert room.stored(gate).answered_by_user == helper.user_id


def test_answer_to_questions_that_changed_is_refused(room: GateRoom) -> None:
    gate = room.open(GateKind.FORM, FORM)
    seen = room.stored(gate).digest
    room.withdraw(PATH)
    again = room.open(GateKind.FORM, {**FORM, "name": "Longer brief"})
    assert room.stored(again).digest != seen
    with pytest.raises(GateChanged):
        room.app.gates.answer(room.ravi, again, {"content": {"goal": "x"}}, digest=seen)
    with pytest.raises(GateWithdrawn):
        room.answer(room.ravi, gate, content={"goal": "x"})
    assert room.gates() == [(GateKind.FORM, GateState.WITHDRAWN), (GateKind.FORM, GateState.OPEN)]


@pytest.mark.parametrize(
    ("kind", "content", "answer", "refusal"),
    [
        (GateKind.START, {}, {"content": 1}, InvalidInput),
        (GateKind.FORM, FORM, {}, InvalidInput),
        (GateKind.FORM, FORM, {"content": {"goal": 5}}, DocumentRefused),
        (GateKind.FORM, FORM, {"content": "words"}, DocumentRefused),
        (GateKind.FORM, {**FORM, "collection_field": "epics"}, {"content": {"goal": "x"}}, DocumentRefused),
        (GateKind.FORM, FORM, {"content": {"goal": "a\0b"}}, DocumentRefused),
        (GateKind.GUIDE, {}, {"content": {}}, InvalidInput),
        (GateKind.GUIDE, {}, {"notes": ["x"]}, InvalidInput),
        (GateKind.GUIDE, {}, {"notes": "x" * 10_001}, InvalidInput),
        (GateKind.GUIDE, {**FORM, "produces": "brief"}, {"notes": "x"}, InvalidInput),
        (GateKind.CLARIFICATION, QUESTIONS, {}, AnswersRefused),
        (GateKind.CLARIFICATION, QUESTIONS, {"AUDIENCE": {"resolution": "deferred"}}, AnswersRefused),
        (GateKind.CLARIFICATION, QUESTIONS, {"AUDIENCE": {"resolution": "answered", "value": "All"}}, AnswersRefused),
        (GateKind.CLARIFICATION, QUESTIONS, {"OTHER": {"resolution": "explicit_none"}}, AnswersRefused),
    ],
)
def test_bad_answer_changes_nothing(
    room: GateRoom, kind: GateKind, content: dict[str, Any], answer: dict[str, Any], refusal: type[CountersignError]
) -> None:
    gate = room.open(kind, content)
    with pytest.raises(refusal):
        room.answer(room.ravi, gate, **answer)
    assert room.stored(gate).state is GateState.OPEN
    assert room.waits(room.ravi) == {gate}  # no ballot was counted either


def test_refusal_of_a_document_tells_everything_that_is_wrong(room: GateRoom) -> None:
    schema = {"type": "object", "required": ["goal", "why"], "properties": {"when": {"type": "string"}}}
    gate = room.open(GateKind.FORM, {**FORM, "schema": schema})
    with pytest.raises(DocumentRefused) as refused:
        room.answer(room.ravi, gate, content={"when": 5})
    assert all(word in str(refused.value) for word in ("goal", "why", "$.when"))


def test_ended_run_takes_no_answer_and_no_vote(room: GateRoom) -> None:
    form = room.open(GateKind.FORM, FORM)
    approval = room.open(GateKind.APPROVAL, {"text": "Send?"}, path="send")
    room.end()
    with pytest.raises(RunEnded):
        room.answer(room.ravi, form, content={"goal": "x"})
    with pytest.raises(RunEnded):
        vote(room, room.admin, approval)
    assert room.waits(room.ravi) == set()


def test_paused_run_is_answered_and_not_woken(room: GateRoom) -> None:
    gate = room.open(GateKind.START)
    room.change(paused=True)
    room.answer(room.ravi, gate)
    row = room.row()
    assert room.stored(gate).state is GateState.CLOSED
    assert (row.parked, row.segment) == (True, 0)


def test_answer_while_a_worker_has_the_run_makes_it_look_again(room: GateRoom) -> None:
    gate = room.open(GateKind.START)
    room.change(parked=False)
    room.answer(room.ravi, gate)
    assert (room.row().woken, room.row().segment) == (True, 0)


def test_failing_answer_leaves_neither_ballot_nor_enqueued_work(
    room: GateRoom, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate = room.open(GateKind.START)

    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("the engine is away")

    monkeypatch.setattr(room.app.engine, "enqueue", fail)
    with pytest.raises(RuntimeError):
        room.answer(room.ravi, gate)
    assert room.stored(gate).state is GateState.OPEN
    assert room.waits(room.ravi) == {gate}


def test_one_answer_does_not_open_a_gate_of_several_panels(room: GateRoom) -> None:
    users = frozenset({room.ravi.id})
    gate = room.open(GateKind.START, {}, Policy(users=users), PM)
    with pytest.raises(GateNeedsOthers):
        room.answer(room.ravi, gate)
    assert room.stored(gate).state is GateState.OPEN


# -- votes ------------------------------------------------------------------------------------------------------------


def test_bare_ballot_on_an_answered_gate_is_refused_with_words(room: GateRoom) -> None:
    gate = room.open(GateKind.FORM, FORM)
    stored = room.stored(gate)
    decision_id = stored.decision_id
    assert decision_id is not None
    for refused in (
        lambda: room.app.decisions.vote(room.ravi, decision_id, digest=stored.digest, vote=Vote.APPROVE),
        lambda: vote(room, room.ravi, gate, Vote.REJECT, "no"),
    ):
        with pytest.raises(GateNotDecided, match="write it"):
            refused()
    assert room.waits(room.ravi) == {gate}


@pytest.mark.parametrize("kind", [GateKind.ACCEPTANCE, GateKind.APPROVAL, GateKind.VOTE])
def test_decided_gate_takes_no_answer(room: GateRoom, kind: GateKind) -> None:
    gate = room.open(kind, {}, document=room.document({"goal": "x"}))
    with pytest.raises(NothingToAnswer):
        room.answer(room.admin, gate)


def test_acceptance_pins_the_version_and_nothing_else_may_change_it(room: GateRoom) -> None:
    document = room.document({"goal": "x"})
    asha = room.group("PM", name="Pia")
    gate = room.open(GateKind.ACCEPTANCE, {"doc_type": "brief"}, PM, document=document)
    assert vote(room, asha, gate) is GateState.CLOSED
    pinned = room.stored_document(document)
    assert (pinned.accepted_by, pinned.accepted_at) == ("Pia", room.app.clock.now())
    assert room.stored(gate).answer == {"approved": True, "reason": "", "by": "Pia"}
    with room.app.database.reading() as session:
        assert told_by(closed_rows(session, room.run_id, PATH, 1)) == ()  # the interpreter's matter, not the step's
    with pytest.raises(Exception, match="never changes"), room.app.database.begin() as uow:
        uow.session.execute(text("UPDATE run_documents SET accepted_at = now() + interval '1 day'"))


def test_rejected_document_is_not_pinned(room: GateRoom) -> None:
    document = room.document({"goal": "x"})
    pia = room.group("pm", name="Pia")
    gate = room.open(GateKind.ACCEPTANCE, {}, PM, document=document)
    with pytest.raises(InvalidInput):
        vote(room, pia, gate, Vote.REJECT, "  ")
    vote(room, pia, gate, Vote.REJECT, "Too long")
    assert room.stored_document(document).accepted_at is None
    assert room.stored(gate).answer == {"approved": False, "reason": "Too long", "by": "Pia"}
    assert room.row().segment == 1


def test_group_without_people_waits_visibly_and_lets_nobody_else_through(room: GateRoom) -> None:
    gate = room.open(GateKind.ACCEPTANCE, {}, PM, document=room.document({"goal": "x"}))
    for actor in (room.admin, room.ravi, room.group("architect", roles=(Role.OPERATOR,))):
        assert room.waits(actor) == set()
        with pytest.raises(VoteRefused):
            vote(room, actor, gate)
    assert room.seen(room.admin, gate).waits_visibly == (
        "Nobody is in the group pm. An admin assigns people under People."
    )
    pia = room.group("  PM")
    assert room.waits(pia) == {gate}
    assert room.seen(room.admin, gate).waits_visibly is None
    vote(room, pia, gate)


def test_person_who_left_the_group_may_not_accept_any_more(room: GateRoom) -> None:
    pia = room.group("pm")
    gate = room.open(GateKind.ACCEPTANCE, {}, PM, document=room.document({"goal": "x"}))
    assert pia.user_id is not None
    room.app.identity.change_user(room.admin, pia.user_id, groups=())
    with pytest.raises(NotFound):
        vote(room, pia, gate)
    room.app.identity.change_user(room.admin, pia.user_id, groups=["pm"])
    room.app.identity.change_user(room.admin, pia.user_id, active=False)
    with pytest.raises(VoteRefused):
        vote(room, pia, gate)


def test_who_wrote_the_version_does_not_accept_it(room: GateRoom) -> None:
    pia = room.group("pm")
    document = room.document({"goal": "x"}, by=pia)
    gate = room.open(GateKind.ACCEPTANCE, {}, PM, document=document, authors=(pia.id,))
    assert room.waits(pia) == set()
    with pytest.raises(VoteRefused, match="does not decide"):
        vote(room, pia, gate)
    assert "wrote this themselves" in (room.seen(room.admin, gate).waits_visibly or "")
    vote(room, room.group("pm"), gate)


def test_every_group_that_is_named_must_accept(room: GateRoom) -> None:
    pia, arno = room.group("pm"), room.group("architect")
    both = (PM, Policy(groups=frozenset({"architect"})))
    gate = room.open(GateKind.ACCEPTANCE, {}, *both, document=room.document({"goal": "x"}))
    assert vote(room, pia, gate) is GateState.OPEN
    with pytest.raises(AlreadyVoted):
        vote(room, pia, gate)
    assert room.row().segment == 0
    assert vote(room, arno, gate) is GateState.CLOSED


def test_ballot_for_another_version_does_not_count(room: GateRoom) -> None:
    pia = room.group("pm")
    first = room.open(GateKind.ACCEPTANCE, {}, PM, document=room.document({"goal": "x"}))
    seen = room.stored(first).digest
    room.withdraw(PATH)
    second = room.open(GateKind.ACCEPTANCE, {}, PM, document=room.document({"goal": "y"}, version=2), generation=2)
    with pytest.raises(GateChanged):
        room.app.gates.vote(pia, second, digest=seen, vote=Vote.APPROVE)
    assert room.stored(second).state is GateState.OPEN


def test_votes_through_the_desk_replay(room: GateRoom) -> None:
    one, two = room.person(Role.OPERATOR), room.person(Role.OPERATOR)
    gate = room.open(GateKind.APPROVAL, {"text": "Send?"}, Policy(roles=frozenset({"operator"}), rule=Rule.N_OF, n=2))
    stored = room.stored(gate)
    assert stored.decision_id is not None
    for actor in (one, two):
        room.app.decisions.vote(actor, stored.decision_id, digest=stored.digest, vote=Vote.APPROVE)
    assert room.stored(gate).state is GateState.CLOSED
    assert room.app.decisions_queries.replay_all().faults == ()


# -- time, and being withdrawn ----------------------------------------------------------------------------------------


def test_time_gate_opens_when_its_time_has_come_and_not_before(room: GateRoom, clock: ManualClock) -> None:
    due = clock.now() + timedelta(days=90)
    gate = room.open(GateKind.TIME, {}, due_at=due)
    clock.advance(timedelta(days=89))
    assert room.app.gates.close_due() == 0
    clock.advance(timedelta(days=1))
    assert room.app.gates.close_due() == 1
    assert room.app.gates.close_due() == 0
    assert (room.stored(gate).state, room.row().segment) == (GateState.CLOSED, 1)


@pytest.mark.parametrize("at_deadline", [AtDeadline.REJECT, AtDeadline.EXPIRE])
def test_what_nobody_decided_in_time_is_not_approved(
    room: GateRoom, clock: ManualClock, at_deadline: AtDeadline
) -> None:
    policy = Policy(roles=frozenset({"operator"}), at_deadline=at_deadline)
    document = room.document({"goal": "x"})
    gate = room.open(GateKind.ACCEPTANCE, {}, policy, document=document, deadline=clock.now() + timedelta(hours=1))
    clock.advance(timedelta(hours=1))
    assert room.app.gates.close_due() == 1
    answer = room.stored(gate).answer or {}
    assert (answer["approved"], answer["reason"]) == (False, "Nobody decided it in time.")
    assert room.stored_document(document).accepted_at is None


def test_escalated_gate_asks_admins_but_never_in_the_place_of_a_group(room: GateRoom, clock: ManualClock) -> None:
    hour = timedelta(hours=1)
    wide = Policy(users=frozenset({room.ravi.id}), at_deadline=AtDeadline.ESCALATE)
    narrow = replace(PM, at_deadline=AtDeadline.ESCALATE)
    open_to_admins = room.open(GateKind.APPROVAL, {}, wide, deadline=clock.now() + hour)
    of_group = room.open(GateKind.APPROVAL, {}, narrow, path="other", deadline=clock.now() + hour)
    clock.advance(hour)
    assert room.app.gates.close_due() == 0
    assert room.waits(room.admin) == {open_to_admins}
    with pytest.raises(VoteRefused):
        vote(room, room.admin, of_group)


def test_withdrawn_gates_wait_for_nobody(room: GateRoom) -> None:
    room.open(GateKind.FORM, FORM)
    room.open(GateKind.TIME, {}, path="wait", due_at=room.app.clock.now())
    room.withdraw()
    assert room.waits(room.ravi) == set()
    assert room.app.gates.close_due() == 0
    assert {state for _, state in room.gates()} == {GateState.WITHDRAWN}
    assert room.app.decisions_queries.replay_all().faults == ()


def test_audit_keeps_digests_and_no_contents(room: GateRoom) -> None:
    gate = room.open(GateKind.FORM, FORM)
    room.answer(room.ravi, gate, content={"goal": "secret plans"})
    entries = room.app.audit_queries.entries(subject=f"run:{room.run_id}")
    assert [one.event for one in entries] == ["gate.answered", "gate.opened"]
    assert "secret plans" not in str([(one.before, one.after) for one in entries])
