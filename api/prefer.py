"""How long a caller is willing to wait for what takes a moment (RFC 7240)."""

from __future__ import annotations

import re
from typing import Annotated

from fastapi import Header

LONGEST_WAIT_SECONDS = 30.0

Prefer = Annotated[str, Header(description="`respond-async`, or `wait=10` for at most 10 seconds.")]


def patience(prefer: str) -> float:
    """Seconds to wait: as long as is asked for, 30 at most and where nothing is said."""
    wishes = {wish.strip().lower() for wish in prefer.split(",")}
    if "respond-async" in wishes:
        return 0.0
    named = [int(found[1]) for wish in wishes if (found := re.fullmatch(r"wait=(\d{1,4})", wish, re.ASCII))]
    return min([LONGEST_WAIT_SECONDS, *named])
