"""The guardrails over the API: read, changed by admins, stopped by whoever operates, and their records."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from starlette.testclient import TestClient

from core.actor import Actor, ActorKind, Role
from core.bootstrap import Application
from core.guardrails import service as guardrails
from core.guardrails.rules import Stage
from core.identity.rules import Scope
from tests.core.guardrails.conftest import facts

SCOUT = Actor(kind=ActorKind.AGENT, id="scout", name="Scout")
URL = "/api/guardrails"


@pytest.fixture
def root(admin: Actor, as_actor: Callable[..., TestClient]) -> TestClient:
    return as_actor(admin)


def test_admin_reads_changes_and_insists_on_the_version_seen(app: Application, root: TestClient) -> None:
    read = root.get(URL)
    assert (read.status_code, read.headers["etag"], read.json()["mode"]) == (200, '"1"', "preview")
    assert read.json()["policy"]["max_recipients"] == 10

    body = {
        "amounts": {"USD": "500.50"}, "recipient_rates": {"email": {"count": 2, "minutes": 60}}, "mode": "off",
        "hours": {"zone": "Europe/Berlin", "weekdays": [0, 4], "from": "08:00", "to": "18:00"}, "channels": None,
    }  # fmt: skip
    changed = root.patch(URL, json=body, headers={"if-match": '"1"'})
    assert (changed.status_code, changed.headers["etag"]) == (200, '"2"')
    policy = changed.json()["policy"]
    assert policy["amounts"] == {"USD": "500.50"} and policy["hours"] == body["hours"]
    assert policy["channels"] == ["email"]  # null leaves it

    late = root.patch(URL, json={"max_recipients": 3}, headers={"if-match": '"1"'})
    assert (late.status_code, late.json()["code"]) == (412, "Conflict")
    assert root.patch(URL, json={"hours": None}).json()["policy"]["hours"] is None  # null takes the limit away
    assert app.guardrails_queries.current().max_recipients == 10


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"amounts": {"XYZ": "1"}}, "no currency in use"),
        ({"models": ["*"]}, "no name of an Odoo model"),
        ({"max_recipients": 0}, "greater than or equal to 1"),
        ({"hours": {"zone": "Mars", "weekdays": [0], "from": "08:00", "to": "09:00"}}, "no time zone"),
        ({"unheard_of": 1}, "unheard_of"),
    ],
)
def test_value_that_cannot_be_is_refused_by_name(root: TestClient, body: dict[str, object], words: str) -> None:
    refused = root.patch(URL, json=body)
    assert refused.status_code == 422 and words in refused.text


def test_operator_stops_everything_and_does_not_start_again(operator: TestClient, root: TestClient) -> None:
    stopped = operator.post(f"{URL}/stop")
    assert (stopped.status_code, stopped.json()["mode"], stopped.json()["mode_by"]) == (200, "off", "Meera")
    refused = operator.patch(URL, json={"mode": "preview"})
    assert refused.status_code == 403
    assert root.patch(URL, json={"mode": "preview"}).json()["mode"] == "preview"


def test_users_and_agents_neither_read_nor_stop(
    user: TestClient, as_agent: Callable[..., TestClient], as_actor: Callable[..., TestClient], admin: Actor
) -> None:
    for caller in (user, as_agent()):
        assert caller.get(URL).status_code == 403
        assert caller.post(f"{URL}/stop").status_code == 403
    assert as_actor(admin, Scope.READ, Scope.DECIDE).patch(URL, json={"max_recipients": 3}).status_code == 403


def test_records_are_for_those_who_may_see_the_action(
    app: Application, operator: TestClient, user: TestClient, person: Callable[..., Actor]
) -> None:
    params = {"to": ["ravi@example.com"], "subject": "Hello", "body": "Hello"}
    action_id = app.actions.propose(SCOUT, "email_send", params, title="Say hello")
    before = len(app.guardrails_queries.records(f"action:{action_id}"))
    with app.database.begin() as uow:
        guardrails.judge(
            uow, app.settings, facts(), stage=Stage.APPROVAL, subject=f"action:{action_id}", actor=person(Role.OPERATOR)
        )
    found = operator.get(f"{URL}/records/{action_id}").json()
    assert len(found["records"]) == before + 1
    last = found["records"][-1]
    assert (last["stage"], last["outcome"], last["revision"]) == ("approval", "stop", 1)
    assert [one["rule"] for one in last["verdicts"] if one["judgement"] == "stop"] == ["mode"]
    assert user.get(f"{URL}/records/{action_id}").status_code == 404
