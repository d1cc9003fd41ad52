"""The tree of scopes that documents and items live in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from core.catalog.problems import Problem, child


class ScopeTree:
    """{scope: its parent, or None for a root}; `problems` says whether it is a tree at all."""

    def __init__(self, parents: Mapping[str, str | None]) -> None:
        self._parents = dict(parents)

    def __contains__(self, scope: object) -> bool:
        return scope in self._parents

    def is_root(self, scope: str) -> bool:
        return self._parents[scope] is None

    def chain(self, scope: str) -> tuple[str, ...]:
        """The scope, its parent, and so on to the root; ends before a scope comes a second time."""
        found: list[str] = []
        here: str | None = scope
        while here is not None and here not in found and here in self._parents:
            found.append(here)
            here = self._parents[here]
        return tuple(found)

    def is_above(self, scope: str, other: str) -> bool:
        """Whether `scope` is an ancestor of `other`."""
        return scope != other and scope in self.chain(other)

    def problems(self, path: str) -> Iterator[Problem]:
        for scope, parent in self._parents.items():
            place = f"{child(path, scope)}.parent"
            if parent is not None and parent not in self._parents:
                known = ", ".join(sorted(self._parents))
                yield Problem("UNKNOWN_SCOPE", place, f"is no scope: {parent!r}", f"Use one of {known}, or null.")
            elif parent is not None and scope in self.chain(parent):
                yield Problem(
                    "INVALID_SCOPE_HIERARCHY", place, f"leads from {scope!r} back to itself",
                    "Let one scope of the circle have null, or a parent outside of it.",
                )  # fmt: skip
