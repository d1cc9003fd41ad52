"""One transaction with everything that belongs to it: state, audit entries and enqueued work commit together or not at all."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, Row, Select, create_engine, event, make_url, text
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import InvalidatePoolError
from sqlalchemy.orm import Session, sessionmaker
from sqlalchemy.pool import ConnectionPoolEntry, PoolProxiedConnection

from core.canonical import canonical_json
from core.clock import Clock

beside_every_commit: ContextVar[Callable[[UnitOfWork], None] | None] = ContextVar("beside_every_commit", default=None)
"""What each transaction of this context does as well, and fails with: see `core.idempotency.requests`."""

IDLE_SECONDS = 1.0
"""After so long a connection may have been lost without anybody noticing."""


class UnitOfWork:
    """Handed to whoever takes part in a transaction; only `Database.begin` commits it."""

    def __init__(self, session: Session, now: datetime) -> None:
        self.session = session
        self.now = now
        self.notes: dict[str, Any] = {}
        self._last: list[Callable[[], None]] = []

    def before_commit(self, act: Callable[[], None]) -> None:
        """`act` runs after everything else in this transaction, for locks that must be held shortest."""
        self._last.append(act)

    def writes(self) -> bool:
        """Whether it has changed anything so far, or is about to."""
        assigned = text("SELECT pg_current_xact_id_if_assigned() IS NOT NULL")
        return bool(self._last) or bool(self.session.scalar(assigned))

    def finish(self) -> None:
        self.session.flush()
        beside = beside_every_commit.get()
        if beside is not None:
            beside(self)
        for act in self._last:
            act()


class Database:
    """The engine and its transactions. Opened once per process by `core.bootstrap`."""

    def __init__(self, url: str, clock: Clock, *, pool_size: int = 8) -> None:
        self.clock = clock
        self.engine = open_engine(url, pool_size=pool_size)
        self._sessions = sessionmaker(self.engine, expire_on_commit=False)
        self._readers = sessionmaker(self.engine, expire_on_commit=False)
        event.listen(self._readers, "loaded_as_persistent", _keep)
        self._asking = self.engine.execution_options(isolation_level="AUTOCOMMIT")
        self._open_reading: ContextVar[Session | None] = ContextVar("open_reading", default=None)

    @contextmanager
    def begin(self) -> Iterator[UnitOfWork]:
        """A transaction that commits at the end of the block, and rolls back if the block raises."""
        with self._sessions.begin() as session:
            unit = UnitOfWork(session, self.clock.now())
            yield unit
            unit.finish()

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A read-only transaction for queries; a write in it is refused by PostgreSQL.

        Inside another one it is that one: a page that opens with `reading()` pays for one transaction, not for ten.
        Each statement still sees what is committed when it starts.
        """
        outer = self._open_reading.get()
        if outer is not None:
            yield outer
            return
        with self._readers() as session:
            session.connection(execution_options={"postgresql_readonly": True})
            mark = self._open_reading.set(session)
            try:
                yield session
            finally:
                self._open_reading.reset(mark)

    @contextmanager
    def reading_one_moment(self) -> Iterator[Session]:
        """As `reading`, but every statement sees what was committed when the first one began, nested `reading` too."""
        with self._readers() as session:
            session.connection(execution_options={"postgresql_readonly": True, "isolation_level": "REPEATABLE READ"})
            mark = self._open_reading.set(session)
            try:
                yield session
            finally:
                self._open_reading.reset(mark)

    @contextmanager
    def asking(self) -> Iterator[Connection]:
        """A connection for one SELECT: no transaction is begun and ended around it, which is two round trips less.

        Inside `reading` it is that one's.
        """
        outer = self._open_reading.get()
        if outer is not None:
            yield outer.connection()
            return
        with self._asking.connect() as connection:
            yield connection

    def asked(self, statement: Select[Any], planner: Mapping[str, str]) -> Sequence[Row[Any]]:
        """The rows of one SELECT under these settings of the planner: one round trip, a transaction of its own."""
        settings = {"transaction_read_only": "on", **planner}
        before = ";".join(f"SET LOCAL {name} = '{value}'" for name, value in settings.items())
        with self._asking.connect() as connection:
            return connection.execute(statement, execution_options={_BEFORE: before}).all()

    def close(self) -> None:
        self.engine.dispose()


def _keep(session: Session, loaded: object) -> None:
    """A session forgets what nobody holds; a page that asks for the same row again shall not pay for it again."""
    session.info.setdefault(_keep, []).append(loaded)


def open_engine(url: str, *, pool_size: int) -> Engine:
    """An engine on psycopg2: `postgresql://` alone would mean another driver to SQLAlchemy 2.1."""
    parsed = make_url(url).set(drivername="postgresql+psycopg2")
    engine = create_engine(
        parsed,
        pool_size=pool_size,
        max_overflow=8,
        json_serializer=canonical_json,
        connect_args={"application_name": "countersign", "connect_timeout": 10},
    )
    _ask_after_idling(engine)
    event.listen(engine, "before_cursor_execute", _say_before, retval=True)
    return engine


_BEFORE = "said_before"


def _say_before(
    _connection: Connection, _cursor: Any, statement: str, parameters: Any, context: Any, _many: bool
) -> tuple[str, Any]:
    """Statements that are sent as one are one transaction, and the last one answers."""
    before = context.execution_options.get(_BEFORE) if context is not None else None
    return (f"{before};{statement}" if before else statement), parameters


def _ask_after_idling(engine: Engine) -> None:
    """Asks a connection whether it lives before it is used again, unless it was used a moment ago.

    SQLAlchemy's own `pool_pre_ping` asks every time, which is two statements more for each transaction of a busy worker.
    """

    def left(_connection: DBAPIConnection, record: ConnectionPoolEntry) -> None:
        record.info["left_at"] = time.monotonic()

    def taken(connection: DBAPIConnection, record: ConnectionPoolEntry, _proxy: PoolProxiedConnection) -> None:
        left_at = record.info.get("left_at")
        if left_at is None or time.monotonic() - left_at < IDLE_SECONDS:
            return
        try:
            engine.dialect.do_ping(connection)
        except engine.dialect.loaded_dbapi.Error as gone:
            raise InvalidatePoolError() from gone

    event.listen(engine, "checkin", left)
    event.listen(engine, "checkout", taken)
