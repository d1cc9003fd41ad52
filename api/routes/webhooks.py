"""Webhooks: be called when something waits or was done, signed so that a receiver knows who calls (SPEC R4)."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Response
from pydantic import Field, StringConstraints

from api.auth import Administrator, App, Reader
from api.models import Answer, Body
from core.notifications.rules import DeliveryState, WebhookEvent

router = APIRouter(prefix="/webhooks", tags=["Webhooks"])

Description = Annotated[str, StringConstraints(max_length=200)]


class NewWebhookBody(Body):
    url: str = Field(max_length=2000, examples=["https://chat.example.com/hooks/countersign"])
    events: list[WebhookEvent] = Field(min_length=1, max_length=20)
    description: Description = ""


class ChangeWebhookBody(Body):
    """What is left out, or null, stays as it is."""

    events: list[WebhookEvent] | None = Field(default=None, min_length=1, max_length=20)
    description: Description | None = None
    active: bool | None = Field(
        default=None, description="false drops what waits; true hears what happens from then on."
    )


class DeliveryAnswer(Answer):
    id: UUID
    event_id: str
    event: str
    state: DeliveryState
    created_at: datetime
    attempts: int
    last_try_at: datetime | None
    next_try_at: datetime | None
    finished_at: datetime | None
    status: int | None = Field(description="Of the last answer; null if none came.")
    answer: str = Field(description="The first 500 characters of the last answer.")
    error: str = Field(description="Why the last try did not get through; empty if it did.")
    payload: dict[str, Any]


class WebhookAnswer(Answer):
    id: UUID
    url: str = Field(description="Without what follows a `?`, which often holds a key.")
    description: str
    events: list[WebhookEvent]
    active: bool
    inactive_because: str
    failures: int = Field(description="Tries in a row that did not get through.")
    last_success_at: datetime | None
    created_by: str
    created_at: datetime
    waiting: int = Field(description="Deliveries that are still to be made.")


class WebhookList(Answer):
    webhooks: list[WebhookAnswer]


class NewWebhookAnswer(WebhookAnswer):
    secret: str = Field(description="Shown this once. Verify `webhook-signature` with it (standardwebhooks.com).")


class SecretAnswer(Answer):
    secret: str = Field(description="Shown this once; the one before is used no more.")


class QueuedAnswer(Answer):
    delivery_id: UUID


class DeliveryPage(Answer):
    deliveries: list[DeliveryAnswer]
    total: int
    limit: int
    offset: int


@router.get("", summary="List webhooks")
def list_webhooks(app: App, actor: Reader) -> WebhookList:
    """For admins."""
    found = app.notifications_queries.webhooks(actor)
    return WebhookList(webhooks=[WebhookAnswer.model_validate(one) for one in found])


@router.post("", status_code=201, summary="Add a webhook")
def add_webhook(app: App, actor: Administrator, body: NewWebhookBody, response: Response) -> NewWebhookAnswer:
    """It is told what happens from now on, once execution is on: in preview nothing leaves the machine, and it waits."""
    made = app.webhooks.add(actor, url=body.url, events=body.events, description=body.description)
    response.headers["Location"] = f"/api/webhooks/{made.webhook_id}"
    view = WebhookAnswer.model_validate(app.notifications_queries.webhook(actor, made.webhook_id))
    return NewWebhookAnswer(**view.model_dump(), secret=made.secret)


@router.get("/{webhook_id}", summary="Read a webhook")
def read_webhook(app: App, actor: Reader, webhook_id: UUID) -> WebhookAnswer:
    return WebhookAnswer.model_validate(app.notifications_queries.webhook(actor, webhook_id))


@router.patch("/{webhook_id}", summary="Change a webhook, or switch it off and on")
def change_webhook(app: App, actor: Administrator, webhook_id: UUID, body: ChangeWebhookBody) -> WebhookAnswer:
    app.webhooks.change(
        actor, webhook_id, events=body.events, description=body.description, active=body.active
    )  # fmt: skip
    return WebhookAnswer.model_validate(app.notifications_queries.webhook(actor, webhook_id))


@router.post("/{webhook_id}/secret", summary="Make a new secret")
def renew_secret(app: App, actor: Administrator, webhook_id: UUID) -> SecretAnswer:
    return SecretAnswer(secret=app.webhooks.renew_secret(actor, webhook_id).secret)


@router.post("/{webhook_id}/test", status_code=202, summary="Send a test event")
def send_test_event(app: App, actor: Administrator, webhook_id: UUID) -> QueuedAnswer:
    """Queues an event of the type `webhook.test`; it is sent within a minute, once execution is on."""
    return QueuedAnswer(delivery_id=app.webhooks.send_test(actor, webhook_id))


@router.get("/{webhook_id}/deliveries", summary="List a webhook's deliveries")
def list_deliveries(
    app: App,
    actor: Reader,
    webhook_id: UUID,
    limit: Annotated[int, Query(ge=1, le=100)] = 50,
    offset: Annotated[int, Query(ge=0, le=100_000)] = 0,
) -> DeliveryPage:
    """Newest first; kept for 30 days."""
    found, total = app.notifications_queries.deliveries(actor, webhook_id, offset=offset, limit=limit)
    return DeliveryPage(
        deliveries=[DeliveryAnswer.model_validate(one) for one in found], total=total, limit=limit, offset=offset
    )


@router.post("/{webhook_id}/deliveries/{delivery_id}/retry", status_code=202, summary="Send an event once more")
def retry_delivery(app: App, actor: Administrator, webhook_id: UUID, delivery_id: UUID) -> QueuedAnswer:
    """Whatever became of it before; under the same `webhook-id`, so that a receiver may know it."""
    app.webhooks.retry(actor, webhook_id, delivery_id)
    return QueuedAnswer(delivery_id=delivery_id)
