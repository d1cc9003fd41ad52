"""The steps of an automated workflow as a tree in words: what is written, for each of what, and where it stops."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import streamlit as st

from core.catalog.automated import AutomatedWorkflow
from core.catalog.outline import OutlineStep, groups, outline
from pages.components.words import plain

_TIMES = {1: "once", 2: "twice"}


def show_outline(workflow: AutomatedWorkflow, *, scopes: bool = False) -> None:
    """Draws the tree; with `scopes`, each step says in which scope it works."""
    st.markdown("\n".join(_lines(outline(workflow), 0, scopes)))


def stops_words(workflow: AutomatedWorkflow) -> str:
    """`stops for people in 2 steps; pm and architect accept`."""
    stops = sum(step.stops for step in outline(workflow))
    if not stops:
        return "stops for nobody"
    named = groups(workflow)
    who = f"; {_joined(named)} accept{'s' if len(named) == 1 else ''}" if named else ""
    return f"stops for people {_TIMES.get(stops) or f'{stops} times'}{who}"


def _lines(steps: Iterable[OutlineStep], depth: int, scopes: bool) -> Iterator[str]:
    for step in steps:
        said = [f"**{plain(step.heading)}**", *(plain(one) for one in _facts(step))]
        where = f" · :gray[{plain(step.scope)}]" if scopes else ""
        yield f"{'   ' * depth}1. {' · '.join(said)}{where}"
        yield from _lines(step.steps, depth + 1, scopes)


def _facts(step: OutlineStep) -> Iterator[str]:
    if step.kind == "iteration":
        at_once = f", {step.items_at_once} at once" if step.items_at_once > 1 else ""
        yield f"for each {step.each.lower()} of “{step.of}”{at_once}"
        return
    if step.kind != "production":
        yield step.kind_title
    if step.produces:
        yield f"writes “{step.produces}”"
    if step.manual:
        yield "waits until somebody starts it"
    if step.accepted:
        yield f"accepted by {_joined(step.accepted_by, 'or')}" if step.accepted_by else "accepted by a person"


def _joined(names: tuple[str, ...], word: str = "and") -> str:
    return f" {word} ".join(filter(None, [", ".join(names[:-1]), names[-1]])) if names else ""
