"""Packages verified from the command line, with the records of the installation that made them and without."""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import pytest
from pydantic import SecretStr
from sqlalchemy import text

from core.actor import Actor, ActorKind, Role
from core.bootstrap import Application
from core.database.embedded import running_embedded_server
from core.deliverables.__main__ import main
from core.deliverables.rules import PackageState
from core.deliverables.sealing.manifest import MANIFEST, manifest_bytes
from core.deliverables.sealing.signing import fingerprint, signed
from core.settings import Settings
from tests.core.deliverables.packages import package as pretended_package
from tests.core.deliverables.packages import written
from tests.core.deliverables.pretended import made, pretended

AGENT = Actor(kind=ActorKind.AGENT, id="scout", name="Scout", scopes=frozenset({"read", "propose"}))


@dataclass(frozen=True)
class Kept:
    """A package that was made and downloaded."""

    id: UUID
    path: Path
    """Of package.zip."""
    house: Settings
    """As the command line reads them."""


@pytest.fixture(autouse=True)
def _pretended() -> Iterator[None]:
    with pretended():
        yield


@pytest.fixture
def kept(app: Application, person: Callable[..., Actor], settings: Settings, tmp_path: Path) -> Kept:
    operator = person(Role.OPERATOR, name="Omar")
    letter = {"to": ["ravi@example.com"], "subject": "Reminder", "body": "Invoice 12 is due."}
    action_id = app.actions.propose(AGENT, "email_send", letter, title="Send a reminder")
    row = app.actions_queries.card(operator, action_id).row
    app.actions.approve(operator, action_id, row.plan_digest, "Due since March.")
    project_id = app.projects.create(operator, "Winter campaign")
    package_id = app.packages.request(operator, "project", {"project_id": str(project_id)})
    assert made(app, package_id) is PackageState.DONE
    path = tmp_path / "package.zip"
    path.write_bytes(app.packages_queries.file(operator, package_id, "package.zip").data)
    house = Settings(_env_file=None, var_dir=settings.var_dir, database_url=app.url)
    return Kept(package_id, path, house)


def said(kept: Kept, capsys: pytest.CaptureFixture[str], *more: str, path: Path | None = None) -> tuple[int, str]:
    code = main(["verify", str(path or kept.path), *more], kept.house)
    caught = capsys.readouterr()
    return code, caught.out + caught.err


def change(app: Application, statement: str) -> None:
    """As somebody does who owns the database."""
    with app.database.begin() as uow:
        uow.session.execute(text("SET LOCAL session_replication_role = replica"))
        assert uow.session.execute(text(statement)).rowcount > 0  # type: ignore[attr-defined]


def test_package_is_as_it_was_made_by_manifest_and_records(kept: Kept, capsys: pytest.CaptureFixture[str]) -> None:
    code, out = said(kept, capsys, "--key", fingerprint(kept.house))
    assert (code, out) == (
        0, "Package 1 of “Winter campaign”: everything is as it was made, by its manifest and the records of this "
        "installation.\n",
    )  # fmt: skip


def test_findings_are_told_as_json_too(kept: Kept, capsys: pytest.CaptureFixture[str]) -> None:
    code, out = said(kept, capsys, "--json")
    told = json.loads(out)
    assert code == 0
    assert (told["as_made"], told["differences"], told["compared_with_records"]) == (True, [], True)
    assert told["signed_by"] == fingerprint(kept.house)
    assert told["package"]["label"] == "Winter campaign"


