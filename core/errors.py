"""The one base of every error a person may read: its docstring is its message, its fields are its facts."""

from __future__ import annotations

import inspect
from typing import Any, ClassVar


class CountersignError(Exception):
    """Something in Countersign refused this. Nothing was changed."""

    #: The status the API answers with (RFC 9110); pages show the same sentence.
    http_status: ClassVar[int] = 400

    def __init__(self, **facts: Any) -> None:
        self.facts = facts
        sentence = " ".join(inspect.cleandoc(type(self).__doc__ or "").split())
        super().__init__(sentence.format(**facts))

    @property
    def code(self) -> str:
        """A stable machine name, for example `ActionAlreadyDecided`."""
        return type(self).__name__


class NotFound(CountersignError):
    """There is no {kind} {id}, or you may not see it."""

    http_status = 404


class NotAllowed(CountersignError):
    """{who} may not {what}. Ask an admin for the role {needs}."""

    http_status = 403


class InvalidInput(CountersignError):
    """{field}: {problem} Nothing was saved."""

    http_status = 422


class Conflict(CountersignError):
    """{what} was changed by someone else in the meantime. Reload to see the current state; nothing of yours was applied."""

    http_status = 409
