"""Several of each process behind a proxy, under load, one of each killed: what is lost, done twice, and how long it takes.

`python -m benchmarks scale_out` (needs nginx) prints figures; `tests/integrity/test_scale_out.py` is a shorter form.
"""

from __future__ import annotations

import http.client
import json
import threading
import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import text

from benchmarks.cluster import Cluster
from benchmarks.measure import Figure, percentile, show
from core import bootstrap
from core.bootstrap import Application
from core.guardrails.limits import ExecutionMode
from core.identity.rules import Scope
from core.settings import Settings

TRIES = 40
PAUSE = 0.25


@dataclass
class Measured:
    requests: int = 0
    seconds: float = 0.0
    times: list[float] = field(default_factory=list)
    broken: int = 0
    """Connections that ended without an answer; each request was repeated with its Idempotency-Key."""
    refused: Counter[int] = field(default_factory=Counter)
    """Answers that were neither done nor refused for good, by status; repeated as well."""
    lost: list[str] = field(default_factory=list)
    """Requests that never got an answer, and actions that are not there or not done."""
    twice: list[str] = field(default_factory=list)
    takeover_seconds: float = 0.0
    """From the death of a worker until none of its work was left with it."""
    silence_seconds: float = 0.0
    """The longest time without an answer of any kind after a dashboard was killed."""
    slots: int = 0
    actions: int = 0


def measure() -> None:
    found = run(seconds=30)
    show(
        "Two dashboards, three workers, two schedulers; one of each killed under load",
        [
            Figure("actions proposed, approved and executed", found.actions, ""),
            Figure("requests answered", found.requests / found.seconds, "/s"),
            Figure("answer: p50", percentile(found.times, 0.5) * 1000, "ms"),
            Figure("answer: p99", percentile(found.times, 0.99) * 1000, "ms"),
            Figure("connections broken by the kills", found.broken, ""),
            Figure("requests or actions lost", len(found.lost), "", 0),
            Figure("actions executed twice", len(found.twice), "", 0),
            Figure("a dead worker's work taken over in", found.takeover_seconds, "s", 5),
            Figure("longest silence after a dashboard died", found.silence_seconds, "s", 5),
            Figure("slots of jobs that ran, each once", found.slots, ""),
        ],
    )


def run(*, seconds: float, callers: int = 4) -> Measured:
    """Brings the cluster up, loads it, kills one of each kind on the way, and counts what there is afterwards."""
    found = Measured()
    with Cluster() as here:
        app = _application(here)
        try:
            tokens = _ready(app)
            _load(here, app, tokens, found, seconds, callers)
            _count(app, here, found)
        finally:
            app.close()
    return found


def _application(here: Cluster) -> Application:
    settings = Settings(_env_file=None, database_url=here.database_url, var_dir=here.folder / "var")
    return bootstrap.build(settings, url=here.database_url)


def _ready(app: Application) -> tuple[str, str]:
    """The tokens of an agent, who proposes, and of a person, who approves: nobody does both (four eyes)."""
    admin = app.identity.set_up(email="asha@example.com", name="Asha", password="correct horse battery staple")
    app.guardrails.set_mode(admin, ExecutionMode.ON)
    app.tokens.add_agent(admin, "scout", "Scout")
    proposing = frozenset({Scope.READ, Scope.PROPOSE})
    return (
        app.tokens.issue_token(admin, label="load", scopes=proposing, agent_id="scout"),
        app.tokens.issue_token(admin, label="load", scopes=frozenset(Scope)),
    )


def _load(
    here: Cluster, app: Application, tokens: tuple[str, str], found: Measured, seconds: float, callers: int
) -> None:
    stop, lock, answered = threading.Event(), threading.Lock(), [time.monotonic()]
    numbers = iter(range(1_000_000))
    silences: list[tuple[float, float]] = []

    def call() -> None:
        caller = _Caller(here, tokens, found, lock, answered, silences)
        while not stop.is_set():
            with lock:
                number = next(numbers)
            caller.whole_action(number)
        caller.hang_up()

    threads = [threading.Thread(target=call, name=f"caller-{place}") for place in range(callers)]
    began = time.monotonic()
    for thread in threads:
        thread.start()
    time.sleep(seconds * 0.2)
    found.takeover_seconds = _kill_worker(here, app)
    time.sleep(seconds * 0.15)
    here.kill("scheduler", 0)
    time.sleep(seconds * 0.15)
    killed = time.monotonic()
    here.kill("dashboard", 0)
    time.sleep(max(6.0, seconds * 0.2))
    back = time.monotonic()
    here.start("dashboard", 0)
    time.sleep(seconds * 0.2)
    stop.set()
    for thread in threads:
        thread.join()
    found.seconds = time.monotonic() - began
    found.silence_seconds = max((end - start for start, end in silences if killed - 0.5 <= start <= back), default=0.0)


