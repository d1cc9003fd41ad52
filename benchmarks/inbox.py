"""The inbox with ten thousand cards waiting beside one with a hundred: page, count and card, as the service answers."""

from __future__ import annotations

import time
from collections.abc import Callable

from sqlalchemy import text

from benchmarks.installation import application
from benchmarks.measure import Figure, percentile, show
from core.actions.queries import InboxFilter, InboxSort
from core.actions.rules import Priority
from core.actor import Actor, ActorKind
from core.bootstrap import Application

FEW, MANY, LOOKS = 100, 10_000, 60
AGENT = Actor(kind=ActorKind.AGENT, id="scout", name="Scout", scopes=frozenset({"propose"}))


def measure() -> None:
    with application() as app:
        _compare(app)


def _compare(app: Application) -> None:
    admin = app.identity.set_up(email="asha@example.com", name="Asha", password="correct horse battery staple")
    for number in range(20):
        params = {"to": [f"customer{number}@example.com"], "subject": f"Reminder {number}", "body": "It is due." * 40}
        app.actions.propose(
            AGENT, "email_send", params, title=f"Send reminder {number}", priority=list(Priority)[number % 4]
        )
    looks = _looks(app, admin)
    _multiply(app, FEW)
    few = {name: _timed(look) for name, look in looks.items()}
    _multiply(app, MANY)
    figures = []
    for name, look in looks.items():
        found = _timed(look)
        ratio = percentile(found, 0.5) / percentile(few[name], 0.5)
        figures.append(Figure(f"{name}, p95", percentile(found, 0.95), "ms", 100))
        figures.append(Figure("… p50 beside a hundred cards in the same run", ratio, "×"))
    show(f"Inbox with {MANY:,} cards waiting, {LOOKS} looks each", figures)


def _looks(app: Application, admin: Actor) -> dict[str, Callable[[], object]]:
    queries = app.actions_queries
    first = queries.inbox(admin).rows[0].id
    return {
        "what waits for me, by priority": lambda: queries.inbox(admin, InboxFilter(mine=True)),
        "what waits for me, newest first": lambda: queries.inbox(admin, InboxFilter(mine=True), sort=InboxSort.NEWEST),
        "all that waits, page 400": lambda: queries.inbox(admin, offset=8_000),
        "one priority": lambda: queries.inbox(admin, InboxFilter(mine=True, priorities=frozenset({Priority.INFO}))),
        "a text": lambda: queries.inbox(admin, InboxFilter(mine=True, text="reminder 7")),
        "how many wait for me": lambda: queries.waiting_count(admin),
        "one card": lambda: queries.card(admin, first),
    }


def _timed(look: Callable[[], object]) -> list[float]:
    """Milliseconds of each look, after three that do not count."""
    for _ in range(3):
        look()
    found = []
    for _ in range(LOOKS):
        started = time.perf_counter()
        look()
        found.append((time.perf_counter() - started) * 1000)
    return found


def _multiply(app: Application, wanted: int) -> None:
    """Copies the first cards, each with its decision, until as many wait."""
    with app.database.engine.begin() as connection:
        there = int(connection.execute(text("SELECT count(*) FROM actions")).scalar_one())
        own = "(SELECT id, decision_id FROM actions WHERE title NOT LIKE '% no %')"
        fresh = {
            "decisions": {"id": "md5('copy' || one.id || n)::uuid"},
            "actions": {
                "id": "md5('copy' || one.id || n)::uuid",
                "decision_id": "md5('copy' || one.decision_id || n)::uuid",
                "title": "one.title || ' no ' || n",
                "expires_at": "one.expires_at + n * interval '1 second'",
            },
        }
        for table, key in (("decisions", "decision_id"), ("actions", "id")):
            query = (
                "SELECT column_name FROM information_schema.columns WHERE table_schema = 'public' AND table_name = :t"
            )
            columns = [str(row[0]) for row in connection.execute(text(query), {"t": table})]
            names = ", ".join(f'"{column}"' for column in columns)
            values = ", ".join(fresh[table].get(column, f'one."{column}"') for column in columns)
            numbers = f"generate_series({there + 1}, {there + (wanted - there) // 20}) n"
            originals = f"(SELECT * FROM {table} WHERE id IN (SELECT {key} FROM {own} known)) one"
            connection.execute(text(f"INSERT INTO {table} ({names}) SELECT {values} FROM {originals}, {numbers}"))
    with app.database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("ANALYZE"))
