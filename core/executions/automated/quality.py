"""Quality assurance of a document: what must be so before it counts, and what is only worth a look (SPEC W5)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict
from typing import Any

from jsonschema.exceptions import ValidationError

from core.canonical import MOST_NESTED, canonical_json, is_nested_deeper
from core.catalog.automated import DocumentType
from core.catalog.problems import child, unstorable
from core.catalog.schema_fit import Unfinished, misfits
from core.executions.automated.items import BadItems, items_in
from core.language_models.findings import Finding, error

MOST_CHARACTERS = 1_000_000
MOST_FINDINGS = 50


def check(content: Any, document: DocumentType) -> tuple[Finding, ...]:
    """Everything found, errors first, at most 50; with an error among them it is no such document."""
    try:
        found = list(_basics(content))
        if not found:
            found = [*_collection(content, document), *_schema(content, document), *_worth_a_look(content)]
    except RecursionError:
        found = [error("$", "is nested too deeply.", "depth")]
    found.sort(key=lambda one: one.severity != "error")
    return tuple(found[:MOST_FINDINGS])


def errors(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    return tuple(one for one in findings if one.severity == "error")


def as_json(findings: Iterable[Finding]) -> list[dict[str, str]]:
    return [asdict(one) for one in findings]


def from_json(stored: Iterable[Mapping[str, Any]]) -> tuple[Finding, ...]:
    return tuple(Finding(one["path"], one["message"], one["severity"], one["rule"]) for one in stored)


def _basics(content: Any) -> Iterator[Finding]:
    if not isinstance(content, (dict, list)):
        yield error("$", "is neither an object nor a list.", "type")
        return
    if is_nested_deeper(content):
        yield error("$", f"is nested more than {MOST_NESTED} levels deep.", "depth")
        return
    for problem in unstorable(content, "$"):
        yield error(problem.path, f"{problem.message}.", problem.code.lower())
    try:
        size = len(canonical_json(content))
    except (ValueError, TypeError, RecursionError):
        yield error("$", "holds something that is not JSON, or is nested too deeply.", "json")
        return
    if size > MOST_CHARACTERS:
        yield error("$", f"has {size:,} characters; {MOST_CHARACTERS:,} at most.", "size")


def _collection(content: Any, document: DocumentType) -> Iterator[Finding]:
    if document.collection_field is None:
        return
    try:
        items = items_in(content, document.collection_field)
    except BadItems as bad:
        yield error(child("$", document.collection_field), bad.words, "collection")
        return
    made_up = sum(one.made_up for one in items)
    if made_up:
        words = f"has {made_up} items without an id; they are numbered."
        yield Finding(child("$", document.collection_field), words, "warning", "item_id")


def _schema(content: Any, document: DocumentType) -> Iterator[Finding]:
    if not document.json_schema:
        return
    try:
        for number, wrong in enumerate(misfits(document.json_schema, content)):
            if number == MOST_FINDINGS:
                return
            yield error(_place(wrong), _words(wrong), str(wrong.validator))
    except Unfinished:
        yield error("$", "cannot be checked by its JSON Schema: that comes to no end. Write it simpler.", "json_schema")


def _worth_a_look(content: Any, path: str = "$") -> Iterator[Finding]:
    """Texts that say nothing."""
    if isinstance(content, dict):
        for key, value in content.items():
            yield from _worth_a_look(value, child(path, key))
    elif isinstance(content, list):
        for index, value in enumerate(content):
            yield from _worth_a_look(value, f"{path}[{index}]")
    elif isinstance(content, str) and not content.strip():
        yield Finding(path, "is empty.", "warning", "empty_text")


def _place(wrong: ValidationError) -> str:
    path = "$"
    for part in wrong.absolute_path:
        path = f"{path}[{part}]" if isinstance(part, int) else child(path, part)
    return path


def _words(wrong: ValidationError) -> str:
    return f"{wrong.message[:300]}."
