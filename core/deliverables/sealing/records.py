"""Comparing a manifest with this installation's own records: key, audit chain, decisions. Only ever reads."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from core.audit.queries import link_of
from core.audit.rules import link_hash
from core.audit.tables import AuditEntry
from core.clock import SystemClock
from core.database.embedded import running_embedded_server
from core.database.unit_of_work import Database
from core.decisions.rules import DecisionState, Vote
from core.decisions.tables import Ballot, Decision
from core.deliverables.gathering.approvals import RESULTS, VOTES
from core.deliverables.rules import PackageState
from core.deliverables.sealing.manifest import spelled_time
from core.deliverables.sealing.shape import ApprovalShape, AuditShape, ManifestShape
from core.deliverables.sealing.signing import fingerprint
from core.deliverables.sealing.verifying import Verdict
from core.deliverables.tables import Package, PackageFile
from core.deliverables.words import Words
from core.identifiers import parse_id
from core.settings import Settings

COMPLETED = "packaging.completed"
_NO_ANSWER = "The database does not answer, or is of another version."
_OTHER_HOUSE = "To check a package of another installation, leave its records out with --offline."


class NoRecords(Exception):
    """Its text is a sentence that says why there are no records to compare with."""


def compared(settings: Settings, verdict: Verdict) -> Verdict:
    """The verdict with what the records of this installation say to it; NoRecords where there are none."""
    manifest = verdict.manifest
    if manifest is None:
        return verdict
    with closing(_database(settings)) as database:
        try:
            with database.reading() as session:
                known = _in_chain(session, manifest.package.id, verdict.manifest_sha256)
                found = [
                    *([] if known else [f"The audit of this installation knows no such manifest. {_OTHER_HOUSE}"]),
                    *_excerpt(session, manifest.audit),
                    *_decisions(session, manifest),
                ]
        except SQLAlchemyError as problem:
            raise NoRecords(_NO_ANSWER) from problem
    differences, remarks = [*verdict.differences, *found], list(verdict.remarks)
    if verdict.signed_by and verdict.signed_by != own_fingerprint(settings):
        sentence = f"The key {verdict.signed_by} is not this installation's."
        # The audit cannot be rewritten with a new secret, so what it knows was made here under the one before.
        remarks.append(f"{sentence} SECRET_KEY was changed since.") if known else differences.append(sentence)
    return replace(verdict, differences=tuple(differences), remarks=tuple(remarks), with_records=True)


def looked_up(settings: Settings, name: str, sha256: str) -> Verdict | None:
    """Which packages hold a file of this content, by the records alone; None for none. NoRecords where there are none."""
    with closing(_database(settings)) as database:
        try:
            with database.reading() as session:
                query = (
                    select(Package, PackageFile.name)
                    .join(PackageFile, PackageFile.package_id == Package.id)
                    .where(PackageFile.sha256 == sha256, Package.state == PackageState.DONE, ~Package.draft)
                    .order_by(Package.created_at)
                )
                found = [
                    f"{name} is {own} of package {package.number} of “{package.label}”, unchanged since "
                    f"{spelled_time(package.ended_at or package.created_at)[:19]} UTC."
                    for package, own in session.execute(query)
                    if _in_chain(session, str(package.id), package.manifest_sha256 or "", file=sha256)
                ]
        except SQLAlchemyError as problem:
            raise NoRecords(_NO_ANSWER) from problem
    return Verdict(remarks=tuple(found), with_records=True) if found else None


def own_fingerprint(settings: Settings) -> str:
    """Of this installation's key, empty where it has no secret yet: checking must not make one."""
    if settings.secret_key is None and not (settings.var_dir / "secret_key").is_file():
        return ""
    return fingerprint(settings)


def _database(settings: Settings) -> Database:
    url = settings.database_url or running_embedded_server(settings.var_dir)
    if url is None:
        raise NoRecords("There is no database here.")
    return Database(url, SystemClock(), pool_size=1)


