"""The automated run of the README's picture: a product's epics written by a model, before the person who accepts them."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from uuid import UUID

from core import bootstrap
from core.actor import Actor, ActorKind, Role, Tier
from core.bootstrap import Application
from core.database.embedded import start_embedded_server
from core.settings import Settings
from tests.doubles.language_model import Script, good
from tests.waiting import until

BRIEF = {
    "problem": "Farms plan their vegetable boxes on paper and notice on the field what is missing.",
    "users": [{"who": "Farmers", "needs": "See by Tuesday what to harvest"}],
    "goals": ["A harvest list by Tuesday noon"], "out_of_scope": ["Payment"],
    "risks": ["Phones in the field have no network"], "success": ["Nine of ten boxes are complete"],
}  # fmt: skip
EPICS = [
    ("orders", "Read the orders", "The farmer sees every box of the week without typing one.", "must"),
    ("harvest", "Plan the harvest", "Each field has a list of what to pick, and how much.", "must"),
    ("delivery", "Plan the deliveries", "Each driver has a route, with the boxes in its order.", "should"),
]
SCRIPT: Script = {
    "Product brief": [good(BRIEF)],
    "Epic backlog": [
        good({"epics": [{"id": key, "title": title, "outcome": outcome, "priority": priority}
                        for key, title, outcome, priority in EPICS]})
    ],
}  # fmt: skip


def waiting_run(var: Path) -> UUID:
    """Starts it in the running product, as its admin, and answers when the epics wait to be accepted."""
    app = bootstrap.build(Settings(_env_file=None, var_dir=var), url=start_embedded_server(var))
    try:
        admin = _admin(app)
        assert admin.user_id is not None
        app.identity.change_user(admin, admin.user_id, groups=["pm"])
        inputs: dict[str, Any] = {"product": "Harvest box planner", "idea": "Farms plan vegetable boxes on paper."}
        run_id = app.runs.start(admin, "software_product_development", inputs=inputs)
        until(lambda: bool(app.tree_queries.tree(admin, run_id).mine), seconds=60, what="the epics")
        return run_id
    finally:
        app.close()


def _admin(app: Application) -> Actor:
    (found,), _ = app.identity_queries.people(text="asha@example.com")
    user = found.user
    return Actor(ActorKind.PERSON, str(user.id), user.name, frozenset(Role), Tier.SCALE)