def test_offline_nothing_of_the_installation_is_needed(
    kept: Kept, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    nowhere = Settings(_env_file=None, var_dir=tmp_path / "nowhere", database_url=None)
    for more in ((), ("--offline",)):
        assert main(["verify", str(kept.path), *more], nowhere) == 0
        assert "by its manifest." in capsys.readouterr().out
    assert not (tmp_path / "nowhere").exists()  # no server, no secret


@pytest.mark.parametrize("database", ["postgresql://nobody@127.0.0.1:1/nothing", "empty"])
def test_database_that_cannot_tell_is_a_remark(
    kept: Kept, capsys: pytest.CaptureFixture[str], server_url: str, settings: Settings, database: str
) -> None:
    url = server_url.replace("/postgres?", "/template1?") if database == "empty" else database
    other = Settings(_env_file=None, var_dir=settings.var_dir, database_url=url)
    assert main(["verify", str(kept.path)], other) == 0
    assert "Not compared with records: The database does not answer" in capsys.readouterr().out


def test_package_of_another_installation_is_known_by_its_key_and_by_the_audit(
    kept: Kept, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    elsewhere = Settings(_env_file=None, database_url=None, secret_key=SecretStr("x" * 40))
    folder = written(tmp_path / "theirs", pretended_package(elsewhere))
    code, out = said(kept, capsys, path=folder)
    assert code == 1
    assert "The audit of this installation knows no such manifest." in out
    assert f"The key {fingerprint(elsewhere)} is not this installation's." in out
    assert said(kept, capsys, "--offline", path=folder)[0] == 0


def test_whoever_holds_the_secret_cannot_make_another_package_of_it(
    kept: Kept, capsys: pytest.CaptureFixture[str], tmp_path: Path, app: Application
) -> None:
    told = json.loads(app.packages_queries.file(_reader(), kept.id, MANIFEST).data)
    told["figures"][0]["value"] = "99999.00"
    names = [file["name"] for file in told["files"]]
    members = {name: app.packages_queries.file(_reader(), kept.id, name).data for name in names}
    folder = written(tmp_path / "forged", {**members, MANIFEST: manifest_bytes(signed(kept.house, told))})
    code, out = said(kept, capsys, path=folder)
    assert code == 1
    assert "The audit of this installation knows no such manifest." in out


def test_new_secret_does_not_make_old_packages_wrong(
    kept: Kept, capsys: pytest.CaptureFixture[str], app: Application
) -> None:
    renewed = Settings(_env_file=None, database_url=app.url, secret_key=SecretStr("y" * 40))
    assert main(["verify", str(kept.path)], renewed) == 0
    assert "SECRET_KEY was changed since." in capsys.readouterr().out


@pytest.mark.parametrize(
    ("statement", "sentence"),
    [
        ("UPDATE decisions SET subject_digest = repeat('0', 64)", "was on another version than the manifest says"),
        ("UPDATE decisions SET state = 'rejected'", "is not what the manifest says (approved, "),
        ("UPDATE decisions SET decided_at = decided_at + interval '1 second'", "is not what the manifest says"),
        ("UPDATE decisions SET decided_at = NULL, state = 'open'", "is not what the manifest says"),
        ("UPDATE ballots SET vote = 'reject'", "was not cast as the manifest says"),
        ("UPDATE ballots SET reason = 'Another.'", "was not cast as the manifest says"),
        ("UPDATE ballots SET voter_name = 'Somebody'", "was not cast as the manifest says"),
        ("UPDATE ballots SET cast_at = cast_at - interval '1 day'", "was not cast as the manifest says"),
        ("DELETE FROM ballots", "was not cast as the manifest says"),
        ("DELETE FROM decisions", "is not among this installation's"),
        ("DELETE FROM audit_entries WHERE sequence = 3", "The audit has no entry 3."),
        ("UPDATE audit_entries SET actor_name = 'Somebody' WHERE sequence = 3", "Entry 3 of the audit is not what"),
        ("UPDATE audit_entries SET hash = repeat('0', 64) WHERE sequence = 3", "Entry 3 of the audit is not what"),
        ("""UPDATE audit_entries SET after = '{"x": 1}' WHERE sequence = 3""", "Entry 3 of the audit was changed"),
        ("UPDATE audit_entries SET at = now() WHERE event = 'packaging.completed'", "knows no such manifest"),
        ("DELETE FROM audit_entries WHERE event = 'packaging.completed'", "knows no such manifest"),
        (
            "UPDATE audit_entries SET subject = 'package:1' WHERE event = 'packaging.completed'",
            "knows no such manifest",
        ),
    ],
)
def test_records_that_say_something_else_are_found(
    app: Application, kept: Kept, capsys: pytest.CaptureFixture[str], statement: str, sentence: str
) -> None:
    change(app, statement)
    code, out = said(kept, capsys)
    assert code == 1
    assert sentence in out


def test_what_was_voted_since_makes_no_package_wrong(
    app: Application, kept: Kept, capsys: pytest.CaptureFixture[str]
) -> None:
    app.actions.propose(AGENT, "email_send", {"to": ["a@example.com"], "subject": "B", "body": "C"}, title="Another")
    assert said(kept, capsys)[0] == 0


@pytest.mark.parametrize("name", ["report.pdf", "report.html", "data.zip"])
def test_file_alone_is_looked_up(
    app: Application, kept: Kept, capsys: pytest.CaptureFixture[str], tmp_path: Path, name: str
) -> None:
    alone = tmp_path / f"from a friend {name}"
    alone.write_bytes(app.packages_queries.file(_reader(), kept.id, name).data)
    code, out = said(kept, capsys, path=alone)
    assert code == 0
    assert f"is {name} of package 1 of “Winter campaign”, unchanged since" in out
    alone.write_bytes(alone.read_bytes() + b" ")
    assert said(kept, capsys, path=alone)[0] == 1


def test_file_alone_is_not_known_by_a_row_that_the_audit_does_not_know(
    app: Application, kept: Kept, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    forged = tmp_path / "report.pdf"
    forged.write_bytes(b"%PDF-1.7 forged")

    sha256 = hashlib.sha256(forged.read_bytes()).hexdigest()
    change(app, f"UPDATE package_files SET sha256 = '{sha256}' WHERE format = 'pdf'")
    code, out = said(kept, capsys, path=forged)
    assert (code, "in no package of this installation" in out) == (1, True)


def test_file_alone_without_records_is_wrong_use(
    kept: Kept, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    alone = tmp_path / "report.pdf"
    alone.write_bytes(b"%PDF-1.7")
    code, out = said(kept, capsys, "--offline", path=alone)
    assert code == 2
    assert "Name package.zip, its folder or manifest.json." in out
    assert said(kept, capsys, "--key", "0" * 64, path=alone)[0] == 2


@pytest.mark.parametrize("given", [["--key", "abc"], ["--key", "0" * 63]])
def test_key_that_is_none_is_wrong_use(kept: Kept, capsys: pytest.CaptureFixture[str], given: list[str]) -> None:
    assert said(kept, capsys, *given) == (2, "The fingerprint of a key has 64 hexadecimal digits.\n")


def test_path_that_is_none_is_wrong_use(kept: Kept, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert said(kept, capsys, path=tmp_path / "none.zip")[0] == 2
    with pytest.raises(SystemExit) as problem:
        main(["verify"])
    assert problem.value.code == 2


def test_changed_package_is_said_to_be_changed_by_name(
    kept: Kept, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    changed = bytearray(kept.path.read_bytes())
    changed[changed.index(b"%PDF") + 6] ^= 1
    path = tmp_path / "changed.zip"
    path.write_bytes(changed)
    code, out = said(kept, capsys, path=path)
    assert code == 1
    assert "damaged" in out and "report.pdf" in out


def test_damaged_archive_is_a_sentence(kept: Kept, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    path = tmp_path / "half.zip"
    path.write_bytes(kept.path.read_bytes()[:500])
    assert said(kept, capsys, path=path) == (
        1,
        "This is not as it was made:\n  It is not a ZIP archive, or a damaged one.\n",
    )


def test_manifest_by_its_own_name_is_checked_with_what_lies_beside_it(
    kept: Kept, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:

    with zipfile.ZipFile(kept.path) as archive:
        archive.extractall(tmp_path / "downloads")
    (tmp_path / "downloads" / "holiday.jpg").write_bytes(b"x")
    code, out = said(kept, capsys, path=tmp_path / "downloads" / MANIFEST)
    assert (code, "holiday.jpg is not in the manifest." in out) == (0, True)
    assert said(kept, capsys, path=tmp_path / "downloads")[0] == 1
    (tmp_path / "downloads" / "report.pdf").unlink()
    assert said(kept, capsys, path=tmp_path / "downloads" / MANIFEST)[0] == 1


def test_names_in_a_package_cannot_move_the_cursor(
    kept: Kept, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    folder = written(tmp_path / "evil", pretended_package(kept.house))
    (folder / "evil\x1b[2J\u202e.txt").write_bytes(b"")
    _, out = said(kept, capsys, "--offline", path=folder)
    assert "\x1b" not in out and "\u202e" not in out
    _, out = said(kept, capsys, "--offline", "--json", path=folder)
    assert "\x1b" not in out and "\u202e" not in out


def test_fingerprint_is_printed_for_whom_it_is_handed_to(kept: Kept, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["key"], kept.house) == 0
    assert capsys.readouterr().out.strip() == fingerprint(kept.house)


def test_no_secret_is_made_for_a_fingerprint(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert main(["key"], Settings(_env_file=None, database_url=None, var_dir=tmp_path / "var")) == 1
    assert not (tmp_path / "var").exists()


def test_embedded_server_is_joined_and_never_started(app: Application, tmp_path: Path) -> None:
    with app.database.reading() as session:
        folder = Path(session.scalar(text("SHOW data_directory")) or "")
    assert running_embedded_server(folder.parent) is not None
    assert running_embedded_server(tmp_path) is None
    (tmp_path / "postgres").mkdir()
    (tmp_path / "postgres" / "postmaster.pid").write_text("half")
    assert running_embedded_server(tmp_path) is None


def _reader() -> Actor:
    return Actor(kind=ActorKind.SYSTEM, id="system", name="Countersign", roles=frozenset(Role))
