from __future__ import annotations

import contextlib
import io
import json
import os
import zipfile
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as times
from hypothesis import strategies as st
from pydantic import SecretStr

from core.deliverables.content import AuditLine, Cell, Column, Report, Section, Table
from core.deliverables.sealing.manifest import MANIFEST, manifest_bytes, manifest_of
from core.deliverables.sealing.signing import fingerprint, signed
from core.deliverables.sealing.verifying import spelled_key, verify
from core.files import archives
from core.files.archives import Archive, Folder, Unreadable, packed
from core.settings import Settings
from tests.core.deliverables.packages import FACTS, files_of, members_of, package, written
from tests.core.deliverables.reports import NOW, every_block, hostile_report, report, table

KEY = Settings(_env_file=None, database_url=None, secret_key=SecretStr("s" * 40))
WHOLE = package(KEY)
ZIPPED = packed(WHOLE.items())


def held(members: dict[str, bytes]) -> Archive:
    return Archive(io.BytesIO(packed(members.items())))


def differences(members: dict[str, bytes], key: str = "") -> tuple[str, ...]:
    return verify(held(members), key=key).differences


@pytest.mark.parametrize("made", [report(), hostile_report()])
def test_package_as_it_was_made_is_right_as_archive_and_as_folder(tmp_path: Path, made: Report) -> None:
    members = package(KEY, made)
    for bundle in (held(members), Folder(written(tmp_path / "package", members))):
        verdict = verify(bundle, key=fingerprint(KEY))
        assert verdict.right, verdict.differences
        assert verdict.remarks == ()
        assert verdict.manifest is not None
        assert verdict.manifest.package.label == "Winter campaign"


@times(max_examples=150)
@given(st.data())
def test_any_byte_of_any_member_that_is_changed_is_found(data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(sorted(WHOLE)))
    at = data.draw(st.integers(0, len(WHOLE[name]) - 1))
    other = data.draw(st.integers(1, 255))
    changed = bytearray(WHOLE[name])
    changed[at] ^= other
    found = differences({**WHOLE, name: bytes(changed)})
    assert found
    if name != MANIFEST:
        assert any(name in one for one in found)


@times(max_examples=150)
@given(at=st.integers(0, len(ZIPPED) - 1), other=st.integers(1, 255))
def test_any_byte_of_the_archive_that_is_changed_is_found(at: int, other: int) -> None:
    """Also those that belong to no file: times, rights, lengths, the directory."""
    changed = bytearray(ZIPPED)
    changed[at] ^= other
    with contextlib.suppress(Unreadable):
        assert not verify(Archive(io.BytesIO(changed))).right


@times(max_examples=60)
@given(size=st.integers(0, len(ZIPPED) - 1))
def test_archive_that_ends_early_is_found(size: int) -> None:
    with pytest.raises(Unreadable):
        assert verify(Archive(io.BytesIO(ZIPPED[:size]))).right


@pytest.mark.parametrize("name", sorted(set(WHOLE) - {MANIFEST}))
def test_missing_files_are_named(name: str) -> None:
    assert f"{name} is missing." in differences({one: data for one, data in WHOLE.items() if one != name})


def test_added_files_are_named() -> None:
    assert differences({**WHOLE, "notes.txt": b"x"}) == ("notes.txt is not in the manifest.",)


def test_two_files_that_changed_places_are_both_named() -> None:
    found = differences({**WHOLE, "report.pdf": WHOLE["report.html"], "report.html": WHOLE["report.pdf"]})
    assert [one.split(" ")[0] for one in found] == ["report.html", "report.pdf"]


