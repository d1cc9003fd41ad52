"""What webhooks are told, one file a kind of subject of the audit chain, found by its place."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from core.notifications import telling
from core.notifications.telling.teller import Teller
from core.places import found_in


@cache
def tellers() -> Mapping[str, Teller]:
    """By the kind of subject they tell of: `action`, `run`, …"""
    return found_in(telling, "TELLER")
