"""What programs send about actions: what to plan, propose and edit, votes, batches, and what was found out."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field, HttpUrl, StringConstraints

from api.models import Body, Key, Line, LongText, Moment, Note
from core.actions.deciding import MOST_AT_ONCE
from core.actions.proposing import Proposal
from core.actions.rules import Priority, Risk
from core.decisions.checklist import Finding
from core.decisions.rules import Vote

Reason = Annotated[str, StringConstraints(min_length=1, max_length=2_000)]
Digest = Annotated[str, StringConstraints(pattern="^[0-9a-f]{64}$")]


class Source(Body):
    label: Line
    url: HttpUrl | None = None


class Money(Body):
    value: Decimal = Field(max_digits=16, decimal_places=4)
    currency: str = Field(pattern="^[A-Z]{3}$", examples=["USD"])


class Impact(Body):
    """What the proposer expects; every part is optional."""

    revenue_change: Money | None = None
    time_saved_hours: Decimal | None = Field(default=None, ge=0, max_digits=10, decimal_places=2)
    cash_runway_change_days: Decimal | None = Field(default=None, max_digits=10, decimal_places=2)
    risk_reduction_score: Decimal | None = Field(default=None, ge=0, le=100, decimal_places=2)


class PlanBody(Body):
    """What one would propose, as far as it matters to the plan, the guardrails and who decides."""

    operation: Key = Field(examples=["email_send"])
    params: dict[str, Any] = Field(
        examples=[{"to": ["accounts@meridian.example"], "subject": "Invoice 1042", "body": "It is due on Friday."}]
    )
    risk: Risk = Risk.LOW
    domains: list[Key] = Field(
        default_factory=list, max_length=20, description="What it is about; councils oversee domains.", examples=[["finance"]]
    )  # fmt: skip
    weekly_savings: Money | None = Field(
        default=None, description="What it would save a week; above a council's threshold that council reviews it."
    )
    council_id: Key | None = Field(default=None, description="A council that must approve it, whatever else holds.")

    def proposal(self) -> Proposal:
        return Proposal(
            title="Preview", risk=self.risk, domains=self.domains, impact=self.all_impact(), council_id=self.council_id
        )

    def all_impact(self) -> dict[str, Any]:
        savings = self.weekly_savings
        return {} if savings is None else {"weekly_savings": savings.model_dump()}


class ProposeBody(PlanBody):
    title: Line = Field(
        description="A sentence with a verb and an object.", examples=["Send reminder 2 to Meridian Ltd"]
    )
    body: LongText = ""
    priority: Priority = Priority.INFO
    confidence: Decimal | None = Field(default=None, ge=0, le=1, decimal_places=3)
    rationale: LongText = ""
    sources: list[Source] = Field(default_factory=list, max_length=20)
    impact: Impact = Field(default_factory=Impact)
    recommended_steps: list[Line] = Field(default_factory=list, max_length=20)
    expires_in_hours: int | None = Field(default=None, ge=1, le=24 * 90, description="Default: as the guardrails say.")

    def all_impact(self) -> dict[str, Any]:
        return {**self.impact.model_dump(exclude_none=True), **super().all_impact()}

    def said(self) -> dict[str, Any]:
        """The proposal as the service takes it, but for operation and parameters."""
        return {
            "title": self.title, "body": self.body, "priority": self.priority, "risk": self.risk,
            "confidence": self.confidence, "rationale": self.rationale,
            "sources": [source.model_dump(mode="json", exclude_none=True) for source in self.sources],
            "impact": self.all_impact(), "domains": self.domains, "recommended_steps": self.recommended_steps,
            "expires_in": timedelta(hours=self.expires_in_hours) if self.expires_in_hours else None,
            "council_id": self.council_id,
        }  # fmt: skip


class EditBody(Body):
    params: dict[str, Any] = Field(description="All parameters of the operation, as they are to be.")


class ApproveBody(Body):
    plan_digest: Digest = Field(description="`plan_digest` of the plan you read.")
    reason: Note = ""


class RejectBody(Body):
    reason: Note = Field(min_length=1)
    plan_digest: Digest | None = Field(default=None, description="Of the plan you read; without it, the present one.")


class ActionVoteBody(ApproveBody):
    vote: Vote
    checklist: dict[Annotated[str, StringConstraints(max_length=500)], Finding] | None = Field(
        default=None, max_length=50, description="Each criterion of the council, and what you found."
    )


class BatchItem(Body):
    action_id: UUID
    plan_digest: Digest


class BatchBody(Body):
    items: list[BatchItem] = Field(min_length=1, max_length=MOST_AT_ONCE)
    reason: Note = ""


class SnoozeBody(Body):
    until: Moment


class ResolveBody(Body):
    happened: bool = Field(description="Whether the effect is there in the other system.")
    evidence: Reason = Field(description="How you know.")
    retry: bool = Field(default=False, description="If it did not happen: queue it again.")
