"""Prompts for roles and tasks that nobody wrote one for: made from what the definition says, to be edited by people."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

_VERSION = re.compile(r"\s+v?\d+(\.\d+)*$", re.IGNORECASE)


@dataclass(frozen=True)
class DocumentFacts:
    """What a definition says of the document that a step produces."""

    name: str
    json_schema: dict[str, Any] | None = None
    collection_field: str | None = None
    acceptance_required: bool = False
    accepted_by: tuple[str, ...] = ()


def default_role(name: str) -> str:
    return (
        f"You are {_article(plain_name(name))}. You write for colleagues who act on what you write: be exact, be brief, "
        "and say what you do not know. Prefer the plain word. Give reasons where somebody could choose otherwise."
    )


def default_task(name: str, document: DocumentFacts, inputs: Sequence[str]) -> str:
    said = [f"Task: {plain_name(name)}. Produce the document “{document.name}”."]
    if inputs:
        said.append(f"Work from these inputs: {', '.join(inputs)}. Use all that matters in them and nothing else.")
    if document.collection_field:
        said.append(
            f"The field {document.collection_field} lists the items that the next steps go through one by one: make each "
            "complete in itself, leave none out, and let no two overlap."
        )
    if document.acceptance_required:
        who = f" ({', '.join(document.accepted_by)})" if document.accepted_by else ""
        said.append(f"A person{who} reads it before it is used: name what you assumed, so that it can be checked.")
    return " ".join(said)


def plain_name(name: str) -> str:
    """The name without its version: `Product Manager v1.0` is a product manager."""
    return _VERSION.sub("", " ".join(name.split())) or name


def _article(noun: str) -> str:
    return f"{'an' if noun[:1].lower() in 'aeiou' else 'a'} {noun}"
