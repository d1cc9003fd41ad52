"""A history writer on the test's application."""

from __future__ import annotations

import pytest

from core.bootstrap import Application
from tests.core.analytics.history import History


@pytest.fixture
def history(app: Application) -> History:
    made = History(app)
    made.workflow("resume")
    made.workflow("bot")
    return made
