"""When a link still answers, and in which words it is refused."""

from __future__ import annotations

from datetime import datetime, timedelta

from core.errors import CountersignError, InvalidInput

MOST_DAYS = 90
MOST_LINKS = 20
"""That answer one gate at the same time."""
MOST_LABEL = 120


class LinkUnknown(CountersignError):
    """This link is not known here. Ask whoever sent it for another one."""

    http_status = 404


class LinkOver(CountersignError):
    """This link no longer works: {why} Ask whoever sent it if anything is still needed."""

    http_status = 410


class NotForLinks(CountersignError):
    """Only questions, documents and steps are answered by a link. A vote or an approval is a person's own, signed in."""

    http_status = 409


class TooManyLinks(CountersignError):
    """There are {most} links to this already. Withdraw one first; no link was made."""

    http_status = 409


def why_over(
    *, now: datetime, expires_at: datetime, revoked: bool, used: bool, open_still: bool, same: bool
) -> str | None:
    """Why a link does nothing any more, or None."""
    if used:
        return "it was answered, and the answer is kept."
    if revoked:
        return "it was withdrawn; nothing was saved."
    if not open_still:
        return "what it asked was answered another way, or is not asked any more; nothing was saved."
    if not same:
        return "the question has changed since; nothing was saved."
    if now >= expires_at:
        return "its time is over; nothing was saved."
    return None


def lasting(days: int) -> timedelta:
    if not 1 <= days <= MOST_DAYS:
        raise InvalidInput(field="Days", problem=f"use 1 to {MOST_DAYS}.")
    return timedelta(days=days)
