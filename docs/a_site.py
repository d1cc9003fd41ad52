"""The website of the README's pictures: a café's, built, in front of the council, and then as it is published."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID

from core import bootstrap
from core.actor import Actor, Role, Tier
from core.bootstrap import Application
from core.database.embedded import start_embedded_server
from core.decisions.councils import Terms
from core.decisions.policy import Policy, Rule
from core.executions.automated.rules import GateKind
from core.identity.service import actor_of
from core.settings import Settings
from tests.conftest import PASSWORD
from tests.waiting import until

INPUTS = {
    "site_name": "Café Lindgren",
    "site_description": "Slow coffee, cardamom buns and a long table by the window, in the old harbour office.",
    "contact_email": "hello@example.com", "pages": ["home", "about", "services", "contact"], "include_blog": True,
    "brand_colors": {"primary": "#1F4B3F", "secondary": "#C8643C"},
}  # fmt: skip


def reviewed_site(var: Path, url: str) -> UUID:
    """Starts the run in the running product, as a colleague of its admin, and answers when the built site is voted on."""
    app = bootstrap.build(Settings(_env_file=None, var_dir=var, public_url=url), url=start_embedded_server(var))
    try:
        admin, ravi = _people(app)
        assert admin.user_id is not None
        terms = Terms("Website council", Policy(council="websites", rule=Rule.MAJORITY), domains=("media",))
        app.councils.create(admin, "websites", terms, [admin.user_id])
        run = app.runs.start(ravi, "website.create_basic_site", inputs=INPUTS)
        _answer_texts(app, ravi, run)
        until(lambda: _waits_for(app, admin, run, GateKind.VOTE), seconds=90, what="the council's vote")
        return run
    finally:
        app.close()


def _people(app: Application) -> tuple[Actor, Actor]:
    """The admin, and the colleague who starts the run."""
    admin = actor_of(app.identity_queries.people(text="asha@example.com")[0][0].user)
    roles = frozenset({Role.OPERATOR})
    app.identity.add_user(
        admin, email="ravi@example.com", name="Ravi Menon", password=PASSWORD, roles=roles, tier=Tier.SCALE
    )
    return admin, actor_of(app.identity_queries.people(text="ravi@example.com")[0][0].user)


def _answer_texts(app: Application, ravi: Actor, run: UUID) -> None:
    until(lambda: _waits_for(app, ravi, run, GateKind.FORM), seconds=60, what="the texts")
    (gate,) = app.tree_queries.tree(ravi, run).mine
    draft = app.gates_queries.gate(ravi, gate.id).content["draft"]
    app.gates.answer(ravi, gate.id, {"content": draft}, digest=gate.digest)


def _waits_for(app: Application, actor: Actor, run: UUID, kind: GateKind) -> bool:
    return any(one.kind is kind for one in app.tree_queries.tree(actor, run).mine)
