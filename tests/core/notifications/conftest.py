"""Cards that wait, people who are told, and a receiver on loopback."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from core.actor import Actor, ActorKind, Role
from core.bootstrap import Application
from core.clock import ManualClock
from core.guardrails.limits import ExecutionMode
from core.notifications.rules import WebhookEvent
from core.notifications.webhooks import NewSecret
from tests.doubles.webhook_receiver import Receiver, running_receiver

AGENT = Actor(kind=ActorKind.AGENT, id="scout", name="Scout", scopes=frozenset({"read", "propose"}))

Propose = Callable[..., UUID]


@pytest.fixture
def operator(person: Callable[..., Actor]) -> Actor:
    return person(Role.OPERATOR, name="Omar")


@pytest.fixture
def live(app: Application, admin: Actor) -> None:
    """Execution is on: notifications may leave the machine."""
    app.guardrails.set_mode(admin, ExecutionMode.ON)


@pytest.fixture
def propose(app: Application) -> Propose:
    """An agent's proposal to send an e-mail, each with another subject."""
    number = iter(range(1_000_000))

    def make(title: str = "Send a reminder", *, sample: bool = False, hours: float = 72, **more: Any) -> UUID:
        params = {"to": ["ravi@example.com"], "subject": f"Reminder {next(number)}", "body": "It is due."}
        return app.actions.propose(
            AGENT, "email_send", params, title=title, sample=sample, expires_in=timedelta(hours=hours), **more
        )

    return make


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with running_receiver() as running:
        yield running


@pytest.fixture
def subscribe(app: Application, admin: Actor, receiver: Receiver) -> Callable[..., NewSecret]:
    """A webhook at the receiver, for every event unless some are named."""

    def make(*events: WebhookEvent, path: str = "/hook", url: str | None = None) -> NewSecret:
        return app.webhooks.add(
            admin, url=url or f"{receiver.url}{path}", events=events or WebhookEvent, description="Chat room"
        )

    return make


def advance(clock: ManualClock, **by: float) -> None:
    clock.advance(timedelta(**by))
