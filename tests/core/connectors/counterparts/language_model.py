"""Three kinds of servers of language models: accounts that no operation goes through."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from typing import Any

from core.connectors.plan import Plan
from tests.core.connectors.counterpart import Counterpart, Trouble
from tests.doubles.language_model import KEY, LanguageModelDouble, running_language_model

_MODELS = {"openai_compatible": "tiny-model", "openai": "gpt-5-mini", "anthropic": "claude-haiku-5-5"}


class LanguageModelCounterpart(Counterpart):
    troubles = frozenset()
    secrets = (KEY, "sk-wrong-5510be21")

    def __init__(self, system: str, double: LanguageModelDouble) -> None:
        self.system, self._double = system, double  # type: ignore[misc]

    def account(self) -> Mapping[str, Any]:
        url = self._double.url if self.system == "anthropic" else f"{self._double.url}/v1"
        return {"base_url": url, "model": _MODELS[str(self.system)], "api_key": KEY}

    def wrong_account(self) -> Mapping[str, Any]:
        return {**self.account(), "api_key": self.secrets[1]}

    def calls(self) -> Mapping[str, Mapping[str, Any]]:
        return {}

    def effects(self) -> int:
        return len(self._double.asked)

    def holds(self, plan: Plan) -> bool:
        return False

    def befall(self, trouble: Trouble) -> None:
        raise AssertionError("nothing is called")


@contextmanager
def _running(system: str) -> Iterator[Counterpart]:
    with running_language_model() as double:
        yield LanguageModelCounterpart(system, double)


RUNNING = {system: partial(_running, system) for system in _MODELS}
