"""What a key may look like, how long it is kept, and what a repeat is answered."""

from __future__ import annotations

import re
from datetime import timedelta
from enum import StrEnum

from core.errors import CountersignError, InvalidInput

KEPT = timedelta(days=7)
"""Longer than a weekend: an agent that was stopped on Friday repeats its request on Monday."""

HELD = timedelta(minutes=1)
"""How long a request that says nothing more keeps others with its key away: a process that died lets go by that."""

RENEWED = HELD / 3
"""How often a request that takes long says that it is still at it."""

MOST_ANSWER = 256 * 1024
"""Bytes of an answer that are kept for repeats; what is longer can be read again at its address."""

REFUSALS_KEPT = frozenset({400, 404, 409, 410, 422})
"""What a repeat is refused with as well. Refusals for who calls, how often or how (401, 403, 405, 412, 413, 429, 5xx) are
judged anew."""


class Changed(StrEnum):
    """What a request has committed so far; none: nothing."""

    RESUMABLE = "resumable"
    """One thing under the id that the key stands for: whoever does the request again finds it there."""
    FINAL = "final"
    """Something that would be there twice if the request were done again."""


class KeyOfAnotherRequest(CountersignError):
    """This Idempotency-Key was sent before with another body. Use a new key for a new request; nothing was made."""

    http_status = 422


class RequestUnderWay(CountersignError):
    """The first request with this Idempotency-Key is still under way. Send the same again in a moment; nothing was done twice."""

    http_status = 409


class RequestCutOff(CountersignError):
    """The first request with this Idempotency-Key was cut off after it had changed something, before it could answer. Look
    at what there is now; nothing was done again.
    """

    http_status = 409


class AnswerNotKept(CountersignError):
    """The first request with this Idempotency-Key was carried out. Its answer held a secret that is shown once, or was too
    long to keep. Look at what it made; nothing was done again.
    """

    http_status = 409


class BodyNotRead(CountersignError):
    """This address takes no file, so the request could not be told from another one. Send it without; nothing was changed."""

    http_status = 400


def checked_key(text: str) -> str:
    """`text` if it can be a key: 1 to 255 visible ASCII characters."""
    if re.fullmatch(r"[\x21-\x7e]{1,255}", text) is None:
        raise InvalidInput(field="Idempotency-Key", problem="use 1 to 255 visible ASCII characters, without spaces.")
    return text


def is_kept(status: int, changed: Changed | None) -> bool:
    """Whether a repeat is answered with what the first request was answered."""
    if status in REFUSALS_KEPT or 200 <= status < 300:
        return True
    return changed is Changed.FINAL  # refused or failed on the way, and yet not without effect


def is_free_for_another(status: int | None) -> bool:
    """Whether a corrected request may use the key: the one before was refused."""
    return status is not None and 400 <= status < 500
