"""What takes the place of a language model: it writes the same document at once, or after a call to the outside."""

from __future__ import annotations

import json
import os
import time

import httpx2

from core.language_models.service import Answer, LanguageModels, Question

OUTSIDE = "BENCHMARK_OUTSIDE"
"""The variable with the address that each step waits for; without it no step waits."""

_TEXT = "Linen keeps its shape when it is dried flat. " * 12


class Writer:
    """The work of one step, the same for us and for plain DBOS."""

    def __init__(self) -> None:
        self._url = os.environ.get(OUTSIDE)
        self._client = httpx2.Client(timeout=30)

    def write(self) -> str:
        """A document as JSON; `asked_at` is when the call began, as the clock on the wall says."""
        asked_at = time.time()
        if self._url:
            self._client.get(self._url).raise_for_status()
        return json.dumps({"title": "Linen", "text": _TEXT, "asked_at": asked_at})


class StandIn(LanguageModels):
    def __init__(self) -> None:
        self._writer = Writer()

    def configured(self) -> str | None:
        return "stand-in at localhost"

    def ask(self, question: Question) -> Answer:
        return Answer(self._writer.write(), "stand-in", 100, 100, None, "USD", 1, False)
