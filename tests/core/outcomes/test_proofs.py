"""A proof is what its name says, at most 5 MB, and its name is never a path."""

from __future__ import annotations

import hashlib
import struct
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.files.contents import shown_name
from core.outcomes.proofs import ProofRefused, ProofTooLarge, checked_upload
from tests.core.outcomes.conftest import PDF, TEXT, picture


@pytest.mark.parametrize(
    ("name", "data", "content_type"),
    [
        ("shot.png", picture("PNG"), "image/png"),
        ("shot.JPG", picture("JPEG"), "image/jpeg"),
        ("shot.jpeg", picture("JPEG"), "image/jpeg"),
        ("shot.webp", picture("WEBP"), "image/webp"),
        ("shot.gif", picture("GIF"), "image/gif"),
        ("invoice.pdf", PDF, "application/pdf"),
        ("note.txt", TEXT, "text/plain"),
        ("bom.txt", b"\xef\xbb\xbfhello", "text/plain"),
    ],
)
def test_accepted_files(name: str, data: bytes, content_type: str) -> None:
    upload = checked_upload(name, data)

    assert (upload.content_type, upload.sha256) == (content_type, hashlib.sha256(data).hexdigest())


def bomb() -> bytes:
    """A PNG header that promises 20,000 × 20,000 pixels."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", 20_000, 20_000, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0")) + chunk(b"IEND", b"")


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("empty.png", b""),
        ("program.exe", b"MZ\x90"),
        ("page.html", b"<html></html>"),
        ("drawing.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>"),
        ("no-ending", picture()),
        ("renamed.png", PDF),
        ("renamed.pdf", picture()),
        ("renamed.jpg", picture("PNG")),
        ("renamed.txt", PDF),
        ("binary.txt", picture()),
        ("latin.txt", "caf\xe9".encode("latin-1")),
        ("control.txt", b"a\x00b"),
        ("escape.txt", b"\x1b[2J"),
        ("broken.png", picture()[:40]),
        ("bits.png", picture()[:50] + b"\xff" + picture()[51:]),
        ("bomb.png", bomb()),
        ("text-as.pdf", b"not %PDF-1.7"),
    ],
)
def test_files_that_are_not_what_they_claim(name: str, data: bytes) -> None:
    with pytest.raises(ProofRefused, match="nothing was saved") as refused:
        checked_upload(name, data)
    assert refused.value.http_status == 422


def test_five_megabytes_are_the_limit() -> None:
    most = 5 * 1024 * 1024
    assert checked_upload("long.txt", b"x" * most).content_type == "text/plain"
    with pytest.raises(ProofTooLarge, match=r"5\.0 MB") as refused:
        checked_upload("long.txt", b"x" * (most + 1))
    assert refused.value.http_status == 413


@pytest.mark.parametrize(
    ("given_name", "shown"),
    [
        ("../../etc/passwd.txt", "passwd.txt"),
        ("C:\\Users\\me\\shot.png", "shot.png"),
        (".hidden.png", "hidden.png"),
        ("a\x00b\n.png", "ab.png"),
        ("invoice\u202egnp.exe.png", "invoicegnp.exe.png"),
        ("", "proof"),
        ("..", "proof"),
        ("x" * 300 + ".png", "x" * 196 + ".png"),
    ],
)
def test_names_are_shown_and_never_paths(given_name: str, shown: str) -> None:
    assert shown_name(given_name, otherwise="proof") == shown


@given(st.sampled_from(["png", "jpg", "webp", "gif", "pdf", "txt"]), st.binary(max_size=200))
def test_no_content_makes_the_check_fall_over(ending: str, data: bytes) -> None:
    starts = {"png": b"\x89PNG\r\n\x1a\n", "jpg": b"\xff\xd8\xff\xe0", "webp": b"RIFF\0\0\0\0WEBP", "gif": b"GIF89a"}
    for content in (data, starts.get(ending, b"") + data):
        try:
            checked_upload(f"file.{ending}", content)
        except ProofRefused:
            continue
