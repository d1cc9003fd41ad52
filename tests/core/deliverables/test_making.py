"""Packages are read once, made format by format, sealed, and never change afterwards."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import InternalError, ProgrammingError

from core.actor import SYSTEM, Actor, Role
from core.audit import service as audit
from core.audit.tables import AuditEntry
from core.bootstrap import Application
from core.clock import ManualClock
from core.deliverables.rules import (
    MOST_TRIES,
    MOST_WAITING,
    FormatState,
    PackageIdTaken,
    PackageIsWhole,
    PackageState,
    PackageUnderWay,
    TooManyPackages,
)
from core.deliverables.sealing.manifest import manifest_bytes
from core.deliverables.sealing.signing import fingerprint, signer_of
from core.deliverables.tables import Package, PackageFile
from core.errors import CountersignError, InvalidInput, NotAllowed, NotFound
from core.files.contents import sha256_of
from core.identifiers import new_id

Note = Callable[[str], Path]
FORMATS = ("plain", "moody")


@pytest.fixture
def asha(person: Callable[..., Actor]) -> Actor:
    return person(Role.ANALYST, name="Asha Rao")


def ask(app: Application, actor: Actor, path: Path, **more: object) -> UUID:
    return app.packages.request(actor, "note", {"path": str(path)}, **{"formats": FORMATS, **more})  # type: ignore[arg-type]


def made(app: Application, actor: Actor, path: Path, **more: object) -> UUID:
    package_id = ask(app, actor, path, **more)
    app.package_making.make(package_id)
    return package_id


def events(app: Application, package_id: UUID) -> list[str]:
    with app.database.reading() as session:
        query = select(AuditEntry.event).where(AuditEntry.subject == f"package:{package_id}")
        return list(session.scalars(query.order_by(AuditEntry.sequence)))


def test_a_package_holds_its_files_and_a_signed_manifest_of_them(app: Application, asha: Actor, note: Note) -> None:
    package_id = made(app, asha, note("Ten letters"))

    view = app.packages_queries.one(asha, package_id)
    assert (view.row.state, view.row.number, view.row.label, view.progress) == (PackageState.DONE, 1, "note.txt", 1.0)
    plain = app.packages_queries.file(asha, package_id, "report.txt")
    assert b"Ten letters\nAsha Rao" in plain.data and plain.media_type == "text/plain"
    assert view.files[0].sha256 == sha256_of(plain.data) and view.files[0].facts["lines"] > 2
    manifest = json.loads(app.packages_queries.file(asha, package_id, "manifest.json").data)
    assert [one["sha256"] for one in manifest["files"] if one["format"] == "plain"] == [sha256_of(plain.data)]
    assert signer_of(manifest) == fingerprint(app.settings)
    assert manifest["report"]["sha256"] == view.report_sha256
    assert view.manifest_sha256 == sha256_of(manifest_bytes(manifest))
    assert app.packages_queries.preview(asha, package_id, 1) == b"picture"
    told = events(app, package_id)
    assert [*told[:2], *sorted(told[2:4]), *told[4:]] == [
        "packaging.requested", "packaging.started", "packaging.moody_generated", "packaging.plain_generated",
        "packaging.completed",
    ]  # fmt: skip


def test_the_archive_holds_everything_and_is_the_same_each_time(app: Application, asha: Actor, note: Note) -> None:
    package_id = made(app, asha, note("Ten letters"))

    first = app.packages_queries.file(asha, package_id, "package.zip").data
    assert app.packages_queries.file(asha, package_id, "package.zip").data == first
    with zipfile.ZipFile(io.BytesIO(first)) as archive:
        assert archive.namelist() == ["manifest.json", "report.moody", "report.txt"]


@pytest.mark.parametrize(("mood_now", "said"), [("refuses", "Mood: it does not want to."), ("crashes", "on our side")])
def test_one_failing_format_does_not_stop_the_others(
    app: Application, asha: Actor, note: Note, mood: Path, mood_now: str, said: str
) -> None:
    mood.write_text(mood_now)

    package_id = made(app, asha, note("Ten letters"))

    result = app.packages_queries.result(asha, package_id)
    assert result.success and result.file_count() == 1 and list(result.paths) == ["plain"]
    assert len(result.errors) == 1 and said in result.errors[0]
    assert said in app.packages_queries.one(asha, package_id).manifest["missing"]["moody"]  # type: ignore[index]
    assert "packaging.error" in events(app, package_id)


def test_what_failed_is_made_again_as_a_new_package_and_the_old_one_stays(
    app: Application, asha: Actor, note: Note, mood: Path
) -> None:
    mood.write_text("refuses")
    first = made(app, asha, note("Ten letters"))
    mood.write_text("fine again")

    second = app.packages.try_again(asha, first)
    app.package_making.make(second)

    assert second != first
    assert app.packages_queries.result(asha, second).file_count() == 2
    assert app.packages_queries.one(asha, second).row.number == 2
    assert app.packages_queries.result(asha, first).file_count() == 1
    with pytest.raises(PackageIsWhole):
        app.packages.try_again(asha, second)


@pytest.mark.parametrize("why", ["source", "formats"])
def test_a_package_of_which_nothing_could_be_made_can_be_tried_again(
    app: Application, asha: Actor, note: Note, mood: Path, why: str
) -> None:
    path = note("crash" if why == "source" else "Ten letters")
    mood.write_text("crashes" if why == "formats" else "fine")
    package_id = made(app, asha, path, formats=("moody",))

    view = app.packages_queries.one(asha, package_id)
    assert view.row.state is PackageState.FAILED and view.error
    result = app.packages_queries.result(asha, package_id)
    assert not result.success and result.file_count() == 0 and result.errors
    note("Ten letters")
    mood.write_text("fine")

    assert app.packages.try_again(asha, package_id) == package_id
    with pytest.raises(PackageUnderWay):
        app.packages.try_again(asha, package_id)
    assert app.package_making.make(package_id) is PackageState.DONE
    assert events(app, package_id)[-1] == "packaging.completed"


def test_making_again_what_is_made_changes_nothing(app: Application, asha: Actor, note: Note) -> None:
    package_id = made(app, asha, note("Ten letters"))
    before, told = app.packages_queries.one(asha, package_id), events(app, package_id)
    note("Eleven letters")

    assert app.package_making.make(package_id) is PackageState.DONE

    assert app.packages_queries.one(asha, package_id) == before
    assert events(app, package_id) == told


def test_a_package_taken_over_goes_on_from_the_report_that_was_read(
    app: Application, asha: Actor, note: Note, monkeypatch: pytest.MonkeyPatch
) -> None:
    package_id = ask(app, asha, note("Ten letters"))
    with monkeypatch.context() as dies, pytest.raises(SystemExit):
        dies.setattr(app.package_making, "_render", lambda *_: (_ for _ in ()).throw(SystemExit()))
        app.package_making.make(package_id)
    note("Eleven letters")

    assert app.package_making.make(package_id) is PackageState.DONE

    data = app.packages_queries.file(asha, package_id, "report.txt").data
    assert b"Ten letters" in data and b"Eleven" not in data


def test_a_format_that_ends_its_worker_is_left_out_in_the_end(app: Application, asha: Actor, note: Note) -> None:
    package_id = ask(app, asha, note("Ten letters"))
    with app.database.begin() as uow:
        uow.session.get_one(PackageFile, (package_id, "moody")).tries = MOST_TRIES

    app.package_making.make(package_id)

    files = {file.format: file for file in app.packages_queries.one(asha, package_id).files}
    assert files["moody"].state is FormatState.FAILED and "several times" in files["moody"].error
    assert files["plain"].state is FormatState.DONE


def test_a_source_that_ends_its_worker_fails_in_the_end(app: Application, asha: Actor, note: Note) -> None:
    package_id = ask(app, asha, note("Ten letters"))
    with app.database.begin() as uow:
        uow.session.get_one(Package, package_id).readings = MOST_TRIES

    assert app.package_making.make(package_id) is PackageState.FAILED
    assert "smaller period" in app.packages_queries.one(asha, package_id).error


def test_what_is_done_cannot_be_changed_in_the_database_either(app: Application, asha: Actor, note: Note) -> None:
    package_id = made(app, asha, note("Ten letters"))
    attempts = (
        "UPDATE packages SET label = 'other' WHERE id = :id",
        "DELETE FROM packages WHERE id = :id",
        "UPDATE package_files SET sha256 = repeat('0', 64) WHERE package_id = :id",
        "DELETE FROM package_files WHERE package_id = :id",
        "INSERT INTO package_pictures VALUES (:id, 9, 'x')",
    )
    for attempt in attempts:
        with pytest.raises((InternalError, ProgrammingError), match="stays as it is"), app.database.begin() as uow:
            uow.session.execute(text(attempt), {"id": package_id})


def test_packages_of_the_same_thing_are_counted(app: Application, asha: Actor, note: Note) -> None:
    path = note("Ten letters")
    ids = [made(app, asha, path) for _ in range(3)]

    page = app.packages_queries.page(asha, limit=2)
    assert [row.number for row in page.rows] == [3, 2] and page.total == 3
    rest = app.packages_queries.page(asha, cursor=page.next_cursor or "", limit=2)
    assert [row.id for row in rest.rows] == ids[:1] and rest.next_cursor is None


def test_the_same_request_twice_is_one_package(app: Application, asha: Actor, note: Note) -> None:
    path, wanted = note("Ten letters"), new_id()

    assert ask(app, asha, path, package_id=wanted) == ask(app, asha, path, package_id=wanted) == wanted
    assert app.packages_queries.page(asha).total == 1
    with pytest.raises(PackageIdTaken):
        app.packages.request(asha, "note", {"path": str(path.parent)}, formats=FORMATS, package_id=wanted)


def test_a_draft_shows_pages_has_no_files_and_goes_after_a_day(
    app: Application, asha: Actor, note: Note, clock: ManualClock
) -> None:
    path = note("Ten letters")
    draft = app.packages.request(asha, "note", {"path": str(path)}, formats=["plain"], draft=True)
    app.package_making.make(draft)

    assert app.packages_queries.page(asha).total == 0
    assert app.packages_queries.one(asha, draft).row.number is None
    assert events(app, draft) == []
    assert app.packages.forget_drafts() == 0
    clock.advance(timedelta(days=1, minutes=1))
    assert app.packages.forget_drafts() == 1
    with pytest.raises(NotFound):
        app.packages_queries.one(asha, draft)


def test_nobody_can_fill_the_queue(app: Application, asha: Actor, note: Note) -> None:
    path = note("Ten letters")
    for _ in range(MOST_WAITING):
        ask(app, asha, path)
    with pytest.raises(TooManyPackages):
        ask(app, asha, path)


def test_who_may_make_and_see_packages(app: Application, person: Callable[..., Actor], note: Note) -> None:
    path = note("Ten letters")
    user, council = person(Role.USER), person(Role.COUNCIL)
    package_id = made(app, council, path)

    with pytest.raises(NotAllowed):
        ask(app, user, path)
    for look in (app.packages_queries.one, app.packages_queries.result, app.packages.try_again):
        with pytest.raises((NotFound, NotAllowed)):
            look(user, package_id)
    with pytest.raises(NotFound):
        app.packages_queries.file(user, package_id, "report.txt")
    assert app.packages_queries.page(user).total == 0
    assert app.packages_queries.page(council).total == 1


def test_whoever_lost_their_account_gets_nothing_made(app: Application, asha: Actor, note: Note) -> None:
    package_id = ask(app, asha, note("Ten letters"))
    with app.database.begin() as uow:
        uow.session.execute(text("UPDATE users SET active = false WHERE id = :id"), {"id": asha.id})

    assert app.package_making.make(package_id) is PackageState.FAILED
    assert "active account" in app.packages_queries.one(asha, package_id).error


@pytest.mark.parametrize(
    ("source", "params", "more", "field"),
    [
        ("nowhere", {}, {}, "Source"),
        ("note", {}, {}, "path"),
        ("note", {"path": "x", "other": 1}, {}, "other"),
        ("note", {"path": "x"}, {"formats": ["docx"]}, "Formats"),
        ("note", {"path": "x"}, {"language": "not a language"}, ""),
        ("note", {"path": "x"}, {"zone": "../../etc/passwd"}, ""),
        ("note", {"path": "x"}, {"theme_id": UUID(int=1)}, ""),
    ],
)
def test_wrong_requests_say_what_is_wrong(
    app: Application,
    asha: Actor,
    note: Note,
    source: str,
    params: dict[str, object],
    more: dict[str, object],
    field: str,
) -> None:
    if params.get("path") == "x":
        params = {**params, "path": str(note("Ten letters"))}
    with pytest.raises((InvalidInput, NotFound)) as refused:
        app.packages.request(asha, source, params, **more)  # type: ignore[arg-type]
    assert field in str(refused.value)
    assert app.packages_queries.page(asha).total == 0


@pytest.mark.parametrize("name", ["../manifest.json", "other.pdf", "", "manifest.json\0", "MANIFEST.JSON"])
def test_only_its_own_files_are_given(app: Application, asha: Actor, note: Note, name: str) -> None:
    package_id = made(app, asha, note("Ten letters"))
    with pytest.raises(NotFound):
        app.packages_queries.file(asha, package_id, name)


def test_files_of_a_package_that_is_not_ready_are_not_given(app: Application, asha: Actor, note: Note) -> None:
    package_id = ask(app, asha, note("Ten letters"))
    for name in ("report.txt", "manifest.json", "package.zip"):
        with pytest.raises(CountersignError):
            app.packages_queries.file(asha, package_id, name)


def test_a_report_is_read_in_one_moment(app: Application) -> None:
    with app.database.reading_one_moment() as outer:
        before = outer.scalar(text("SELECT count(*) FROM audit_entries"))
        with app.database.begin() as uow:
            audit.record(uow, SYSTEM, "test.happened", "test:1")
        with app.database.reading() as inner:
            assert inner.scalar(text("SELECT count(*) FROM audit_entries")) == before
