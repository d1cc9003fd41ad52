"""Finding the account an operation acts through: a connection that was added, else what the environment names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import structlog
from pydantic import SecretStr, ValidationError
from sqlalchemy import func, or_, select, update
from sqlalchemy.exc import SQLAlchemyError

from core.canonical import digest
from core.connections.cipher import Cipher, Unreadable
from core.connections.rules import ENVIRONMENT, ConnectionDisabled, ConnectionUnreadable, UnknownConnection
from core.connections.tables import ConnectionRow
from core.connectors.plan import AttemptOutcome, Receipt
from core.connectors.protocol import Account, AnySystem
from core.database.unit_of_work import Database
from core.settings import Settings

log = structlog.get_logger(__name__)

_NOTE_SECONDS = 10
"""A busy connection's last use is noted no oftener than this while nothing changes."""


class EnvironmentAccounts:
    """The accounts that the environment names, one a family."""

    def __init__(self, settings: Settings, systems: Mapping[str, AnySystem]) -> None:
        self._found: dict[str, Account[Any]] = {}
        for system in systems.values():
            values = system.environment(settings)
            if values is not None and system.family not in self._found:
                self._found[system.family] = Account(ENVIRONMENT, system.name, values, revision="environment")

    def find(self, family: str, name: str | None) -> Account[Any] | None:
        if name not in (None, ENVIRONMENT):
            raise UnknownConnection(name=name)
        found = self._found.get(family)
        if found is None and name is not None:
            raise UnknownConnection(name=name)
        return found

    def all(self, family: str) -> Sequence[Account[Any]]:
        return [self._found[family]] if family in self._found else []

    def names(self, family: str) -> Sequence[str]:
        return [ENVIRONMENT] if family in self._found else []

    def used(self, name: str | None, receipt: Receipt) -> None:
        """The environment keeps no notes."""

    def by_family(self) -> Mapping[str, Account[Any]]:
        return dict(self._found)


class StoredAccounts:
    """The connections that were added, then those of the environment. Read anew each time: switched off is off."""

    def __init__(self, database: Database, settings: Settings, systems: Mapping[str, AnySystem]) -> None:
        self._database, self._systems = database, systems
        self._cipher = Cipher(settings)
        self._environment = EnvironmentAccounts(settings, systems)

    def find(self, family: str, name: str | None) -> Account[Any] | None:
        if name == ENVIRONMENT:
            return self._environment.find(family, name)
        which = ConnectionRow.usual if name is None else ConnectionRow.name == name
        with self._database.reading() as session:
            row = session.scalar(select(ConnectionRow).where(ConnectionRow.family == family, which))
        if row is None:
            if name is not None:
                raise UnknownConnection(name=name)
            return self._environment.find(family, None)
        if not row.enabled:
            raise ConnectionDisabled(name=row.name, because=row.disabled_because)
        return account_of(row, self._systems, self._cipher)

    def all(self, family: str) -> Sequence[Account[Any]]:
        query = select(ConnectionRow).where(ConnectionRow.family == family, ConnectionRow.enabled)
        with self._database.reading() as session:
            rows = session.scalars(query.order_by(ConnectionRow.name)).all()
        found = [*self._environment.all(family)]
        for row in rows:
            try:
                found.append(account_of(row, self._systems, self._cipher))
            except ConnectionUnreadable:
                continue  # whoever names it is told; the others must go on
        return found

    def names(self, family: str) -> Sequence[str]:
        query = (
            select(ConnectionRow.name)
            .where(ConnectionRow.family == family, ConnectionRow.enabled)
            .order_by(ConnectionRow.usual.desc(), ConnectionRow.name)
        )
        with self._database.reading() as session:
            return [*session.scalars(query), *self._environment.names(family)]

    def used(self, name: str | None, receipt: Receipt) -> None:
        if name in (None, ENVIRONMENT):
            return
        passed = receipt.outcome is AttemptOutcome.CONFIRMED
        try:
            with self._database.begin() as uow:
                uow.session.execute(
                    update(ConnectionRow)
                    .where(
                        ConnectionRow.name == name,
                        or_(
                            ConnectionRow.used_at.is_(None),
                            ConnectionRow.use_passed.is_distinct_from(passed),
                            func.extract("epoch", uow.now - ConnectionRow.used_at) > _NOTE_SECONDS,
                        ),
                    )
                    .values(used_at=uow.now, use_passed=passed, use_words=receipt.message[:1000])
                    .execution_options(synchronize_session=False)
                )
        except SQLAlchemyError:  # the receipt is what counts, and it is written elsewhere
            log.warning("connection.use_not_noted", connection=name)


def account_of(row: ConnectionRow, systems: Mapping[str, AnySystem], cipher: Cipher) -> Account[Any]:
    """The account with its secrets in clear, or ConnectionUnreadable."""
    system = systems.get(row.system)
    if system is None:
        raise ConnectionUnreadable(name=row.name, problem=f"this version has no connector for {row.system}.")
    try:
        secrets = {
            name: SecretStr(cipher.decrypt(token, place=place_of(row, name))) for name, token in row.secrets.items()
        }
        values = system.account.model_validate({**row.values, **secrets})
    except Unreadable:
        problem = "its secret was encrypted with another SECRET_KEY, or was changed since."
        raise ConnectionUnreadable(name=row.name, problem=problem) from None
    except ValidationError as refused:
        problem = f"{len(refused.errors())} of its fields do not fit this version."
        raise ConnectionUnreadable(name=row.name, problem=problem) from None
    return Account(row.name, row.system, values, revision=digest([str(row.id), row.version]))


def place_of(row: ConnectionRow, field: str) -> str:
    return f"connection:{row.id}:{field}"