class _Caller:
    """Proposes and approves over the proxy; what gets no answer is asked again as the same request."""

    def __init__(
        self, here: Cluster, tokens: tuple[str, str], found: Measured, lock: Any, answered: list[float],
        silences: list[tuple[float, float]],
    ) -> None:  # fmt: skip
        self._here, self._found, self._lock = here, found, lock
        self._agent, self._person = tokens
        self._answered, self._silences = answered, silences
        self._line: http.client.HTTPConnection | None = None

    def whole_action(self, number: int) -> None:
        params = {"to": [f"c{number}@example.com"], "subject": f"Load {number}", "body": "It is due."}
        body = {"operation": "email_send", "params": params, "title": f"Load {number}"}
        proposed = self._ask("POST", "/api/actions", body, key=f"propose-{number}-of-the-load")
        if proposed is None:
            return
        digest = {"plan_digest": proposed["plan_digest"]}
        approved = self._ask(
            "POST", f"/api/actions/{proposed['id']}/approve", digest, key=f"approve-{number}-of-the-load"
        )
        if approved is not None:
            with self._lock:
                self._found.actions += 1
        self._ask("GET", f"/api/actions/{proposed['id']}")

    def _ask(self, method: str, path: str, body: Any = None, key: str | None = None) -> Any:
        token = self._agent if path == "/api/actions" else self._person
        headers = {"authorization": f"Bearer {token}", "content-type": "application/json"}
        if key is not None:
            headers["idempotency-key"] = key
        for _ in range(TRIES):
            began = time.monotonic()
            try:
                status, said = self._once(method, path, None if body is None else json.dumps(body), headers)
            except (OSError, http.client.HTTPException):
                self.hang_up()
                with self._lock:
                    self._found.broken += 1
                time.sleep(PAUSE)
                continue
            now = time.monotonic()
            with self._lock:
                self._silences.append((self._answered[0], now))
                if status < 300 or (status == 409 and key is not None and key.startswith("approve")):
                    self._answered[0] = now
                    self._found.requests += 1
                    self._found.times.append(now - began)
                    return json.loads(said)
                self._found.refused[status] += 1
            if status in (400, 401, 403, 404, 422):
                break
            time.sleep(PAUSE)
        with self._lock:
            self._found.lost.append(f"{method} {path}")
        return None

    def _once(self, method: str, path: str, body: str | None, headers: dict[str, str]) -> tuple[int, bytes]:
        if self._line is None:
            self._line = http.client.HTTPConnection("127.0.0.1", self._here.port, timeout=20)
        self._line.request(method, path, body, headers)
        answer = self._line.getresponse()
        return answer.status, answer.read()

    def hang_up(self) -> None:
        if self._line is not None:
            with suppress(OSError):
                self._line.close()
        self._line = None


def _kill_worker(here: Cluster, app: Application) -> float:
    """Seconds from the kill until nothing was left with the dead one; 0 where it had nothing."""
    pid = here.kill("worker", 0)
    died = time.monotonic()
    query = text("SELECT count(*) FROM dbos.workflow_status WHERE status = 'PENDING' AND executor_id LIKE :dead")
    while time.monotonic() - died < 60:
        with app.database.reading() as session:
            if not session.scalar(query, {"dead": f"%-{pid}-%"}):
                return time.monotonic() - died
        time.sleep(0.05)
    return 60.0


def _count(app: Application, here: Cluster, found: Measured) -> None:
    """Every action that was approved is executed, its mail is there once, and each slot of a job has one run."""
    unfinished = text("SELECT count(*) FROM actions WHERE state IN ('approved', 'executing')")
    until = time.monotonic() + 120
    while time.monotonic() < until:
        with app.database.reading() as session:
            if not session.scalar(unfinished):
                break
        time.sleep(0.1)
    with app.database.reading() as session:
        states = session.execute(text("SELECT title, state FROM actions WHERE title LIKE 'Load %'")).all()
        found.slots = int(session.scalar(text("SELECT count(*) FROM job_runs WHERE state = 'succeeded'")) or 0)
        again = session.execute(text("SELECT job, slot FROM job_runs GROUP BY 1, 2 HAVING count(*) > 1")).all()
    titles = Counter(title for title, _ in states)
    sent = Counter(_subject(path.read_text()) for path in (here.folder / "var" / "outbox").glob("*.eml"))
    found.twice += [f"{title} proposed {count} times" for title, count in titles.items() if count > 1]
    found.twice += [f"{title} sent {count} times" for title, count in sent.items() if count > 1]
    found.twice += [f"{job} at {slot}" for job, slot in again]
    # an action whose worker died in its call may be a question for a person; that it is one is not a loss
    found.lost += [f"{title} is {state}" for title, state in states if state in ("approved", "executing", "failed")]
    found.lost += [f"{title} has no mail" for title, state in states if state == "executed" and not sent[title]]


def _subject(mail: str) -> str:
    return next(
        (line.removeprefix("Subject: ").strip() for line in mail.splitlines() if line.startswith("Subject: ")), ""
    )
