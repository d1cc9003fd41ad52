"""Structured logs of every process: one event a line, to read (console) or to collect (JSON), without secrets."""

from __future__ import annotations

import logging
import re
import sys
from typing import Any, Literal

import structlog

_SECRET_FIELD = re.compile(r"passw|secret|token|authorization|cookie|api_?key|signature", re.IGNORECASE)
_SECRETS = (
    (re.compile(r"\b(Bearer|Basic)\s+[\w.~+/=-]+", re.IGNORECASE), r"\1 [hidden]"),
    (re.compile(r"\bcs_[\w-]{16,}"), "cs_[hidden]"),
    (re.compile(r"(/(?:hooks|answer)/)[\w-]{16,}"), r"\1[hidden]"),
    (re.compile(r"(\w://[^/\s:@]*):[^@/\s]+@"), r"\1:[hidden]@"),
)
"""What other programs write into their errors: headers, tokens of ours, links that answer, passwords in addresses."""


def set_up_logs(log_format: Literal["console", "json"], process: str = "") -> None:
    """Our events and those of the libraries (warnings and worse) go the same way, to standard error.

    `process` (dashboard, worker, scheduler) stands in every line that is to be collected.
    """

    def named(_logger: Any, _method: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
        if process and log_format == "json":
            event["process"] = process
        return event

    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        named,
    ]
    as_text: structlog.typing.Processor = (
        structlog.processors.JSONRenderer()
        if log_format == "json"
        # where Rich is installed, it would print the values of local variables: keys are among them
        else structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
    )

    def hiding(logger: Any, method: str, event: structlog.typing.EventDict) -> str:
        return _hidden_text(str(as_text(logger, method, event)))  # the console's renderer writes tracebacks itself

    structlog.configure(
        processors=[*shared, structlog.processors.format_exc_info, without_secrets, hiding]
        if log_format == "json"
        else [*shared, without_secrets, hiding],
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Hiding(processor=as_text, foreign_pre_chain=shared))
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    # Streamlit gives these lines of its own, with whole addresses in them: ours name the route (`http.answered`).
    logging.getLogger("uvicorn.access").disabled = True
    if log_format == "json":
        for name in ("uvicorn", "uvicorn.error", "streamlit"):
            library = logging.getLogger(name)
            library.handlers.clear()
            library.propagate = True


def without_secrets(_logger: Any, _method: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    """Hides what a field's name or a text's shape gives away as a secret. Callers pass none; this is the second lock."""
    for name, value in event.items():
        event[name] = "[hidden]" if value and _SECRET_FIELD.search(name) else _hidden(value)
    return event


class _Hiding(structlog.stdlib.ProcessorFormatter):
    """Libraries' lines, tracebacks included, are searched as they are written: they come as text."""

    def format(self, record: logging.LogRecord) -> str:
        return _hidden_text(super().format(record))


def _hidden(value: Any) -> Any:
    if isinstance(value, str):
        return _hidden_text(value)
    if isinstance(value, dict):
        return {
            name: "[hidden]" if one and _SECRET_FIELD.search(str(name)) else _hidden(one) for name, one in value.items()
        }
    if isinstance(value, list | tuple):
        return [_hidden(one) for one in value]
    return value


def _hidden_text(text: str) -> str:
    for shape, instead in _SECRETS:
        text = shape.sub(instead, text)
    return text
