"""The real one: it takes no time, and whoever verifies a package reads it."""

from __future__ import annotations

from tests.core.deliverables.pretended import data

FORMAT = data.FORMAT
