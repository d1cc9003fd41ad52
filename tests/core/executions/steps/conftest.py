"""The driver of runs, as the tests of runs have it."""

from __future__ import annotations

from tests.core.executions.automated.conftest import driver as driver
