"""What a key may look like, how long it is kept, and what a repeat is answered."""

from __future__ import annotations

import re
from datetime import timedelta

from core.errors import CountersignError, InvalidInput

KEPT = timedelta(days=7)
"""Longer than a weekend: an agent that was stopped on Friday repeats its request on Monday."""

HELD = timedelta(minutes=1)
"""How long one request may take before another with the same key may try."""


class KeyOfAnotherRequest(CountersignError):
    """This Idempotency-Key was sent before with another body. Use a new key for a new request; nothing was made."""

    http_status = 422


class RequestUnderWay(CountersignError):
    """The first request with this Idempotency-Key is still under way. Send the same again in a moment; nothing was done twice."""

    http_status = 409


def checked_key(text: str) -> str:
    """`text` if it can be a key: 1 to 255 visible ASCII characters."""
    if re.fullmatch(r"[\x21-\x7e]{1,255}", text) is None:
        raise InvalidInput(field="Idempotency-Key", problem="use 1 to 255 visible ASCII characters, without spaces.")
    return text
