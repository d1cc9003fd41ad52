"""A project that a worker carries out, as the projects' own tests have it."""

from __future__ import annotations

from tests.core.projects.conftest import campaign as campaign
from tests.core.projects.conftest import live as live
from tests.core.projects.conftest import world as world
