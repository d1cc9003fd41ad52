"""A request with an Idempotency-Key: the first one makes, every repeat is answered the same."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Annotated, Any
from uuid import UUID

from fastapi import Header

from core.actor import Actor
from core.bootstrap import Application
from core.idempotency.requests import current_claim
from core.idempotency.rules import RequestUnderWay

IdempotencyKey = Annotated[
    str | None,
    Header(description="Makes a repeat the same request: the same body answers the same thing, for 7 days."),
]

_LOOK_EVERY_SECONDS = 0.1
_LOOKS = 50
"""How often a repeat looks whether the first request has ended, before it is told that it has not."""


def once(
    app: Application,
    actor: Actor,
    key: str | None,
    request: Mapping[str, Any],
    *,
    make: Callable[[UUID | None], UUID],
    exists: Callable[[UUID], bool],
) -> UUID:
    """The id of what `make` made for this key; without a key it is simply made. `make` is given the id it must have.

    Below `Repeats` the key is taken already, for the whole request; elsewhere it is taken here.
    """
    claim = current_claim()
    if claim is not None and key == claim.key:
        return claim.once(make, exists)
    if key is None:
        return make(None)
    for _ in range(_LOOKS):
        try:
            return app.idempotency.once(actor, key, request, make=make, exists=exists)
        except RequestUnderWay:
            time.sleep(_LOOK_EVERY_SECONDS)
    return app.idempotency.once(actor, key, request, make=make, exists=exists)
