"""Structured logs of the job processes: one event a line, to read (console) or to collect (JSON)."""

from __future__ import annotations

import logging
import sys
from typing import Literal

import structlog


def set_up_logs(log_format: Literal["console", "json"]) -> None:
    """Our events and those of the libraries (warnings and worse) go the same way, to standard error."""
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    as_text: structlog.typing.Processor = (
        structlog.processors.JSONRenderer()
        if log_format == "json"
        # where Rich is installed, it would print the values of local variables: keys are among them
        else structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
    )
    structlog.configure(
        processors=[*shared, structlog.processors.format_exc_info, as_text]
        if log_format == "json"
        else [*shared, as_text],
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(structlog.stdlib.ProcessorFormatter(processor=as_text, foreign_pre_chain=shared))
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
