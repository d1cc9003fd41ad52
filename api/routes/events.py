"""Live status: how a run, an action or your inbox stands, as JSON or as a stream of server-sent events (SPEC R4)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Header, Request, Response

from api.auth import App, Reader
from api.etag import IfNoneMatch
from api.live_models import (
    ACTION_EXAMPLE,
    INBOX_EXAMPLE,
    RUN_EXAMPLE,
    ActionStandingAnswer,
    InboxStandingAnswer,
    RunStandingAnswer,
)
from api.streams import State, documented, watched
from core.actor import Actor
from core.bootstrap import Application
from core.changes.rules import Change, Kind

router = APIRouter(tags=["Live status"])

LastEventId = Annotated[
    str | None,
    Header(
        alias="Last-Event-ID", max_length=80, description="Of the last event you have: it is not told a second time."
    ),
]


@router.get(
    "/workflows/{workflow_id}/events",
    summary="Watch a run",
    response_model=RunStandingAnswer,
    responses=documented(RunStandingAnswer, RUN_EXAMPLE),
)
def watch_workflow(
    request: Request,
    app: App,
    actor: Reader,
    workflow_id: UUID,
    if_none_match: IfNoneMatch = None,
    last_event_id: LastEventId = None,
) -> Response:
    """How the run stands. With `Accept: text/event-stream` the answer goes on: an event `run` after each change, and
    `end` when it is over or your token no longer opens it. Without it, poll with `If-None-Match`."""
    return watched(
        request, app, actor, event="run", about=Change(Kind.RUN, str(workflow_id)), look=_run(app, workflow_id),
        if_none_match=if_none_match, last_event_id=last_event_id,
    )  # fmt: skip


@router.get(
    "/execution/{execution_id}/events",
    summary="Watch a guided run",
    response_model=RunStandingAnswer,
    responses=documented(RunStandingAnswer, RUN_EXAMPLE),
)
def watch_execution(
    request: Request,
    app: App,
    actor: Reader,
    execution_id: UUID,
    if_none_match: IfNoneMatch = None,
    last_event_id: LastEventId = None,
) -> Response:
    """As `/workflows/{id}/events`, for those who may read the run step by step."""
    return watched(
        request, app, actor, event="run", about=Change(Kind.RUN, str(execution_id)),
        look=_run(app, execution_id, guided=True), if_none_match=if_none_match, last_event_id=last_event_id,
    )  # fmt: skip


@router.get(
    "/actions/{action_id}/events",
    summary="Watch an action",
    response_model=ActionStandingAnswer,
    responses=documented(ActionStandingAnswer, ACTION_EXAMPLE),
)
def watch_action(
    request: Request,
    app: App,
    actor: Reader,
    action_id: UUID,
    if_none_match: IfNoneMatch = None,
    last_event_id: LastEventId = None,
) -> Response:
    """How the action stands: waiting, approved, executed. As a stream, it ends when the action is over."""

    def look(reader: Actor) -> State:
        found = app.actions_queries.standing(reader, action_id)
        return State(ActionStandingAnswer.of(found), found.over)

    return watched(
        request, app, actor, event="action", about=Change(Kind.ACTION, str(action_id)), look=look,
        if_none_match=if_none_match, last_event_id=last_event_id,
    )  # fmt: skip


@router.get(
    "/decisions/events",
    summary="Watch your inbox",
    response_model=InboxStandingAnswer,
    responses=documented(InboxStandingAnswer, INBOX_EXAMPLE),
)
def watch_inbox(
    request: Request,
    app: App,
    actor: Reader,
    if_none_match: IfNoneMatch = None,
    last_event_id: LastEventId = None,
) -> Response:
    """What waits for your vote: how many, and which. For a token that may decide; to others nothing waits."""

    def look(reader: Actor) -> State:
        return State(InboxStandingAnswer.of(app.decisions_queries.standing(reader)))

    return watched(
        request, app, actor, event="inbox", about=Change(Kind.DECISION), look=look,
        if_none_match=if_none_match, last_event_id=last_event_id,
    )  # fmt: skip


def _run(app: Application, run_id: UUID, *, guided: bool = False) -> Callable[[Actor], State]:
    def look(reader: Actor) -> State:
        found = app.run_standings.of(reader, run_id, guided=guided)
        return State(RunStandingAnswer.of(found), found.over)

    return look
