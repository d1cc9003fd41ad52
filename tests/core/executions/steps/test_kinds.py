"""Guides, approvals, votes and waits: what each asks, of whom, and what comes of the answer."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from core.actor import Actor, Role
from core.bootstrap import Application
from core.catalog.automated import AutomatedWorkflow
from core.catalog.kinds import find_kinds
from core.clock import ManualClock
from core.decisions.councils import Terms
from core.decisions.policy import Policy, Rule
from core.decisions.rules import Vote, VoteRefused
from core.executions.automated.rules import GateKind
from core.executions.rules import ExecutionState
from tests.core.executions.automated.driving import Driver, definition, production

DOCUMENTS = {"brief": {"name": "Brief", "scope": "project"}, "note": {"name": "Note", "scope": "project"}}
BRIEF = [{"doc_type": "brief", "scope": "project"}]


@pytest.fixture
def drive(app: Application, driver: Callable[..., Driver]) -> Callable[..., tuple[Driver, UUID]]:
    """Starts a run of one step after a document that the model wrote, and drives it to its gate."""

    def go(kind: str, *, brief: Any = None, **fields: Any) -> tuple[Driver, UUID]:
        it = driver(lambda *_: brief or {"goal": "More clients", "when": "2026-02-01"})
        step = {"step_id": "ask", "kind": kind, "scope": "project", "inputs": BRIEF, "title": "Ask them", **fields}
        run = it.start(definition([production("write", "brief", "project"), step], DOCUMENTS))
        it.drive(run)
        return it, run

    return go


def test_guide_says_what_to_do_and_takes_the_document(drive: Callable[..., tuple[Driver, UUID]]) -> None:
    it, run = drive(
        "guide", description="Call about {{documents.brief.goal}}.", tips="Smile", estimated_time="10 minutes",
        link="https://example.com/{{documents.brief.when}}", produces="note", done_by=["callers"],
    )  # fmt: skip
    gate = it.gate(run, GateKind.GUIDE)
    assert gate.content["description"] == "Call about More clients."
    assert (gate.content["tips"], gate.content["estimated_time"]) == (["Smile"], "10 min")
    assert gate.content["link"] == "https://example.com/2026-02-01"
    it.answer(gate, {"notes": "They said yes", "content": {"said": "yes"}})
    assert it.drive(run) is ExecutionState.COMPLETED
    assert it.documents(run)["note", "", 1] == {"said": "yes"}


def test_link_that_a_document_turns_into_a_script_is_refused(drive: Callable[..., tuple[Driver, UUID]]) -> None:
    it, run = drive("guide", brief={"goal": "javascript:alert(1)"}, link="{{documents.brief.goal}}")
    assert it.row(run).state is ExecutionState.FAILED
    assert "no address" in (it.nodes(run)["ask"].error or "")


@pytest.mark.parametrize(
    ("on_rejection", "state"),
    [("stop", ExecutionState.CANCELLED), ("skip", ExecutionState.COMPLETED), ("fail", ExecutionState.FAILED)],
)
def test_rejection_is_what_the_definition_says_it_is(
    drive: Callable[..., tuple[Driver, UUID]], person: Callable[..., Actor], on_rejection: str, state: ExecutionState
) -> None:
    it, run = drive("approval", on_rejection=on_rejection, text="Go on with {{documents.brief.goal}}?")
    gate = it.gate(run, GateKind.APPROVAL)
    assert gate.content["text"] == "Go on with More clients?"
    (about,) = gate.content["documents"]
    assert (about["doc_type"], about["version"]) == ("brief", 1)
    it.vote(gate, Vote.REJECT, by=person(Role.OPERATOR, name="Omar"), reason="Too dear")
    assert it.drive(run) is state
    if on_rejection == "stop":
        assert it.row(run).end_reason == "“Ask them” was rejected by Omar: Too dear."
        assert it.row(run).error is None


def test_approval_asks_roles_and_groups_by_its_rule_and_every_council(
    app: Application, admin: Actor, person: Callable[..., Actor], drive: Callable[..., tuple[Driver, UUID]]
) -> None:
    seat, one = person(Role.COUNCIL), person(Role.OPERATOR)
    member = person(Role.USER)
    assert member.user_id is not None and seat.user_id is not None
    app.identity.change_user(admin, member.user_id, groups=["PM"])
    app.councils.create(admin, "money", Terms(name="Money", policy=Policy(council="money")), [seat.user_id])
    it, run = drive("approval", roles=["operator"], groups=["pm"], councils=["money"], rule="n_of", n=2)
    gate = it.gate(run, GateKind.APPROVAL)
    for actor in (one, member):
        it.vote(gate, by=actor)
        assert it.drive(run) is not ExecutionState.COMPLETED
    it.vote(gate, by=seat)
    assert it.drive(run) is ExecutionState.COMPLETED


def test_who_wrote_the_document_does_not_approve_it(
    app: Application, admin: Actor, person: Callable[..., Actor], driver: Callable[..., Driver]
) -> None:
    it = driver()
    steps = [
        production("write", "brief", "project"),
        {"step_id": "ask", "kind": "approval", "scope": "project", "inputs": BRIEF, "roles": ["admin", "operator"]},
    ]
    run = it.start(definition(steps, DOCUMENTS))
    it.drive(run)
    it.answer(it.gate(run, GateKind.FORM), {"content": {"goal": "x"}})
    it.drive(run)
    gate = it.gate(run, GateKind.APPROVAL)
    with pytest.raises(VoteRefused, match="does not decide"):
        it.vote(gate)
    it.vote(gate, by=person(Role.OPERATOR))
    assert it.drive(run) is ExecutionState.COMPLETED


def test_vote_of_a_council_that_is_not_there_fails_the_step(drive: Callable[..., tuple[Driver, UUID]]) -> None:
    it, run = drive("vote", council="nobody")
    assert it.row(run).state is ExecutionState.FAILED
    assert "council nobody" in (it.row(run).error or "")


def test_council_votes_by_its_policy_with_its_checklist(
    app: Application, admin: Actor, person: Callable[..., Actor], drive: Callable[..., tuple[Driver, UUID]]
) -> None:
    seats = [person(Role.COUNCIL) for _ in range(3)]
    terms = Terms(
        name="Words", policy=Policy(council="words", rule=Rule.MAJORITY), criteria=("It is true",)
    )  # fmt: skip
    app.councils.create(admin, "words", terms, [one.user_id for one in seats if one.user_id])
    it, run = drive("vote", council="words")
    gate = it.gate(run, GateKind.VOTE)
    with pytest.raises(VoteRefused):
        it.vote(gate, by=admin)
    app.gates.vote(seats[0], gate.id, digest=gate.digest, vote=Vote.APPROVE, checklist={"It is true": "met"})
    assert it.drive(run) is not ExecutionState.COMPLETED
    it.vote(gate, by=seats[1])
    assert it.drive(run) is ExecutionState.COMPLETED


@pytest.mark.parametrize(
    ("fields", "passes"),
    [
        ({"minutes": 30}, timedelta(minutes=30)),
        ({"hours": 2}, timedelta(hours=2)),
        ({"days": 90}, timedelta(days=90)),
        ({"until": "2026-01-06"}, timedelta(hours=15)),
        ({"until": "{{documents.brief.when}}"}, timedelta(days=26, hours=15)),
    ],
)
def test_wait_ends_at_its_time(
    app: Application, clock: ManualClock, drive: Callable[..., tuple[Driver, UUID]], fields: Any, passes: timedelta
) -> None:
    it, run = drive("wait", **fields)
    gate = it.gate(run, GateKind.TIME)
    assert gate.due_at == clock.now() + passes
    clock.advance(passes)
    assert app.gates.close_due() == 1
    assert it.drive(run) is ExecutionState.COMPLETED


def test_wait_until_a_time_that_is_past_goes_on_at_once(drive: Callable[..., tuple[Driver, UUID]]) -> None:
    it, run = drive("wait", until="2020-01-01T00:00Z")
    assert it.row(run).state is ExecutionState.COMPLETED


@pytest.mark.parametrize("said", ["soon", "9999-12-31T23:59:59-12:00", "{{documents.brief.goal}}"])
def test_wait_until_something_that_is_no_time_fails_in_words(
    drive: Callable[..., tuple[Driver, UUID]], said: str
) -> None:
    it, run = drive("wait", until="{{documents.brief.said}}", brief={"said": said})
    assert it.row(run).state is ExecutionState.FAILED
    assert it.row(run).error


@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        ("wait", {}), ("wait", {"minutes": 1, "days": 1}), ("wait", {"minutes": -1}), ("wait", {"days": True}),
        ("wait", {"minutes": float("inf")}), ("wait", {"until": "soon"}), ("vote", {}), ("action", {}),
        ("approval", {"rule": "loudest"}), ("approval", {"n": 0}), ("approval", {"roles": ["king"]}),
        ("guide", {"link": "javascript:alert(1)"}), ("guide", {"description": "{{documents.other.x}}"}),
        ("guide", {"description": "{{inputs.nothing}}"}), ("guide", {"description": "{{os.environ}}"}),
        ("action", {"operation": "email_send", "params": {"to": ["{{documents.note.to}}"]}}),
    ],
)  # fmt: skip
def test_fields_that_cannot_work_are_found_before_anything_runs(
    app: Application, admin: Actor, kind: str, fields: dict[str, Any]
) -> None:
    step = {"step_id": "ask", "kind": kind, "scope": "project", "inputs": BRIEF, **fields}
    given = definition([production("write", "brief", "project"), step], DOCUMENTS)
    try:
        workflow = AutomatedWorkflow.model_validate(given)
        (_, found, _) = list(workflow.all_steps())[1]
        known = find_kinds()[kind]
        wrong: list[Any] = list(known.problems(found, known.read(found), "$", workflow))  # type: ignore[arg-type]
    except ValueError as refused:
        wrong = [refused]
    assert wrong
