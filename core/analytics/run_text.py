"""Which runs a search finds: by words of titles and people's names, words of errors and reasons, or a run's id."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from uuid import UUID

from sqlalchemy import ColumnElement, and_, false, func, literal_column, or_, select
from sqlalchemy.orm import Session

from core.analytics.run_totals import BY_INDEX, planned
from core.catalog.tables import WorkflowRevision
from core.executions.rules import ENDED, ExecutionState
from core.executions.tables import WORDS, Execution
from core.identity.tables import User

_MOST_NAMED = 500
"""As many ids go into the query, where an index finds their runs; more names than that are looked up in it."""

_ID = re.compile(r"[0-9a-f-]{8,36}", re.IGNORECASE)


class Search:
    """`text` as a condition on `executions`: part of a title or a name, beginnings of the words of an error, or of an id.

    What is short is looked up here (titles, names), so that what is long (runs) is found by indexes.
    """

    def __init__(self, session: Session, text: str) -> None:
        self._ways = [*_by_title(session, text), *_by_person(session, text), *_by_id(text)]
        self._words = _by_words(text)
        if self._words is not None and (few := _few(session, self._words)) is not None:
            # Nobody can tell beforehand how many runs a word is in; of few, the ids say it.
            self._ways, self._words = [*self._ways, *([Execution.id.in_(few)] if few else [])], None

    def among(self, states: frozenset[ExecutionState] | None) -> ColumnElement[bool]:
        """The condition for runs in `states`: one that completed, or goes on, has no error and no reason to have ended."""
        ways = [*self._ways, self._words] if self._words is not None and self.reads_words(states) else self._ways
        return or_(*ways) if ways else false()

    def reads_words(self, states: frozenset[ExecutionState] | None) -> bool:
        return self._words is not None and (states is None or bool(states - _WITHOUT_WORDS))


_WITHOUT_WORDS = frozenset({ExecutionState.COMPLETED}) | (frozenset(ExecutionState) - ENDED)


def _by_title(session: Session, text: str) -> Iterable[ColumnElement[bool]]:
    names = or_(
        WorkflowRevision.title.icontains(text, autoescape=True),
        WorkflowRevision.workflow_id.icontains(text, autoescape=True),
    )
    matches: dict[str, list[str]] = {}
    for workflow_id, digest in session.execute(
        select(WorkflowRevision.workflow_id, WorkflowRevision.digest).where(names)
    ):
        matches.setdefault(workflow_id, []).append(digest)
    if not matches:
        return
    revisions = select(WorkflowRevision.workflow_id, func.count()).where(WorkflowRevision.workflow_id.in_(matches))
    known = {row[0]: row[1] for row in session.execute(revisions.group_by(WorkflowRevision.workflow_id))}
    whole = sorted(name for name, digests in matches.items() if len(digests) == known[name])
    if whole:
        yield Execution.workflow_id.in_(whole)
    for name, digests in sorted(matches.items()):
        if name not in whole:
            yield and_(Execution.workflow_id == name, Execution.revision.in_(digests))


def _by_person(session: Session, text: str) -> Iterable[ColumnElement[bool]]:
    people = select(User.id).where(User.name.icontains(text, autoescape=True))
    found = session.scalars(people.limit(_MOST_NAMED + 1)).all()
    if found:
        yield Execution.user_id.in_(people if len(found) > _MOST_NAMED else found)


def _by_words(text: str) -> ColumnElement[bool] | None:
    words = re.findall(r"\w+", text)
    if not words:
        return None
    wanted = func.to_tsquery("simple", " & ".join(f"{word}:*" for word in words))
    found: ColumnElement[bool] = literal_column(WORDS).bool_op("@@")(wanted)
    return found


def _few(session: Session, words: ColumnElement[bool]) -> Sequence[UUID] | None:
    """The runs with these words; None if they are too many to name."""
    with planned(session, BY_INDEX):
        found = session.scalars(select(Execution.id).where(words).limit(_MOST_NAMED + 1)).all()
    return found if len(found) <= _MOST_NAMED else None


def _by_id(text: str) -> Iterable[ColumnElement[bool]]:
    digits = text.replace("-", "").lower()
    if _ID.fullmatch(text) and 8 <= len(digits) <= 32:
        yield Execution.id.between(UUID(digits.ljust(32, "0")), UUID(digits.ljust(32, "f")))