def _in_chain(session: Session, package_id: str, manifest_sha256: str, *, file: str = "") -> bool:
    """Whether the audit says that this very manifest was made, with that file; an entry that was changed says nothing."""
    query = select(AuditEntry).where(AuditEntry.event == COMPLETED, AuditEntry.subject == f"package:{package_id}")
    return any(
        told.get("manifest") == manifest_sha256
        and (not file or file in told.get("files", {}).values())
        and link_hash(link_of(one), one.previous_hash) == one.hash
        for one in session.scalars(query)
        if (told := one.after or {})
    )


def _excerpt(session: Session, lines: Sequence[AuditShape]) -> Iterator[str]:
    query = select(AuditEntry).where(AuditEntry.sequence.in_([line.sequence for line in lines]))
    entries = {one.sequence: one for one in session.scalars(query)}
    for line in lines:
        entry = entries.get(line.sequence)
        if entry is None:
            yield f"The audit has no entry {line.sequence}."
        elif (line.hash, line.previous_hash) != (entry.hash, entry.previous_hash) or (
            (line.at, line.who, line.event, line.subject)
            != (spelled_time(entry.at), entry.actor_name, entry.event, entry.subject)
        ):
            yield f"Entry {line.sequence} of the audit is not what the excerpt says."
        elif link_hash(link_of(entry), entry.previous_hash) != entry.hash:
            yield f"Entry {line.sequence} of the audit was changed after it was written."


def _decisions(session: Session, manifest: ManifestShape) -> Iterator[str]:
    ids = {one.id: parse_id(one.id) for one in manifest.approvals}
    wanted = [found for found in ids.values() if found is not None]
    decisions = {one.id: one for one in session.scalars(select(Decision).where(Decision.id.in_(wanted)))}
    ballots: dict[UUID, list[Ballot]] = {}
    for ballot in session.scalars(select(Ballot).where(Ballot.decision_id.in_(wanted))):
        ballots.setdefault(ballot.decision_id, []).append(ballot)
    words = Words(manifest.package.language, "UTC")
    results = {state: words.say(said) for state, said in RESULTS.items()}
    said_of = {vote: words.say(said) for vote, said in VOTES.items()}
    for told in manifest.approvals:
        found = ids[told.id]
        decision = decisions.get(found) if found else None
        if decision is None:
            yield f"The decision on “{told.subject}” is not among this installation's."
            continue
        if told.sha256 != decision.subject_digest:
            yield f"The decision on “{told.subject}” was on another version than the manifest says."
        yield from _result(told, decision, results)
        yield from _votes(told, ballots.get(decision.id, []), said_of)


def _result(told: ApprovalShape, decision: Decision, results: Mapping[DecisionState, str]) -> Iterator[str]:
    if told.decided_at is None:
        return  # it was open then, and may have been decided since
    others = {said for state, said in results.items() if state is not decision.state}
    decided = _spelled(decision.decided_at)
    if told.decided_at != decided or (told.result in others and told.result != results[decision.state]):
        now = f"{results[decision.state]}, {decided or 'not decided'}"
        yield f"The decision on “{told.subject}” is not what the manifest says ({told.result}, {told.decided_at}): {now}."


def _votes(told: ApprovalShape, ballots: Sequence[Ballot], words: Mapping[Vote, str]) -> Iterator[str]:
    """Each vote told must be one that was cast; votes since then, and those a reader may not see, are none of its."""
    for vote in told.votes:
        meant = {one for one in Vote if words[one] == vote.word}
        if not any(
            vote.at == spelled_time(one.cast_at)
            and vote.reason == one.reason
            and one.voter_name in vote.who
            and (not meant or one.vote in meant)
            for one in ballots
        ):
            yield f"The vote of {vote.who} on “{told.subject}” was not cast as the manifest says."


def _spelled(at: datetime | None) -> str | None:
    return None if at is None else spelled_time(at)
