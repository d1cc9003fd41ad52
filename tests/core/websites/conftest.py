"""A dashboard that answers, for tests of hosting; tests that need none pay nothing for it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from core import bootstrap
from core.actor import Actor
from core.bootstrap import Application
from core.clock import ManualClock
from core.settings import Settings
from tests.conftest import PASSWORD
from tests.core.websites.serving import Dashboard, dashboard


@pytest.fixture
def answering() -> Iterator[Dashboard]:
    with dashboard() as made:
        yield made


@pytest.fixture
def hosted(answering: Dashboard, clean_database: str, tmp_path: Path, clock: ManualClock) -> Iterator[Application]:
    """An application whose PUBLIC_URL answers."""
    settings = Settings(_env_file=None, var_dir=tmp_path / "var", database_url=None, public_url=answering.url)
    app = bootstrap.build(settings, url=clean_database, clock=clock)
    answering.apps[:] = [app]
    yield app
    app.close()


@pytest.fixture
def admin_of(hosted: Application) -> Actor:
    return hosted.identity.set_up(email="asha@example.com", name="Asha", password=PASSWORD)
