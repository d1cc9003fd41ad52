"""What people and programs do to a project: fill it, propose it, and pause, resume or cancel its run."""

from __future__ import annotations

from core.actions.service import ActionService
from core.database.unit_of_work import Database
from core.engine.client import EngineClient
from core.projects.filling import Filling
from core.projects.planning import Planning
from core.projects.steering import Steering


class ProjectService(Filling, Steering):
    def __init__(
        self, database: Database, engine: EngineClient, actions: ActionService, planning: Planning, base_url: str
    ) -> None:
        """`base_url` is where the dashboard answers, for the way from a card to the items."""
        Filling.__init__(self, database, actions, planning, base_url)
        Steering.__init__(self, database, engine, actions)
