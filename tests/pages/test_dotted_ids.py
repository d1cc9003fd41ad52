"""Official workflows have a dot in their id; pages that carry it in their address or choose by it take it as it is."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from core.actor import Actor, Role
from core.bootstrap import Application
from tests.pages.conftest import Visit

DOTTED = "website.create_basic_site"
TITLE = "Basic website"


@pytest.fixture
def meera(app: Application, person: Callable[..., Actor]) -> Actor:
    """An operator with a run of an official workflow."""
    app.catalog.sync_official()
    found = person(Role.OPERATOR, name="Meera")
    inputs = {"site_name": "X", "site_description": "Y", "contact_email": "hello@example.com"}
    app.runs.start(found, DOTTED, inputs=inputs)
    return found


@pytest.mark.parametrize(
    ("page", "address"),
    [
        ("workflows", {"workflow": DOTTED}), ("runs", {"workflow": TITLE}), ("analytics", {"workflow": TITLE}),
        ("discover", {}), ("run", {}), ("outcomes", {}), ("savings", {"workflow": DOTTED}), ("import_runs", {}),
        ("review", {}),
    ],
)  # fmt: skip
def test_page_takes_it(visit: Visit, meera: Actor, page: str, address: dict[str, str]) -> None:
    screen = visit(page, meera, **address)
    assert not screen.exception


def test_its_definition_is_shown(visit: Visit, meera: Actor) -> None:
    screen = visit("workflows", meera, workflow=DOTTED)
    assert TITLE in " ".join(str(one.value) for one in (*screen.title, *screen.header, *screen.subheader))
