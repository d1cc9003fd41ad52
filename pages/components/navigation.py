"""The navigation, read from the pages themselves: each file's `open_page(...)` says its title, icon, roles and place."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from core.actor import Role

PAGES_DIR = Path(__file__).resolve().parent.parent


class PageWithoutFrame(Exception):
    """A file in pages/ whose first statement is not `screen = open_page(...)` with literal arguments."""


@dataclass(frozen=True)
class PageSpec:
    path: Path
    title: str
    icon: str
    roles: frozenset[Role]
    position: int

    @property
    def url_path(self) -> str:
        return self.path.stem


@cache
def page_specs() -> tuple[PageSpec, ...]:
    """Every page of the product, in the order of the menu."""
    specs = [_read(path) for path in sorted(PAGES_DIR.glob("*.py")) if path.stem != "__init__"]
    return tuple(sorted(specs, key=lambda spec: spec.position))


def _read(path: Path) -> PageSpec:
    body = ast.parse(path.read_text()).body
    statements = [s for s in body[1:] if not isinstance(s, (ast.Import, ast.ImportFrom))]
    first = statements[0] if statements else None
    call = first.value if isinstance(first, ast.Assign) else None
    if not (isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "open_page"):
        raise PageWithoutFrame(path.name)
    words = {keyword.arg: keyword.value for keyword in call.keywords}
    try:
        roles = words["roles"]
        assert isinstance(roles, (ast.Tuple, ast.List))
        return PageSpec(
            path=path,
            title=str(ast.literal_eval(words["nav"] if "nav" in words else words["title"])),
            icon=str(ast.literal_eval(words["icon"])),
            roles=frozenset(Role[role.attr] for role in roles.elts if isinstance(role, ast.Attribute)),
            position=int(ast.literal_eval(words["position"])),
        )
    except (KeyError, ValueError, AssertionError) as problem:
        raise PageWithoutFrame(path.name) from problem
