"""What the job processes print."""

from __future__ import annotations

import json
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


SECRETS = {
    "bearer": "Authorization: Bearer eyJhbGciOi.secret-part.77",
    "ours": "refused cs_h5J3kD9fQw7Zx2Lm8Vn4Bt6Ry1Us0Po",
    "link": "POST /api/hooks/secret-part_h5J3kD9xkq-f failed, and so did /answer/secret-part_h5J3kD9xkq-f",
    "database": "could not reach postgresql://app:hunter2-secret@db/countersign",
}


@pytest.mark.usefixtures("logs_as_they_were")
@pytest.mark.parametrize("log_format", ["console", "json"])
@pytest.mark.parametrize("secret", SECRETS)
def test_what_looks_like_a_secret_is_hidden_in_texts_fields_and_tracebacks(
    log_format: Literal["console", "json"], secret: str, capsys: pytest.CaptureFixture[str]
) -> None:
    set_up_logs(log_format)
    try:
        raise RuntimeError(SECRETS[secret])
    except RuntimeError as error:
        structlog.get_logger("ours").exception("page.failed", why=SECRETS[secret], deep={"list": [SECRETS[secret]]})
        logging.getLogger("a library").exception("it failed: %s", error)

    said = capsys.readouterr().err
    assert "[hidden]" in said and "page.failed" in said and "it failed" in said
    for part in ("secret-part", "h5J3kD9", "hunter2"):
        assert part not in said


@pytest.mark.usefixtures("logs_as_they_were")
def test_fields_named_as_secrets_are_hidden_and_other_fields_are_not(capsys: pytest.CaptureFixture[str]) -> None:
    set_up_logs("json", "worker")

    structlog.get_logger("ours").warning(
        "x", password="letmein", api_key="letmein", headers={"Cookie": "letmein"}, action="an action", token=None
    )

    line = json.loads(capsys.readouterr().err)
    assert "letmein" not in str(line)
    assert (line["action"], line["token"], line["process"]) == ("an action", None, "worker")
