"""Packages are read once, made format by format, sealed, and never change afterwards."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any, NoReturn
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
from core.deliverables.source import find_sources
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


def _stops() -> NoReturn:
    raise SystemExit


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


def test_what_is_tried_again_is_read_again(app: Application, asha: Actor, note: Note, mood: Path) -> None:
    mood.write_text("crashes")
    package_id = made(app, asha, note("Ten letters"), formats=("moody",))
    before = app.packages_queries.one(asha, package_id).report_sha256
    note("Eleven letters")
    mood.write_text("fine")

    app.packages.try_again(asha, package_id)
    app.package_making.make(package_id)

    assert app.packages_queries.one(asha, package_id).report_sha256 not in (None, before)


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


def test_two_workers_that_read_at_the_same_time_make_all_formats_of_one_report(
    app: Application, asha: Actor, note: Note, monkeypatch: pytest.MonkeyPatch
) -> None:
    package_id, making = ask(app, asha, note("Ten letters")), app.package_making
    source, render = find_sources()["note"], making._render
    read = source.read

    def slowly(*arguments: Any) -> Any:
        """Meanwhile another worker takes it over, reads what is there by now, makes one format of it, and stops."""
        report = read(*arguments)
        monkeypatch.setattr(source, "read", read)
        note("Eleven letters")
        with monkeypatch.context() as other, pytest.raises(SystemExit):
            other.setattr(
                making, "_render", lambda of, one, *more: render(of, one, *more) if one.name == "plain" else _stops()
            )
            making.make(package_id)
        return report

    monkeypatch.setattr(source, "read", slowly)
    assert making.make(package_id) is PackageState.DONE

    view = app.packages_queries.one(asha, package_id)
    kept = (app.settings.files_dir / str(view.report_sha256)[:2] / str(view.report_sha256)).read_bytes()
    made = app.packages_queries.file(asha, package_id, "report.txt").data
    assert b"Eleven letters" in made and b"Eleven letters" in kept
    assert events(app, package_id).count("packaging.started") == 1


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
    other = app.packages.request(asha, "note", {"path": str(note("Ten letters"))}, formats=["plain"], draft=True)
    app.package_making.make(other)
    attempts = (
        "UPDATE packages SET label = 'other' WHERE id = :id",
        "DELETE FROM packages WHERE id = :id",
        "UPDATE package_files SET sha256 = repeat('0', 64) WHERE package_id = :id",
        "DELETE FROM package_files WHERE package_id = :id",
        "INSERT INTO package_pictures VALUES (:id, 9, 'x')",
        "UPDATE package_pictures SET package_id = :id, page = 9 WHERE package_id = :other",
    )
    for attempt in attempts:
        with pytest.raises((InternalError, ProgrammingError), match="stays as it is"), app.database.begin() as uow:
            uow.session.execute(text(attempt), {"id": package_id, "other": other})


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


@pytest.mark.parametrize(
    "other", [{"formats": ["plain"]}, {"language": "de"}, {"zone": "Asia/Kolkata"}, {"draft": True}]
)
def test_one_id_is_never_two_different_packages(
    app: Application, asha: Actor, note: Note, other: dict[str, object]
) -> None:
    path, wanted = note("Ten letters"), new_id()
    ask(app, asha, path, package_id=wanted)
    with pytest.raises(PackageIdTaken):
        ask(app, asha, path, package_id=wanted, **other)


def test_the_same_request_at_the_same_moment_is_one_package(app: Application, asha: Actor, note: Note) -> None:
    path, wanted = note("Ten letters"), new_id()
    with ThreadPoolExecutor(4) as threads:
        found = [threads.submit(ask, app, asha, path, package_id=wanted) for _ in range(4)]
    assert {one.result() for one in found} == {wanted}
    assert app.packages_queries.page(asha).total == 1


def test_a_draft_of_which_something_failed_stays_a_draft_when_it_is_tried_again(
    app: Application, asha: Actor, note: Note, mood: Path
) -> None:
    mood.write_text("refuses")
    draft = made(app, asha, note("Ten letters"), draft=True)

    again = app.packages.try_again(asha, draft)

    assert app.packages_queries.one(asha, again).row.draft and app.packages_queries.page(asha).total == 0


def test_nothing_is_stored_of_a_draft_and_only_its_requester_sees_it(
    app: Application, asha: Actor, person: Callable[..., Actor], note: Note
) -> None:
    draft = made(app, asha, note("Ten letters"), draft=True)

    assert not [one for one in app.settings.files_dir.rglob("*") if one.is_file()]
    assert app.packages_queries.preview(asha, draft, 1) == b"picture"
    with pytest.raises(NotFound):
        app.packages_queries.preview(person(Role.ADMIN), draft, 1)


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


def test_nobody_can_fill_the_queue_with_many_requests_at_once(app: Application, asha: Actor, note: Note) -> None:
    path = note("Ten letters")
    for _ in range(MOST_WAITING - 2):
        ask(app, asha, path)
    with ThreadPoolExecutor(6) as threads:
        errors = [one.exception() for one in [threads.submit(ask, app, asha, path) for _ in range(6)]]
    assert sum(isinstance(one, TooManyPackages) for one in errors) == 4 and errors.count(None) == 2


def test_whoever_may_not_read_every_decision_sees_no_packages_of_others(
    app: Application, asha: Actor, person: Callable[..., Actor], note: Note
) -> None:
    of_operator, own = made(app, person(Role.OPERATOR), note("Votes")), made(app, asha, note("Own"))

    assert [row.id for row in app.packages_queries.page(asha).rows] == [own]
    for look in (app.packages_queries.one, app.packages_queries.result, app.packages.try_again):
        with pytest.raises(NotFound):
            look(asha, of_operator)
    for name in ("manifest.json", "package.zip", "report.txt"):
        with pytest.raises(NotFound):
            app.packages_queries.file(asha, of_operator, name)
    with pytest.raises(NotFound):
        app.packages_queries.preview(asha, of_operator, 1)
    assert app.packages_queries.page(person(Role.COUNCIL)).total == 2


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
