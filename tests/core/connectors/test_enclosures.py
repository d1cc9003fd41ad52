"""What a letter carries beside its words: seen before it is sent, sent byte for byte, and nothing else with it."""

from __future__ import annotations

import hashlib
import zipfile
from base64 import b64decode
from email import message_from_bytes, policy
from email.message import EmailMessage
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from core.connectors.plan import AttemptOutcome, Message, Plan, Receipt, differences
from core.connectors.registry import Connectors
from core.connectors.transports.mime import Attachment, Enclosed
from core.connectors.transports.smtp2go import Smtp2go
from core.errors import InvalidInput
from core.files.contents import NotThatKind, media_type_of
from core.files.storage import FolderStore
from core.settings import Settings
from tests.core.connectors.conftest import Connect
from tests.doubles.mail_server import running_mail_server
from tests.doubles.smtp2go import KEY, Smtp2goServer, running_smtp2go

PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n%%EOF\n"
LETTER = {"to": ["ravi@example.com"], "subject": "Invoice", "body": "Dear Ravi"}


@pytest.fixture
def kept(settings: Settings) -> str:
    """The digest of a PDF that was kept."""
    return keep(settings, PDF)


def keep(settings: Settings, data: bytes) -> str:
    sha256 = hashlib.sha256(data).hexdigest()
    FolderStore(settings.files_dir).put(sha256, data)
    return sha256


def with_file(sha256: str, name: str = "Rechnung für März.pdf", **more: Any) -> dict[str, Any]:
    return {**LETTER, "attachments": [{"name": name, "sha256": sha256}], **more}


def only_letter(settings: Settings) -> EmailMessage:
    (file,) = settings.outbox_dir.glob("*.eml")
    return message_from_bytes(file.read_bytes(), policy=policy.default)


def send(connectors: Connectors, params: dict[str, Any]) -> Receipt:
    return connectors.operation("email_send").execute(
        Plan.from_json(connectors.plan("email_send", params).to_json()), "key"
    )


# -- attachments --------------------------------------------------------------------------------------------------


def test_an_attachment_is_named_in_the_plan_and_sent_byte_for_byte(
    connect: Connect, settings: Settings, kept: str
) -> None:
    connectors = connect()
    plan = connectors.plan("email_send", with_file(kept))
    (change,) = plan.changes
    assert change.label == "Attachment 1"
    assert change.after == f"Rechnung für März.pdf (application/pdf, {len(PDF)} bytes, SHA-256 {kept})"

    assert send(connectors, with_file(kept)).outcome is AttemptOutcome.CONFIRMED

    (attachment,) = only_letter(settings).iter_attachments()
    assert (attachment.get_filename(), attachment.get_content_type()) == ("Rechnung für März.pdf", "application/pdf")
    assert attachment.get_content() == PDF


def test_smtp2go_gets_the_same_bytes(connect: Connect, settings: Settings, kept: str) -> None:
    def sent(server: Smtp2goServer) -> dict[str, Any]:
        road = Smtp2go(server.url, KEY, "ops@example.com", timeout=2)
        letter = Message("ops@example.com", ("ravi@example.com",), "Invoice", "Dear Ravi")
        road.send(letter, "key", Enclosed(attachments=(Attachment("a.pdf", "application/pdf", PDF),)))
        road.close()
        return dict(server.sent[0]["attachments"][0])

    with running_smtp2go() as server:
        found = sent(server)
    assert (found["filename"], found["mimetype"]) == ("a.pdf", "application/pdf")
    assert b64decode(found["fileblob"]) == PDF


def test_another_attachment_is_another_version_and_is_shown_as_one(
    connect: Connect, settings: Settings, kept: str
) -> None:
    connectors = connect()
    other = keep(settings, PDF + b"%other\n")

    before, after = (connectors.plan("email_send", with_file(one)) for one in (kept, other))

    assert before.digest != after.digest
    assert [one.label for one in differences(before, after)] == ["Attachment 1"]


@pytest.mark.parametrize("what", ["missing", "damaged"])
def test_a_file_that_is_missing_or_damaged_when_sending_sends_nothing(
    connect: Connect, settings: Settings, kept: str, what: str
) -> None:
    connectors = connect()
    plan = connectors.plan("email_send", with_file(kept))
    path = settings.files_dir / kept[:2] / kept
    path.unlink() if what == "missing" else path.write_bytes(PDF + b"forged")

    receipt = connectors.operation("email_send").execute(plan, "key")

    assert receipt.outcome is AttemptOutcome.REJECTED and "Nothing was sent" in receipt.message
    assert not list(settings.outbox_dir.glob("*.eml"))


def test_a_plan_whose_request_names_another_file_than_it_shows_sends_nothing(
    connect: Connect, settings: Settings, kept: str
) -> None:
    connectors = connect()
    other = keep(settings, PDF + b"%other\n")
    plan = connectors.plan("email_send", with_file(kept)).to_json()
    plan["request"]["attachments"][0]["sha256"] = other

    receipt = connectors.operation("email_send").execute(Plan.from_json(plan), "key")

    assert receipt.outcome is AttemptOutcome.REJECTED and not list(settings.outbox_dir.glob("*.eml"))


@pytest.mark.parametrize(
    "name",
    ["a.pdf\r\nBcc: x.pdf", "../a.pdf", 'a".pdf', "\u202efdp.exe", "a.exe", "", "a\u200b.pdf", "a.png"],
)
def test_names_that_hide_something_or_do_not_fit_are_refused(connect: Connect, kept: str, name: str) -> None:
    with pytest.raises(InvalidInput):
        connect().plan("email_send", with_file(kept, name))


