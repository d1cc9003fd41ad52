"""One connection a process that listens to PostgreSQL's notifications, and tells everybody here who asked."""

from __future__ import annotations

import selectors
import socket
import threading
import time
from collections.abc import Callable, Collection
from contextlib import closing, suppress
from typing import Any

import psycopg2
import structlog
from sqlalchemy import make_url

from core.changes.listener import Listener
from core.changes.rules import ANYTHING, CHANNEL, Change, Kind, locks_of, read_change

log = structlog.get_logger(__name__)

LOCKS = 1129530451
"""The class of the advisory locks, shared, on what is watched: the triggers of migration 0023 tell nothing else."""

_LOOK_SECONDS = 15.0
"""After so long without a word the connection is asked whether it lives."""
_AGAIN_SECONDS = 1.0
"""A transaction that changed a row before it was watched, and commits later, told nobody: who came looks again then."""
_WAITS = (0.1, 0.5, 2.0, 5.0)


class Changes:
    """Nothing is opened before the first listener comes. LISTEN needs a connection of its own: see docs/OPERATIONS.md."""

    def __init__(self, url: str) -> None:
        self._url = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
        self._lock = threading.Lock()
        self._by_watched: dict[tuple[Kind | None, str | None], set[Listener]] = {}
        self._coming: list[Listener] = []
        """Those whose locks are not held yet."""
        self._thread: threading.Thread | None = None
        self._waker: socket.socket | None = None
        self._ending = threading.Event()
        self._connected = threading.Event()

    def listen(self, watched: Collection[Change], wake: Callable[[], None] | None = None) -> Listener:
        """Told of what concerns any of `watched`, and once of ANYTHING when that begins: look at the state then."""
        listener = Listener(watched, wake, self._leave)
        with self._lock:
            if self._ending.is_set():
                listener.end()
                return listener
            for one in listener.watched:
                self._by_watched.setdefault((one.kind, one.id), set()).add(listener)
            self._coming.append(listener)
            if self._thread is None:
                ours, theirs = socket.socketpair()
                ours.setblocking(False)
                self._waker = ours
                self._thread = threading.Thread(target=self._run, args=(theirs,), name="changes", daemon=True)
                self._thread.start()
        self._wake_thread()
        return listener

    def listening(self, seconds: float = 5.0) -> bool:
        """Whether the connection stands, after waiting for it at most so long."""
        return self._connected.wait(seconds)

    @property
    def listeners(self) -> int:
        with self._lock:
            return len(set().union(*self._by_watched.values()))

    def _everybody(self) -> list[Listener]:
        with self._lock:
            return list(set().union(*self._by_watched.values()))

    def end_listeners(self) -> None:
        """Tells all who listen that nothing more will come, and takes no more; does not wait."""
        self._ending.set()
        for one in self._everybody():
            one.end()
        self._wake_thread()

    def close(self) -> None:
        """Ends every listener and the connection."""
        self.end_listeners()
        with self._lock:
            thread, waker = self._thread, self._waker
        if thread is not None and thread is not threading.current_thread():
            thread.join(5.0)
        if waker is not None:
            waker.close()
            self._waker = None

    def _wake_thread(self) -> None:
        if self._waker is not None:
            with suppress(OSError):  # full: then it is awake already
                self._waker.send(b"x")

    def _leave(self, listener: Listener) -> None:
        with self._lock:
            for one in listener.watched:
                found = self._by_watched.get((one.kind, one.id))
                if found is not None:
                    found.discard(listener)
                    if not found:
                        del self._by_watched[one.kind, one.id]

    def _tell(self, change: Change) -> None:
        with self._lock:
            if change.kind is None or change.id is None:
                told = set().union(
                    *(
                        found
                        for (kind, _), found in self._by_watched.items()
                        if change.kind is None or kind in (None, change.kind)
                    )
                )
            else:
                places = ((change.kind, change.id), (change.kind, None), (None, None))
                told = set().union(*(self._by_watched.get(one, ()) for one in places))
        for one in told:
            one.tell(change)

    # -- the thread ---------------------------------------------------------------------------------------------------

    def _run(self, waker: socket.socket) -> None:
        failures = 0
        with waker:
            while not self._ending.is_set():
                try:
                    connection: Any = psycopg2.connect(
                        self._url, application_name="countersign changes", connect_timeout=10
                    )
                    with closing(connection):
                        ears = _Ears(self, connection, waker)
                        self._connected.set()
                        failures = 0
                        ears.hear()
                except (psycopg2.Error, OSError) as problem:
                    log.warning("changes.lost", problem=type(problem).__name__)
                    self._connected.clear()
                    self._ending.wait(_WAITS[min(failures, len(_WAITS) - 1)])
                    failures += 1
            self._connected.clear()

    def _arrivals(self) -> list[Listener]:
        with self._lock:
            arrived, self._coming = self._coming, []
            return arrived

    def _wanted(self) -> set[str]:
        with self._lock:
            return {name for one in self._by_watched for name in locks_of(Change(*one))}


