"""How things stand, as those who watch are told: a run, an action, an inbox, and why a stream ended."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from pydantic import AliasChoices, Field

from api.models import Answer
from core.actions.queries import ActionStanding
from core.actions.rules import ActionState
from core.decisions.queries import InboxStanding
from core.decisions.rules import DecisionState
from core.executions.automated.rules import GateKind
from core.executions.rules import ApiStatus
from core.executions.standing import RunStanding


class EndReason(StrEnum):
    OVER = "over"
    REFUSED = "refused"
    GONE = "gone"
    CLOSING = "closing"


class EndAnswer(Answer):
    """The last event of a stream, `end`."""

    reason: EndReason = Field(
        description="`over`: nothing more will come. `refused`: the token was revoked, is expired or lacks its scope. "
        "`gone`: it is not there any more, or not yours to see. `closing`: this process ends, connect again."
    )
    detail: str


class OpenGateAnswer(Answer):
    id: UUID
    kind: GateKind
    title: str
    decision_id: UUID | None


class RunStandingAnswer(Answer):
    """The event `run`."""

    id: UUID
    workflow_type_id: str = Field(
        validation_alias=AliasChoices("workflow_type_id", "workflow_id"), examples=["resume_generator"]
    )
    status: ApiStatus
    paused: bool
    current_step: int
    steps_completed: int
    total_steps: int
    gates: list[OpenGateAnswer] = Field(description="Where it waits, longest first; 50 at most.")
    error: str | None
    end_reason: str
    last_activity_at: datetime
    completed_at: datetime | None
    version: int

    @classmethod
    def of(cls, standing: RunStanding) -> RunStandingAnswer:
        return cls.model_validate(standing)


class ActionStandingAnswer(Answer):
    """The event `action`."""

    id: UUID
    status: ActionState = Field(validation_alias=AliasChoices("status", "state"))
    plan_digest: str
    decision_id: UUID | None
    decision: DecisionState | None
    voted: int | None = Field(description="How many voted or had their seat voted with.")
    attempts: int
    error: str | None
    reference: str | None
    executed_at: datetime | None
    version: int

    @classmethod
    def of(cls, standing: ActionStanding) -> ActionStandingAnswer:
        return cls.model_validate(standing)


class WaitingDecisionAnswer(Answer):
    id: UUID
    kind: str = Field(examples=["action"])
    subject_id: str
    digest: str = Field(description="Of the version to vote on.")
    deadline: datetime | None


class InboxStandingAnswer(Answer):
    """The event `inbox`."""

    count: int = Field(description="How many decisions wait for your vote.")
    decisions: list[WaitingDecisionAnswer] = Field(description="What closes first at the top; 100 at most.")

    @classmethod
    def of(cls, standing: InboxStanding) -> InboxStandingAnswer:
        return cls.model_validate(standing)


RUN_EXAMPLE = {
    "id": "0193a1c2-0000-7000-8000-000000000001", "workflow_type_id": "resume_generator", "status": "IN_PROGRESS",
    "paused": False, "current_step": 2, "steps_completed": 1, "total_steps": 5, "gates": [], "error": None,
    "end_reason": "", "last_activity_at": "2026-01-05T09:00:00Z", "completed_at": None, "version": 3,
}  # fmt: skip
ACTION_EXAMPLE = {
    "id": "0193a1c2-0000-7000-8000-000000000002", "status": "pending", "plan_digest": "9f" * 32,
    "decision_id": "0193a1c2-0000-7000-8000-000000000003", "decision": "open", "voted": 0, "attempts": 0,
    "error": None, "reference": None, "executed_at": None, "version": 1,
}  # fmt: skip
INBOX_EXAMPLE = {
    "count": 1,
    "decisions": [
        {
            "id": "0193a1c2-0000-7000-8000-000000000003", "kind": "action",
            "subject_id": "0193a1c2-0000-7000-8000-000000000002", "digest": "9f" * 32,
            "deadline": "2026-01-12T09:00:00Z",
        }
    ],
}  # fmt: skip
