"""A source and formats of this folder's own, found by their place as the real ones are."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from textwrap import dedent

import pytest

from core.deliverables import formats, sources
from core.deliverables.format import find_formats
from core.deliverables.source import find_sources

NOTE_SOURCE = '''
    """A note that somebody left in a file: what is read is what stands there at that moment."""
    from pathlib import Path
    from uuid import UUID
    from pydantic import BaseModel, ConfigDict
    from core.deliverables.content import Section, paragraph
    from core.deliverables.source import Source
    from core.errors import NotFound
    from tests.core.deliverables.reports import every_block, report

    class NoteParams(BaseModel):
        model_config = ConfigDict(extra="forbid")
        path: str
        project_id: UUID | None = None

    class NoteSource(Source[NoteParams]):
        name, title, params, order = "note", "A note", NoteParams, 900

        def subject(self, params):
            return params.path

        def label(self, reading, params):
            if not Path(params.path).exists():
                raise NotFound(kind="note", id=params.path)
            return Path(params.path).name

        def read(self, reading, params):
            text = Path(params.path).read_text()
            if text == "crash":
                raise RuntimeError("broken")
            return report(*every_block(), Section("note", "Note", (paragraph(text), paragraph(reading.reader.name))))

    SOURCE = NoteSource()
'''
PLAIN_FORMAT = '''
    """Every text of the report on lines of their own."""
    from core.deliverables.content import Paragraph, text_of
    from core.deliverables.format import Format, Rendered

    def render(report, look):
        lines = [text_of(block.spans) for block in report.blocks() if isinstance(block, Paragraph)]
        return Rendered("\\n".join([look.name, *lines]).encode(), {"lines": len(lines)}, pictures=(b"picture",))

    FORMAT = Format("plain", "Plain text", "report.txt", "text/plain", render, order=900)
'''
MOODY_FORMAT = '''
    """Fails while a file says so."""
    import os
    from pathlib import Path
    from core.deliverables.format import Format, Rendered
    from core.errors import InvalidInput

    def render(report, look):
        mood = Path(os.environ["MOOD"]).read_text()
        if mood == "refuses":
            raise InvalidInput(field="Mood", problem="it does not want to.")
        if mood == "crashes":
            raise RuntimeError("broken")
        return Rendered(mood.encode())

    FORMAT = Format("moody", "Moody", "report.moody", "text/plain", render, order=901)
'''


@pytest.fixture
def note(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], Path]]:
    """Writes the note that the source `note` reads; the formats `plain` and `moody` are there too."""
    places = {sources: ("note.py", NOTE_SOURCE), formats: ("plain.py", PLAIN_FORMAT)}
    for package, (name, code) in places.items():
        folder = tmp_path / package.__name__
        folder.mkdir()
        (folder / name).write_text(dedent(code))
        monkeypatch.setattr(package, "__path__", [*package.__path__, str(folder)])
    (tmp_path / formats.__name__ / "moody.py").write_text(dedent(MOODY_FORMAT))
    monkeypatch.setenv("MOOD", str(tmp_path / "mood"))
    (tmp_path / "mood").write_text("fine")
    _forget()

    def write(text: str) -> Path:
        path = tmp_path / "note.txt"
        path.write_text(text)
        return path

    yield write
    monkeypatch.undo()
    _forget()


@pytest.fixture
def mood(tmp_path: Path) -> Path:
    """What the format `moody` does: `refuses`, `crashes`, or anything else."""
    return tmp_path / "mood"


def _forget() -> None:
    find_sources.cache_clear()
    find_formats.cache_clear()
    for name in ("sources.note", "formats.plain", "formats.moody"):
        sys.modules.pop(f"core.deliverables.{name}", None)
