"""How many runs a list has: an estimate where counting would cost more than the page, and one that says it is one."""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Executable, Select, select, text
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import Session
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.expression import ClauseElement

from core.executions.tables import Execution

GATHERED = 3_000
"""A list of so few is gathered, counted and put in order for every page; a longer one is walked along its order."""

KEPT_SECONDS, MOST_KEPT = 5.0, 500

IN_MEMORY = {"random_page_cost": "1.1", "jit": "off", "max_parallel_workers_per_gather": "0"}
"""The planner would rather read a whole table than hop; but what lists hop over lies in memory."""
ALONG_THE_ORDER = {"enable_bitmapscan": "off", "enable_seqscan": "off", "enable_sort": "off"}
"""It would also rather sort twenty thousand runs than walk to the twenty that are asked for."""

BY_INDEX = {"enable_seqscan": "off"}
"""It would read a table to the end where it expects a row soon, and there is none."""


class TotalIs(StrEnum):
    EXACT = "exact"
    ESTIMATE = "estimate"


@dataclass(frozen=True)
class RunTotal:
    n: int
    kind: TotalIs = TotalIs.EXACT


def estimated(n: int, *, at_least: int) -> RunTotal:
    """To two digits, as an estimate does not know more; but never below what was seen."""
    return RunTotal(max(int(float(f"{n:.1e}")), at_least), TotalIs.ESTIMATE)


def expected(session: Session, where: Sequence[ColumnElement[bool]]) -> int:
    """How many runs the planner expects, without a look at them."""
    plan = session.connection().execute(_Explain(select(Execution.id).where(*where))).scalar_one()
    return int(plan[0]["Plan"]["Plan Rows"])


class Expectations:
    """What the planner said a moment ago. It says it of statistics, not of rows, so a few seconds more make it no older."""

    def __init__(self) -> None:
        self._known: dict[Hashable, tuple[float, int]] = {}

    def of(self, asked: Hashable, look: Callable[[], int]) -> int:
        now = time.monotonic()
        at, n = self._known.get(asked, (-KEPT_SECONDS, 0))
        if now - at >= KEPT_SECONDS:
            if len(self._known) >= MOST_KEPT:
                self._known.clear()
            self._known[asked] = now, (n := look())
        return n


@contextmanager
def planned(session: Session, settings: Mapping[str, str]) -> Iterator[None]:
    """The planner's settings inside; a page reads on in the same transaction. An error ends that, and them with it."""
    _execute(session, (f"SET LOCAL {name} = '{value}'" for name, value in settings.items()))
    yield
    _execute(session, (f"SET LOCAL {name} TO DEFAULT" for name in settings))


def _execute(session: Session, statements: Iterator[str]) -> None:
    session.execute(text(";".join(statements)))


class _Explain(Executable, ClauseElement):
    """A statement's plan, without running it."""

    inherit_cache = False

    def __init__(self, statement: Select[Any]) -> None:
        self.statement = statement


@compiles(_Explain, "postgresql")
def _explained(element: _Explain, compiler: SQLCompiler, **more: Any) -> str:
    return "EXPLAIN (FORMAT JSON) " + compiler.process(element.statement, **more)
