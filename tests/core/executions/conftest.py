"""Definitions in the catalog and a person with a run, for the tests of this room."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

import pytest

from core.actor import Actor, Role
from core.bootstrap import Application
from core.settings import ROOT


@pytest.fixture
def catalog(app: Application) -> None:
    assert not app.catalog.sync(ROOT / "workflows.json").problems


@pytest.fixture
def ravi(person: Callable[..., Actor]) -> Actor:
    return person(Role.USER, name="Ravi")


@pytest.fixture
def run(app: Application, catalog: None, ravi: Actor) -> UUID:
    """Ravi's run of the five-step workflow, just started."""
    return app.executions.start(ravi, "resume_generator")
