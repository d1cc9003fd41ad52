"""States of a job run, and which slot a job last missed."""

from __future__ import annotations

from enum import StrEnum


class JobRunState(StrEnum):
    QUEUED = "queued"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
