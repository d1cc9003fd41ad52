"""`/metrics` for Prometheus: this process's requests, and the installation as every dashboard sees it."""

from __future__ import annotations

import hmac
import ipaddress
import threading
import time
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from datetime import datetime, timedelta

import structlog
from anyio import to_thread
from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    PlatformCollector,
    ProcessCollector,
    disable_created_metrics,
)
from prometheus_client.core import GaugeMetricFamily, InfoMetricFamily
from prometheus_client.exposition import choose_encoder
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector
from sqlalchemy.exc import SQLAlchemyError
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from core.actor import Role
from core.bootstrap import Application
from core.errors import NotFound
from core.identity.rules import Scope
from core.monitoring import draining
from core.monitoring.queries import MOST_ENDINGS, Standing, Waiting
from core.settings import Settings
from core.version import VERSION

log = structlog.get_logger(__name__)

KEPT_SECONDS = 3.0
"""How long the installation's numbers are given again: several scrapers cost what one does."""
SETTLED = timedelta(seconds=5)
"""Endings are counted when they are this old: a transaction commits a moment after the time it writes."""
FURTHEST = timedelta(minutes=10)
"""What a dashboard that was not asked for long looks back at most."""

_ANSWERS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
_EXECUTIONS = (0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800, 7200)
_RUNS = (1, 5, 15, 60, 300, 900, 3600, 4 * 3600, 24 * 3600, 7 * 24 * 3600)


class Metrics:
    """The registry of this process. The installation's values are the same on every dashboard: take their maximum."""

    def __init__(self, get_app: Callable[[], Application]) -> None:
        disable_created_metrics()  # type: ignore[no-untyped-call]
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        PlatformCollector(registry=self.registry)
        self._seconds = Histogram(
            "countersign_http_request_duration_seconds", "Time until the answer began, by route, in this process.",
            ["method", "route"], buckets=_ANSWERS, registry=self.registry,
        )  # fmt: skip
        self._requests = Counter(
            "countersign_http_requests", "Requests answered by this process; status 0 had no answer.",
            ["method", "route", "status"], registry=self.registry,
        )  # fmt: skip
        self._sockets = Gauge(
            "countersign_http_websockets", "Open WebSockets of this process: about one a browser tab.",
            registry=self.registry,
        )  # fmt: skip
        Installation(get_app, self.registry)

    def observe(self, method: str, route: str, status: int, seconds: float) -> None:
        self._seconds.labels(method, route).observe(seconds)
        self._requests.labels(method, route, str(status)).inc()

    def opened(self, by: int) -> None:
        self._sockets.inc(by)


class Installation(Collector):
    """Reads how things stand when asked, keeps that a moment, and counts what ended since the last look."""

    def __init__(self, get_app: Callable[[], Application], registry: CollectorRegistry) -> None:
        registry.register(self)  # before its counters: what is collected counts in the same answer
        self._get_app = get_app
        self._lock = threading.Lock()
        self._kept: list[Metric] = []
        self._kept_at = -KEPT_SECONDS
        self._attempts_until: datetime | None = None
        self._runs_until: datetime | None = None
        self._latency = Histogram(
            "countersign_execution_latency_seconds",
            "From approval to receipt of an attempt, counted since this dashboard started.",
            buckets=_EXECUTIONS, registry=registry,
        )  # fmt: skip
        self._results = Counter(
            "countersign_connector_results", "Attempts by connector, operation and result, since this dashboard started.",
            ["connector", "operation", "result"], registry=registry,
        )  # fmt: skip
        self._durations = Histogram(
            "countersign_run_duration_seconds", "From start to end of a run, counted since this dashboard started.",
            ["state"], buckets=_RUNS, registry=registry,
        )  # fmt: skip
        self._failures = Counter(
            "countersign_collection_failures", "Looks at the database that failed or took too long.", registry=registry
        )

    def describe(self) -> Iterable[Metric]:
        return []  # nothing is asked of the database when the registry is built

    def collect(self) -> Iterator[Metric]:
        """One look for all who ask at once; the next after KEPT_SECONDS."""
        with self._lock:
            if time.monotonic() - self._kept_at >= KEPT_SECONDS:
                self._kept = list(self._look())
                self._kept_at = time.monotonic()
            yield from self._kept

    def _look(self) -> Iterator[Metric]:
        app = self._get_app()
        yield InfoMetricFamily("countersign", "The version that this process runs.", {"version": VERSION})
        yield _gauge("countersign_draining", "1 while this dashboard is on its way out.", draining.is_draining())
        began = time.perf_counter()
        try:
            up = app.monitoring.answers()
        except SQLAlchemyError:
            up = False
        yield _gauge("countersign_database_up", "1 where the database answers.", up)
        if not up:
            self._failures.inc()
            return
        try:
            standing = app.monitoring.standing()
            self._count_endings(app)
        except SQLAlchemyError as problem:
            self._failures.inc()
            log.warning("metrics.look_failed", problem=type(problem).__name__)
            return
        yield from _told(standing)
        taken = time.perf_counter() - began
        yield _gauge("countersign_collection_seconds", "What this look at the database took.", taken)

    def _count_endings(self, app: Application) -> None:
        until = app.clock.now() - SETTLED
        since = max(self._attempts_until or until, until - FURTHEST)
        attempts = app.monitoring.attempts_ended(since, until)
        for ended in attempts:
            self._latency.observe(ended.seconds)
            self._results.labels(_connector(app, ended.operation), ended.operation, ended.outcome).inc()
        self._attempts_until = attempts[-1].finished_at if len(attempts) == MOST_ENDINGS else until
        since = max(self._runs_until or until, until - FURTHEST)
        runs = app.monitoring.runs_ended(since, until)
        for run in runs:
            self._durations.labels(run.state).observe(run.seconds)
        self._runs_until = runs[-1].finished_at if len(runs) == MOST_ENDINGS else until


