"""Proposing single operations and following them: what there is, its plan, the card, the decision, the receipt."""

from __future__ import annotations

from typing import Any, Literal
from uuid import UUID

import anyio
from pydantic import Field

from api.action_answers import Guardrail
from api.action_bodies import PlanBody, ProposeBody
from api.mcp.actions import ActionLine, ActionShown, PlanShown, Proposed, idempotent, proposed
from api.mcp.tool import Call, Tool
from api.models import Answer, Body
from core.actions.queries import InboxFilter, InboxSort
from core.actions.rules import OVER, ActionState
from core.connectors.plan import Effect
from core.identity.rules import Scope
from core.monitoring import draining

ORDER = 2
MOST_SECONDS = 50
"""Below what proxies and clients commonly wait for an answer."""
_LOOK_EVERY = 1.0
_RENEW_EVERY = 5


class ListOperations(Body):
    text: str = Field(default="", max_length=200, description="Only those with this in name or title.")


class OperationShown(Answer):
    name: str
    title: str
    channel: str = Field(description="The kind of road it takes out, for example email.")
    effect: Effect = Field(description="What it does to the world, at worst.")
    params_schema: dict[str, Any] = Field(description="JSON Schema of `params`.")


class OperationsShown(Answer):
    operations: list[OperationShown]


class PlanShownWithRules(Answer):
    plan: PlanShown
    guardrails_that_stop: list[Guardrail] = Field(description="Rules that would stop it as things are now.")
    reviews: list[str] = Field(description="Ids of councils that would have to approve; empty: an operator or admin.")


class ProposeAction(ProposeBody):
    idempotency_key: str | None = Field(
        default=None, min_length=1, max_length=200,
        description="A word of your own for this request: sent again with it, the same card is answered.",
    )  # fmt: skip


class ReadAction(Body):
    action_id: UUID


class ListActions(Body):
    status: list[ActionState] = Field(default_factory=list, max_length=8, description="Any of these; default: all.")
    text: str = Field(default="", max_length=200)
    limit: int = Field(default=20, ge=1, le=100)
    offset: int = Field(default=0, ge=0, le=100_000)


class ActionsShown(Answer):
    actions: list[ActionLine]
    total: int


class WaitForDecision(Body):
    action_id: UUID
    seconds: int = Field(default=30, ge=0, le=MOST_SECONDS, description="How long to wait before answering anyway.")
    until: Literal["decided", "over"] = Field(
        default="decided", description="decided: people have voted. over: it was executed as well, or will not be."
    )


class Waited(Answer):
    still_waiting: bool = Field(description="True: call this again. False: it is decided, or over.")
    status: ActionState
    words: str
    action: ActionShown


def list_operations(call: Call, asked: ListOperations) -> OperationsShown:
    wanted, queries = asked.text.casefold(), call.app.actions_queries
    return OperationsShown(
        operations=[
            OperationShown(
                name=one.name, title=one.title, channel=one.channel, effect=one.effect,
                params_schema=dict(queries.edit_form(one.name)),
            )
            for one in queries.offers()
            if wanted in f"{one.name} {one.title}".casefold()
        ]
    )  # fmt: skip


def plan_action(call: Call, asked: PlanBody) -> PlanShownWithRules:
    found = call.app.actions.plan(call.actor, asked.operation, asked.params, asked.proposal())
    stops = [Guardrail.model_validate(one) for one in found.evaluation.verdicts if one.stops]
    return PlanShownWithRules(plan=PlanShown.of(found.plan), guardrails_that_stop=stops, reviews=list(found.reviews))


def propose_action(call: Call, asked: ProposeAction) -> Proposed:
    def make(action_id: UUID | None) -> UUID:
        return call.app.actions.propose(
            call.actor, asked.operation, asked.params, **asked.said(), action_id=action_id, people_decide=True
        )

    return proposed(call, idempotent(call, "propose_action", asked, asked.idempotency_key, make))


