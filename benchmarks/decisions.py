"""Authorisation, tally and a whole ballot on a decision of three councils, beside ten thousand closed decisions."""

from __future__ import annotations

import time
from collections.abc import Callable
from uuid import UUID

from sqlalchemy import text

from benchmarks.installation import application
from benchmarks.measure import Figure, percentile, show
from core.actor import Actor, Role, Tier
from core.bootstrap import Application
from core.decisions import service as decisions
from core.decisions.councils import Terms
from core.decisions.electorate import Electorate, as_cast, ballots_of
from core.decisions.policy import Policy, Rule
from core.decisions.rules import Seat, Vote, seat_of, tally_all
from core.decisions.service import Subject
from core.decisions.tables import Decision
from core.identity.service import actor_of

MEMBERS, COUNCILS, CLOSED, ROUNDS = 15, 3, 10_000, 60


def measure() -> None:
    with application() as app:
        _measure(app)


def _measure(app: Application) -> None:
    admin = app.identity.set_up(email="asha@example.com", name="Asha", password="correct horse battery staple")
    people = [_person(app, admin, number) for number in range(MEMBERS)]
    ids = [one.user_id for one in people if one.user_id is not None]
    panels = [Policy(council=f"council-{number}", rule=Rule.MAJORITY) for number in range(COUNCILS)]
    for panel in panels:
        assert panel.council is not None
        app.councils.create(admin, panel.council, Terms(panel.council.title(), panel), ids)
    _fill(app)
    asked = [_ask(app, panels, number) for number in range(ROUNDS)]
    for decision in asked:
        for voter in people[: MEMBERS // 2]:
            _vote(app, voter, decision)
    last = people[MEMBERS // 2 + 1]
    authorised = [_timed(_authorising(app, last, decision)) for decision in asked]
    rows = [_timed(lambda: app.decisions_queries.waiting_count(last)) for _ in asked]
    voted = [_timed(_voting(app, last, decision)) for decision in asked]
    show(
        f"Decisions of {COUNCILS} councils with {MEMBERS} members each, {ROUNDS} rounds, {CLOSED:,} closed beside them",
        [
            Figure("authorisation and tally, read from the database, p95", percentile(authorised, 0.95), "ms", 5),
            Figure("… p50", percentile(authorised, 0.5), "ms"),
            Figure("what waits for me, counted, p95", percentile(rows, 0.95), "ms"),
            Figure("the ballot that closes it, with audit and commit, p95", percentile(voted, 0.95), "ms"),
        ],
    )


def _authorising(app: Application, actor: Actor, decision_id: UUID) -> Callable[[], object]:
    return lambda: _authorise(app, actor, decision_id)


def _voting(app: Application, actor: Actor, decision_id: UUID) -> Callable[[], object]:
    return lambda: _vote(app, actor, decision_id)


def _authorise(app: Application, actor: Actor, decision_id: UUID) -> None:
    """What `cast` reads and weighs before it writes, in a transaction of its own."""
    with app.database.reading() as session:
        decision = session.get_one(Decision, decision_id)
        panels = Electorate(session).panels(decision)
        ballots = as_cast(ballots_of(session, decision_id))
        seat = seat_of(actor, panels, frozenset(decision.authors), ballots=ballots)
        assert isinstance(seat, Seat)
        tally_all(panels, ballots)


def _vote(app: Application, actor: Actor, decision_id: UUID) -> None:
    with app.database.begin() as uow:
        decisions.cast(uow, actor, decision_id, digest="v1", vote=Vote.APPROVE, reason="Seen")


def _ask(app: Application, panels: list[Policy], number: int) -> UUID:
    with app.database.begin() as uow:
        subject = Subject("document", str(number), "v1")
        return decisions.open_decision(uow, subject, panels, proposer_id="scout", deadline=None)


def _person(app: Application, admin: Actor, number: int) -> Actor:
    email = f"member{number}@example.com"
    app.identity.add_user(
        admin, email=email, name=f"Member {number}", password="correct horse battery staple",
        roles=frozenset({Role.COUNCIL}), tier=Tier.STARTER,
    )  # fmt: skip
    return actor_of(app.identity_queries.people(text=email)[0][0].user)


def _fill(app: Application) -> None:
    """Decisions that are over, so that what waits is a needle among them."""
    columns = (
        "id, subject_kind, subject_id, subject_digest, proposer_id, authors, panels, audience, voted, state, opened_at"
    )
    row = "gen_random_uuid(), 'document', n::text, 'v1', 'scout', '{scout}', '[]', '{council:council-0}', '{}', 'expired', now()"
    with app.database.begin() as uow:
        numbers = f"generate_series(1, {CLOSED}) n"
        uow.session.execute(text(f"INSERT INTO decisions ({columns}) SELECT {row} FROM {numbers}"))
        uow.session.execute(text("ANALYZE decisions"))


def _timed(act: Callable[[], object]) -> float:
    began = time.perf_counter()
    act()
    return (time.perf_counter() - began) * 1000
