"""The documents of a run as people read them: by type and place, version by version, as lines and as Markdown."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

MOST_HEADINGS = 6
"""Markdown knows no deeper one."""

_NAMING = ("id", "title", "name", "summary")


@dataclass(frozen=True, slots=True)
class Version:
    """One version of a document, without its content."""

    id: UUID
    version: int
    digest: str
    made_by: str
    findings: int
    """How many warnings it passed with."""
    created_at: datetime
    accepted_at: datetime | None
    accepted_by: str | None
    path: str | None
    """The node that made it; None for what the run was started with."""


@dataclass(frozen=True, slots=True)
class DocumentLine:
    """One document with its versions, oldest first."""

    doc_type: str
    name: str
    scope: str
    scope_id: str
    place: str
    """The items it belongs to, by what they are called; empty at the root."""
    versions: tuple[Version, ...]

    @property
    def current(self) -> Version:
        """The one that counts: the accepted one, else the latest."""
        accepted = [one for one in self.versions if one.accepted_at is not None]
        return (accepted or list(self.versions))[-1]

    @property
    def path(self) -> str | None:
        return self.current.path

    def is_seen_from(self, scope_id: str) -> bool:
        """Whether a step in this place could read it: it lies in the same place, or around it."""
        return not self.scope_id or scope_id == self.scope_id or scope_id.startswith(f"{self.scope_id}/")


@dataclass(frozen=True)
class DocumentView:
    """One version with its content."""

    document: DocumentLine
    version: Version
    content: Any
    findings: tuple[Mapping[str, Any], ...]
    schema: Mapping[str, Any]
    """The JSON Schema of its type; empty where the definition gives none."""

    @property
    def text(self) -> str:
        return pretty(self.content, self.schema)

    @property
    def markdown(self) -> str | None:
        return markdown(self.document.name, self.content, self.schema)

    @property
    def file_name(self) -> str:
        place = self.document.scope_id.replace("/", "-")
        parts = (self.document.doc_type, place, f"v{self.version.version}")
        return "".join(c if c.isalnum() or c in "._-" else "_" for c in "-".join(filter(None, parts)))[:120]


def pretty(content: Any, schema: Mapping[str, Any] | None = None) -> str:
    """JSON over lines, fields in the order in which the schema requires them: the database keeps none."""
    return json.dumps(ordered(content, schema or {}), indent=2, ensure_ascii=False)


def ordered(content: Any, schema: Any) -> Any:
    """`content` with the fields of its objects as `required` lists them, then what names it, then the others.

    The order of `properties` would say more, and is lost where the definition is stored.
    """
    known = schema if isinstance(schema, Mapping) else {}
    if isinstance(content, Mapping):
        fields, required = known.get("properties"), known.get("required")
        below = fields if isinstance(fields, Mapping) else {}
        first = [*(required if isinstance(required, list) else ()), *_NAMING]
        names = dict.fromkeys([*(one for one in first if isinstance(one, str) and one in content), *content])
        return {name: ordered(content[name], below.get(name)) for name in names}
    if isinstance(content, list):
        return [ordered(one, known.get("items")) for one in content]
    return content


def markdown(title: str, content: Any, schema: Mapping[str, Any] | None = None) -> str | None:
    """The document for people: a heading a field, a list a list. None where it holds no text at all."""
    if not _has_text(content):
        return None
    lines = [f"# {title}", "", *_block(ordered(content, schema or {}), 2)]
    return "\n".join(_squeezed(lines)) + "\n"


def label_of_field(name: str) -> str:
    """`acceptance_criteria` → `Acceptance criteria`."""
    words = name.replace("_", " ").strip()
    return words[:1].upper() + words[1:]


def _has_text(content: Any) -> bool:
    if isinstance(content, str):
        return bool(content.strip())
    inside: Iterable[Any] = (
        content.values() if isinstance(content, Mapping) else content if isinstance(content, list) else ()
    )
    return any(_has_text(one) for one in inside)


def _block(content: Any, level: int) -> Iterator[str]:
    if isinstance(content, Mapping):
        for name, value in content.items():
            yield from _field(str(name), value, level)
    elif isinstance(content, list):
        yield from _list(content, level)
    else:
        yield _scalar(content)
        yield ""


def _field(name: str, value: Any, level: int) -> Iterator[str]:
    said = label_of_field(name)
    if not isinstance(value, (Mapping, list)) and "\n" not in str(value) and len(str(value)) <= 80:
        yield f"**{said}:** {_scalar(value)}"
        yield ""
        return
    yield f"{'#' * min(level, MOST_HEADINGS)} {said}"
    yield ""
    yield from _block(value, level + 1)


def _list(items: Sequence[Any], level: int) -> Iterator[str]:
    if not any(isinstance(one, (Mapping, list)) for one in items):
        yield from (f"- {_scalar(one)}" for one in items)
        yield ""
        return
    for number, one in enumerate(items, start=1):
        name = next((one[key] for key in ("title", "name", "id") if isinstance(one, Mapping) and one.get(key)), "")
        yield f"{'#' * min(level, MOST_HEADINGS)} {number}. {name}".rstrip()
        yield ""
        yield from _block(one, level + 1)


def _scalar(value: Any) -> str:
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)


def _squeezed(lines: Iterable[str]) -> Iterator[str]:
    """No two empty lines in a row, none at the end."""
    before = ""
    kept: list[str] = []
    for line in lines:
        if line or before:
            kept.append(line)
        before = line
    while kept and not kept[-1]:
        kept.pop()
    yield from kept
