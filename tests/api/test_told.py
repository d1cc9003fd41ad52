"""What the database writes is, field by field, what the models say of the same run: for every kind of run there is."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from fastapi import Response
from sqlalchemy import func, select
from sqlalchemy.exc import DBAPIError
from starlette.testclient import TestClient

import core.analytics.runs as lists
from api.routes.workflows import _fields, workflow_detail
from api.workflow_models import Workflow
from core.actor import SYSTEM, Actor, ActorKind, Role
from core.analytics.filters import Filters
from core.analytics.rules import Dataset
from core.analytics.run_order import Sort
from core.bootstrap import Application
from core.decisions.rules import DecisionState, Vote
from core.decisions.tables import Ballot, Decision
from core.executions.automated.rules import GateKind
from core.executions.rules import ExecutionState
from core.identifiers import new_id
from core.outcomes.rules import ReviewState
from tests.core.analytics.history import History
from tests.core.executions.automated.scene import half_way

URL = "/api/workflows"
WHOLE = datetime(2025, 12, 31, 23, 59, 59, tzinfo=UTC)
ODD_TEXT = 'Ünïcode “quotes" \\ back\u2028slash,\n\ttabs & <tags> \U0001f600 %s :name {0}'


@pytest.fixture
def ravi(person: Callable[..., Actor]) -> Actor:
    return person(Role.USER, name="Ravi")


@pytest.fixture
def root(admin: Actor, as_actor: Callable[..., TestClient]) -> TestClient:
    return as_actor(admin)


@pytest.fixture
def runs(app: Application, ravi: Actor, person: Callable[..., Actor]) -> list[UUID]:
    """One in every state, with and without what may be missing, and two that go on by themselves."""
    history = History(app)
    history.workflow("resume")
    values: list[dict[str, Any]] = [
        {"inputs": {"text": ODD_TEXT, "n": [1, 1.5, -0.0, 1e21, 12345678901234567890, None, True, {}]}, "savings": "0.0001"},
        {"outputs": {ODD_TEXT: {"deep": [[], [{"a": "\u0001"}]]}}, "savings": "225.5", "currency": "INR"},
        {"at": WHOLE, "takes": timedelta(0), "savings": "0"},
        {"at": WHOLE + timedelta(microseconds=1), "takes": timedelta(microseconds=999_999), "savings": "999999999999.9999"},
        {"at": WHOLE + timedelta(milliseconds=120), "user_id": ravi.user_id, "paused": True},
        {"started_at": None, "completed_at": None, "user_id": ravi.user_id},
    ]  # fmt: skip
    found = [
        history.run("resume", state, **values[number % len(values)])
        for number, state in enumerate([*ExecutionState, *ExecutionState])
    ]
    history.outcome(found[5])
    history.review(history.outcome(found[14]), ReviewState.REJECTED)
    history.change(found[3], decision_id=_decision(app, [ravi, person(Role.COUNCIL)]))
    history.change(found[4], decision_id=_decision(app, []))
    waiting, quiet = half_way(app, ravi), half_way(app, ravi)
    for title, minutes in (("The later one", 5), (ODD_TEXT, 1)):
        waiting.gate("note[2,2]" if minutes == 1 else "summary", GateKind.CLARIFICATION, title, ravi)
        app.clock.advance(timedelta(minutes=minutes))  # type: ignore[attr-defined]
    return [*found, waiting.id, quiet.id]


def _decision(app: Application, voters: list[Actor]) -> UUID:
    now = app.clock.now()
    with app.database.begin() as uow:
        made = Decision(
            subject_kind="run", subject_id=str(new_id()), subject_digest="d", proposer_id="x", authors=[], panels=[],
            audience=[], state=DecisionState.APPROVED if voters else DecisionState.OPEN, opened_at=WHOLE,
            deadline=None if voters else now, decided_at=now if voters else None,
        )  # fmt: skip
        uow.session.add(made)
        uow.session.flush()
        for number, voter in enumerate(reversed(voters)):
            ballot = Ballot(
                decision_id=made.id, voter_id=voter.user_id, voter_name="", cast_by_id=voter.user_id,
                cast_by_name="", vote=list(Vote)[number], reason=ODD_TEXT, cast_at=WHOLE + timedelta(microseconds=number),
            )  # fmt: skip
            uow.session.add(ballot)
        uow.session.flush()
        return made.id


@pytest.mark.parametrize("few", [True, False])
@pytest.mark.parametrize("sort", Sort)
def test_list_tells_of_each_run_what_its_model_does(
    app: Application, root: TestClient, runs: list[UUID], monkeypatch: pytest.MonkeyPatch, sort: Sort, few: bool
) -> None:
    monkeypatch.setattr(lists, "GATHERED", 1_000_000 if few else -1)
    page = app.run_queries.page(SYSTEM, Filters(Dataset.REAL), sort=sort, limit=1_000)
    waits = app.tree_queries.waits([row.id for row in page.rows])
    models = [Workflow(**_fields(row, waits.get(row.id))).model_dump(mode="json") for row in page.rows]

    told = root.get(URL, params={"sort": sort.value, "limit": 1000}).json()
    assert told["workflows"] == models
    assert len(models) == len(runs) == told["total"]
    assert sum(one["wait"] is not None for one in models) == 1
    first = root.get(URL, params={"sort": sort.value, "limit": 9}).json()
    rest = root.get(URL, params={"sort": sort.value, "limit": 1000, "cursor": first["next_cursor"]}).json()
    late = root.get(URL, params={"sort": sort.value, "offset": 9}).json()
    assert first["workflows"] + rest["workflows"] == models
    assert late["workflows"] == rest["workflows"]


@pytest.mark.parametrize("few", [True, False])
def test_list_of_what_is_searched_or_filtered_is_the_list_of_pages(
    app: Application, root: TestClient, runs: list[UUID], monkeypatch: pytest.MonkeyPatch, ravi: Actor, few: bool
) -> None:
    monkeypatch.setattr(lists, "GATHERED", 1_000_000 if few else -1)
    asked: dict[str, tuple[dict[str, Any], Filters]] = {
        "words": ({"text": "ravi"}, Filters(Dataset.REAL, text="ravi")),
        "person": ({"user_id": str(ravi.user_id)}, Filters(Dataset.REAL, user_id=ravi.user_id)),
        "waits": ({"waits": True}, Filters(Dataset.REAL, waits_for_people=True)),
        "type": ({"workflow_type_id": "resume"}, Filters(Dataset.REAL, workflow_id="resume")),
        "nothing": ({"workflow_type_id": "no"}, Filters(Dataset.REAL, workflow_id="no")),
        "since": ({"since": WHOLE.isoformat()}, Filters(Dataset.REAL, since=WHOLE)),
    }
    for name, (params, filters) in asked.items():
        page = app.run_queries.page(SYSTEM, filters)
        told = root.get(URL, params=params).json()
        assert [one["id"] for one in told["workflows"]] == [str(row.id) for row in page.rows], name
        assert bool(told["workflows"]) is (name != "nothing")


def test_one_run_is_told_as_its_model_tells_it(
    app: Application, admin: Actor, root: TestClient, runs: list[UUID]
) -> None:
    for run_id in runs:
        slow = Response()
        model = workflow_detail(app, admin, run_id, slow).model_dump(mode="json")
        fast = root.get(f"{URL}/{run_id}")
        assert fast.json() == model
        assert fast.headers["etag"] == slow.headers["etag"]
        assert fast.headers["content-type"] == "application/json"
    assert len(root.get(f"{URL}/{runs[3]}").json()["votes"]) == 2


def test_nobody_is_told_of_runs_that_are_not_theirs(
    app: Application,
    runs: list[UUID],
    ravi: Actor,
    as_actor: Callable[..., TestClient],
    as_agent: Callable[..., TestClient],
) -> None:
    scout = Actor(kind=ActorKind.AGENT, id="scout", name="Scout")
    mine, agent = as_actor(ravi), as_agent("scout")
    History(app).change(runs[0], agent_id="scout")
    for reader, client in ((ravi, mine), (scout, agent)):
        own = {str(row.id) for row in app.run_queries.page(reader, Filters(Dataset.REAL)).rows}
        for sort in Sort:
            for text in ("", "r"):
                told = client.get(URL, params={"sort": sort.value, "text": text, "limit": 1000}).json()
                assert {one["id"] for one in told["workflows"]} <= own
                assert told["total"] <= len(own)
        assert 0 < len(own) < len(runs)
        for run_id in runs:
            assert client.get(f"{URL}/{run_id}").status_code == (200 if str(run_id) in own else 404)


def test_statement_that_goes_with_settings_can_write_nothing_and_leaves_none(
    app: Application, runs: list[UUID]
) -> None:
    look = select(func.current_setting("enable_sort"))
    assert app.database.asked(look, {"enable_sort": "off"})[0][0] == "off"
    with app.database.asking() as connection:
        assert connection.execute(look).scalar_one() == "on"
    with pytest.raises(DBAPIError, match="read-only"):
        app.database.asked(select(func.lo_creat(-1)), {})
    with app.database.asking() as connection:
        assert connection.execute(select(func.current_setting("transaction_read_only"))).scalar_one() == "off"
