"""The Python client is what the API says today, and does in a program what the API does."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import uuid4

import httpx2
import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from api.app import openapi_document
from api.models import Answer
from clients.generate import write
from core.actor import Actor, Role
from core.bootstrap import Application
from core.identity.rules import Scope
from countersign_client import Countersign, NotReached, Refused, etag_of
from countersign_client.transport import Event, Transport, _events
from tests.api.conftest import asgi

__all__ = ["asgi"]  # a fixture


@pytest.fixture
def client_of(app: Application, asgi: Starlette) -> Callable[[Actor], Countersign]:
    def make(actor: Actor) -> Countersign:
        token = app.tokens.issue_token(actor, label="test", scopes=frozenset(Scope))
        return Countersign("http://testserver", token, http=TestClient(asgi))

    return make


def test_committed_client_is_what_the_api_says(tmp_path: Path) -> None:
    for made in write(tmp_path):
        kept = Path("clients/python/countersign_client") / made.name
        assert made.read_text() == kept.read_text(), f"{kept} is behind the API: run python -m clients"


def test_every_operation_is_a_method() -> None:
    operations = [one["operationId"] for path in openapi_document()["paths"].values() for one in path.values()]

    assert len(operations) > 150
    assert [name for name in operations if not callable(getattr(Countersign, name, None))] == []


def test_action_is_proposed_once_read_and_rejected(
    person: Callable[..., Actor], client_of: Callable[[Actor], Countersign]
) -> None:
    agent, operator = client_of(person(Role.OPERATOR)), client_of(person(Role.OPERATOR))
    letter = {"to": ["ravi@example.com"], "subject": "Reminder", "body": "It is due."}
    body = {"operation": "email_send", "title": "Remind Ravi", "params": letter}
    first = agent.propose_action(body, idempotency_key="remind-ravi-1")  # type: ignore[arg-type]
    again = agent.propose_action(body, idempotency_key="remind-ravi-1")  # type: ignore[arg-type]
    assert first["id"] == again["id"]
    assert etag_of(agent.read_action(first["id"]))

    waiting = operator.wait_for_action(first["id"], seconds=0)
    assert waiting["status"] == "pending"
    operator.reject_action(first["id"], {"reason": "They paid"})

    assert agent.wait_for_action(first["id"], seconds=5)["status"] == "rejected"


def test_refusals_are_the_apis_own_words(
    person: Callable[..., Actor], client_of: Callable[[Actor], Countersign]
) -> None:
    user = client_of(person(Role.USER))
    with pytest.raises(Refused, match="404") as refused:
        user.read_action(uuid4())
    assert refused.value.status == 404
    assert refused.value.detail


def test_address_parts_stay_one_part() -> None:
    made = Transport("https://desk.example.com/", "cs_x")
    assert made.address("/prompts/{kind}/{name}", "task", "../a b/c?d") == (
        "https://desk.example.com/api/prompts/task/..%2Fa%20b%2Fc%3Fd"
    )


class _Flaky(httpx2.BaseTransport):
    """Loses the first answers, then says what it was asked."""

    def __init__(self, lost: int) -> None:
        self.lost, self.keys = lost, list[str | None]()

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        self.keys.append(request.headers.get("idempotency-key"))
        if len(self.keys) <= self.lost:
            raise httpx2.ReadError("lost")
        return httpx2.Response(200, json={"method": request.method})


@pytest.mark.parametrize(("method", "tries"), [("POST", 3), ("GET", 3), ("DELETE", 3), ("PATCH", 1)])
def test_lost_answer_is_asked_for_again_under_the_same_key(
    method: str, tries: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("countersign_client.transport.time.sleep", lambda _: None)
    flaky = _Flaky(lost=2)
    made = Transport("http://x", "t", http=httpx2.Client(transport=flaky))
    if tries == 1:
        with pytest.raises(NotReached):
            made.call(method, made.address("/y"))
    else:
        assert made.call(method, made.address("/y")) == {"method": method}
    assert len(flaky.keys) == tries
    assert len(set(flaky.keys)) == 1
    assert (flaky.keys[0] is not None) is (method == "POST")


def test_events_are_read_as_the_standard_says() -> None:
    def lines() -> Iterator[str]:
        yield from [
            ": hello",
            "",
            "id: 7",
            "event: changed",
            'data: {"a":',
            "data: 1}",
            "",
            "data: text",
            "",
            "data: cut",
        ]

    assert list(_events(lines())) == [Event("changed", {"a": 1}, "7"), Event("message", "text", "7")]


def test_answers_are_documented_under_the_names_they_have() -> None:
    wrong = [
        f"{model.__name__}.{name}"
        for model in _subclasses(Answer)
        for name, field in model.model_fields.items()
        if (field.serialization_alias or name) not in model.model_json_schema().get("properties", {name: 0})
    ]
    assert wrong == []


def _subclasses(model: type[Answer]) -> Iterator[type[Answer]]:
    for one in model.__subclasses__():
        yield one
        yield from _subclasses(one)
