"""What requests and answers about projects look like."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field

from api.models import Answer, Body, Key, Line, LongText
from core.actions.rules import ActionState, Priority, Risk
from core.projects.rules import MAX_ITEMS, ItemState, RunState

ItemKey = Annotated[str, Field(min_length=1, max_length=120)]


class ProjectBody(Body):
    name: Annotated[str, Field(min_length=1, max_length=120)] = Field(examples=["Winter campaign"])


class ItemBody(Body):
    operation: Annotated[str, Field(max_length=64)] = Field(default="", examples=["email_send"])
    channel: Annotated[str, Field(max_length=64)] = Field(
        default="", description="Instead: the usual one of a channel."
    )
    key: Annotated[str, Field(max_length=120)] = Field(default="", description="Your own id, unique in the project.")
    params: dict[str, Any] = Field(
        default_factory=dict, examples=[{"to": ["ravi@example.com"], "subject": "News", "body": "Hello."}]
    )


class ItemsBody(Body):
    items: list[ItemBody] = Field(min_length=1, max_length=MAX_ITEMS)


class EditItemBody(Body):
    key: ItemKey
    params: dict[str, Any]


class RemoveItemsBody(Body):
    keys: list[ItemKey] = Field(min_length=1, max_length=MAX_ITEMS)


class ProposeProjectBody(Body):
    title: Line | None = None
    body: LongText = ""
    priority: Priority = Priority.INFO
    risk: Risk = Risk.LOW
    domains: list[Key] = Field(default_factory=list, max_length=20)
    council_id: Key | None = None


class ChannelAnswer(Answer):
    channel: str = Field(description="The kind of channel, which is the queue its items go through.")
    total: int
    items: dict[ItemState, int] = Field(description="How many are in which state.")
    rate: str


class ProjectSummary(Answer):
    id: UUID
    name: str
    created_by: str
    created_at: datetime
    items: int
    problems: int
    card_id: UUID | None
    card_state: ActionState | None
    run_state: RunState | None


class ProjectAnswer(ProjectSummary):
    channels: list[ChannelAnswer]
    started_at: datetime | None
    finished_at: datetime | None
    state_by: str


class ProjectPage(Answer):
    projects: list[ProjectSummary]
    total: int
    next_cursor: str | None


class ItemAnswer(Answer):
    position: int
    key: str
    channel: str
    operation: str
    state: ItemState
    summary: str
    message: str
    reference: str | None
    action_id: UUID | None
    params: dict[str, Any]


class ItemPageAnswer(Answer):
    items: list[ItemAnswer]
    total: int
    next_cursor: str | None


class AddedAnswer(Answer):
    problems: int = Field(description="How many of them cannot be planned; each says why.")
    project: ProjectAnswer


class ProjectReportAnswer(Answer):
    """Sent, failed and skipped add up to what was processed."""

    project_id: UUID
    total_items_processed: int
    items_sent_successfully: int
    items_failed: int
    items_skipped: int
    channels_used: list[str]
    errors: list[str]
    execution_results: list[dict[str, Any]]


class EventAnswer(Answer):
    name: str
    at: datetime
    by: str
    facts: dict[str, Any]


class ProjectEventsAnswer(Answer):
    events: list[EventAnswer]


class RetriedAnswer(Answer):
    queued: int
    refused: int = Field(description="By a rule; the card of each says which.")
