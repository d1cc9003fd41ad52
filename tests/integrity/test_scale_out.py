"""Two dashboards, three workers and two schedulers behind the proxy that is shipped; one of each is killed under load."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from benchmarks.scale_out import run


@pytest.mark.timeout(300)
@pytest.mark.skipif(not (shutil.which("nginx") or Path("/usr/sbin/nginx").exists()), reason="needs nginx")
def test_nothing_is_lost_or_done_twice_when_one_of_each_is_killed() -> None:
    found = run(seconds=15, callers=3)

    assert found.actions > 5
    assert found.lost == []
    assert found.twice == []
    assert found.takeover_seconds <= 5
    assert found.silence_seconds <= 8
