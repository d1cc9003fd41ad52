"""What the job processes print."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import Literal

import pytest
import structlog

from core.logs import set_up_logs


@pytest.fixture
def logs_as_they_were() -> Iterator[None]:
    root, before = logging.getLogger(), structlog.get_config()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.configure(**before)


@pytest.mark.usefixtures("logs_as_they_were")
@pytest.mark.parametrize("log_format", ["console", "json"])
def test_traceback_names_no_values_of_local_variables(
    log_format: Literal["console", "json"], capsys: pytest.CaptureFixture[str]
) -> None:
    set_up_logs(log_format)
    try:
        _call("-".join(("web", "secret", "77aa")))  # never whole in a line that a traceback quotes
    except RuntimeError:
        structlog.get_logger("ours").exception("action.call_failed")
        logging.getLogger("a library").exception("it failed")

    said = capsys.readouterr().err
    assert "action.call_failed" in said and "it failed" in said and "_call" in said
    assert "web-secret-77aa" not in said


def _call(key: str) -> None:
    raise RuntimeError("the line is dead" if key else "")
