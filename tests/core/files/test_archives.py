"""ZIP archives that are sent with letters hold only what could be sent by itself."""

from __future__ import annotations

import io
import zipfile

import pytest

from core.files import contents
from core.files.archives import packed
from core.files.contents import NotThatKind, media_type_of

PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n%%EOF\n"
DATA = packed([("runs.csv", b"\xef\xbb\xbfRun,State\r\n1,Failed\r\n"), ("README.txt", b"What it holds.")])


def test_package_with_its_data_is_an_archive_that_may_be_sent() -> None:
    data = packed([("report.pdf", PDF), ("data.zip", DATA), ("manifest.json", b"{}"), ("report.html", b"<p>Hello</p>")])
    assert media_type_of("package.zip", data) == "application/zip"
    assert media_type_of("data.zip", DATA) == "application/zip"


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("run.exe", b"MZ", "run.exe in it cannot be: its name ends in .exe."),
        ("run", b"#!/bin/sh", "run in it cannot be: its name ends in nothing"),
        ("report.pdf", b"MZ", "report.pdf in it cannot be: its content is not PDF."),
        ("deck.pptx", b"PK\x03\x04", "deck.pptx in it cannot be"),
        ("macro.docm", b"x", "its name ends in .docm"),
        ("empty.csv", b"", "it is empty"),
    ],
)
def test_archive_with_something_else_in_it_is_refused(name: str, data: bytes, said: str) -> None:
    for archive in (packed([(name, data)]), packed([("data.zip", packed([(name, data)]))])):
        with pytest.raises(NotThatKind, match=said.replace(".", r"\.")):
            media_type_of("package.zip", archive)


def test_archives_go_no_deeper_than_one_in_another() -> None:
    with pytest.raises(NotThatKind, match=r"data\.zip in it cannot be"):
        media_type_of("package.zip", packed([("package.zip", packed([("data.zip", DATA)]))]))


@pytest.mark.parametrize("name", ["../report.pdf", "/report.pdf", "a/report.pdf", "C:report.pdf"])
def test_archive_that_would_write_elsewhere_is_refused(name: str) -> None:
    with pytest.raises(NotThatKind, match="name is a place"):
        media_type_of("package.zip", _zip(name, PDF))


def test_bomb_is_refused_before_it_is_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(contents, "_MOST_UNPACKED", 1_000_000)
    with pytest.raises(NotThatKind, match="it unpacks to more than"):
        media_type_of("package.zip", _zip("zeros.txt", b"0" * 1_000_001))


@pytest.mark.parametrize("data", [b"PK\x03\x04 nothing", b"#!/bin/sh\n" + DATA, b"Rar!", DATA[:-10]])
def test_what_is_no_archive_is_refused(data: bytes) -> None:
    with pytest.raises(NotThatKind, match="ZIP archive"):
        media_type_of("package.zip", data)


def _zip(name: str, data: bytes) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, data)
    return held.getvalue()
