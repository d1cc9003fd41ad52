"""Connectors against counterparts that really answer: Odoo in both versions, a mail server, the outbox folder."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from pydantic import SecretStr

from core.clock import ManualClock
from core.connections.accounts import EnvironmentAccounts
from core.connectors.protocol import ConnectorContext
from core.connectors.registry import Connectors, find_systems
from core.files.storage import FolderStore
from core.settings import Settings
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
