"""Typst, kept to a folder of its own: it sees the template and what it was given, no other file, no network."""

from __future__ import annotations

import ctypes
import json
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import typst

from core.deliverables.fonts import font_folders
from core.deliverables.typesetting.report import Manuscript
from core.errors import CountersignError

TEMPLATE = Path(__file__).parents[1] / "templates" / "report.typ"
_NO_GLYPH = re.compile(r"the text `(.+?)` could not be displayed", re.DOTALL)


class PagesNotSet(CountersignError):
    """The pages could not be set: {problem}. Nothing else was affected."""

    http_status = 500


class NoGlyph(Exception):
    """No font joins the characters of `text`."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.text = text


class Pages:
    """One manuscript with the compiler that sets it."""

    def __init__(self, folder: Path) -> None:
        main = str(folder / "main.typ")
        self._folder = str(folder)
        with self._failing():
            self._compiler = typst.Compiler(
                main, root=str(folder), font_paths=_fonts(), package_path=str(folder / "none")
            )

    def pdf(self, at: datetime) -> bytes:
        """PDF/UA-1; the same bytes whenever it is made of the same."""
        with self._failing():
            made: Any = self._compiler.compile(
                format="pdf", pdf_standards=["ua-1"], timestamp=at.replace(microsecond=0)
            )
        return bytes(made)

    def pictures(self, pixels_an_inch: float) -> list[bytes]:
        with self._failing():
            made = self._compiler.compile(format="png", ppi=pixels_an_inch)
        return [made] if isinstance(made, bytes) else list(made or ())

    def counted(self) -> dict[str, Any]:
        """How many pages there are, and on which each heading stands."""
        with self._failing():
            made: dict[str, Any] = json.loads(self._compiler.query("<made>", field="value", one=True))
        return made

    @contextmanager
    def _failing(self) -> Iterator[None]:
        """A panic of typst is no Exception, so that nobody may overlook it; here it is an error like the others."""
        try:
            yield
        except typst.TypstError as fault:
            if found := _NO_GLYPH.search(str(fault)):
                raise NoGlyph(_read(found[1])) from None
            raise PagesNotSet(problem=self._told(fault)) from None
        except (RuntimeError, OSError, ValueError, TypeError) as fault:
            raise PagesNotSet(problem=self._told(fault)) from None
        except BaseException as fault:
            if type(fault).__name__ == "PanicException":
                raise PagesNotSet(problem=self._told(fault)) from None
            raise

    def _told(self, fault: BaseException) -> str:
        line = (str(fault).strip() or type(fault).__name__).splitlines()[0]
        return line.replace(self._folder, "").rstrip(".")[:300]


@contextmanager
def pages_of(manuscript: Manuscript) -> Iterator[Pages]:
    with tempfile.TemporaryDirectory(prefix="countersign-pages-") as name:
        folder = Path(name).resolve()
        (folder / "main.typ").write_bytes(TEMPLATE.read_bytes())
        (folder / "report.json").write_text(json.dumps(manuscript.told), encoding="utf-8")
        for file, data in manuscript.files.items():
            (folder / file).write_bytes(data)
        yield Pages(folder)


def forget() -> None:
    """Typst remembers parts of the last ten documents it set; what a report said is not kept for the next one."""
    for at in range(11):
        typst.compile({"main": f"#{at}".encode()}, font_paths=_fonts(), format="svg")
    with suppress(AttributeError, OSError):  # only glibc keeps hundreds of megabytes that nothing uses any more
        ctypes.CDLL(None).malloc_trim(0)


@cache
def _fonts() -> Any:
    folders = [str(one) for one in font_folders()]
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=folders)


def _read(quoted: str) -> str:
    """The text in a message, which stands there with quotes and escapes like those of Rust."""
    text = quoted.removeprefix('"').removesuffix('"')
    return re.sub(r"\\u\{([0-9a-f]+)\}", lambda found: chr(int(found[1], 16)), text).replace('\\"', '"')
