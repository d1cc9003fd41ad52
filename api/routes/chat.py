"""An instruction in words: it becomes a run that people are asked about, or a question back (SPEC R3)."""

from __future__ import annotations

from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Response
from pydantic import BaseModel, ConfigDict, Field, model_validator

from api.auth import App, Proposer
from api.models import Answer, Body, Key, refuse_unstorable
from api.once import IdempotencyKey, once
from core.actions.rules import ActionState
from core.agents.chat import AskedBack, Instruction
from core.agents.rules import MOST_MESSAGE

router = APIRouter(prefix="/chat", tags=["Agents"])


class ChatContext(BaseModel):
    """What the instruction is about. Other fields are handed to the language model, as data."""

    model_config = ConfigDict(extra="allow")

    workflow_type_id: Key | None = Field(default=None, description="Names the workflow outright.")
    inputs: dict[str, Any] = Field(default_factory=dict, description="What the run is started with, as far as known.")
    for_person: Annotated[str, Field(max_length=254)] | None = Field(
        default=None, description="E-mail address of whom the run is for. Default: whoever approves it."
    )

    @model_validator(mode="before")
    @classmethod
    def _only_storable(cls, value: Any) -> Any:
        refuse_unstorable(value)
        return value


class ChatBody(Body):
    message: Annotated[str, Field(max_length=MOST_MESSAGE)] = Field(
        description="The instruction, in words.", examples=["Start the offer letter for Café Lindgren at 1,200 euros."]
    )
    agent_id: Key | None = Field(
        default=None,
        description="The agent that speaks. With an agent's token it is that agent or left out; operators and admins "
        "may name the agent on which the run is booked.",
    )
    mode: Literal["agent"] = Field(default="agent", description="`agent`: an instruction becomes a proposed run.")
    context: ChatContext = Field(
        default_factory=ChatContext,
        examples=[{"workflow_type_id": "market_offer", "inputs": {"customer": "Café Lindgren"}}],
    )


class MissingAnswer(Answer):
    name: str = Field(description="Send it in `context.inputs`.")
    title: str
    description: str
    problem: str
    json_schema: dict[str, Any] = Field(validation_alias="schema", serialization_alias="schema")


class ChoiceAnswer(Answer):
    workflow_type_id: str
    title: str


class ChatAnswer(Answer):
    status: Literal["proposed", "question"] = Field(description="`question`: nothing was proposed yet.")
    reply: str = Field(description="What was proposed, or what is asked, in words.")
    workflow_type_id: str | None = None
    action_id: UUID | None = Field(default=None, description="The card that people decide on.")
    action_status: ActionState | None = None
    plan: dict[str, Any] | None = Field(default=None, description="Exactly what would be started.")
    plan_digest: str | None = None
    status_url: str | None = Field(default=None, description="Read it there until people have decided.")
    missing: list[MissingAnswer] = Field(default_factory=list, description="Inputs that are needed or do not fit.")
    choices: list[ChoiceAnswer] = Field(default_factory=list, description="Workflows that the message names.")


@router.post(
    "", status_code=201, summary="Instruct in words",
    responses={
        200: {"model": ChatAnswer, "description": "A question back: nothing was proposed."},
        201: {"description": "A run was proposed. Nothing is started until people approve it."},
    },
)  # fmt: skip
def instruct(
    app: App, actor: Proposer, body: ChatBody, response: Response, idempotency_key: IdempotencyKey = None
) -> ChatAnswer:
    """Never starts anything. A workflow is named in the context or the message; else a connected language model finds it.

    409 where nothing is named and no model is connected, 422 where nothing fits.
    """
    context = body.context
    asked = Instruction(
        message=body.message, agent_id=body.agent_id, workflow=context.workflow_type_id, inputs=context.inputs,
        person=context.for_person, context=context.model_extra or {},
    )  # fmt: skip
    understood = app.chat.understand(actor, asked)
    if isinstance(understood, AskedBack):
        response.status_code = 200
        return ChatAnswer(
            status="question", reply=understood.question, workflow_type_id=understood.workflow,
            missing=[MissingAnswer.model_validate(one) for one in understood.missing],
            choices=[ChoiceAnswer(workflow_type_id=key, title=title) for key, title in understood.choices],
        )  # fmt: skip

    def make(action_id: UUID | None) -> UUID:
        return app.chat.propose(actor, asked, understood, action_id=action_id)

    def exists(action_id: UUID) -> bool:
        return action_id in app.actions_queries.progress([action_id])

    request = {"route": "POST /chat", "body": body.model_dump(mode="json")}
    action_id = once(app, actor, idempotency_key, request, make=make, exists=exists)
    card = app.actions_queries.card(actor, action_id)
    url = f"/api/actions/{action_id}"
    response.headers["Location"] = url
    return ChatAnswer(
        status="proposed", reply=f"Proposed: {card.row.summary}. People decide; nothing is started before.",
        workflow_type_id=card.plan.request["workflow"], action_id=action_id, action_status=card.row.state,
        plan=card.plan.to_json(), plan_digest=card.row.plan_digest, status_url=url,
    )  # fmt: skip
