"""Changing one's own password needs the present one, and ends every session."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from core.actor import Actor, Role
from core.bootstrap import Application
from core.errors import InvalidInput, NotAllowed
from tests.conftest import PASSWORD

NEW = "another long pass phrase"


def test_the_present_password_opens_the_change_and_sessions_end(app: Application, person: Callable[..., Actor]) -> None:
    ravi = person(Role.USER)
    cookie = app.identity.open_session(ravi)
    with pytest.raises(InvalidInput, match="another one"):
        app.identity.change_own_password(ravi, current="a guess, and a wrong one", new=NEW)
    assert app.identity_queries.actor_of_session(cookie) is not None

    app.identity.change_own_password(ravi, current=PASSWORD, new=NEW)
    assert app.identity_queries.actor_of_session(cookie) is None


def test_a_token_changes_no_password(app: Application, person: Callable[..., Actor]) -> None:
    program = replace(person(Role.USER), scopes=frozenset({"read", "execute"}))
    with pytest.raises(NotAllowed):
        app.identity.change_own_password(program, current=PASSWORD, new=NEW)
