"""Connectors against counterparts that really answer: Odoo in both versions, a mail server, the outbox folder."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pytest
from pydantic import SecretStr

from core.clock import ManualClock
from core.connections.accounts import EnvironmentAccounts
from core.connections.rules import UnknownConnection
from core.connectors.plan import Receipt
from core.connectors.protocol import Account, ConnectorContext
from core.connectors.registry import Connectors, find_systems
from core.files.storage import FolderStore
from core.settings import Settings
from tests.core.connectors.counterpart import Counterpart
from tests.doubles.odoo import DATABASE, KEY, LOGIN, Odoo, running_odoo

Connect = Callable[..., Connectors]


@pytest.fixture
def connect(settings: Settings, clock: ManualClock) -> Iterator[Connect]:
    """The connectors of an installation with these settings."""
    made: list[Connectors] = []

    def make(**changed: Any) -> Connectors:
        installed = settings.model_copy(update=changed)
        accounts = EnvironmentAccounts(installed, find_systems())
        made.append(Connectors(ConnectorContext(installed, clock, accounts, FolderStore(installed.files_dir))))
        return made[-1]

    yield make
    for connectors in made:
        connectors.close()


class GivenAccounts:
    """One account of one system, as an admin would have added it."""

    def __init__(self, account: Account[Any] | None, family: str) -> None:
        self._account, self._family = account, family

    def find(self, family: str, name: str | None) -> Account[Any] | None:
        if self._account is None or family != self._family:
            return None
        if name not in (None, self._account.name):
            raise UnknownConnection(name=name)
        return self._account

    def all(self, family: str) -> Sequence[Account[Any]]:
        return [self._account] if self._account and family == self._family else []

    def names(self, family: str) -> Sequence[str]:
        return [one.name for one in self.all(family)]

    def used(self, name: str | None, receipt: Receipt) -> None:
        """Nobody asks."""


ConnectTo = Callable[..., Connectors]


@pytest.fixture
def connect_to(settings: Settings, clock: ManualClock) -> Iterator[ConnectTo]:
    """The connectors of an installation with one account: the one that the counterpart gives."""
    made: list[Connectors] = []
    installed = settings.model_copy(update={"call_timeout_seconds": 1.0})

    def make(counterpart: Counterpart, *, wrong: bool = False) -> Connectors:
        account, family = None, ""
        if counterpart.system is not None:
            system = find_systems()[counterpart.system]
            values = system.account.model_validate(counterpart.wrong_account() if wrong else counterpart.account())
            account, family = Account("main", system.name, values, revision=str(wrong)), system.family
        settled = installed.model_copy(update=dict(counterpart.settings()))
        context = ConnectorContext(settled, clock, GivenAccounts(account, family), FolderStore(settled.files_dir))
        made.append(Connectors(context))
        return made[-1]

    yield make
    for connectors in made:
        connectors.close()


def odoo_settings(odoo: Odoo, **more: Any) -> dict[str, Any]:
    return {
        "odoo_url": odoo.url, "odoo_database": DATABASE, "odoo_login": LOGIN,
        "odoo_api_key": SecretStr(KEY), "call_timeout_seconds": 2.0, **more,
    }  # fmt: skip


@pytest.fixture(params=[19, 18], ids=["json-2", "xml-rpc"])
def odoo(request: pytest.FixtureRequest) -> Iterator[Odoo]:
    with running_odoo(request.param) as running:
        yield running


@pytest.fixture
def connected(odoo: Odoo, connect: Connect) -> Connectors:
    return connect(**odoo_settings(odoo))
