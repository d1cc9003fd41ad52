"""Files are kept once, by who may propose, and only if they are what their names say."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from core.actor import Actor, ActorKind, Role
from core.bootstrap import Application
from core.errors import NotAllowed, NotFound
from core.files.rules import MOST_FILE_BYTES, FileRefused, FileTooLarge
from core.files.storage import FileMissing

PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n%%EOF\n"
DIGEST = hashlib.sha256(PDF).hexdigest()
AGENT = Actor(ActorKind.AGENT, "scout", "Scout", scopes=frozenset({"propose", "read"}))


@pytest.fixture
def operator(person: Callable[..., Actor]) -> Actor:
    return person(Role.OPERATOR)


def test_a_file_is_kept_by_its_content_and_comes_back(app: Application, operator: Actor) -> None:
    kept = app.files.keep(operator, "../../Offer\u202e.pdf", PDF)

    assert (kept.sha256, kept.name, kept.media_type, kept.size) == (DIGEST, "Offer.pdf", "application/pdf", len(PDF))
    found = app.files_queries.content(operator, DIGEST)
    assert (found.name, found.media_type, found.data) == ("Offer.pdf", "application/pdf", PDF)
    assert PDF.decode() not in repr(found)


def test_same_content_from_many_at_once_is_one_file_and_one_entry(app: Application, operator: Actor) -> None:
    before = app.audit_queries.count()

    with ThreadPoolExecutor(8) as pool:
        kept = list(pool.map(lambda number: app.files.keep(operator, f"{number}.pdf", PDF), range(8)))

    assert {one.sha256 for one in kept} == {DIGEST} and {one.name for one in kept} == {f"{n}.pdf" for n in range(8)}
    assert app.audit_queries.count() == before + 1


@pytest.mark.parametrize(
    ("name", "data", "refusal"),
    [
        ("a.pdf", b"MZ\x90\x00", FileRefused),
        ("a.exe", b"MZ\x90\x00", FileRefused),
        ("a.pdf", b"", FileRefused),
        ("a.txt", b"a" * (MOST_FILE_BYTES + 1), FileTooLarge),
    ],
)
def test_what_cannot_be_sent_is_not_kept(
    app: Application, operator: Actor, name: str, data: bytes, refusal: type[Exception]
) -> None:
    before = app.audit_queries.count()
    with pytest.raises(refusal, match="nothing was saved"):
        app.files.keep(operator, name, data)
    assert app.audit_queries.count() == before
    assert not app.settings.files_dir.exists()


def test_who_may_not_propose_may_not_hand_in_files(app: Application, person: Callable[..., Actor]) -> None:
    for actor in (person(Role.USER), person(Role.COUNCIL), replace(AGENT, scopes=frozenset({"read"}))):
        with pytest.raises(NotAllowed):
            app.files.keep(actor, "a.pdf", PDF)
    assert app.files.keep(AGENT, "a.pdf", PDF).sha256 == DIGEST


def test_only_who_sees_proposals_or_handed_it_in_gets_it(
    app: Application, operator: Actor, person: Callable[..., Actor]
) -> None:
    app.files.keep(AGENT, "a.pdf", PDF)

    for actor in (operator, person(Role.COUNCIL), AGENT):
        assert app.files_queries.content(actor, DIGEST).data == PDF
    strangers = (
        person(Role.USER), person(Role.ANALYST), replace(AGENT, id="other"),
        replace(AGENT, scopes=frozenset({"propose"})),
    )  # fmt: skip
    for actor in strangers:
        with pytest.raises(NotFound):
            app.files_queries.content(actor, DIGEST)
    with pytest.raises(NotFound):
        app.files_queries.content(operator, "0" * 64)


def test_a_file_that_is_gone_is_said(app: Application, operator: Actor) -> None:
    app.files.keep(operator, "a.pdf", PDF)
    (app.settings.files_dir / DIGEST[:2] / DIGEST).unlink()
    with pytest.raises(FileMissing):
        app.files_queries.content(operator, DIGEST)
    app.files.keep(operator, "a.pdf", PDF)  # handed in again it is there again
    assert app.files_queries.content(operator, DIGEST).data == PDF