def leaves(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    if isinstance(value, dict):
        return [place for name, item in value.items() for place in leaves(item, (*path, name))]
    if isinstance(value, list):
        return [place for at, item in enumerate(value) for place in leaves(item, (*path, at))]
    return [path]


MADE: dict[str, Any] = json.loads(WHOLE[MANIFEST])


@pytest.mark.parametrize("path", leaves(MADE), ids=lambda path: ".".join(map(str, path)))
def test_any_value_of_the_manifest_that_is_changed_is_found(path: tuple[Any, ...]) -> None:
    """Every number, name, digest, vote and time, one by one."""
    told = json.loads(WHOLE[MANIFEST])
    place = told
    for step in path[:-1]:
        place = place[step]
    before = place[path[-1]]
    place[path[-1]] = (
        (not before) if isinstance(before, bool) else before + 1 if isinstance(before, int) else f"{before}1"
    )
    assert differences({**WHOLE, MANIFEST: manifest_bytes(told)})


@pytest.mark.parametrize("name", sorted(set(MADE) - {"missing", "format"}))
def test_members_of_the_manifest_cannot_be_dropped_emptied_or_turned_around(name: str) -> None:
    def change(act: Callable[[dict[str, Any]], Any]) -> tuple[str, ...]:
        told = json.loads(WHOLE[MANIFEST])
        act(told)
        return differences({**WHOLE, MANIFEST: manifest_bytes(told)})

    assert change(lambda told: told.pop(name))
    assert change(lambda told: told.update({name: type(told[name])()}))
    assert change(lambda told: told.update({f"{name}2": 1}))
    if isinstance(MADE[name], list) and len(MADE[name]) > 1:
        assert change(lambda told: told[name].reverse())


def test_same_manifest_written_in_another_way_is_not_the_same() -> None:
    spelled = json.dumps(MADE, indent=1).encode()
    assert differences({**WHOLE, MANIFEST: spelled}) == ("The manifest is not written as it was: its bytes differ.",)
    assert differences({**WHOLE, MANIFEST: WHOLE[MANIFEST].replace(b'"audit":', b'"audit":[],"audit":', 1)})


def test_somebody_else_can_sign_but_not_with_this_key() -> None:
    """Without the fingerprint a new signature is right by itself, so a remark says whose it is."""
    other = Settings(_env_file=None, database_url=None, secret_key=SecretStr("t" * 40))
    forged = package(other)
    verdict = verify(held(forged))
    assert verdict.right
    assert verdict.signed_by == fingerprint(other)
    assert fingerprint(other) in verdict.remarks[0]
    assert differences(forged, key=fingerprint(KEY)) == (
        f"The manifest was signed with another key: {fingerprint(other)}.",
    )


def signed_again(change: Callable[[dict[str, Any]], None], made: Report | None = None) -> dict[str, bytes]:
    """What whoever holds the secret could make: signed rightly, and wrong in itself."""
    members = members_of(made or report())
    manifest = manifest_of(FACTS, made or report(), files_of(members))
    change(manifest)
    return {MANIFEST: manifest_bytes(signed(KEY, manifest)), **members}


def test_figures_that_differ_between_manifest_and_csv_are_found_though_both_are_signed() -> None:
    told = every_block()
    other = tuple(replace(one, blocks=(table(9), *one.blocks[:-1])) if one.key == "figures" else one for one in told)
    members = {**members_of(report()), "data.zip": members_of(report(*other))["data.zip"]}
    manifest = signed(KEY, manifest_of(FACTS, report(), files_of(members)))
    found = differences({MANIFEST: manifest_bytes(manifest), **members})
    assert found == ("The table “Runs of the quarter” (runs) is in no CSV file of data.zip as the manifest has it.",)


def test_cells_that_no_spreadsheet_may_run_and_no_file_can_hold_are_the_same_in_manifest_and_csv() -> None:
    texts = ("=1+1", "'=1+1", "＝SUM(A1)", "-5", "\t", "a\r\nb\rc\u2028d", "\x00\x1b", "\u202e", 'say "x", y;', "", " ")
    rows = tuple((Cell(one), Cell(one, Decimal("-1E+3")), Cell(one, NOW), Cell("as said", one)) for one in texts)
    made = Table("Hostile", tuple(Column(one) for one in ("=a", "-b", 'c"', "d\r")), rows, key="con")
    assert differences(package(KEY, report(Section("s", "S", (made,))))) == ()


def test_data_that_is_no_archive_is_said_to_be_none() -> None:
    members = {**members_of(report()), "data.zip": b"PK\x03\x04 broken"}
    manifest = signed(KEY, manifest_of(FACTS, report(), files_of(members)))
    assert "cannot be read" in differences({MANIFEST: manifest_bytes(manifest), **members})[0]


def test_audit_excerpt_must_follow_itself_where_entries_are_neighbours() -> None:
    def line(sequence: int, own: str, before: str) -> AuditLine:
        return AuditLine(sequence, NOW, "", "Asha", "action.approved", "action:1", own * 32, before * 32)

    def found(*lines: AuditLine) -> tuple[str, ...]:
        return differences(package(KEY, replace(report(), audit=lines)))

    assert found(line(7, "aa", "00"), line(8, "bb", "aa"), line(12, "cc", "dd")) == ()
    assert found(line(7, "aa", "00"), line(8, "bb", "ab")) == ("Entry 8 of the audit excerpt does not follow entry 7.",)
    assert found(line(8, "bb", "aa"), line(7, "aa", "00")) == ("Entry 7 of the audit excerpt stands after entry 8.",)


def test_approval_of_something_without_a_digest_is_no_approval() -> None:
    found = differences(signed_again(lambda manifest: manifest["approvals"][0].update(sha256="latest")))
    assert "approvals.0.sha256" in found[0]


@pytest.mark.parametrize(
    "name", ["../report.pdf", "/etc/passwd", "a\\b", "C:x", "", ".", "..", " x", "a\nb", "x" * 201]
)
def test_names_that_are_places_are_refused_in_manifest_and_archive(name: str) -> None:
    assert differences(signed_again(lambda manifest: manifest["files"][0].update(name=name)))
    if name:  # Python packs none without a name
        with pytest.raises(Unreadable, match="place"):
            Archive(_zip((name, b"x")))


def test_manifest_that_names_a_file_twice_or_itself_is_refused() -> None:
    assert "twice" in differences(signed_again(lambda told: told["files"].append(told["files"][0])))[0]
    assert differences(signed_again(lambda told: told["files"][0].update(name=MANIFEST)))


@pytest.mark.parametrize(
    "spelled", [b"", b"[]", b"nothing", b"{}", b"[" * 100_000, b'{"a":NaN}', b'"\\ud800"', b"\xff"]
)
def test_manifest_that_is_none_is_a_sentence(spelled: bytes) -> None:
    assert differences({**WHOLE, MANIFEST: spelled})


def test_package_without_manifest_is_a_sentence() -> None:
    assert "There is no manifest.json" in differences({"report.pdf": b"x"})[0]


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize(("second", "said"), [(("Report.pdf", b"y"), "twice"), (("report.pdf", b"y"), "twice")])
def test_archive_with_a_name_twice_is_refused(second: tuple[str, bytes], said: str) -> None:
    with pytest.raises(Unreadable, match=said):
        Archive(_zip(("report.pdf", b"x"), second))


def test_links_encrypted_members_and_other_packings_are_refused() -> None:
    link = zipfile.ZipInfo("report.pdf")
    link.create_system, link.external_attr = 3, 0o120777 << 16
    with pytest.raises(Unreadable, match="link"):
        Archive(_zip((link, b"/etc/passwd")))
    encrypted = bytearray(_zip(("report.pdf", b"x")).getvalue())
    encrypted[encrypted.index(b"PK\x01\x02") + 8] |= 1
    with pytest.raises(Unreadable, match="encrypted"):
        Archive(io.BytesIO(encrypted))
    with pytest.raises(Unreadable, match="packed in a way"):
        Archive(_zip(("report.pdf", b"x"), packing=zipfile.ZIP_BZIP2))


def test_bombs_are_refused_before_they_are_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "MOST_BYTES", 1_000_000)
    with pytest.raises(Unreadable, match="unpacks to more than"):
        Archive(_zip(("zeros.bin", b"\0" * 1_000_001), packing=zipfile.ZIP_DEFLATED))
    with pytest.raises(Unreadable, match="unpacks to more than"):
        Archive(_zip(*((str(at), b"") for at in range(archives.MOST_MEMBERS + 1))))


