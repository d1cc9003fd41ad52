"""Starting a run of a workflow, as an operation: people see revision and inputs, and exactly that is started, once."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Annotated, Any
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from core.actor import Actor
from core.agents.authority import booked_and_owner, named_agent, named_person, person_by_id
from core.agents.cancel_workflow import CancelWorkflow
from core.canonical import canonical_json
from core.catalog.queries import Definition, current_definition
from core.catalog.starting import check_inputs, start_fields
from core.connectors.plan import Change, DriftFound, Effect, Plan, Receipt, confirmed, rejected
from core.connectors.protocol import Operation, Undoing
from core.connectors.transports.typed import one_line
from core.database.unit_of_work import Database
from core.errors import CountersignError, NotFound
from core.executions.automated.service import RunService
from core.executions.notes import checked_inputs
from core.executions.rules import ENDED
from core.executions.service import ExecutionService
from core.executions.starting import Approved, may_start
from core.executions.tables import Execution
from core.guardrails.limits import RUNS_CHANNEL
from core.identifiers import parse_id

WHOEVER_APPROVES = "whoever approves it"


class StartWorkflowParams(BaseModel):
    model_config = ConfigDict(extra="forbid")

    workflow: Annotated[str, AfterValidator(one_line)] = Field(
        title="Workflow", description="Its id, for example resume_generator.", min_length=1, max_length=80
    )
    inputs: dict[str, Any] = Field(
        default_factory=dict, title="Inputs", description="What the run is started with, by the names it asks for."
    )
    person: Annotated[str, AfterValidator(one_line)] | None = Field(
        default=None,
        title="For a person",
        description="The e-mail address they sign in with. The run is theirs; without one it belongs to whoever approves it.",
        max_length=254,
    )
    agent: Annotated[str, AfterValidator(one_line)] | None = Field(
        default=None,
        title="Booked on an agent",
        description="Its id. An agent that proposes is booked itself.",
        max_length=64,
    )


class StartWorkflow(Operation[StartWorkflowParams]):
    name = "start_workflow"
    title = "Start a run of a workflow"
    channel = RUNS_CHANNEL
    effect = Effect.REVERSIBLE
    params = StartWorkflowParams
    repeatable = True

    def __init__(self, database: Database, runs: RunService, executions: ExecutionService, base_url: str) -> None:
        self._database, self._runs, self._executions, self._base_url = database, runs, executions, base_url

    def plan(self, params: StartWorkflowParams) -> Plan:
        with self._database.reading() as session:
            definition = current_definition(session, params.workflow)
            person = named_person(session, params.person) if params.person else None
            agent = named_agent(session, params.agent) if params.agent else None
        if person is not None:
            may_start(person, definition)
        inputs, shown = _inputs(definition, params.inputs)
        who = person.name if person else WHOEVER_APPROVES
        return Plan(
            operation=self.name,
            account="this installation",
            summary=f"Start “{definition.title}” for {who}",
            request={
                "workflow": definition.workflow_id, "inputs": inputs, "person": params.person, "agent": params.agent,
            },
            changes=(
                Change("workflow", "Workflow", None, f"{definition.title} ({definition.workflow_id})"),
                Change("for", "For", None, f"{person.name} ({params.person})" if person else WHOEVER_APPROVES),
                *shown,
                *((Change("agent", "Booked on", None, f"{agent[1]} ({agent[0]})"),) if agent else ()),
                Change("revision", "Revision", None, definition.digest),
            ),
            preconditions={"revision": definition.digest, "user": person.id if person else None},
            leaves_machine=False,
            reversible=True,
        )  # fmt: skip

    def drift(self, plan: Plan) -> DriftFound | None:
        """Whether another revision would be started, or for somebody who may not start it any more."""
        asked, wanted = plan.request, plan.preconditions
        with self._database.reading() as session:
            try:
                definition = current_definition(session, asked["workflow"])
            except NotFound:
                return DriftFound((Change("revision", "Revision", wanted["revision"], None),))
            if definition.digest != wanted["revision"]:
                return DriftFound((Change("revision", "Revision", wanted["revision"], definition.digest),))
            if wanted["user"] is None:
                return None
            person = person_by_id(session, wanted["user"])
        problem = _objection(person, definition)
        return DriftFound((Change("for", "For", asked["person"], problem),)) if problem else None

    def execute(self, plan: Plan, key: str) -> Receipt:
        found = self._receipt(plan, key)
        if found is not None:
            return found
        try:
            self._start(plan, key)
        except IntegrityError:  # another worker was faster, with the same id
            pass
        except CountersignError as refused:
            return rejected(str(refused))
        return self.verify(plan, key)

    def verify(self, plan: Plan, key: str) -> Receipt:
        return self._receipt(plan, key) or rejected("No run was started.")

    def undo(self, plan: Plan, receipt: Mapping[str, Any]) -> Undoing | None:
        """Cancelling the run, while it goes on."""
        run = parse_id((receipt.get("details") or {}).get("run"))
        if run is None:
            return None
        with self._database.reading() as session:
            state = session.scalar(select(Execution.state).where(Execution.id == run))
        return Undoing(CancelWorkflow.name, {"run": str(run)}) if state is not None and state not in ENDED else None

    def concerns(self, plan: Plan) -> frozenset[str]:
        """The workflow itself: a council may oversee, or block, one by its id."""
        return frozenset({str(plan.request["workflow"])})

    def where_to_look(self, plan: Plan, key: str) -> str:
        return f"Look under Runs for the run {run_id_of(key)}."

    def _start(self, plan: Plan, key: str) -> None:
        asked = plan.request
        with self._database.reading() as session:
            definition = current_definition(session, asked["workflow"])
            agent_id, owner = booked_and_owner(session, key, plan, definition)
        approved = Approved(plan.preconditions["revision"], agent_id)
        service = self._runs.start if definition.is_automated else self._start_guided
        service(owner, asked["workflow"], inputs=asked["inputs"], run_id=run_id_of(key), approved=approved)

    def _start_guided(self, owner: Actor, workflow: str, **facts: Any) -> UUID:
        return self._executions.start(owner, workflow, again=True, **facts)

    def _receipt(self, plan: Plan, key: str) -> Receipt | None:
        run = run_id_of(key)
        with self._database.reading() as session:
            row = session.get(Execution, run)
            if row is None:
                return None
            title = current_title(session, row)
        words = f"Started “{title}”. The run goes on by itself." if row.automated else f"Started “{title}”."
        url = f"{self._base_url}/{'runs?run' if row.automated else 'run?execution'}={run}"
        return confirmed(words, reference=f"run {run}", url=url, run=str(run), revision=row.revision)


def run_id_of(key: str) -> UUID:
    """The id that the run of an attempt has: it follows from the key, and sorts with the card it was proposed on."""
    made = bytearray(hashlib.sha256(f"start_workflow:{key}".encode()).digest()[:16])
    action = parse_id(key.partition(":")[0])
    if action is not None:
        made[:6] = action.bytes[:6]
    made[6], made[8] = made[6] & 0x0F | 0x70, made[8] & 0x3F | 0x80  # version 7, RFC 9562
    return UUID(bytes=bytes(made))


def current_title(session: Any, row: Execution) -> str:
    try:
        return current_definition(session, row.workflow_id).title
    except NotFound:
        return row.workflow_id


def _inputs(definition: Definition, given: Mapping[str, Any]) -> tuple[dict[str, Any], list[Change]]:
    """The values a run would start with, defaults included, and how the card shows them."""
    titles: dict[str, str] = {}
    if definition.is_automated:
        titles = {field.name: field.title for field in start_fields(definition.automated)}
        given = check_inputs(definition.automated, given)
    inputs = checked_inputs(given)
    names = [*(name for name in titles if name in inputs), *sorted(set(inputs) - set(titles))]
    return inputs, [Change(f"inputs.{name}", titles.get(name, name), None, _shown(inputs[name])) for name in names]


def _shown(value: Any) -> Any:
    """As people read it; what has parts is spelled as JSON, so that nothing of it is left out."""
    nested = isinstance(value, dict) or (
        isinstance(value, list) and any(isinstance(one, (dict, list)) for one in value)
    )
    return canonical_json(value) if nested else value


def _objection(person: Actor | None, definition: Definition) -> str | None:
    if person is None:
        return "somebody who cannot sign in any more"
    try:
        may_start(person, definition)
    except CountersignError as problem:
        return str(problem)
    return None
