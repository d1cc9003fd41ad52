"""Entries of the audit chain about given subjects, as every report with an audit excerpt shows them."""

from __future__ import annotations

from collections.abc import Collection

from core.audit.queries import AuditQueries
from core.deliverables.content import AuditLine, Block, Note, plain
from core.deliverables.source import Reading

MOST_LINES = 200


def audit_lines_of(reading: Reading, subjects: Collection[str], *, limit: int = MOST_LINES) -> tuple[AuditLine, ...]:
    """The latest `limit` entries about these (`run:<id>`, `action:<id>`, …), oldest first.

    Whoever asks has found that the reader may see each of them. What changed is not in them, only that, when and by whom.
    """
    entries, _ = AuditQueries(reading.database).of_subjects(subjects, limit=limit)
    return tuple(
        AuditLine(
            one.sequence, one.at, reading.words.moment(one.at), one.actor_name, one.event, one.subject, one.hash,
            one.previous_hash,
        )
        for one in entries
    )  # fmt: skip


def left_out(reading: Reading, subjects: Collection[str], *, limit: int = MOST_LINES) -> tuple[Block, ...]:
    """A remark where the excerpt has not all entries about these."""
    _, total = AuditQueries(reading.database).of_subjects(subjects, limit=1)
    if total <= limit:
        return ()
    said = reading.words.say("The excerpt has the latest {shown} of {total} entries.", shown=limit, total=total)
    return (Note(plain(said)),)
