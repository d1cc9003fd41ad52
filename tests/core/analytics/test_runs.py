"""Lists of runs: newest first, filtered, paged at any depth, and only what the reader may see."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from uuid import uuid4

import pytest

from core.actor import SYSTEM, Actor, ActorKind, Role
from core.analytics.filters import Filters
from core.analytics.rules import Dataset, Rate, Result
from core.bootstrap import Application
from core.decisions.rules import DecisionState, Policy, Vote
from core.decisions.tables import Ballot, Decision
from core.errors import InvalidInput, NotFound
from core.executions.rules import ExecutionState
from core.identity.tables import Agent
from core.outcomes.rules import ReviewState
from tests.core.analytics.history import History

REAL = Filters(Dataset.REAL)
S = ExecutionState


def test_cursor_and_offset_walk_the_same_list_newest_first(app: Application, history: History) -> None:
    now = app.clock.now()
    made = [history.run("resume", at=now - timedelta(hours=n // 2)) for n in range(7)]

    by_cursor, after = [], None
    while True:
        page = app.run_queries.page(SYSTEM, REAL, limit=3, after=after)
        assert page.total == 7
        by_cursor += [row.id for row in page.rows]
        if (after := page.next_cursor) is None:
            break
    by_offset = [row.id for n in (0, 3, 6) for row in app.run_queries.page(SYSTEM, REAL, limit=3, offset=n).rows]

    assert by_cursor == by_offset
    assert set(by_cursor) == set(made)
    times = [row.run.created_at for row in app.run_queries.page(SYSTEM, REAL).rows]
    assert times == sorted(times, reverse=True)
    assert [row.id for row in app.run_queries.every(SYSTEM, REAL)] == by_cursor


def test_a_made_up_cursor_is_refused_in_words(app: Application) -> None:
    for cursor in ("x", "~", "2026-01-01~x"):
        with pytest.raises(InvalidInput, match="Nothing was"):
            app.run_queries.page(SYSTEM, REAL, after=cursor)


def test_filters_hold_together(app: Application, history: History, person: Callable[..., Actor]) -> None:
    history.workflow("shop", title="Open a web shop")
    ravi = person(Role.USER, name="Ravi Menon")
    mine = history.run("shop", S.FAILED, user_id=ravi.user_id, error="The key was refused.")
    history.run("shop")
    history.run("resume", S.FAILED, at=app.clock.now() - timedelta(days=10))

    def ids(**given: object) -> list[object]:
        return [row.id for row in app.run_queries.page(SYSTEM, Filters(Dataset.REAL, **given)).rows]  # type: ignore[arg-type]

    assert ids(text="ravi") == ids(text="KEY was") == ids(text=str(mine)[:20]) == ids(user_id=ravi.user_id) == [mine]
    assert ids(text="web shop", states=frozenset({S.FAILED})) == [mine]
    assert len(ids(states=frozenset({S.FAILED}))) == 2
    assert ids(states=frozenset()) == []
    assert ids(since=app.clock.now() - timedelta(days=5), states=frozenset({S.FAILED})) == [mine]
    assert ids(text="100%") == []


def test_people_see_their_own_runs_and_agents_theirs(
    app: Application, history: History, person: Callable[..., Actor]
) -> None:
    with app.database.begin() as uow:
        uow.session.add(Agent(id="scout", name="Scout", created_at=uow.now))
    ravi, analyst = person(Role.USER), person(Role.ANALYST)
    scout = Actor(kind=ActorKind.AGENT, id="scout", name="Scout")
    mine = history.run("resume", user_id=ravi.user_id)
    theirs = history.run("resume", agent_id="scout")

    assert [row.id for row in app.run_queries.page(ravi, REAL).rows] == [mine]
    assert [row.id for row in app.run_queries.page(scout, REAL).rows] == [theirs]
    assert app.run_queries.page(analyst, REAL).total == 2
    assert app.run_queries.detail(ravi, mine).row.id == mine
    for hidden in (theirs, uuid4()):
        with pytest.raises(NotFound):
            app.run_queries.detail(ravi, hidden)


def test_detail_shows_decision_votes_outcomes_and_metrics(
    app: Application, history: History, person: Callable[..., Actor]
) -> None:
    voter = person(Role.COUNCIL, name="Meera")
    with app.database.begin() as uow:
        decision = Decision(
            subject_kind="execution", subject_id="x", subject_digest="0" * 64, proposer_id="scout", authors=["scout"],
            panels=[Policy(roles=frozenset({"operator"})).to_json()], audience=["role:operator"],
            state=DecisionState.APPROVED, opened_at=uow.now,
        )  # fmt: skip
        uow.session.add(decision)
        uow.session.flush()
        uow.session.add(
            Ballot(
                decision_id=decision.id, voter_id=voter.user_id, voter_name="Meera",
                cast_by_id=voter.user_id, cast_by_name="Meera", vote=Vote.APPROVE,
                reason="Within budget", cast_at=uow.now,
            )
        )  # fmt: skip
        decision_id = decision.id
    run = history.run("resume", decision_id=decision_id, savings="225", takes=timedelta(hours=2))
    history.outcome(run, "100", review=ReviewState.VERIFIED)
    app.analytics.aggregate(SYSTEM)

    found = app.run_queries.detail(SYSTEM, run)

    assert found.decision is not None
    assert [vote.reason for vote in found.votes] == ["Within budget"]
    assert [logged.outcome.value for logged in found.outcomes] == [100]
    assert (found.result, found.workflow_rate) == (Result.SUCCESS, Rate(1, 1))
    assert (found.metrics.duration_seconds, found.metrics.estimated_weekly_savings) == (7200, 225)
    assert (found.metrics.success_rate, found.metrics.error_count) == (1.0, 0)


def test_a_run_that_did_not_complete_shows_no_savings(app: Application, history: History) -> None:
    failed = app.run_queries.detail(SYSTEM, history.run("resume", S.FAILED, savings="225"))

    assert failed.metrics.estimated_weekly_savings is None
    assert (failed.metrics.success_rate, failed.metrics.error_count) == (0.0, 1)
