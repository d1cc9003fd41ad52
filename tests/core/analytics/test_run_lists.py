"""Long lists of runs: every order page by page, found by labels as by columns, and totals that say what they are."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from core.actor import SYSTEM, Actor, ActorKind, Role
from core.analytics import runs as lists
from core.analytics.filters import NONE, Filters, conditions
from core.analytics.rules import UNKNOWN, Dataset
from core.analytics.run_labels import label_conditions, without_labels
from core.analytics.run_order import Sort
from core.analytics.run_totals import TotalIs
from core.bootstrap import Application
from core.catalog.tables import WorkflowRevision
from core.errors import InvalidInput, NotAllowed
from core.executions.rules import ExecutionState
from core.executions.tables import Execution
from core.identity.rules import Market, SkillLevel
from core.identity.tables import Agent
from tests.core.analytics.history import History

REAL = Filters(Dataset.REAL)
S = ExecutionState
REUSED = settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)  # fmt: skip


@pytest.fixture
def history(app: Application, history: History) -> History:
    """Forty runs of two workflows: all states, ties in every order, two currencies, with and without agent and profile."""
    with app.database.begin() as uow:
        uow.session.add(Agent(id="scout", name="Scout", created_at=uow.now))
    now = app.clock.now()
    for n in range(40):
        state = list(S)[n % len(S)]
        history.run(
            ("resume", "bot")[n % 2], state, at=now - timedelta(hours=n // 3), takes=timedelta(minutes=10 * (n % 4)),
            savings=None if n % 5 == 0 else str(n % 3 * 100 + 50), currency=("USD", "EUR")[n % 7 == 0],
            agent_id="scout" if n % 4 == 1 else None, market=None if n % 6 == 0 else Market.AGENCY,
            skill=None if n % 6 == 0 else list(SkillLevel)[n % 3], started_at=None if n % 9 == 0 else now,
            error="The mailbox is full." if state is S.FAILED else None, inputs={}, user_id=None,
        )  # fmt: skip
    return history


def walked(app: Application, filters: Filters, sort: Sort, size: int, *, back: bool = False) -> list[UUID]:
    """All ids, page by page; backwards from the last page with `back`."""
    found: list[UUID] = []
    page = app.run_queries.page(SYSTEM, filters, sort=sort, limit=size)
    while True:
        found += [row.id for row in page.rows]
        if page.next_cursor is None:
            break
        page = app.run_queries.page(SYSTEM, filters, sort=sort, limit=size, after=page.next_cursor)
    if not back:
        return found
    returned = [row.id for row in page.rows]
    while page.previous_cursor is not None:
        page = app.run_queries.page(SYSTEM, filters, sort=sort, limit=size, before=page.previous_cursor)
        returned = [row.id for row in page.rows] + returned
    assert returned == found
    return returned


asked = st.builds(
    Filters,
    st.just(Dataset.REAL),
    workflow_id=st.sampled_from([None, "resume", "bot", "unheard"]),
    agent_id=st.sampled_from([None, "scout", NONE]),
    council_id=st.sampled_from([None, NONE]),
    market=st.sampled_from([None, "agency", UNKNOWN]),
    skill_level=st.sampled_from([None, "beginner", UNKNOWN]),
    states=st.none() | st.frozensets(st.sampled_from(S)),
    text=st.sampled_from(["", "bot", "mailbox", "FULL mail", "o'x"]),
)


@REUSED
@given(filters=asked, sort=st.sampled_from(Sort), size=st.integers(1, 17), few=st.booleans())
def test_pages_put_together_are_the_whole_list(
    app: Application, history: History, filters: Filters, sort: Sort, size: int, few: bool
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lists, "GATHERED", 1_000_000 if few else -1)
        whole = app.run_queries.page(SYSTEM, filters, sort=sort, limit=1_000)
        found = walked(app, filters, sort, size, back=True)
    with app.database.reading() as session:
        plain = session.scalars(select(Execution.id).where(*conditions(replace(filters, text="")))).all()

    assert found == [row.id for row in whole.rows]
    assert len(found) == len(set(found)) == whole.total
    assert set(found) <= set(plain)
    if not filters.text:
        assert set(found) == set(plain)


@REUSED
@given(filters=asked)
def test_labels_say_the_same_as_columns(app: Application, history: History, filters: Filters) -> None:
    wanted = replace(filters, text="")
    with app.database.reading() as session:
        by_column = set(session.scalars(select(Execution.id).where(*conditions(wanted))))
        labelled = [*conditions(without_labels(wanted)), *label_conditions(wanted)]
        assert set(session.scalars(select(Execution.id).where(*labelled))) == by_column


def test_each_order_is_what_its_name_says(app: Application, history: History) -> None:
    def runs(sort: Sort) -> list[Execution]:
        return [row.run for row in app.run_queries.page(SYSTEM, REAL, sort=sort, limit=1_000).rows]

    newest, oldest = runs(Sort.NEWEST), runs(Sort.OLDEST)
    assert [run.id for run in newest] == [run.id for run in reversed(oldest)]
    active = [run.last_activity_at for run in runs(Sort.ACTIVE)]
    assert active == sorted(active, reverse=True)
    took = [
        run.completed_at - run.started_at if run.completed_at and run.started_at else None for run in runs(Sort.LONGEST)
    ]
    counted = [one for one in took if one is not None]
    assert took[: len(counted)] == sorted(counted, reverse=True)
    saved = [
        (run.savings_currency, -run.calculated_savings)
        for run in runs(Sort.SAVINGS)
        if run.state is S.COMPLETED and run.calculated_savings is not None
    ]
    assert saved == sorted(saved, key=lambda one: (str(one[0]), one[1]))
    assert {currency for currency, _ in saved} == {"EUR", "USD"}


@pytest.mark.parametrize("sort", Sort)
def test_runs_that_start_meanwhile_neither_double_nor_hide_others(
    app: Application, history: History, sort: Sort
) -> None:
    before = [row.id for row in app.run_queries.page(SYSTEM, REAL, sort=sort, limit=1_000).rows]
    seen: list[UUID] = []
    after: str | None = None
    while True:
        page = app.run_queries.page(SYSTEM, REAL, sort=sort, limit=7, after=after)
        seen += [row.id for row in page.rows]
        if (after := page.next_cursor) is None:
            break
        history.run("bot", S.COMPLETED, savings="125", takes=timedelta(minutes=15))

    assert len(seen) == len(set(seen))
    assert [run_id for run_id in seen if run_id in set(before)] == before


def test_cursor_of_another_order_is_refused(app: Application, history: History) -> None:
    newest = app.run_queries.page(SYSTEM, REAL, limit=2).next_cursor
    savings = app.run_queries.page(SYSTEM, REAL, sort=Sort.SAVINGS, limit=2).next_cursor
    with pytest.raises(InvalidInput):
        app.run_queries.page(SYSTEM, REAL, sort=Sort.ACTIVE, after=newest)
    with pytest.raises(InvalidInput):
        app.run_queries.page(SYSTEM, REAL, after=savings)
    run = "01999999-0000-7000-8000-000000000000"
    for made_up in ("saves~usd~1~", "saves~USD~NaN~", "saves~USD~", "took~x~", "2026-01-01~", "2026-01-01T00:00:00~"):
        for sort in (Sort.SAVINGS, Sort.LONGEST):
            with pytest.raises(InvalidInput):
                app.run_queries.page(SYSTEM, REAL, sort=sort, before=made_up + run)


def test_total_is_exact_for_few_and_says_when_it_is_not(
    app: Application, history: History, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert app.run_queries.page(SYSTEM, REAL, limit=3).total_is is TotalIs.EXACT
    assert app.run_queries.page(SYSTEM, REAL, limit=3).total == 40
    monkeypatch.setattr(lists, "GATHERED", -1)
    whole = app.run_queries.page(SYSTEM, REAL, limit=1_000)
    assert (whole.total, whole.total_is) == (40, TotalIs.EXACT)  # nothing follows, so all were seen
    page = app.run_queries.page(SYSTEM, REAL, limit=10, offset=20)
    assert page.total_is is TotalIs.ESTIMATE
    assert page.total >= 31


@pytest.mark.parametrize("few", [True, False])
def test_people_and_agents_see_their_own_whatever_they_ask(
    app: Application, history: History, person: Callable[..., Actor], monkeypatch: pytest.MonkeyPatch, few: bool
) -> None:
    monkeypatch.setattr(lists, "GATHERED", 1_000_000 if few else -1)
    ravi, other = person(Role.USER, name="Ravi Menon"), person(Role.USER, name="Ravi Shah")
    scout = Actor(kind=ActorKind.AGENT, id="scout", name="Scout")
    mine = history.run("bot", S.FAILED, user_id=ravi.user_id, error="The mailbox is full.")
    history.run("bot", S.FAILED, user_id=other.user_id, error="The mailbox is full.")

    everything = (
        REAL, replace(REAL, text="ravi"), replace(REAL, text="mailbox"), replace(REAL, user_id=other.user_id),
        replace(REAL, agent_id="scout"), replace(REAL, states=frozenset({S.FAILED})),
    )  # fmt: skip
    for sort in Sort:
        for filters in everything:
            for page in (
                app.run_queries.page(ravi, filters, sort=sort),
                app.run_queries.page(ravi, filters, sort=sort, offset=0),
            ):
                assert {row.id for row in page.rows} <= {mine}
                assert page.total <= 1
            own = app.run_queries.page(scout, filters, sort=sort).rows
            assert all(row.run.agent_id == "scout" for row in own)
    assert app.run_queries.page(scout, replace(REAL, agent_id=NONE)).rows == []


def test_only_those_who_see_all_learn_whose_runs_they_are(app: Application, person: Callable[..., Actor]) -> None:
    ravi, analyst = person(Role.USER, name="Ravi Menon"), person(Role.ANALYST)
    assert ravi.user_id is not None
    assert app.run_queries.person(analyst, ravi.user_id) == "Ravi Menon"
    with pytest.raises(NotAllowed):
        app.run_queries.person(ravi, ravi.user_id)


def test_renamed_workflow_is_found_by_the_title_its_runs_began_with(app: Application, history: History) -> None:
    with app.database.begin() as uow:
        uow.session.add(
            WorkflowRevision(
                digest="digest-bot-2", workflow_id="bot", title="Chat helper", tier="starter", total_steps=4,
                definition={}, current=False, first_seen_at=uow.now,
            )
        )  # fmt: skip
    later = history.run("bot", revision="digest-bot-2")
    assert [row.id for row in app.run_queries.page(SYSTEM, replace(REAL, text="helper")).rows] == [later]


def test_planner_is_left_as_it_was(app: Application, history: History) -> None:
    with app.database.reading() as session:
        before = session.scalar(select(func.current_setting("enable_sort")))
        for few in (True, False):
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(lists, "GATHERED", 1_000_000 if few else -1)
                app.run_queries.page(SYSTEM, REAL, limit=2)
        assert session.scalar(select(func.current_setting("enable_sort"))) == before == "on"
        assert session.scalar(select(func.current_setting("random_page_cost"))) == "4"
