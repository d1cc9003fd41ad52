"""Nobody holds more tokens than anybody needs: what is limited by the token is limited."""

from __future__ import annotations

import pytest

from core.actor import Actor
from core.bootstrap import Application
from core.identity import tokens
from core.identity.rules import Scope, TooManyTokens


def test_tokens_in_force_are_counted_by_owner(app: Application, admin: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tokens, "MOST_TOKENS", 2)
    app.tokens.add_agent(admin, "scout", "Scout")
    read = frozenset({Scope.READ})
    for agent_id in (None, "scout"):
        for _ in range(2):
            app.tokens.issue_token(admin, label="x", scopes=read, agent_id=agent_id)
        with pytest.raises(TooManyTokens):
            app.tokens.issue_token(admin, label="x", scopes=read, agent_id=agent_id)
        mine = [one for one in app.identity_queries.tokens(admin) if one.agent_id == agent_id]
        app.tokens.revoke_token(admin, mine[0].id)
        app.tokens.issue_token(admin, label="x", scopes=read, agent_id=agent_id)
