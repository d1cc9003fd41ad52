"""What a step of a run sees, and what it may answer: a document, a gate, a failure, or an end."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, ClassVar, TypeVar
from uuid import UUID

from pydantic import BaseModel

from core.actions.service import ActionService
from core.catalog.automated import AutomatedWorkflow, DocumentType, KindStep, Production
from core.catalog.kinds import StepKind
from core.database.unit_of_work import Database
from core.decisions.policy import Policy
from core.executions.automated.rules import CallOutcome, GateKind
from core.files.storage import FileStore
from core.language_models.findings import Finding
from core.language_models.prompts import Prompts
from core.language_models.service import LanguageModels
from core.settings import Settings


@dataclass(frozen=True)
class Run:
    """The run as its steps may know it."""

    id: UUID
    workflow_id: str
    title: str
    user_id: UUID | None
    agent_id: str | None
    council_id: str | None
    inputs: Mapping[str, Any]
    sample: bool = False


@dataclass(frozen=True)
class Named:
    """One input of a step: a document in the version that counts, or an item."""

    name: str
    """The document's or the entity's type."""
    title: str
    content: Any
    digest: str
    required: bool = True


@dataclass(frozen=True)
class ClosedGate:
    """A gate of this step, in this generation, with what it was closed with."""

    id: UUID
    kind: GateKind
    content: Mapping[str, Any]
    answer: Mapping[str, Any]
    answered_by: str
    answered_by_user: UUID | None
    closed_at: datetime


@dataclass(frozen=True)
class Call:
    """One call of a language model in this generation, as it is kept."""

    number: int
    model: str
    prompts: Mapping[str, Any]
    request: Mapping[str, Any]
    response: str
    outcome: CallOutcome
    findings: tuple[Finding, ...] = ()
    tokens_in: int = 0
    tokens_out: int = 0
    cost: Decimal | None = None
    currency: str | None = None
    latency_ms: int = 0


@dataclass(frozen=True)
class Revision:
    """What a person sent back, and why."""

    content: Any
    comment: str


@dataclass(frozen=True)
class Work:
    """One step to do, with everything that its scope lets it see."""

    run: Run
    workflow: AutomatedWorkflow
    step: Production | KindStep
    path: str
    title: str
    generation: int
    scope_id: str
    inputs: tuple[Named, ...]
    produces: DocumentType | None
    item: Any = None
    """The content of the innermost item around it."""
    gates: Sequence[ClosedGate] = ()
    """Oldest first; the acceptance of its document is not among them."""
    calls: Sequence[Call] = ()
    """Of a language model; oldest first."""
    revision: Revision | None = None
    """Its document of a generation before, where that was sent back."""
    now: datetime = field(kw_only=True)

    @property
    def documents(self) -> dict[str, Any]:
        """Content by document or entity type, of the inputs that are there."""
        return {one.name: one.content for one in self.inputs}


@dataclass(frozen=True)
class GateSpec:
    """A gate to be opened. `content` is what is asked, by kind:

    start {}; clarification {questions: QuestionSet as JSON}; form {doc_type, name, schema, collection_field, draft};
    guide {description, tips, estimated_time, waiting_time, produces, schema, link}; acceptance {doc_type, name,
    scope_id, version, findings}; approval and vote {text, documents: [{doc_type, scope_id, version, digest}],
    on_rejection}; action {operation, title}; time {}.
    """

    kind: GateKind
    title: str
    content: Mapping[str, Any]
    panels: tuple[Policy, ...] = ()
    """Who may answer or decide; empty for actions and times."""
    deadline: datetime | None = None
    authors: tuple[str, ...] = ()
    """Ids of those who wrote what is decided on, and are recused under four eyes."""
    action_id: UUID | None = None
    due_at: datetime | None = None


@dataclass(frozen=True)
class Done:
    """The step is done; `content` is its document, where it produces one."""

    content: Any = None
    made_by: str = ""
    made_by_user: UUID | None = None
    call: Call | None = None
    """The call that it comes from, kept in the same transaction; its findings are those of `content`."""
    note: str = ""
    """What a person should know of how it was done: that it was skipped, and why."""


@dataclass(frozen=True)
class Wait:
    gate: GateSpec
    call: Call | None = None


@dataclass(frozen=True)
class Fail:
    """It cannot be done, in a person's words; a person may retry it."""

    error: str
    call: Call | None = None


@dataclass(frozen=True)
class Again:
    """The call is kept, and the step is gone on with at once."""

    call: Call


@dataclass(frozen=True)
class Stop:
    """People said no: the run ends as cancelled, which is no failure."""

    reason: str


Outcome = Done | Wait | Fail | Again | Stop


F = TypeVar("F", bound=BaseModel)
S = TypeVar("S")


@dataclass(frozen=True)
class Tools:
    """The other rooms, as steps may use them."""

    database: Database
    settings: Settings
    actions: ActionService
    models: LanguageModels
    prompts: Prompts
    files: FileStore
    """Where a step keeps what it makes, by its digest."""
    others: Mapping[type, object] = field(default_factory=dict)
    """Services of the rooms above, by their class, for the kinds of step that lie there."""

    def service(self, kind: type[S]) -> S:
        found = self.others[kind]
        assert isinstance(found, kind)
        return found


class RunKind(StepKind[F]):
    """A kind of step that runs can do. `begin` and `go_on` may be called again with the same work after a crash:

    whatever they do outside of this process must be recognisable by run, path and generation.
    """

    manual: ClassVar[bool] = False
    """Whether it is a person's own doing, so that no time of a machine is counted."""

    @abstractmethod
    def begin(self, work: Work, fields: F, tools: Tools) -> Outcome:
        """Called without a gate closed in this generation, `start` aside."""

    @abstractmethod
    def go_on(self, work: Work, fields: F, gate: ClosedGate, tools: Tools) -> Outcome:
        """Called when the step's gate was closed; `gate` is the latest."""
