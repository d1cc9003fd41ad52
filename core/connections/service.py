"""Commands on connections: add, change, make usual, switch off and on, test, remove."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import SecretStr, ValidationError
from sqlalchemy import func, select, update

from core.actor import Actor, Role
from core.audit import service as audit
from core.connections.accounts import account_of, place_of
from core.connections.cipher import Cipher
from core.connections.rules import MAX_CONNECTIONS, TooManyConnections, checked_name, receivers
from core.connections.tables import ConnectionRow
from core.connectors.protocol import AnySystem
from core.connectors.transports.calls import CallFailed
from core.database.unit_of_work import Database, UnitOfWork
from core.errors import Conflict, CountersignError, InvalidInput, NotFound
from core.identifiers import new_id
from core.settings import Settings

_ADDING = 0x436F6E6E  # any constant that no other lock uses


class ConnectionService:
    def __init__(self, database: Database, settings: Settings, systems: Mapping[str, AnySystem]) -> None:
        self._database, self._settings, self._systems = database, settings, systems
        self._cipher = Cipher(settings)

    def add(self, actor: Actor, *, system: str, name: str, values: Mapping[str, Any], usual: bool = False) -> str:
        """Keeps an account; the first of its family is the usual one. Answers its name.

        Raises InvalidInput that names the field, TooManyConnections, NotAllowed.
        """
        actor.must_have(Role.ADMIN, to="add connections")
        kind, name = self._system(system), checked_name(name)
        public, secrets = _parted(kind, _checked(kind, values))
        with self._database.begin() as uow:
            uow.session.execute(select(func.pg_advisory_xact_lock(_ADDING)))
            if (uow.session.scalar(select(func.count()).select_from(ConnectionRow)) or 0) >= MAX_CONNECTIONS:
                raise TooManyConnections(most=MAX_CONNECTIONS)
            if uow.session.scalar(select(ConnectionRow.id).where(ConnectionRow.name == name)):
                raise InvalidInput(field="Name", problem=f"there is a connection “{name}” already.")
            usual = usual or self._usual_of(uow, kind.family) is None
            if usual:
                _no_longer_usual(uow, kind.family)
            row = ConnectionRow(
                id=new_id(), name=name, system=kind.name, family=kind.family, values=public, secrets={},
                usual=usual, enabled=True, version=1, created_by=actor.name, created_at=uow.now,
                changed_by=actor.name, changed_at=uow.now,
            )  # fmt: skip
            row.secrets = self._sealed(row, secrets)
            uow.session.add(row)
            audit.record(uow, actor, "connection.added", f"connection:{row.id}", after=_facts(row))
        return name

    def change(
        self, actor: Actor, name: str, values: Mapping[str, Any], *, expected_version: int | None = None
    ) -> None:
        """Replaces the account's fields; a secret that is left out or empty stays as it is.

        It was given for the server that is set: for another one it is entered again (InvalidInput), or whoever may
        change a connection could have any secret sent to a server of their own.
        Cards planned through it before show that the connection moved, if its identity did.
        """
        actor.must_have(Role.ADMIN, to="change connections")
        with self._database.begin() as uow:
            row = _locked(uow, name, expected_version)
            kind = self._system(row.system)
            given = {key: value for key, value in values.items() if key not in secret_fields(kind) or value}
            kept = {key: SecretStr("kept") for key in row.secrets if key not in given}
            public, secrets = _parted(kind, _checked(kind, {**given, **kept}))
            if kept and receivers(public) - receivers(row.values):
                raise InvalidInput(field=_title(kind, min(kept)), problem="enter it again: it was for another server.")
            before = _facts(row)
            row.values = public
            fresh = {key: value for key, value in secrets.items() if key in given}
            row.secrets = {**{key: row.secrets[key] for key in kept}, **self._sealed(row, fresh)}
            _stamp(uow, row, actor)
            row.tested_at, row.test_passed, row.test_words = None, None, ""
            after = {**_facts(row), **({"secrets_renewed": sorted(fresh)} if fresh else {})}
            audit.record(uow, actor, "connection.changed", f"connection:{row.id}", before=before, after=after)

    def make_usual(self, actor: Actor, name: str, *, expected_version: int | None = None) -> None:
        """What names no connection goes through this one from now on; what is planned already stays with its own."""
        actor.must_have(Role.ADMIN, to="change connections")
        with self._database.begin() as uow:
            row = _locked(uow, name, expected_version)
            if row.usual:
                return
            _no_longer_usual(uow, row.family)
            row.usual = True
            _stamp(uow, row, actor)
            audit.record(uow, actor, "connection.made_usual", f"connection:{row.id}", after=_facts(row))

    def switch(
        self, actor: Actor, name: str, *, on: bool, because: str = "", expected_version: int | None = None
    ) -> None:
        """Switched off it is used for nothing, work that is queued included."""
        actor.must_have(Role.ADMIN, to="switch connections")
        because = " ".join(because.split())[:300]
        with self._database.begin() as uow:
            row = _locked(uow, name, expected_version)
            if row.enabled is on:
                return
            before = _facts(row)
            row.enabled = on
            row.disabled_because = "" if on else f"{actor.name} switched it off{f' ({because})' if because else ''}."
            _stamp(uow, row, actor)
            event = "connection.switched_on" if on else "connection.switched_off"
            audit.record(uow, actor, event, f"connection:{row.id}", before=before, after=_facts(row))

    def remove(self, actor: Actor, name: str, *, expected_version: int | None = None) -> None:
        """Forgets it with its secrets. Cards that name it cannot be executed any more, and say so."""
        actor.must_have(Role.ADMIN, to="remove connections")
        with self._database.begin() as uow:
            row = _locked(uow, name, expected_version)
            audit.record(uow, actor, "connection.removed", f"connection:{row.id}", before=_facts(row))
            uow.session.delete(row)

    def test(self, actor: Actor, name: str) -> tuple[bool, str]:
        """Signs in and reads something harmless; answers whether that worked, and what was found, in words."""
        actor.must_have(Role.ADMIN, to="test connections")
        with self._database.reading() as session:
            row = session.scalar(select(ConnectionRow).where(ConnectionRow.name == name))
        if row is None:
            raise NotFound(kind="connection", id=name)
        version = row.version
        passed, words = self._tried(row)
        with self._database.begin() as uow:
            row = _locked(uow, name)
            if row.version == version:  # else it is about another account than was tested
                row.tested_at, row.test_passed, row.test_words = uow.now, passed, words[:1000]
            audit.record(uow, actor, "connection.tested", f"connection:{row.id}", after={"passed": passed})
        return passed, words

    def _tried(self, row: ConnectionRow) -> tuple[bool, str]:
        try:
            account = account_of(row, self._systems, self._cipher)
            system = self._systems[row.system]
            return True, system.test(account.values, timeout=self._settings.call_timeout_seconds)
        except CallFailed as problem:
            words = str(problem).rstrip(".")
            return False, f"{words[:1].upper()}{words[1:]}."
        except CountersignError as problem:
            return False, str(problem)

    def _system(self, name: str) -> AnySystem:
        try:
            return self._systems[name]
        except KeyError:
            raise InvalidInput(field="System", problem=f"there is no connector for “{name[:40]}”.") from None

    def _sealed(self, row: ConnectionRow, secrets: Mapping[str, str]) -> dict[str, str]:
        return {name: self._cipher.encrypt(text, place=place_of(row, name)) for name, text in secrets.items()}

    def _usual_of(self, uow: UnitOfWork, family: str) -> Any:
        return uow.session.scalar(select(ConnectionRow.id).where(ConnectionRow.family == family, ConnectionRow.usual))


def secret_fields(system: AnySystem) -> frozenset[str]:
    """The fields of its account that are kept encrypted and never shown."""
    schema = system.account.model_json_schema()["properties"]
    return frozenset(name for name, field in schema.items() if _is_secret(field))


def _is_secret(field: Mapping[str, Any]) -> bool:
    return any(one.get("format") == "password" for one in (field, *field.get("anyOf", ())))


def _checked(system: AnySystem, values: Mapping[str, Any]) -> Any:
    try:
        return system.account.model_validate(dict(values))
    except ValidationError as refused:
        first = refused.errors(include_url=False, include_context=False, include_input=False)[0]
        name = str(first["loc"][0]) if first["loc"] else ""
        problem = first["msg"].removeprefix("Value error, ").rstrip(".")
        raise InvalidInput(field=_title(system, name), problem=f"{problem[:1].lower()}{problem[1:]}.") from None


def _title(system: AnySystem, field: str) -> str:
    known = system.account.model_fields.get(field)
    return (known.title if known else None) or field or system.title


def _parted(system: AnySystem, account: Any) -> tuple[dict[str, Any], dict[str, str]]:
    """What may be shown, and the secrets in clear."""
    hidden = secret_fields(system)
    public = account.model_dump(mode="json", exclude=set(hidden))
    held = {name: getattr(account, name) for name in hidden}
    return public, {name: value.get_secret_value() for name, value in held.items() if value is not None}


def _locked(uow: UnitOfWork, name: str, expected_version: int | None = None) -> ConnectionRow:
    """The row, nobody else's until the end; Conflict where it is not of `expected_version`."""
    row = uow.session.scalar(
        select(ConnectionRow)
        .where(ConnectionRow.name == name)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if row is None:
        raise NotFound(kind="connection", id=name)
    if expected_version is not None and row.version != expected_version:
        raise Conflict(what="This connection")
    return row


def _no_longer_usual(uow: UnitOfWork, family: str) -> None:
    uow.session.execute(
        update(ConnectionRow)
        .where(ConnectionRow.family == family, ConnectionRow.usual)
        .values(usual=False, version=ConnectionRow.version + 1)
        .execution_options(synchronize_session="fetch")
    )


def _stamp(uow: UnitOfWork, row: ConnectionRow, actor: Actor) -> None:
    row.changed_by, row.changed_at, row.version = actor.name, uow.now, row.version + 1


def _facts(row: ConnectionRow) -> dict[str, Any]:
    """What the audit keeps: never a secret, only which there are."""
    return {
        "name": row.name, "system": row.system, "values": dict(row.values), "secrets": sorted(row.secrets),
        "usual": row.usual, "enabled": row.enabled,
        **({"because": row.disabled_because} if row.disabled_because else {}),
    }  # fmt: skip
