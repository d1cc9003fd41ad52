"""One call of a language model as values: the question, the answer, and the two ways in which there is none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any, Literal

from core.errors import CountersignError


@dataclass(frozen=True)
class Message:
    role: Literal["user", "assistant"]
    text: str


@dataclass(frozen=True)
class Question:
    """What one call sends."""

    system: str
    messages: tuple[Message, ...]
    schema: Mapping[str, Any] | None = None
    """JSON Schema that the answer should fit: a hint for servers that can be held to one. The answer is checked always."""
    schema_name: str = "document"

    def to_json(self) -> dict[str, Any]:
        """What is kept of the call."""
        return {
            "system": self.system,
            "messages": [{"role": one.role, "text": one.text} for one in self.messages],
            "schema": dict(self.schema) if self.schema is not None else None,
            "schema_name": self.schema_name,
        }


@dataclass(frozen=True)
class Answer:
    text: str
    """As the model wrote it; what cannot be stored (NUL, half characters) stands as U+FFFD."""
    model: str
    """As the provider calls the one that answered."""
    tokens_in: int
    tokens_out: int
    cost: Decimal | None
    """None: nobody knows the price."""
    currency: str
    latency_ms: int
    cut_short: bool
    """It stopped at its limit of tokens, not at its end."""


class ModelUnavailable(CountersignError):
    """{model} cannot answer now: {problem} Nothing was lost; it can be asked again."""

    http_status = 503

    def __init__(self, *, model: str, problem: str, retry_after: timedelta | None = None) -> None:
        super().__init__(model=model, problem=problem)
        self.retry_after = retry_after


class ModelRefused(CountersignError):
    """{model} does not answer this: {problem} {remedy}"""

    http_status = 502

    def __init__(self, *, model: str, problem: str, remedy: str) -> None:
        super().__init__(model=model, problem=problem, remedy=remedy)
