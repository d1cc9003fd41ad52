"""Loads half a year of sample data, marked as such, and takes exactly that out again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import timedelta
from decimal import Decimal
from random import Random
from typing import Any

from sqlalchemy import delete, func, insert, select, text, update

from core.actions.service import ActionService
from core.actions.tables import Action, Attempt
from core.actor import Actor, ActorKind, Role
from core.analytics.service import AnalyticsService
from core.audit import service as audit
from core.catalog.queries import CatalogQueries
from core.catalog.service import CatalogService
from core.connectors.registry import Connectors
from core.database.unit_of_work import Database, UnitOfWork
from core.decisions.tables import Ballot, Council, CouncilMember, Decision
from core.errors import CountersignError
from core.executions.tables import Execution, ExecutionStep
from core.guardrails import service as guardrails
from core.identity.tables import Agent, ApiToken, Profile, User
from core.outcomes.tables import Outcome
from core.sample.cards import CARDS, Card, spare_cards, waiting_cards
from core.sample.decided import invent_decided
from core.sample.history import DAYS, RUNS, beginning, invent_history
from core.sample.people import AGENTS, agent_rows, council_rows, invent_people, members_of, operators_of
from core.settings import Settings

_LOCK = 0x53616D70
_SEED = 20_260


class NoWorkflows(CountersignError):
    """There is no workflow that sample people could have run. Repair workflows.json, then load the sample data again."""

    http_status = 409


@dataclass(frozen=True)
class SampleStatus:
    """How much of the installation is sample data."""

    people: int
    runs: int
    outcomes: int
    actions: int

    @property
    def loaded(self) -> bool:
        return self.people > 0


class SampleService:
    def __init__(
        self,
        database: Database,
        catalog: CatalogService,
        catalog_queries: CatalogQueries,
        connectors: Connectors,
        actions: ActionService,
        analytics: AnalyticsService,
        settings: Settings,
    ) -> None:
        self._database, self._connectors = database, connectors
        self._catalog, self._catalog_queries = catalog, catalog_queries
        self._actions, self._analytics = actions, analytics
        self._settings = settings

    def status(self) -> SampleStatus:
        with self._database.reading() as session:

            def count(marked: Any) -> int:
                return session.scalar(select(func.count()).where(marked)) or 0

            return SampleStatus(
                count(User.sample), count(Execution.sample), count(Outcome.sample), count(Action.sample)
            )

    def is_loaded(self) -> bool:
        """Whether there is any, by one look; every page asks."""
        with self._database.reading() as session:
            return session.scalar(select(User.id).where(User.sample).limit(1)) is not None

    def load(self, actor: Actor, *, runs: int = RUNS) -> SampleStatus:
        """Puts the sample data in, the same for the same moment; a second call adds only what is missing."""
        actor.must_have(Role.ADMIN, to="load sample data")
        self._catalog.sync(self._settings.workflows_file)
        definitions = [one for one in self._catalog_queries.current() if not one.is_automated]
        if not definitions:
            raise NoWorkflows()
        with self._database.begin() as uow:
            _lock(uow)
            if uow.session.scalar(select(User.id).where(User.sample).limit(1)) is None:
                self._insert(uow, definitions, runs)
                audit.record(uow, actor, "sample.loaded", "sample:data", after={"runs": runs, "days": DAYS})
        self._propose_cards()
        self._analytics.aggregate(actor)
        return self.status()

    def remove(self, actor: Actor) -> SampleStatus:
        """Takes out what is marked as sample, and nothing else; answers what it was.

        An agent or a council that real work has come to use stays, and is no sample any more.
        """
        actor.must_have(Role.ADMIN, to="remove sample data")
        before = self.status()
        with self._database.begin() as uow:
            _lock(uow)
            _adopt(uow)
            _delete(uow)
            self._analytics.forget_sample(uow)
            if before.loaded:
                audit.record(uow, actor, "sample.removed", "sample:data", before=asdict(before))
        return before

    def _insert(self, uow: UnitOfWork, definitions: Sequence[Any], runs: int) -> None:
        rng = Random(_SEED)  # noqa: S311 - invention, not secrecy
        start = beginning(uow.now)
        people = invent_people(rng, start)
        members = members_of(people)
        history = invent_history(rng, uow.now, definitions, people, members, runs=runs)
        decided = invent_decided(rng, uow.now, self._connectors, operators_of(people))
        seats = [{"council_id": key, "user_id": voter.id} for key, voters in members.items() for voter in voters]
        # Invented people cannot vote; without real ones a council would be empty.
        real = uow.session.scalars(
            select(User.id).where(User.active, ~User.sample, User.roles.contains([Role.COUNCIL]))
        )
        seats += [{"council_id": key, "user_id": voter} for voter in real for key in members]
        rows: Sequence[tuple[Any, Sequence[Mapping[str, Any]]]] = (
            (User, [person.user_row() for person in people]),
            (Profile, [person.profile_row() for person in people]),
            (Agent, agent_rows(start)),
            (Council, council_rows(start)),
            (CouncilMember, seats),
            (Decision, history.decisions + decided.decisions),
            (Ballot, history.ballots + decided.ballots),
            (Execution, history.executions),
            (ExecutionStep, history.steps),
            (Outcome, history.outcomes),
            (Action, decided.actions),
            (Attempt, decided.attempts),
        )
        connection = uow.session.connection()
        for table, values in rows:
            if values:
                connection.execute(insert(table.__table__), values)

    def _propose_cards(self) -> None:
        """Proposes the waiting cards that are not there yet, as their agents; each in a transaction of its own."""
        with self._database.reading() as session:
            present = set(session.scalars(select(Action.title).where(Action.sample)))
        connected = self._settings.odoo_url is not None
        # A sample card must not be able to change records of a real system.
        cards = [card for card in waiting_cards() if not (connected and card.operation.startswith("odoo_"))]
        for card in cards + spare_cards()[: CARDS - len(cards)]:
            if card.title not in present:
                self._propose(card)

    def _propose(self, card: Card) -> None:
        name = next(name for key, name, _ in AGENTS if key == card.agent_id)
        self._actions.propose(
            Actor(kind=ActorKind.AGENT, id=card.agent_id, name=name),
            card.operation,
            card.params,
            title=card.title,
            body=card.body,
            priority=card.priority,
            risk=card.risk,
            confidence=Decimal(card.confidence),
            rationale=card.rationale,
            sources=card.sources,
            impact=card.impact,
            recommended_steps=card.steps,
            domains=card.domains,
            expires_in=timedelta(hours=card.hours),
            sample=True,
        )


def _lock(uow: UnitOfWork) -> None:
    uow.session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})


def _adopt(uow: UnitOfWork) -> None:
    """What real runs, actions or tokens refer to belongs to the installation now."""
    used_councils = (select(table.council_id).where(~table.sample) for table in (Execution, Action))
    for ids in used_councils:
        uow.session.execute(update(Council).where(Council.sample, Council.id.in_(ids)).values(sample=False))
    used_agents = (select(Execution.agent_id).where(~Execution.sample), select(ApiToken.agent_id))
    for ids in used_agents:
        uow.session.execute(update(Agent).where(Agent.sample, Agent.id.in_(ids)).values(sample=False))


def _delete(uow: UnitOfWork) -> None:
    """Children before parents; steps, outcomes, proofs, attempts, ballots and profiles go with theirs."""
    decisions = set[Any]()
    cards = [f"action:{one}" for one in uow.session.scalars(select(Action.id).where(Action.sample))]
    guardrails.forget(uow, cards)
    for table in (Execution, Action):
        removed = uow.session.scalars(delete(table).where(table.sample).returning(table.decision_id))
        decisions.update(found for found in removed if found is not None)
    uow.session.execute(delete(Decision).where(Decision.id.in_(decisions)))
    for parent in (Council, Agent, User):
        uow.session.execute(delete(parent).where(parent.sample))