def test_member_that_says_it_is_smaller_than_it_is_is_damaged() -> None:
    """The sizes an archive declares are what the limits are measured by, so nothing more is ever read."""
    lying = bytearray(_zip(("report.pdf", b"\0" * 100_000), packing=zipfile.ZIP_DEFLATED).getvalue())
    entry = lying.index(b"PK\x01\x02")
    lying[entry + 24 : entry + 28] = (10).to_bytes(4, "little")
    with pytest.raises(Unreadable, match="damaged"):
        list(Archive(io.BytesIO(lying)).read("report.pdf"))


def test_archive_packed_anew_says_so_and_its_folder_is_right(tmp_path: Path) -> None:
    anew = _zip(*WHOLE.items(), packing=zipfile.ZIP_DEFLATED)
    assert verify(Archive(anew)).differences == (
        "The files are as they were made, but the archive around them was packed anew or changed.",
    )
    with zipfile.ZipFile(anew) as unpacked:
        unpacked.extractall(tmp_path)
    assert verify(Folder(tmp_path)).right


def test_program_before_an_archive_is_found() -> None:
    with pytest.raises(Unreadable, match="from its beginning"):
        Archive(io.BytesIO(b"#!/bin/sh\n" + ZIPPED))


def test_links_pipes_and_folders_in_a_folder_are_not_read(tmp_path: Path) -> None:
    folder = written(tmp_path / "package", WHOLE)
    (folder / "report.pdf").rename(tmp_path / "elsewhere.pdf")
    (folder / "report.pdf").symlink_to(tmp_path / "elsewhere.pdf")
    (folder / "report.html").unlink()
    os.mkfifo(folder / "report.html")
    (folder / "more").mkdir()
    found = verify(Folder(folder)).differences
    assert [one.split(" ")[0] for one in found] == ["report.html", "report.pdf", "more"]


def test_folder_of_downloads_may_hold_other_things(tmp_path: Path) -> None:
    folder = written(tmp_path, {**WHOLE, "holiday.jpg": b"x"})
    verdict = verify(Folder(folder), key=fingerprint(KEY), others_are_fine=True)
    assert verdict.right
    assert verdict.remarks == ("holiday.jpg is not in the manifest.",)


def test_formats_that_could_not_be_made_are_told() -> None:
    members = signed_again(lambda told: told["missing"].update(pptx="The font is missing."))
    verdict = verify(held(members), key=fingerprint(KEY))
    assert verdict.right
    assert verdict.remarks == ("pptx could not be made: The font is missing.",)


def test_fingerprints_are_read_as_people_write_them() -> None:
    own = fingerprint(KEY)
    assert spelled_key(" ".join(own[at : at + 4] for at in range(0, 64, 4)).upper()) == own
    assert spelled_key(":".join(own[at : at + 2] for at in range(0, 64, 2))) == own
    assert [spelled_key(text) for text in ("", own[:-1], own + "0", "x" * 64)] == [None] * 4


def _zip(*members: tuple[Any, bytes], packing: int = zipfile.ZIP_STORED) -> io.BytesIO:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", packing) as target:
        for name, data in members:
            target.writestr(name, data, compress_type=packing)
    buffer.seek(0)
    return buffer
