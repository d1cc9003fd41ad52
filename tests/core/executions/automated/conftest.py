"""A person who starts runs, and the driver that stands for the workers."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from core.actor import Actor
from core.bootstrap import Application
from tests.core.executions.automated.driving import Driver, NoModel, SaidModel, Says


@pytest.fixture
def driver(app: Application, admin: Actor) -> Callable[..., Driver]:
    """`driver()` without a model, `driver(says)` with one."""

    def make(says: Says | None = None) -> Driver:
        return Driver(app, admin, SaidModel(says) if says else NoModel())

    return make
