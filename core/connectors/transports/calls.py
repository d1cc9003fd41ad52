"""How a call to an outside system can fail, and the receipt that each failure is."""

from __future__ import annotations

from core.connectors.plan import Receipt, deferred, rejected, unknown
from core.connectors.protocol import Unreachable


class CallFailed(Exception):
    """Its text is for people: no traceback, no secret."""


class NotReached(CallFailed):
    """The request did not get there, or it only read: nothing can have happened."""


class Lost(CallFailed):
    """The request got there and no usable answer came back: it may have been done."""


class Refused(CallFailed):
    """The system answered that it did not do it, and would not if asked again."""

    def __init__(self, words: str, *, signed_in: bool = True) -> None:
        super().__init__(words)
        self.words = words
        self.signed_in = signed_in


class Missing(Refused):
    """What was named is not there (any more)."""


class Throttled(CallFailed):
    """The system did not do it now: later, `retry_after` seconds from now if it said so."""

    def __init__(self, words: str, *, retry_after: float | None = None) -> None:
        super().__init__(words)
        self.words = words
        self.retry_after = retry_after


def receipt_of(problem: CallFailed, system: str) -> Receipt:
    """The receipt of a call that failed so (C7)."""
    words = str(problem).rstrip(".")
    match problem:
        case NotReached():
            return deferred(f"{system} could not be reached ({words}). Nothing was done.")
        case Throttled(retry_after=float() | int() as seconds):
            return deferred(f"{system} asks to wait: {words}. Nothing was done.", retry_after=seconds)
        case Throttled():
            return deferred(f"{system} asks to wait: {words}. Nothing was done.")
        case Refused(signed_in=False):
            return rejected(f"{system} refused the sign-in: {words}. Nothing was done. Check it under Connections.")
        case Refused():
            return rejected(f"{system} refused it: {words}. Nothing was done.")
        case _:
            return unknown(f"{system} did not answer ({words}). It may have been done.")


def in_words(problem: CallFailed, system: str) -> Unreachable:
    """The same trouble, for somebody who only wanted to read."""
    return Unreachable(system=system, problem=f"{str(problem).rstrip('.')}.")


def sentence(text: str) -> str:
    """What a system said, on one line, no longer than a person reads, with its full stop."""
    text = " ".join(text.split())[:400]
    return text if text.endswith((".", "…", "!", "?")) else f"{text}."
