"""Runs of official types, from inputs to a published site, with a worker, a council and a mailbox in the test itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

from sqlalchemy import select

from core.actor import Actor, Role, Tier
from core.bootstrap import Application
from core.decisions.councils import Terms
from core.decisions.policy import Policy, Rule
from core.decisions.rules import Vote
from core.engine.steps import InlineSteps
from core.executions.automated.rules import GateKind
from core.executions.automated.segment import RunExecution
from core.executions.rules import ExecutionState
from core.identity.service import actor_of
from core.websites.messages import MessageService
from core.websites.rules import MessageState
from core.websites.tables import SiteMessageRow
from tests.conftest import PASSWORD
from tests.core.executions.automated.driving import Driver

BRAND = {
    "site_name": "Harbour Bakery",
    "site_description": "Sourdough bread and seasonal pastry, baked every morning by the harbour.",
    "contact_email": "hello@example.com",
}
INPUTS: Mapping[str, Mapping[str, Any]] = {
    "website.create_basic_site": {**BRAND, "include_blog": True, "target_audience": "Families near the harbour"},
    "website.create_landing_page": {
        **BRAND, "tone": "bold", "headline": "Fresh bread by seven", "call_to_action": "Order a loaf",
        "benefits": ["Baked at four: still warm", "By bicycle"], "questions": ["Can I pause it? Yes, any day."],
    },
    "website.create_ecommerce_store": {
        **BRAND, "tone": "friendly", "checkout_address": "https://pay.example.com/buy?item={sku}",
        "products_csv": "name,price,currency,sku,text\nRye bread,4.50,EUR,RYE-1,Slow dough\nSeed roll,0.90,,SEED,",
    },
    "website.create_affiliate_site": {
        **BRAND, "programme": "Example Partners",
        "offers_csv": "group,name,link,text\nKnives,Bread knife,https://shop.example.com/k?tag=me,Long enough",
    },
}  # fmt: skip


class Delivering(MessageService):
    """Messages are delivered when somebody looks for them: here no worker runs beside the test."""

    def __init__(self, app: Application) -> None:
        self.app = app

    def delivered(self, mark: str) -> bool:
        with self.app.database.reading() as session:
            waiting = session.scalars(
                select(SiteMessageRow.id).where(SiteMessageRow.state == MessageState.WAITING)
            ).all()
        for one in waiting:
            self.app.site_messages.send(one)
        return self.app.site_messages.delivered(mark)


@dataclass
class SiteDriver(Driver):
    voters: list[Actor] = field(default_factory=list)

    def work(self, run_id: UUID) -> None:
        tools = self.app.run_execution.tools
        others = {**tools.others, MessageService: Delivering(self.app)}
        handler = RunExecution(replace(tools, models=self.models, others=others))
        handler.run_segment(InlineSteps(), str(run_id), self.row(run_id).segment)

    def begin(self, workflow_id: str, **inputs: Any) -> UUID:
        return self.app.runs.start(self.owner, workflow_id, inputs=inputs)

    def to_review(self, run_id: UUID, **edits: str) -> None:
        """Past the texts, which are handed in as they stand but for `edits`."""
        self.drive(run_id)
        gate = self.gate(run_id, GateKind.FORM)
        self.answer(gate, {"content": {**gate.content["draft"], **edits}})
        self.drive(run_id)

    def decide(self, run_id: UUID, vote: Vote = Vote.APPROVE) -> ExecutionState:
        for voter in self.voters:
            for gate in self.gates(run_id):
                if gate.kind is GateKind.VOTE:
                    self.vote(gate, vote, by=voter, reason="Not ours." if vote is Vote.REJECT else "")
        return self.drive(run_id)

    def publish(self, workflow_id: str, **inputs: Any) -> UUID:
        run_id = self.begin(workflow_id, **inputs)
        self.to_review(run_id)
        assert self.decide(run_id) is ExecutionState.COMPLETED, self.failure(run_id)
        return run_id

    def failure(self, run_id: UUID) -> str:
        return str(self.row(run_id).error or self.row(run_id).end_reason)

    def document(self, run_id: UUID, name: str) -> Any:
        found = [content for (doc_type, _, _), content in self.documents(run_id).items() if doc_type == name]
        return found[-1]


def with_council(app: Application, admin: Actor) -> SiteDriver:
    """A council of two that oversees media; official workflows are taken in."""
    voters = []
    for name in ("Mira", "Noor"):
        email = f"{name.lower()}@example.com"
        app.identity.add_user(
            admin, email=email, name=name, password=PASSWORD, roles=frozenset({Role.COUNCIL}), tier=Tier.STARTER
        )
        found, _ = app.identity_queries.people(text=email)
        voters.append(app.identity_queries.actor_of_session(app.identity.open_session(actor_of(found[0].user))))
    policy = Policy(council="media", rule=Rule.MAJORITY)
    terms = Terms("Media", policy, domains=("media",), criteria=("It is ours.",))
    app.councils.create(admin, "media", terms, [one.user_id for one in voters if one is not None and one.user_id])
    assert not app.catalog.sync_official().problems
    return SiteDriver(app, admin, voters=[one for one in voters if one is not None])
