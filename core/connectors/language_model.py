"""Language models: accounts without operations, for the steps of workflows that a model writes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from core.connectors.protocol import System
from core.connectors.transports.model_systems import AnthropicSystem, CompatibleSystem, OpenAISystem


def systems() -> Iterable[System[Any]]:
    return (CompatibleSystem(), OpenAISystem(), AnthropicSystem())