@pytest.mark.parametrize("attachments", [
    [{"name": "a.pdf", "sha256": "0" * 64}],
    [{"name": "a.pdf", "sha256": "../../etc/passwd"}],
    [{"name": "a.pdf", "sha256": "{kept}"}, {"name": "A.PDF", "sha256": "{kept}"}],
    [{"name": f"{number}.pdf", "sha256": "{kept}"} for number in range(11)],
])  # fmt: skip
def test_files_that_are_not_there_or_too_many_are_refused(
    connect: Connect, kept: str, attachments: list[dict[str, str]]
) -> None:
    named = [{**one, "sha256": one["sha256"].format(kept=kept)} for one in attachments]
    with pytest.raises(InvalidInput) as refused:
        connect().plan("email_send", {**LETTER, "attachments": named})
    assert refused.value.facts["field"] == "Attachments"


def test_attachments_together_have_a_limit(
    connect: Connect, settings: Settings, monkeypatch: pytest.MonkeyPatch, kept: str
) -> None:
    monkeypatch.setattr("core.connectors.transports.enclosures.MOST_BYTES", len(PDF) - 1)
    with pytest.raises(InvalidInput, match="together"):
        connect().plan("email_send", with_file(kept))


# -- what a file is -----------------------------------------------------------------------------------------------


def office(*parts: str) -> bytes:
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for part in ("[Content_Types].xml", *parts):
            archive.writestr(part, "<x/>")
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("name", "data", "kind"),
    [
        ("a.pdf", PDF, "application/pdf"),
        ("a.csv", b"a,b\n1,2\n", "text/csv"),
        ("a.html", b"<!doctype html><p>x</p>", "text/html"),
        ("a.pptx", office("ppt/presentation.xml"), "presentation"),
        ("a.xlsx", office("xl/workbook.xml"), "sheet"),
    ],
)
def test_a_file_is_what_its_content_says(name: str, data: bytes, kind: str) -> None:
    assert kind in media_type_of(name, data)


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.pdf", b"MZ\x90\x00 program"),
        ("a.csv", b"\x00\x01"),
        ("a.pptx", office("xl/workbook.xml")),
        ("a.pptx", b"PK\x03\x04 broken"),
        ("a.xlsx", office("xl/workbook.xml", "xl/vbaProject.bin")),
        ("a.xlsx", b"MZ\x90\x00 program" + office("xl/workbook.xml")),
        ("a.png", PDF),
        ("a.txt", b""),
        ("a.exe", b"MZ"),
    ],
)
def test_a_file_that_is_something_else_than_its_name_says_is_refused(name: str, data: bytes) -> None:
    with pytest.raises(NotThatKind):
        media_type_of(name, data)


# -- mail to many, and where answers go ---------------------------------------------------------------------------


def test_mail_to_many_names_the_way_off_the_list_and_the_plan_shows_it(connect: Connect, settings: Settings) -> None:
    connectors = connect()
    link = f"https://example.com/leave?who={'a' * 400}"
    params = {**LETTER, "bulk": True, "unsubscribe": link, "reply_to": "asha@example.com"}
    shown = {one.label: one.after for one in connectors.plan("email_send", params).changes}
    assert shown == {"Answers to": "asha@example.com", "To leave the list": link}

    send(connectors, params)

    letter = only_letter(settings)
    assert letter["List-Unsubscribe"] == f"<{link}>" and letter["Reply-To"] == "asha@example.com"
    assert letter["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert f"<{link}>".encode() in next(settings.outbox_dir.glob("*.eml")).read_bytes()


def test_a_mailto_way_off_the_list_promises_no_click(connect: Connect, settings: Settings) -> None:
    send(connect(), {**LETTER, "bulk": True, "unsubscribe": "mailto:leave@example.com?subject=leave"})

    letter = only_letter(settings)
    assert letter["List-Unsubscribe"] == "<mailto:leave@example.com?subject=leave>"
    assert letter["List-Unsubscribe-Post"] is None


@pytest.mark.parametrize(
    "changed",
    [
        {"bulk": True},
        {"bulk": True, "unsubscribe": ""},
        {"unsubscribe": "https://example.com/leave"},
        {"bulk": True, "unsubscribe": "http://example.com/leave"},
        {"bulk": True, "unsubscribe": "https://example.com/leave>\r\nBcc: all@example.com"},
        {"bulk": True, "unsubscribe": "https://example.com/leave>, <https://evil.example"},
        {"bulk": True, "unsubscribe": "https://user:key@example.com/leave"},
        {"bulk": True, "unsubscribe": "mailto:nobody"},
        {"bulk": True, "unsubscribe": "javascript:alert(1)"},
        {"reply_to": "asha@example.com\r\nBcc: all@example.com"},
        {"reply_to": "a@example.com, b@example.com"},
    ],
)
def test_mail_to_many_without_a_way_off_and_injected_headers_are_refused(
    connect: Connect, changed: dict[str, Any]
) -> None:
    with pytest.raises(InvalidInput):
        connect().plan("email_send", {**LETTER, **changed})


def test_a_plain_letter_says_nothing_of_lists(connect: Connect, settings: Settings) -> None:
    send(connect(), LETTER)

    letter = only_letter(settings)
    assert letter["List-Unsubscribe"] is None and letter["Reply-To"] is None


def test_an_international_address_for_answers_needs_a_server_that_takes_it(connect: Connect, tmp_path: Path) -> None:
    params = {**LETTER, "reply_to": "राम@डाटामेल.भारत"}
    for able, outcome in ((True, AttemptOutcome.CONFIRMED), (False, AttemptOutcome.REJECTED)):
        with running_mail_server(smtputf8=able) as mail:
            connectors = connect(smtp_host="127.0.0.1", smtp_port=mail.port, smtp_security="none")
            assert send(connectors, params).outcome is outcome
            assert len(mail.accepted) == able
