"""The prompts that the installation ships: `prompts/roles/*.md` and `prompts/tasks/*.md`, named by their first heading."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import structlog

from core.language_models.storable import storable
from core.language_models.tables import PromptKind

log = structlog.get_logger(__name__)

MOST_CHARACTERS = 20_000
_PLACES = {PromptKind.ROLE: "roles", PromptKind.TASK: "tasks"}


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
        self._seen: tuple[tuple[str, int, int], ...] | None = None
        self._found: Mapping[tuple[PromptKind, str], PromptFile] = {}

    def all(self) -> Mapping[tuple[PromptKind, str], PromptFile]:
        paths = {kind: sorted((self._folder / place).glob("*.md")) for kind, place in _PLACES.items()}
        seen = tuple(_stamp(path) for found in paths.values() for path in found)
        with self._lock:
            if seen != self._seen:
                self._found, self._seen = _read_all(paths), seen
            return self._found


def _stamp(path: Path) -> tuple[str, int, int]:
    try:
        status = path.stat()
    except OSError:
        return str(path), 0, 0
    return str(path), status.st_mtime_ns, status.st_size


def _read_all(paths: Mapping[PromptKind, list[Path]]) -> Mapping[tuple[PromptKind, str], PromptFile]:
    found: dict[tuple[PromptKind, str], PromptFile] = {}
    for kind, several in paths.items():
        for path in several:
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
