"""Pages run in Streamlit's own test runner, on the real database, as whoever the test says."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from streamlit.testing.v1 import AppTest

from core import bootstrap
from core.actor import Actor
from core.bootstrap import Application
from core.settings import ROOT
from pages.components import frame, page

Visit = Callable[..., AppTest]


@pytest.fixture
def visit(app: Application, monkeypatch: pytest.MonkeyPatch) -> Iterator[Visit]:
    """`visit("inbox", actor, card="…")` opens pages/inbox.py with a query; None visits as nobody."""
    bootstrap.use(app)

    def open_it(name: str, actor: Actor | None, **query: str) -> AppTest:
        monkeypatch.setattr(page, "current_actor", lambda: actor)
        monkeypatch.setattr(frame, "current_actor", lambda: actor)
        path = ROOT / "Home.py" if name == "Home" else ROOT / "pages" / f"{name}.py"
        screen = AppTest.from_file(str(path), default_timeout=20)
        for key, value in query.items():
            screen.query_params[key] = value
        return screen.run()

    yield open_it
    bootstrap.use(None)
