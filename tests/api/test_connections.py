"""Admins have connections over the API; no answer holds a secret, and every refusal changes nothing."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from starlette.testclient import TestClient

from core.actor import Actor
from tests.core.connectors.counterparts.http_request import KEY, running

URL = "/api/connections"
SHOP = {"system": "http", "name": "shop", "values": {"base_url": "https://api.example.com/v1", "secret": KEY}}


@pytest.fixture
def root(admin: Actor, as_actor: Callable[..., TestClient]) -> TestClient:
    return as_actor(admin)


def test_connection_is_added_changed_switched_off_and_removed(root: TestClient) -> None:
    added = root.post(URL, json=SHOP)
    assert added.status_code == 201, added.text
    where, tag = added.headers["location"], added.headers["etag"]
    assert added.json()["secrets"] == ["secret"] and KEY not in added.text
    assert root.get(URL).json()["connections"] == [root.get(where).json()]

    changed = root.patch(where, json={"values": {"base_url": "https://api.example.com/v2"}}, headers={"if-match": tag})
    assert changed.json()["values"]["base_url"].endswith("/v2") and changed.json()["secrets"] == ["secret"]
    late = root.patch(where, json={"enabled": False}, headers={"if-match": tag})
    assert (late.status_code, late.json()["code"]) == (412, "Conflict")

    for late in (
        root.patch(where, json={"usual": True}, headers={"if-match": tag}), root.delete(where, headers={"if-match": tag}),
    ):  # fmt: skip
        assert (late.status_code, late.json()["code"]) == (412, "Conflict")

    off = root.patch(where, json={"enabled": False, "because": "leaked"}).json()
    assert (off["enabled"], off["disabled_because"]) == (False, "Asha switched it off (leaked).")
    assert root.delete(where).status_code == 204
    assert root.get(where).status_code == 404


def test_systems_say_what_is_asked_for(root: TestClient) -> None:
    systems = {one["name"]: one for one in root.get(f"{URL}/systems").json()["systems"]}
    schema = systems["http"]["form"]
    assert "base_url" in schema["properties"] and schema["required"] == ["base_url"]


def test_a_test_answers_in_words(root: TestClient) -> None:
    with running() as service:
        where = root.post(URL, json={**SHOP, "values": dict(service.wrong_account())}).headers["location"]
        tried = root.post(f"{where}/test").json()
    assert tried["passed"] is False and "not accepted" in tried["words"]
    assert root.get(where).json()["test"]["words"] == tried["words"]


@pytest.mark.parametrize(
    "body",
    [{}, {**SHOP, "system": "telepathy"}, {**SHOP, "name": "a b"}, {**SHOP, "values": {"base_url": "x"}},
     {**SHOP, "values": {**SHOP["values"], "secret": ["a"]}}, {**SHOP, "more": 1}],  # type: ignore[dict-item]
)  # fmt: skip
def test_bad_bodies_are_refused_without_showing_the_secret(root: TestClient, body: object) -> None:
    refused = root.post(URL, json=body)
    assert refused.status_code == 422 and KEY not in refused.text
    assert root.get(URL).json()["connections"] == []


def test_others_see_and_touch_nothing(
    root: TestClient, operator: TestClient, user: TestClient, client: TestClient
) -> None:
    where = root.post(URL, json=SHOP).headers["location"]
    for caller, status in ((operator, 403), (user, 403), (client, 401)):
        assert caller.get(URL).status_code == status
        assert caller.get(where).status_code == status
        assert caller.post(URL, json={**SHOP, "name": "mine"}).status_code == status
        assert caller.patch(where, json={"enabled": False}).status_code == status
        assert caller.post(f"{where}/test").status_code == status
        assert caller.delete(where).status_code == status
    assert root.get(where).json()["enabled"] is True
