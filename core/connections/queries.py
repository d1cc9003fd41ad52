"""Read models of connections: what there is, how it fares, and what can be added. No secret is ever in them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import SecretStr
from sqlalchemy import select

from core.actor import Actor, Role
from core.connections.accounts import EnvironmentAccounts
from core.connections.rules import ENVIRONMENT
from core.connections.service import secret_fields
from core.connections.tables import ConnectionRow
from core.connectors.protocol import AnySystem
from core.database.unit_of_work import Database
from core.errors import NotFound
from core.settings import Settings


@dataclass(frozen=True)
class LastCall:
    at: datetime
    passed: bool
    words: str


@dataclass(frozen=True)
class ConnectionView:
    name: str
    system: str
    system_title: str
    family: str
    identity: str
    """Which system and as whom."""
    values: Mapping[str, Any]
    secrets: tuple[str, ...]
    """The names of the secrets that are kept."""
    usual: bool
    enabled: bool
    disabled_because: str
    test: LastCall | None
    use: LastCall | None
    changed_by: str
    changed_at: datetime | None
    version: int

    @property
    def from_environment(self) -> bool:
        return self.name == ENVIRONMENT


@dataclass(frozen=True)
class SystemView:
    name: str
    title: str
    family: str
    where: str
    schema: Mapping[str, Any]
    """JSON Schema of the account's form; secrets have the format `password`."""
    secrets: frozenset[str]


class ConnectionQueries:
    def __init__(self, database: Database, settings: Settings, systems: Mapping[str, AnySystem]) -> None:
        self._database, self._systems = database, systems
        self._environment = EnvironmentAccounts(settings, systems)

    def all(self, actor: Actor) -> Sequence[ConnectionView]:
        """Every connection, those of the environment last, by family and name."""
        actor.must_have(Role.ADMIN, to="see connections")
        with self._database.reading() as session:
            rows = session.scalars(select(ConnectionRow).order_by(ConnectionRow.family, ConnectionRow.name)).all()
        usual = {row.family for row in rows if row.usual}
        given = [
            ConnectionView(
                name=ENVIRONMENT, system=account.system, system_title=self._systems[account.system].title,
                family=family, identity=self._systems[account.system].identity(account.values), values={}, secrets=(),
                usual=family not in usual, enabled=True, disabled_because="", test=None, use=None,
                changed_by="the environment", changed_at=None, version=0,
            )
            for family, account in sorted(self._environment.by_family().items())
        ]  # fmt: skip
        return [*(self._view(row) for row in rows), *given]

    def one(self, actor: Actor, name: str) -> ConnectionView:
        actor.must_have(Role.ADMIN, to="see connections")
        with self._database.reading() as session:
            row = session.scalar(select(ConnectionRow).where(ConnectionRow.name == name))
        if row is None:
            raise NotFound(kind="connection", id=name)
        return self._view(row)

    def systems(self) -> Sequence[SystemView]:
        """What can be added."""
        return [
            SystemView(one.name, one.title, one.family, one.where, one.account.model_json_schema(), secret_fields(one))
            for one in sorted(self._systems.values(), key=lambda one: one.title)
        ]

    def _view(self, row: ConnectionRow) -> ConnectionView:
        system = self._systems.get(row.system)
        return ConnectionView(
            name=row.name, system=row.system, system_title=system.title if system else row.system, family=row.family,
            identity=_identity(system, row), values=dict(row.values), secrets=tuple(sorted(row.secrets)),
            usual=row.usual, enabled=row.enabled, disabled_because=row.disabled_because,
            test=_last(row.tested_at, row.test_passed, row.test_words),
            use=_last(row.used_at, row.use_passed, row.use_words),
            changed_by=row.changed_by, changed_at=row.changed_at, version=row.version,
        )  # fmt: skip


def _identity(system: AnySystem | None, row: ConnectionRow) -> str:
    """From what is not secret alone."""
    if system is None:
        return f"{row.system} (this version has no connector for it)"
    hidden = {name: SecretStr("hidden") for name in row.secrets}
    return system.identity(system.account.model_construct(**row.values, **hidden))


def _last(at: datetime | None, passed: bool | None, words: str) -> LastCall | None:
    return LastCall(at, bool(passed), words) if at is not None else None
