"""Files of packages as attachments: named for their reader, kept as they are, and sent byte for byte."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from uuid import UUID, uuid4

import pytest

from core.actions.rules import ActionState
from core.actor import Actor, ActorKind, Role
from core.bootstrap import Application
from core.connectors.transports.email_params import AttachmentParams
from core.deliverables import attaching
from core.deliverables.attaching import TooLargeForLetters, TooLargeTogether, attached_name
from core.engine.steps import InlineSteps
from core.errors import InvalidInput, NotAllowed, NotFound
from core.guardrails.limits import ExecutionMode
from tests.core.deliverables.pretended import made, pretended
from tests.doubles.mail_server import MailServer, running_mail_server

AGENT = Actor(kind=ActorKind.AGENT, id="scout", name="Scout", scopes=frozenset({"read", "propose"}))
LETTER = {"to": ["client@example.com"], "subject": "The report", "body": "Dear client, here it is."}


@pytest.fixture(autouse=True)
def _pretended() -> Iterator[None]:
    with pretended():
        yield


@pytest.fixture
def operator(person: Callable[..., Actor]) -> Actor:
    return person(Role.OPERATOR, name="Omar")


@pytest.fixture
def package_id(app: Application, operator: Actor) -> UUID:
    project_id = app.projects.create(operator, 'Winter: "campaign" / 2026')
    package_id = app.packages.request(operator, "project", {"project_id": str(project_id)})
    made(app, package_id)
    return package_id


@pytest.fixture
def mail(app: Application, admin: Actor) -> Iterator[MailServer]:
    with running_mail_server() as server:
        values = {"host": "127.0.0.1", "port": server.port, "security": "none", "sender": "desk@example.com"}
        app.connections.add(admin, system="smtp", name="desk", values=values)
        app.guardrails.set_mode(admin, ExecutionMode.ON)
        yield server
        app.connectors.close()


def test_package_goes_to_its_client_as_it_was_approved_byte_for_byte(
    app: Application, admin: Actor, operator: Actor, package_id: UUID, mail: MailServer
) -> None:
    kept = app.packages.attach(operator, package_id, ["report.pdf", "report.html", "package.zip", "manifest.json"])
    attachments = [{"name": one.name, "sha256": one.sha256} for one in kept]
    action_id = app.actions.propose(AGENT, "email_send", {**LETTER, "attachments": attachments}, title="Hand it over")
    row = app.actions_queries.card(operator, action_id).row
    app.actions.approve(operator, action_id, row.plan_digest)

    number = app.actions_queries.progress([action_id])[action_id].attempts
    assert app.action_execution.execute_action(InlineSteps(), str(action_id), number) == ActionState.EXECUTED.value

    ((_, message),) = mail.accepted
    arrived = {str(part.get_filename()): part.get_payload(decode=True) for part in message.iter_attachments()}
    names = {
        "Winter campaign 2026 v1.pdf": "report.pdf", "Winter campaign 2026 v1.html": "report.html",
        "Winter campaign 2026 v1.zip": "package.zip", "Winter campaign 2026 v1 manifest.json": "manifest.json",
    }  # fmt: skip
    assert arrived == {name: app.packages_queries.file(operator, package_id, of).data for name, of in names.items()}


def test_plan_shows_the_digest_that_the_manifest_has(app: Application, operator: Actor, package_id: UUID) -> None:
    (kept,) = app.packages.attach(operator, package_id, ["report.pdf"])
    manifest = app.packages_queries.one(operator, package_id).manifest
    assert manifest is not None
    assert kept.sha256 == next(one["sha256"] for one in manifest["files"] if one["name"] == "report.pdf")
    params = {**LETTER, "attachments": [{"name": kept.name, "sha256": kept.sha256}]}
    assert any(kept.sha256 in str(change.after) for change in app.connectors.plan("email_send", params).changes)


def test_attached_twice_is_kept_once(app: Application, operator: Actor, package_id: UUID) -> None:
    first = app.packages.attach(operator, package_id, ["report.pdf", "report.pdf"])
    assert len(first) == 1
    assert app.packages.attach(operator, package_id, ["report.pdf"]) == first


@pytest.mark.parametrize("name", ["../report.pdf", "/etc/passwd", "other.pdf", "", "report.pdf\0", "x" * 5000])
def test_what_is_no_file_of_the_package_cannot_be_attached(
    app: Application, operator: Actor, package_id: UUID, name: str
) -> None:
    with pytest.raises(NotFound):
        app.packages.attach(operator, package_id, [name])


def test_nothing_and_too_much_are_refused(app: Application, operator: Actor, package_id: UUID) -> None:
    for names in ([], [f"{at}.pdf" for at in range(11)]):
        with pytest.raises(InvalidInput):
            app.packages.attach(operator, package_id, names)


def test_those_who_may_not_propose_or_not_see_it_attach_nothing(
    app: Application, admin: Actor, person: Callable[..., Actor], operator: Actor, package_id: UUID
) -> None:
    for actor in (person(Role.USER), person(Role.ANALYST), person(Role.COUNCIL)):
        with pytest.raises(NotAllowed):
            app.packages.attach(actor, package_id, ["report.pdf"])
    reading = Actor(ActorKind.PERSON, operator.id, operator.name, operator.roles, scopes=frozenset({"read"}))
    with pytest.raises(NotAllowed):
        app.packages.attach(reading, package_id, ["report.pdf"])
    with pytest.raises(NotFound):  # an agent sees what it asked for itself
        app.packages.attach(AGENT, package_id, ["report.pdf"])
    with pytest.raises(NotFound):
        app.packages.attach(operator, uuid4(), ["report.pdf"])


def test_package_that_is_not_ready_has_nothing_to_attach(app: Application, operator: Actor) -> None:
    project_id = app.projects.create(operator, "Summer campaign")
    waiting = app.packages.request(operator, "project", {"project_id": str(project_id)})
    with pytest.raises(NotFound):
        app.packages.attach(operator, waiting, ["report.pdf"])


def test_what_is_too_large_is_named_before_anything_is_kept(
    app: Application, operator: Actor, package_id: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = app.audit_queries.count()
    monkeypatch.setattr(attaching, "MOST_FILE_BYTES", 10)
    with pytest.raises(TooLargeForLetters, match=r"report\.pdf has .* and a file of a letter may have 10 bytes"):
        app.packages.attach(operator, package_id, ["report.pdf"])
    monkeypatch.undo()
    monkeypatch.setattr(attaching, "MOST_BYTES", 200)
    with pytest.raises(TooLargeTogether, match="may have 200 bytes"):
        app.packages.attach(operator, package_id, ["report.pdf", "package.zip"])
    assert app.audit_queries.count() == before


@pytest.mark.parametrize(
    ("label", "name"),
    [
        ("Winter campaign", "Winter campaign v3.pdf"),
        ("../../etc/passwd", "etc passwd v3.pdf"),
        ('A "b" <c>: d|e?f*g\\h', "A b c d e f g h v3.pdf"),
        ("تقرير الربع", "تقرير الربع v3.pdf"),
        ("four\u202eedoc\n\x1b[2J", "fouredoc [2J v3.pdf"),
        ("...", "Package v3.pdf"),
        ("", "Package v3.pdf"),
        ("w" * 300, "w" * 120 + " v3.pdf"),
    ],
)
def test_names_can_be_sent_whatever_the_thing_is_called(label: str, name: str) -> None:
    made_name = attached_name(label, 3, "report.pdf")
    assert made_name == name
    AttachmentParams(name=made_name, sha256=hashlib.sha256(b"").hexdigest())


def test_parts_are_told_from_the_whole() -> None:
    def named(file: str) -> str:
        return attached_name("Q3", 2, file)

    assert [named(one) for one in ("package.zip", "data.zip", "deck.pptx", "manifest.json")] == [
        "Q3 v2.zip", "Q3 v2 data.zip", "Q3 v2.pptx", "Q3 v2 manifest.json",
    ]  # fmt: skip
