"""The one row of guardrails: what it says now, and changing it so that queued work obeys at once."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from core.actor import Actor
from core.audit import service as audit
from core.canonical import jsonable
from core.database.unit_of_work import UnitOfWork
from core.errors import Conflict, CountersignError, InvalidInput
from core.guardrails.limits import POLICY_FIELDS, ROW_FIELDS, ExecutionMode, Limits
from core.guardrails.tables import Guardrails
from core.settings import Settings

_ROW = 1


class PolicyFileRefused(CountersignError):
    """The policy file {path} (GUARDRAILS_FILE) cannot be used: {problem} Nothing was started with it."""

    http_status = 503


def initial_mode(settings: Settings) -> ExecutionMode:
    """Preview, until whoever installed it has said in the environment that execution is meant."""
    live = settings.execution_enabled and not settings.execution_dry_run
    return ExecutionMode.ON if live else ExecutionMode.PREVIEW


def initial_limits(settings: Settings, now: datetime) -> Limits:
    """What a new installation allows, before anybody changed it: defaults, the environment, then the policy file."""
    who = "the installation"
    row: dict[str, Any] = {
        "mode": initial_mode(settings), "mode_by": who, "mode_at": now,
        "changed_by": who, "changed_at": now, "version": 1,
    }  # fmt: skip
    policy = Limits(**row, channels=settings.execution_channels).to_json()
    if settings.guardrails_file is None:
        return Limits.from_json(policy, row)
    try:
        return Limits.from_json({**policy, **_from_file(settings.guardrails_file)}, row)
    except InvalidInput as refused:
        problem = f"{refused.facts['field']}: {refused.facts['problem']}"
        raise PolicyFileRefused(path=settings.guardrails_file, problem=problem) from None


def ensure_row(uow: UnitOfWork, settings: Settings) -> None:
    """Writes the guardrails of a new installation; afterwards the row alone counts."""
    if uow.session.scalar(select(Guardrails.id).where(Guardrails.id == _ROW)) is not None:
        return
    start = initial_limits(settings, uow.now)
    values = {name: getattr(start, name) for name in ROW_FIELDS}
    uow.session.execute(insert(Guardrails).values(id=_ROW, policy=start.to_json(), **values).on_conflict_do_nothing())


def current(uow: UnitOfWork, settings: Settings, *, hold: bool = False) -> Limits:
    """The guardrails now. With `hold` nobody changes them until this transaction ends."""
    query = select(Guardrails).where(Guardrails.id == _ROW).execution_options(populate_existing=True)
    if hold:
        query = query.with_for_update(read=True)
    row = uow.session.scalar(query)
    if row is None:
        ensure_row(uow, settings)
        row = uow.session.scalars(query).one()
    return limits_of(row)


def stored(session: Session) -> Limits | None:
    row = session.get(Guardrails, _ROW)
    return limits_of(row) if row else None


def shown(session: Session, settings: Settings, now: datetime) -> Limits:
    """The guardrails for whoever only looks: as stored, or as a new installation will begin."""
    return stored(session) or initial_limits(settings, now)


def apply(
    uow: UnitOfWork, settings: Settings, actor: Actor, changes: Mapping[str, Any], expected_version: int | None
) -> Limits:
    """Changes what is named in `changes` (`mode`, or a field of the policy as JSON) and leaves the rest.

    Work that is queued reads the row under the same lock right before its call. A damaged policy is replaced by the
    one of a new installation with the changes in it; the mode alone can be changed without touching the policy.
    """
    ensure_row(uow, settings)
    row = uow.session.get_one(Guardrails, _ROW, with_for_update=True, populate_existing=True)
    if expected_version is not None and row.version != expected_version:
        raise Conflict(what="The guardrails")
    before = {"mode": row.mode.value, **_as_object(row.policy)}
    asked = {name: value for name, value in changes.items() if name != "mode"}
    if "mode" in changes:
        mode = _mode_of(changes["mode"])
        if mode is not row.mode:
            row.mode, row.mode_by, row.mode_at = mode, actor.name, uow.now
    if asked:
        old = limits_of(row)
        base = initial_limits(settings, uow.now) if old.damaged else old
        row.policy = Limits.from_json({**base.to_json(), **asked}, _row_facts(row)).to_json()
    after = {"mode": row.mode.value, **_as_object(row.policy)}
    moved = sorted(name for name in {*before, *after} if before.get(name) != after.get(name))
    if moved:
        row.changed_by, row.changed_at, row.version = actor.name, uow.now, row.version + 1
        audit.record(
            uow, actor, "guardrails.changed", "guardrails:1",
            before={name: before.get(name) for name in moved}, after={name: after.get(name) for name in moved},
        )  # fmt: skip
    return limits_of(row)


def limits_of(row: Guardrails) -> Limits:
    """What the row says; a policy that cannot be understood is none: it stops everything, and says why."""
    try:
        return Limits.from_json(row.policy, _row_facts(row))
    except InvalidInput as refused:
        problem = f"{refused.facts['field']}: {refused.facts['problem']}".rstrip(".")
        return Limits(**_row_facts(row), damaged=problem, channels=frozenset(), max_recipients=1)


def _row_facts(row: Guardrails) -> dict[str, Any]:
    return {name: getattr(row, name) for name in ROW_FIELDS}


def _mode_of(value: object) -> ExecutionMode:
    try:
        return ExecutionMode(str(value))
    except ValueError:
        raise InvalidInput(field="Execution", problem="use off, preview or on.") from None


def _as_object(policy: object) -> dict[str, Any]:
    return dict(jsonable(policy)) if isinstance(policy, dict) else {"policy": policy}


def _from_file(path: Path) -> Mapping[str, Any]:
    try:
        read = json.loads(path.read_text())
    except OSError:
        raise PolicyFileRefused(path=path, problem="it cannot be read.") from None
    except ValueError as problem:
        raise PolicyFileRefused(path=path, problem=f"it is not JSON ({problem}).") from None
    if not isinstance(read, dict):
        raise PolicyFileRefused(path=path, problem="it is not a JSON object.")
    for name in read:
        if name not in POLICY_FIELDS:
            known = ", ".join(POLICY_FIELDS)
            raise PolicyFileRefused(path=path, problem=f"“{str(name)[:80]}” is no guardrail; there are {known}.")
    return read
