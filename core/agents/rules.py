"""Which workflows a message names: by id, or by title as whole words, the longest name where one holds another."""

from __future__ import annotations

import re
from collections.abc import Mapping

from core.errors import CountersignError

MOST_MESSAGE = 8_000
MOST_CONTEXT = 20_000


class NothingNamed(CountersignError):
    """The message names no workflow, and no language model is connected that could find one.
    Name one by its id or title, or have an admin connect a model; nothing was proposed."""

    http_status = 409


class ModelBusy(CountersignError):
    """The language model is reading as many instructions as it is given at once. Send the same again in a moment, or name
    the workflow and its inputs yourself; nothing was proposed."""

    http_status = 429


class NothingFits(CountersignError):
    """{model} found no workflow that does this. Name one by its id or title, or look at what there is under Workflows;
    nothing was proposed."""

    http_status = 422


class NotUnderstood(CountersignError):
    """{model} answered in a way that cannot be used: {problem} Name the workflow and its inputs yourself;
    nothing was proposed."""

    http_status = 502


class SpeaksForItself(CountersignError):
    """This token belongs to {who}, so it cannot speak as {other}. Leave agent_id out; nothing was proposed."""

    http_status = 403


def named_in(message: str, titles: Mapping[str, str]) -> tuple[str, ...]:
    """The ids that `message` names, in the order of `titles` (title by id)."""
    text = _plain(message)
    found = {
        workflow_id: spans
        for workflow_id, title in titles.items()
        if (spans := [*_places(text, _plain(workflow_id)), *_places(text, _plain(title))])
    }
    every = [span for spans in found.values() for span in spans]
    return tuple(
        workflow_id
        for workflow_id, spans in found.items()
        if any(not any(_holds(other, span) for other in every) for span in spans)
    )


def _plain(text: str) -> str:
    return " ".join(text.casefold().split())


def _places(text: str, name: str) -> list[tuple[int, int]]:
    if not name:
        return []
    return [found.span() for found in re.finditer(rf"(?<![\w.]){re.escape(name)}(?![\w]|\.\w)", text)]


def _holds(other: tuple[int, int], span: tuple[int, int]) -> bool:
    return other != span and other[0] <= span[0] and span[1] <= other[1]
