"""Workflows an agent can have started: what there is, with the schema of its inputs, and proposing a run."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from pydantic import Field

from api.mcp.actions import Proposed, idempotent, proposed
from api.mcp.tool import Call, Tool
from api.models import Answer, Body, Key, Line, Note
from core.actor import Tier
from core.agents.offers import offers
from core.catalog.queries import WorkflowKind
from core.identity.rules import Scope

ORDER = 1


class ListWorkflowTypes(Body):
    text: str = Field(default="", max_length=200, description="Only those with this in id, title or description.")
    limit: int = Field(default=50, ge=1, le=200)


class WorkflowTypeShown(Answer):
    id: str
    title: str
    description: str
    kind: WorkflowKind = Field(description="automated: goes on by itself. guided: a person walks through its steps.")
    tier: Tier
    revision: str = Field(description="The digest of what would be started.")
    input_schema: dict[str, Any] = Field(description="JSON Schema of `inputs` for propose_run.")


class WorkflowTypesShown(Answer):
    workflow_types: list[WorkflowTypeShown]
    total: int


class ProposeRun(Body):
    workflow_type_id: Key = Field(description="As list_workflow_types gives it.", examples=["market_offer"])
    inputs: dict[str, Any] = Field(default_factory=dict, description="Values that fit the type's input_schema.")
    title: Line | None = Field(default=None, description="What people read first on the card; by default made for you.")
    reason: Note = Field(default="", description="Why it should be started now, for the people who decide.")
    for_person: str | None = Field(
        default=None, max_length=254,
        description="E-mail address of the person whose run it will be. Default: whoever approves it.",
    )  # fmt: skip
    idempotency_key: str | None = Field(
        default=None, min_length=1, max_length=200,
        description="A word of your own for this request: sent again with it, the same card is answered.",
    )  # fmt: skip


def list_workflow_types(call: Call, asked: ListWorkflowTypes) -> WorkflowTypesShown:
    wanted = asked.text.casefold()
    found = [
        WorkflowTypeShown(
            id=one.id, title=one.title, description=one.description, kind=one.kind, tier=one.tier,
            revision=one.revision, input_schema=one.schema,
        )
        for one in offers(call.app.catalog_queries.current())
        if wanted in f"{one.id} {one.title} {one.description}".casefold()
    ]  # fmt: skip
    return WorkflowTypesShown(workflow_types=found[: asked.limit], total=len(found))


def propose_run(call: Call, asked: ProposeRun) -> Proposed:
    title = call.app.catalog_queries.by_id(asked.workflow_type_id).title
    params = {"workflow": asked.workflow_type_id, "inputs": asked.inputs, "person": asked.for_person}

    def make(action_id: UUID | None) -> UUID:
        return call.app.actions.propose(
            call.actor, "start_workflow", params, title=asked.title or f"Start “{title}”"[:200],
            rationale=asked.reason, action_id=action_id, people_decide=True,
        )  # fmt: skip

    return proposed(call, idempotent(call, "propose_run", asked, asked.idempotency_key, make))


TOOLS = (
    Tool(
        "list_workflow_types", "List workflows",
        "Lists the workflows that can be started, each with the JSON Schema of its inputs. Use it before propose_run.",
        Scope.READ, ListWorkflowTypes, WorkflowTypesShown, list_workflow_types,
    ),
    Tool(
        "propose_run", "Propose a run of a workflow",
        "Puts a run of a workflow before the people who decide. Nothing is started until they approve; then exactly this "
        "revision is started with exactly these inputs, once. Call wait_for_decision next. If inputs are missing or do "
        "not fit, the answer says which.",
        Scope.PROPOSE, ProposeRun, Proposed, propose_run, changes=True,
    ),
)  # fmt: skip
