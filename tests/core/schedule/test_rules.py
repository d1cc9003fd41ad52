"""Schedules, results and crashes read as sentences."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from core.errors import NotFound
from core.schedule.rules import crash_in_words, cron_in_words, interval_in_words, result_in_words, run_id


@pytest.mark.parametrize(
    ("cron", "words"),
    [
        ("10 3 * * *", "every day at 03:10 UTC"),
        ("0 7 * * mon", "every Monday at 07:00 UTC"),
        ("*/5 * * * *", "every 5 minutes"),
        ("15 * * * *", "every hour at minute 15"),
        ("0 0 1 * *", "at 0 0 1 * * (cron, UTC)"),
    ],
)
def test_cron_reads_as_a_sentence(cron: str, words: str) -> None:
    assert cron_in_words(cron) == words


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(1, "every second"), (90, "every 90 seconds"), (300, "every 5 minutes"), (86_400, "every day")],
)
def test_interval_reads_as_a_sentence(seconds: int, words: str) -> None:
    assert interval_in_words(timedelta(seconds=seconds)) == words


def test_same_instant_in_another_zone_is_the_same_run() -> None:
    instant = datetime(2026, 1, 5, 3, 10, tzinfo=UTC)
    assert run_id("a", instant) == run_id("a", instant.astimezone(timezone(timedelta(hours=5, minutes=30))))


def test_result_is_the_summary_or_its_figures() -> None:
    assert result_in_words({"summary": "All well", "n": 1}) == "All well"
    assert result_in_words({"rows_seen": 3, "cells": 2}) == "Rows seen 3, cells 2"
    assert result_in_words(None) == "Nothing to do"


def test_crash_is_told_without_a_traceback() -> None:
    assert crash_in_words(NotFound(kind="run", id=7)) == "There is no run 7, or you may not see it."
    assert crash_in_words(ValueError("bad\n  number")) == (
        "The job stopped with an error (ValueError: bad number). Its log has the rest."
    )