def read_action(call: Call, asked: ReadAction) -> ActionShown:
    return ActionShown.of(call, call.app.actions_queries.card(call.actor, asked.action_id))


def list_actions(call: Call, asked: ListActions) -> ActionsShown:
    wanted = InboxFilter(text=asked.text, states=frozenset(asked.status))
    page = call.app.actions_queries.inbox(
        call.actor, wanted, sort=InboxSort.NEWEST, offset=asked.offset, limit=asked.limit
    )
    return ActionsShown(actions=[ActionLine(**ActionLine.fields(call, row)) for row in page.rows], total=page.total)


async def wait_for_decision(call: Call, asked: WaitForDecision) -> Waited:
    """Looks once a second, in a thread only while it looks; rights are asked again, because they can be taken away.

    A process that is stopping answers what it knows: the next call is for another one.
    """
    card = ReadAction(action_id=asked.action_id)
    shown = await call.do(read_action, call, card)  # whose card it is, is asked first
    began, looks = anyio.current_time(), 0
    while _goes_on(shown.status, asked) and (left := asked.seconds - (anyio.current_time() - began)) > 0:
        await anyio.sleep(min(_LOOK_EVERY, left))
        if draining.is_draining():
            break
        looks += 1
        if looks % _RENEW_EVERY == 0:
            call = await call.renewed()
            waited = anyio.current_time() - began
            await call.progress(waited, float(asked.seconds), "Still waiting for people to decide.")
        found = await call.do(call.app.actions_queries.progress, [asked.action_id])
        if asked.action_id not in found or not _goes_on(found[asked.action_id].state, asked):
            break
    shown = await call.do(read_action, await call.renewed(), card)
    waiting = _goes_on(shown.status, asked)
    words = f"Still waiting. {shown.what_next}" if waiting else shown.what_next
    return Waited(still_waiting=waiting, status=shown.status, words=words, action=shown)


def _goes_on(state: ActionState, asked: WaitForDecision) -> bool:
    if asked.until == "decided":
        return state is ActionState.PENDING
    return state not in OVER and state is not ActionState.UNKNOWN


TOOLS = (
    Tool(
        "list_operations", "List operations",
        "Lists the single operations that can be proposed (send an e-mail, write a record), each with the JSON Schema of "
        "its parameters. Use it before plan_action and propose_action.",
        Scope.READ, ListOperations, OperationsShown, list_operations,
    ),
    Tool(
        "plan_action", "See what an operation would do",
        "Reads what is there and answers exactly what would happen, what the rules of the house say of it and who would "
        "decide. Nothing is kept or changed. Use it to check parameters before propose_action.",
        Scope.PROPOSE, PlanBody, PlanShownWithRules, plan_action,
    ),
    Tool(
        "propose_action", "Propose an action",
        "Plans an operation and puts the plan on a card before the people who decide. Nothing is done until they approve; "
        "then exactly this plan is executed, once. Say in `title` what it does and in `rationale` why. Call "
        "wait_for_decision next.",
        Scope.PROPOSE, ProposeAction, Proposed, propose_action, changes=True,
    ),
    Tool(
        "wait_for_decision", "Wait for people to decide",
        "Waits up to 50 seconds for people to decide on a proposed action, and says whether it still waits: then call it "
        "again. With until=over it waits for the execution too. People may take hours; do other work meanwhile. Nobody "
        "can approve over MCP.",
        Scope.READ, WaitForDecision, Waited, waiting=wait_for_decision,
    ),
    Tool(
        "read_action", "Read an action",
        "Reads one proposed action: its plan, where it stands, who decided and why, and the receipt of what was done.",
        Scope.READ, ReadAction, ActionShown, read_action,
    ),
    Tool(
        "list_actions", "List actions",
        "Lists proposed actions that you may see, newest first: an agent sees what it proposed itself.",
        Scope.READ, ListActions, ActionsShown, list_actions,
    ),
)  # fmt: skip