def _told(now: Standing) -> Iterator[Metric]:
    yield _labelled("countersign_queue_waiting", "Work that waits for a worker.", "queue", _counts(now.queues))
    oldest = {name: one.oldest_seconds for name, one in now.queues.items()}
    yield _labelled("countersign_queue_oldest_seconds", "Age of the oldest work that waits.", "queue", oldest)
    yield _labelled("countersign_queue_running", "Work that workers have.", "queue", now.running)
    yield _labelled("countersign_decisions_waiting", "Open decisions.", "kind", _counts(now.decisions))
    oldest = {name: one.oldest_seconds for name, one in now.decisions.items()}
    yield _labelled("countersign_decisions_oldest_seconds", "Age of the oldest open decision.", "kind", oldest)
    yield _labelled("countersign_actions", "Actions that are not over.", "state", now.actions)
    yield _labelled("countersign_runs", "Runs, as of the last roll-up.", "state", now.runs)
    yield _labelled("countersign_webhook_deliveries", "Waiting, and given up in a day.", "state", now.webhooks)
    last = {job.name: job.ended_at.timestamp() for job in now.jobs if job.ended_at}
    yield _labelled("countersign_job_last_end_timestamp_seconds", "When a job last ended.", "job", last)
    well = {job.name: float(job.succeeded) for job in now.jobs if job.ended_at}
    yield _labelled("countersign_job_last_succeeded", "1 where a job's last run succeeded.", "job", well)
    took = {job.name: job.seconds for job in now.jobs if job.ended_at}
    yield _labelled("countersign_job_last_duration_seconds", "What a job's last run took.", "job", took)
    due = {job.name: job.next_at.timestamp() for job in now.jobs if job.next_at}
    yield _labelled("countersign_job_next_timestamp_seconds", "When a job is due next.", "job", due)
    yield _gauge("countersign_workers", "Living workers, in all processes.", now.workers)
    if now.worker_silent_seconds is not None:
        words = "Since the last sign of life of the liveliest worker."
        yield _gauge("countersign_worker_silent_seconds", words, now.worker_silent_seconds)
    if now.scheduler_silent_seconds is not None:
        words = "Since the last sign of life of any scheduler."
        yield _gauge("countersign_scheduler_silent_seconds", words, now.scheduler_silent_seconds)
    yield _gauge("countersign_audit_entries", "Entries of the audit chain.", now.audit_entries)
    yield _gauge("countersign_database_size_bytes", "Size of the database.", now.database_bytes)
    used = {state: count for state, count in now.sessions.items() if state != "most"}
    yield _labelled("countersign_database_sessions", "Sessions of the database, of all processes.", "state", used)
    most = now.sessions.get("most", 0)
    yield _gauge("countersign_database_sessions_limit", "Sessions the server lets in.", most)


def create_metrics(
    metrics: Metrics, get_app: Callable[[], Application], settings: Settings
) -> Callable[[Request], Awaitable[Response]]:
    """The route's endpoint: 404 to whoever may not read it, so that nobody learns that it is there."""

    async def show(request: Request) -> Response:
        if not await to_thread.run_sync(may_read, request, get_app, settings):
            return PlainTextResponse("Not found", status_code=404, headers={"cache-control": "no-store"})
        encode, kind = choose_encoder(request.headers.get("accept", ""))
        body = await to_thread.run_sync(encode, metrics.registry)
        return Response(body, headers={"content-type": kind, "cache-control": "no-store"})

    return show


def may_read(request: Request, get_app: Callable[[], Application], settings: Settings) -> bool:
    """METRICS_TOKEN, or a token of somebody who operates; without a METRICS_TOKEN also this machine, if nothing stands
    in front: behind a proxy on this machine everybody comes from it.
    """
    scheme, _, given = request.headers.get("authorization", "").partition(" ")
    if given:
        return scheme.lower() == "bearer" and _opens(given.strip(), get_app, settings)
    if settings.metrics_token is not None or settings.public_url is not None:
        return False
    return _is_direct(request)


def _opens(given: str, get_app: Callable[[], Application], settings: Settings) -> bool:
    if settings.metrics_token is not None and hmac.compare_digest(
        given.encode(), settings.metrics_token.get_secret_value().encode()
    ):
        return True
    try:
        actor = get_app().identity_queries.actor_of_token(given)
    except SQLAlchemyError:
        return False
    if actor is None or (actor.scopes is not None and Scope.READ not in actor.scopes):
        return False
    return not actor.roles.isdisjoint({Role.OPERATOR, Role.ADMIN})


def _is_direct(request: Request) -> bool:
    forwarded = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-real-ip", "via")
    if any(name in request.headers for name in forwarded) or request.client is None:
        return False
    return _is_loopback(request.client.host) and _is_loopback(request.url.hostname or "")


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _connector(app: Application, operation: str) -> str:
    try:
        return app.connectors.operation(operation).channel
    except NotFound:
        return "none"


def _counts(waiting: Mapping[str, Waiting]) -> dict[str, float]:
    return {name: one.count for name, one in waiting.items()}


def _gauge(name: str, words: str, value: float) -> Metric:
    return GaugeMetricFamily(name, words, value=float(value))


def _labelled(name: str, words: str, label: str, values: Mapping[str, float]) -> Metric:
    family = GaugeMetricFamily(name, words, labels=[label])
    for key, value in values.items():
        family.add_metric([key], float(value))
    return family
