"""Routes by the first part of their address: a request is compared with the few that can be meant, not with two hundred."""

from __future__ import annotations

from collections.abc import Sequence

from fastapi import APIRouter
from starlette._utils import get_route_path
from starlette.routing import BaseRoute, Match
from starlette.types import Scope


class Branch(APIRouter):
    """The routes of one module of `api/routes`. Elsewhere than below what they begin with, it matches nothing."""

    def __init__(self, routes: Sequence[BaseRoute]) -> None:
        super().__init__(routes=list(routes))
        self._begin = frozenset(_first(str(getattr(route, "path", "/{any}"))) for route in routes)
        self._anything = any("{" in first for first in self._begin)

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        if not self._anything and _first(get_route_path(scope)) not in self._begin:
            return Match.NONE, {}
        return super().matches(scope)


def _first(path: str) -> str:
    return path.lstrip("/").partition("/")[0]
