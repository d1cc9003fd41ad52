"""Official types by a program alone: begun, written, voted on and read over the API, up to addresses that answer."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import httpx2
import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from api.app import ApiMount
from core.actor import Actor
from core.bootstrap import Application
from core.identity.rules import Scope
from tests.core.websites.types.running import INPUTS, SiteDriver, with_council


class Program:
    """Calls the API as its owner and as the council's members; a worker works in between."""

    def __init__(self, it: SiteDriver) -> None:
        self.it = it
        asgi = Starlette(routes=[ApiMount(lambda: it.app)])

        def client(actor: Actor) -> TestClient:
            token = it.app.tokens.issue_token(actor, label="test", scopes=frozenset(Scope))
            return TestClient(asgi, headers={"authorization": f"Bearer {token}"})

        self.owner, self.voters = client(it.owner), [client(one) for one in it.voters]

    def begin(self, workflow: str, inputs: Any) -> str:
        answer = self.owner.post("/api/workflows", json={"workflow_type_id": workflow, "inputs": inputs})
        assert answer.status_code in (201, 202), answer.text
        return str(answer.json()["id"])

    def worked(self, run: str) -> dict[str, Any]:
        self.it.drive(UUID(run))
        return dict(self.owner.get(f"/api/workflows/{run}").json())

    def gate(self, run: str, client: TestClient) -> dict[str, Any]:
        (line,) = client.get(f"/api/workflows/{run}/gates?only_open=true").json()["gates"]
        return dict(client.get(f"/api/gates/{line['id']}").json())

    def hand_in(self, run: str) -> None:
        gate = self.gate(run, self.owner)
        body = {"digest": gate["digest"], "answer": {"content": gate["content"]["draft"]}}
        answer = self.owner.post(f"/api/gates/{gate['id']}/answer", json=body)
        assert answer.status_code == 200, answer.text

    def vote(self, run: str) -> None:
        decision = self.gate(run, self.owner)["decision_id"]
        digest = self.owner.get(f"/api/decisions/{decision}").json()["digest"]
        ballot = {"digest": digest, "vote": "approve"}
        own = self.owner.post(f"/api/decisions/{decision}/ballots", json=ballot)
        assert own.status_code in (403, 409), "whoever began it does not vote"
        for voter in self.voters:
            answer = voter.post(f"/api/decisions/{decision}/ballots", json=ballot)
            assert answer.status_code == 201, answer.text

    def publish(self, workflow: str, inputs: Any) -> dict[str, Any]:
        run = self.begin(workflow, inputs)
        self.worked(run)
        self.hand_in(run)
        self.worked(run)
        self.vote(run)
        ended = self.worked(run)
        assert ended["status"] == "COMPLETED", ended
        return dict(ended["outputs"])


@pytest.fixture
def program(hosted: Application, admin_of: Actor, monkeypatch: pytest.MonkeyPatch) -> Program:
    """Without a browser, whose checks have tests of their own."""
    monkeypatch.setenv("CHROMIUM", "/nowhere/chromium")
    return Program(with_council(hosted, admin_of))


@pytest.mark.parametrize("workflow", sorted(INPUTS))
def test_each_type_comes_to_addresses_that_answer(program: Program, workflow: str) -> None:
    outputs = program.publish(workflow, INPUTS[workflow])
    assert outputs["pages"]
    for address in outputs["pages"]:
        assert httpx2.get(address).status_code == 200, address


def test_a_post_goes_into_the_site_that_a_program_made(program: Program) -> None:
    program.publish("website.create_landing_page", INPUTS["website.create_landing_page"])
    post = {"site": "harbour-bakery", "title": "A new oven", "text": "It is *hot*."}
    outputs = program.publish("content.create_blog_post", post)
    assert "<em>hot</em>" in httpx2.get(f"{outputs['site_url']}blog/a-new-oven/").text


def test_posts_wait_for_their_time_once_they_are_voted_on(program: Program) -> None:
    table = "at,network,text,link\n2036-01-01T09:00Z,mastodon,The oven is hot,https://example.com/"
    run = program.begin("content.schedule_social_posts", {"posts_csv": table})
    program.worked(run)
    program.vote(run)
    program.worked(run)
    gate = program.gate(run, program.owner)
    assert (gate["kind"], gate["due_at"][:10]) == ("time", "2036-01-01")
