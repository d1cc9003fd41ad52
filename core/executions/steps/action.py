"""A step that has an operation of a connector proposed: its card decides, and the guardrails with it, as with any."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Annotated, Any, Literal, assert_never
from uuid import UUID, uuid5

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from core.actions.rules import ActionState, Priority, Risk
from core.actions.tables import Action, Attempt
from core.actor import Actor, ActorKind, Role
from core.canonical import digest
from core.catalog.automated import AutomatedWorkflow, KindStep, Names
from core.catalog.problems import Problem, child
from core.errors import CountersignError
from core.executions.automated.asked import OnRejection, rejected
from core.executions.automated.panels import writers_of
from core.executions.automated.rules import GateKind
from core.executions.automated.templates import TemplateUnfilled, filled, filled_text, template_problems
from core.executions.automated.work import ClosedGate, Done, Fail, GateSpec, Outcome, Run, RunKind, Tools, Wait, Work
from core.identity.tables import Agent, User

_SPACE = UUID("6a1c1a52-6d0e-4f6d-9a4e-2c9f0f3f7f10")
_MAY_HAVE_HAPPENED = frozenset({ActionState.UNKNOWN, ActionState.EXECUTING})


class ActionFields(BaseModel):
    """Texts and parameters may hold templates."""

    model_config = ConfigDict(frozen=True, extra="allow")

    operation: Annotated[str, Field(min_length=1, max_length=64)]
    params: dict[str, Any] = Field(default_factory=dict)
    """As the operation takes them, `account` among them where it is not the usual one."""
    card: Annotated[str, Field(max_length=500)] = ""
    """The card's title, where it is not the step's."""
    body: Annotated[str, Field(max_length=5_000)] = ""
    rationale: Annotated[str, Field(max_length=5_000)] = ""
    priority: Priority = Priority.INFO
    risk: Risk = Risk.LOW
    confidence: Annotated[Decimal, Field(ge=0, le=1)] | None = None
    domains: Names = ()
    impact: dict[str, Any] = Field(default_factory=dict)
    council: str | None = None
    """A council that must approve it, whether it is its business or not."""
    expires_in_hours: Annotated[float, Field(gt=0, le=8_784, allow_inf_nan=False)] | None = None
    on_rejection: OnRejection = "stop"
    on_failure: Literal["fail", "skip"] = "fail"
    """skip: what could not be done, or not even be planned, is noted, and the run goes on without it."""


class ActionKind(RunKind[ActionFields]):
    name = "action"
    title = "Action"
    fields = ActionFields

    def problems(
        self, step: KindStep, fields: ActionFields, path: str, workflow: AutomatedWorkflow
    ) -> Iterator[Problem]:
        for name, value in (
            ("title", step.title), ("params", fields.params), ("card", fields.card), ("body", fields.body),
            ("rationale", fields.rationale),
        ):  # fmt: skip
            yield from template_problems(value, step, child(path, name), workflow)

    def begin(self, work: Work, fields: ActionFields, tools: Tools) -> Outcome:
        try:
            params = filled(fields.params, work)
            title, body, rationale = (
                filled_text(one, work) for one in (fields.card or work.title, fields.body, fields.rationale)
            )
        except TemplateUnfilled as problem:
            return Fail(str(problem))
        asked = digest([fields.operation, params])
        action_id = _id(work, work.generation)
        with tools.database.reading() as session:
            if session.get(Action, action_id) is not None:
                return _wait(work, fields, action_id)
            before = _before(session, work)
            done = next((one for one in before if _did(one, asked)), None)
            proposer = _proposer(session, work.run)
            authors = writers_of(session, work.run.id)
        if done is not None:  # it came late, or the step is gone through again: nothing happens twice
            return _done(work, tools, done.id, done.state.value, done.reference)
        if any(one.state in _MAY_HAVE_HAPPENED for one in before):
            return Fail("An earlier try may have happened. Find out under Unconfirmed, then retry this step.")
        if proposer is None:
            return Fail("Nobody is left in whose name this could be proposed. Start the workflow again.")
        origin = {
            "kind": "run", "id": str(work.run.id), "path": work.path, "generation": work.generation,
            "step": work.step.step_id, "title": title[:200], "run": work.run.title, "authors": list(authors),
            "asked": asked,
        }  # fmt: skip
        try:
            tools.actions.propose(
                proposer, fields.operation, params, title=title[:200], body=body, priority=fields.priority,
                risk=fields.risk, confidence=fields.confidence, rationale=rationale, impact=fields.impact,
                domains=fields.domains, council_id=fields.council, sample=work.run.sample, action_id=action_id,
                expires_in=timedelta(hours=fields.expires_in_hours) if fields.expires_in_hours else None,
                origin=origin,
            )  # fmt: skip
        except CountersignError as problem:
            return _failed(work, fields, str(problem))
        except IntegrityError:
            with tools.database.reading() as session:
                if session.get(Action, action_id) is None:
                    raise  # not that another worker was faster
        return _wait(work, fields, action_id)

    def go_on(self, work: Work, fields: ActionFields, gate: ClosedGate, tools: Tools) -> Outcome:
        answer = gate.answer
        state = ActionState(answer["state"])
        match state:
            case ActionState.EXECUTED:
                return _done(work, tools, _id(work, work.generation), state.value, answer.get("reference"))
            case ActionState.REJECTED if fields.on_rejection == "skip" and work.produces is not None:
                return _done(work, tools, _id(work, work.generation), state.value, None)
            case ActionState.REJECTED:
                return rejected(work, gate.answered_by, str(answer.get("reason") or ""), fields.on_rejection)
            case ActionState.EXPIRED:
                words = "The action expired before it was decided. Nothing was done."
                return _failed(work, fields, answer.get("error") or words)
            case ActionState.FAILED:
                return _failed(work, fields, answer.get("error") or "The action failed.")
            case ActionState.PENDING | ActionState.APPROVED | ActionState.EXECUTING | ActionState.UNKNOWN:
                return _wait(work, fields, _id(work, work.generation))
            case _:
                assert_never(state)


def action_id(run_id: UUID, path: str, generation: int) -> UUID:
    """The same for the same step in the same generation: a crash after the proposal finds it again."""
    return uuid5(_SPACE, f"{run_id}:{path}:{generation}")


def _id(work: Work, generation: int) -> UUID:
    return action_id(work.run.id, work.path, generation)


def _wait(work: Work, fields: ActionFields, action_id: UUID) -> Wait:
    content = {"operation": fields.operation, "title": work.title}
    return Wait(GateSpec(GateKind.ACTION, work.title, content, action_id=action_id))


def _before(session: Session, work: Work) -> list[Action]:
    ids = [_id(work, number) for number in range(1, work.generation)]
    return list(session.scalars(select(Action).where(Action.id.in_(ids)))) if ids else []


def _did(action: Action, asked: str) -> bool:
    return action.state is ActionState.EXECUTED and (action.origin or {}).get("asked") == asked


def _done(work: Work, tools: Tools, action: UUID, state: str, reference: Any) -> Done:
    if work.produces is None:
        return Done(made_by="Countersign")
    with tools.database.reading() as session:
        query = select(Attempt.receipt).where(Attempt.action_id == action, Attempt.receipt.is_not(None))
        receipt = session.scalar(query.order_by(Attempt.number.desc()).limit(1)) or {}
    return Done({"state": state, "reference": reference, "url": receipt.get("url")}, made_by="Countersign")


def _failed(work: Work, fields: ActionFields, words: str) -> Outcome:
    if fields.on_failure == "fail" or work.produces is not None:
        return Fail(words)
    return Done(note=f"Skipped: {words}")


def _proposer(session: Session, run: Run) -> Actor | None:
    """Who had it proposed: whoever started the run, so that four eyes hold; with nothing but the right to propose."""
    only = frozenset({"propose"})
    if run.user_id is not None:
        user = session.scalar(select(User).where(User.id == run.user_id, User.active))
        roles = frozenset({Role.OPERATOR})  # a definition that may be run may propose; people still decide
        return Actor(ActorKind.PERSON, str(user.id), user.name, roles, scopes=only) if user else None
    agent = session.get(Agent, run.agent_id) if run.agent_id else None
    return Actor(ActorKind.AGENT, agent.id, agent.name, scopes=only) if agent and agent.active else None


KIND = ActionKind()
