"""The prompts that the installation ships: `prompts/roles/*.md` and `prompts/tasks/*.md`, named by their first heading."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import structlog

from core.language_models.storable import storable
from core.language_models.tables import PromptKind

log = structlog.get_logger(__name__)

MOST_CHARACTERS = 20_000
_PLACES = {PromptKind.ROLE: "roles", PromptKind.TASK: "tasks"}


_Stamp = tuple[str, int, int]
_Seen = Mapping[PromptKind, tuple[_Stamp, ...]]


@dataclass(frozen=True)
class PromptFile:
    kind: PromptKind
    name: str
    text: str


class PromptFiles:
    """Read when asked for, and again when a file changed."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = threading.Lock()
        self._seen: _Seen | None = None
        self._found: Mapping[tuple[PromptKind, str], PromptFile] = {}

    def all(self) -> Mapping[tuple[PromptKind, str], PromptFile]:
        seen = {kind: tuple(sorted(_stamps(self._folder / place))) for kind, place in _PLACES.items()}
        with self._lock:
            if seen != self._seen:
                self._found, self._seen = _read_all(seen), seen
            return self._found


def _stamps(folder: Path) -> Iterator[_Stamp]:
    """Every call of a model asks for them, so this is one look at the folder, and no more than one at each file."""
    with suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            if entry.name.endswith(".md"):
                try:
                    status = entry.stat()
                except OSError:
                    yield entry.path, 0, 0
                else:
                    yield entry.path, status.st_mtime_ns, status.st_size


def _read_all(seen: _Seen) -> Mapping[tuple[PromptKind, str], PromptFile]:
    found: dict[tuple[PromptKind, str], PromptFile] = {}
    for kind, several in seen.items():
        for path in (Path(name) for name, _, _ in several):
            one = _read(kind, path)
            if one is None:
                log.error("prompts.unreadable", file=path.name)
            elif (kind, one.name) in found:
                log.error("prompts.same_name", file=path.name, name=one.name)
            else:
                found[kind, one.name] = one
    return found


def _read(kind: PromptKind, path: Path) -> PromptFile | None:
    """None for a file without a heading or a text, or whose text cannot be kept."""
    try:
        content = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return None
    heading, _, text = content.strip().partition("\n")
    name, text = " ".join(heading.removeprefix("#").split()), text.strip()
    if not heading.startswith("# ") or not 1 <= len(name) <= 200 or not 1 <= len(text) <= MOST_CHARACTERS:
        return None
    return PromptFile(kind, name, text) if storable(content) == content else None
