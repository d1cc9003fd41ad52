"""Event logs as installations have them, made up here: loan applications, each with its own fate."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from io import BytesIO, StringIO
from random import Random
from uuid import UUID
from xml.sax.saxutils import quoteattr

from core.actor import Actor
from core.bootstrap import Application
from core.engine.steps import InlineSteps
from core.imports.rules import Dates, LogMapping

STEPS = ("Receive application", "Check credit", "Assess risk", "Decide", "Pay out")
HEADER = ("Case ID", "Activity", "Start time", "Complete timestamp", "Resource", "Segment", "Revenue")
BEGINNING = datetime(2025, 6, 2, 8, 0, tzinfo=UTC)
STAFF = ("ravi@example.com", "mona@example.com", "Counter 4")

MAPPING = LogMapping(
    source="loans", case="Case ID", activity="Activity", start="Start time", time="Complete timestamp",
    person="Resource", dates=Dates.ISO, new_title="Loan application",
)  # fmt: skip

Line = tuple[str, ...]


def loans(cases: int, *, seed: int = 1, first: int = 1) -> Iterator[Line]:
    """Rows for `HEADER`, a case after the other; two of three reach the end."""
    rng = Random(seed)
    for number in range(first, first + cases):
        at = BEGINNING + timedelta(minutes=11 * number)
        reach = len(STEPS) if rng.random() < 0.66 else rng.randrange(1, len(STEPS))
        for step in STEPS[:reach]:
            took = timedelta(minutes=rng.randrange(1, 90))
            until = at + took
            worth = str(rng.randrange(100, 900)) if step == STEPS[-1] else ""
            yield (f"L-{number:06}", step, at.isoformat(), until.isoformat(), rng.choice(STAFF), "agency", worth)
            at = until + timedelta(minutes=rng.randrange(5, 3_000))


def csv_bytes(rows: Iterator[Line] | Sequence[Line], header: Sequence[str] = HEADER, delimiter: str = ",") -> bytes:
    buffer = StringIO()
    writer = csv.writer(buffer, delimiter=delimiter)
    writer.writerow(header)
    writer.writerows(rows)
    return buffer.getvalue().encode()


def xes_bytes(traces: Sequence[tuple[str, Sequence[tuple[str, datetime, str]]]]) -> bytes:
    """A XES log of (case, [(activity, time, transition)])."""
    parts = [
        '<?xml version="1.0" encoding="UTF-8"?>\n<log xes.version="1849.2016" xmlns="http://www.xes-standard.org/">'
    ]
    for case, events in traces:
        parts.append(f'<trace><string key="concept:name" value={quoteattr(case)}/>')
        for activity, at, transition in events:
            parts.append(
                f'<event><string key="concept:name" value={quoteattr(activity)}/>'
                f'<date key="time:timestamp" value="{at.isoformat()}"/>'
                f'<string key="lifecycle:transition" value="{transition}"/></event>'
            )
        parts.append("</trace>\n")
    return "".join([*parts, "</log>"]).encode()


def work_off(app: Application, import_id: object) -> str:
    """What a worker would do with it, here and now."""
    return app.import_work.carry_on(InlineSteps(), str(import_id))


def uploaded(app: Application, actor: Actor, data: bytes, name: str = "loans.csv") -> UUID:
    return app.imports.upload(actor, name, BytesIO(data))