class _Ears:
    """One connection while it lasts: what it holds locks on, what it hears."""

    def __init__(self, changes: Changes, connection: Any, waker: socket.socket) -> None:
        self._changes, self._connection, self._waker = changes, connection, waker
        self._held: set[str] = set()
        self._again: list[tuple[float, list[Listener]]] = []
        connection.autocommit = True
        self._execute(f"LISTEN {CHANNEL}")
        changes._arrivals()
        self._hold()
        changes._tell(ANYTHING)  # whatever happened while nobody listened
        self._again.append((time.monotonic() + _AGAIN_SECONDS, changes._everybody()))

    def hear(self) -> None:
        self._waker.setblocking(False)
        with selectors.DefaultSelector() as selector:  # select() knows no descriptor above 1,023
            selector.register(self._connection, selectors.EVENT_READ)
            selector.register(self._waker, selectors.EVENT_READ)
            while not self._changes._ending.is_set():
                wait = self._again[0][0] - time.monotonic() if self._again else _LOOK_SECONDS
                ready = {key.fileobj for key, _ in selector.select(max(0.0, wait))}
                if self._waker in ready:
                    with suppress(BlockingIOError):
                        while len(self._waker.recv(4096)) == 4096:
                            pass
                    self._welcome()
                elif not ready and not self._again:
                    self._hold()
                    self._execute("SELECT 1")
                self._look_again()
                self._connection.poll()
                for one in dict.fromkeys(found.payload for found in self._connection.notifies):
                    self._changes._tell(read_change(one))
                self._connection.notifies.clear()

    def _welcome(self) -> None:
        """Holds what new listeners watch, and tells them to look: from here on they miss nothing."""
        arrived = self._changes._arrivals()
        if arrived:
            self._hold()
            for one in arrived:
                one.tell(ANYTHING)
            self._again.append((time.monotonic() + _AGAIN_SECONDS, arrived))

    def _look_again(self) -> None:
        while self._again and self._again[0][0] <= time.monotonic():
            for one in self._again.pop(0)[1]:
                one.tell(ANYTHING)

    def _hold(self) -> None:
        """Takes the locks that are missing, and gives back those that nobody needs any more."""
        wanted = self._changes._wanted()
        if missing := sorted(wanted - self._held):
            self._execute("SELECT pg_advisory_lock_shared(%s, hashtext(name)) FROM unnest(%s) AS name", LOCKS, missing)
        if over := sorted(self._held - wanted):
            self._execute("SELECT pg_advisory_unlock_shared(%s, hashtext(name)) FROM unnest(%s) AS name", LOCKS, over)
        self._held = wanted

    def _execute(self, statement: str, *values: Any) -> None:
        with self._connection.cursor() as cursor:
            cursor.execute(statement, values or None)
