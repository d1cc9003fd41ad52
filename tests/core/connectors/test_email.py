"""E-mail goes out once, word for word, and what a mail server says is told apart: sent, refused, later, unknown."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from email import message_from_bytes, policy
from email.message import MIMEPart
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from core.connectors.plan import AttemptOutcome, Plan, Receipt
from core.connectors.registry import Connectors
from core.errors import InvalidInput
from core.settings import Settings
from tests.core.connectors.conftest import Connect
from tests.doubles.mail_server import PASSWORD, USER, MailServer, running_mail_server, self_signed

LETTER = {"to": ["ravi@example.com"], "subject": "Reminder 2", "body": "Dear Ravi,\n\n.a line with a dot\nGrüße\n"}


def letter(**changed: Any) -> dict[str, Any]:
    return {**LETTER, **changed}


@pytest.fixture
def mail() -> Iterator[MailServer]:
    with running_mail_server() as server:
        yield server


def smtp(server: MailServer, **more: Any) -> dict[str, Any]:
    return {"smtp_host": "127.0.0.1", "smtp_port": server.port, "smtp_security": "none",
            "call_timeout_seconds": 2.0, "email_from": "Countersign <ops@example.com>", **more}  # fmt: skip


def send(connectors: Connectors, params: dict[str, Any] | None = None, key: str = "key") -> Receipt:
    return connectors.operation("email_send").execute(planned(connectors, params), key)


def planned(connectors: Connectors, params: dict[str, Any] | None = None) -> Plan:
    return Plan.from_json(connectors.plan("email_send", params or LETTER).to_json())


def lines(part: MIMEPart) -> str:
    """The text of a part, as a program reads it: mail itself ends lines with CR and LF."""
    return str(part.get_content()).replace("\r\n", "\n")


# -- the outbox ---------------------------------------------------------------------------------------------------


def test_outbox_keeps_the_message_word_for_word(connect: Connect, settings: Settings) -> None:
    connectors = connect()
    html = "<p>Grüße</p>\n"

    receipt = send(connectors, letter(html=html))

    (file,) = settings.outbox_dir.iterdir()
    message = message_from_bytes(file.read_bytes(), policy=policy.default)
    assert receipt.outcome is AttemptOutcome.CONFIRMED and receipt.reference == message["Message-ID"]
    assert (message["To"], message["Subject"]) == ("ravi@example.com", "Reminder 2")
    text, other = message.get_body(("plain",)), message.get_body(("html",))
    assert text is not None and other is not None
    assert lines(text) == LETTER["body"] and lines(other) == html
    plan = planned(connectors)
    assert not plan.leaves_machine and connectors.operation("email_send").repeatable_for(plan)


def test_same_key_from_twenty_threads_is_one_file(connect: Connect, settings: Settings) -> None:
    connectors = connect()

    with ThreadPoolExecutor(20) as pool:
        receipts = list(pool.map(lambda _: send(connectors), range(20)))

    assert len(list(settings.outbox_dir.iterdir())) == 1
    assert {(one.outcome, one.reference) for one in receipts} == {(AttemptOutcome.CONFIRMED, receipts[0].reference)}
    send(connectors, key="another key")
    assert len(list(settings.outbox_dir.iterdir())) == 2


def test_outbox_that_cannot_be_written_is_said(connect: Connect, settings: Settings) -> None:
    settings.outbox_dir.parent.mkdir(parents=True, exist_ok=True)
    settings.outbox_dir.write_text("a file where the folder should be")

    receipt = send(connect())

    assert receipt.outcome is AttemptOutcome.REJECTED and "outbox folder" in receipt.message


# -- what may be planned ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        (["Ravi@Example.COM", "ravi@example.com", " ravi@example.com "], ["Ravi@example.com"]),
        ("a@example.com; b@example.com\nc@example.com", ["a@example.com", "b@example.com", "c@example.com"]),
        (["info@bücher.example"], ["info@xn--bcher-kva.example"]),
        (["राम@डाटामेल.भारत"], ["राम@xn--c2bd4bq1db8d.xn--h2brj9c"]),
    ],
)
def test_addresses_are_kept_once_and_spelled_one_way(connect: Connect, given: Any, kept: list[str]) -> None:
    message = connect().plan("email_send", letter(to=given)).message
    assert message is not None and list(message.recipients) == kept


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"to": ["no address"]}, "To"),
        ({"to": ["ravi@example.com\r\nBcc: all@example.com"]}, "To"),
        ({"to": []}, "To"),
        ({"to": [f"a{number}@example.com" for number in range(101)]}, "To"),
        ({"subject": "Reminder\r\nBcc: all@example.com"}, "Subject"),
        ({"subject": "Reminder\u2028Bcc"}, "Subject"),
        ({"subject": ""}, "Subject"),
        ({"body": ""}, "Message"),
        ({"body": "nul \x00"}, "Parameters"),
        ({"body": "half \ud800"}, "Parameters"),
        ({"bcc": ["x@example.com"]}, "bcc"),
    ],
)
def test_injected_headers_and_bad_addresses_are_refused_by_name(
    connect: Connect, changed: dict[str, Any], field: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        connect().plan("email_send", letter(**changed))
    assert refused.value.facts["field"] == field


# -- a mail server ------------------------------------------------------------------------------------------------


def test_mail_server_gets_the_message_and_its_answer_is_the_receipt(connect: Connect, mail: MailServer) -> None:
    connectors = connect(**smtp(mail))

    receipt = send(connectors, letter(to=["ravi@example.com", "info@bücher.example"]))

    ((recipients, message),) = mail.accepted
    assert recipients == ["ravi@example.com", "info@xn--bcher-kva.example"]
    assert message["From"] == "Countersign <ops@example.com>"
    assert lines(message) == LETTER["body"]
    assert receipt.outcome is AttemptOutcome.CONFIRMED and receipt.reference == message["Message-ID"]
    assert "queued as 4BC7" in receipt.message
    plan = planned(connectors)
    assert plan.leaves_machine and not connectors.operation("email_send").repeatable_for(plan)


def test_starttls_and_sign_in(
    connect: Connect, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    context, certificate = self_signed(tmp_path)
    with running_mail_server(tls=context, auth=True) as server:
        secure = smtp(server, smtp_security="starttls", smtp_username=USER, smtp_password=SecretStr(PASSWORD))

        untrusted = send(connect(**secure))
        assert untrusted.outcome is AttemptOutcome.REJECTED and "certificate" in untrusted.message

        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        assert send(connect(**secure)).outcome is AttemptOutcome.CONFIRMED
        assert len(server.accepted) == 1

        wrong = send(connect(**{**secure, "smtp_password": SecretStr("wrong-secret-3")}))
        assert wrong.outcome is AttemptOutcome.REJECTED and "user name and password" in wrong.message
        assert "Connections" in wrong.message
        assert PASSWORD not in wrong.message + caplog.text and "wrong-secret-3" not in wrong.message + caplog.text

        plain = send(connect(**{**secure, "smtp_security": "none", "smtp_username": None}))
        assert plain.outcome is AttemptOutcome.REJECTED
        assert len(server.accepted) == 1


def test_server_without_starttls_is_not_sent_to_in_the_clear(connect: Connect, mail: MailServer) -> None:
    receipt = send(connect(**smtp(mail, smtp_security="starttls")))

    assert receipt.outcome is AttemptOutcome.REJECTED and mail.handed_over == 0


def test_one_refused_recipient_is_reported_and_the_other_gets_it(connect: Connect, mail: MailServer) -> None:
    mail.answers["gone@example.com"] = "550 5.1.1 no such user"

    receipt = send(connect(**smtp(mail)), letter(to=["gone@example.com", "ravi@example.com"]))

    assert receipt.outcome is AttemptOutcome.CONFIRMED
    assert "Not for gone@example.com (550 5.1.1 no such user)" in receipt.message
    assert mail.accepted[0][0] == ["ravi@example.com"]


@pytest.mark.parametrize(
    ("answers", "at_data", "outcome"),
    [
        ({"ravi@example.com": "550 no such user"}, None, AttemptOutcome.REJECTED),
        ({"ravi@example.com": "452 try later"}, None, AttemptOutcome.DEFERRED),
        ({}, "552 too large", AttemptOutcome.REJECTED),
        ({}, "451 try later", AttemptOutcome.DEFERRED),
    ],
)
def test_refusals_for_good_and_for_now_are_told_apart(
    connect: Connect, mail: MailServer, answers: dict[str, str], at_data: str | None, outcome: AttemptOutcome
) -> None:
    mail.answers, mail.at_data = answers, at_data

    receipt = send(connect(**smtp(mail)))

    assert receipt.outcome is outcome and "Nothing was done" in receipt.message
    assert (receipt.retry_after is not None) is (outcome is AttemptOutcome.DEFERRED)
    assert mail.accepted == []


def test_connection_lost_after_the_message_was_handed_over_is_unknown(connect: Connect, mail: MailServer) -> None:
    mail.drop_after_data = True

    receipt = send(connect(**smtp(mail)))

    assert receipt.outcome is AttemptOutcome.UNKNOWN
    assert receipt.details["reference"] == mail.message_ids()[0] and mail.message_ids()[0] in receipt.message


def test_answer_that_does_not_come_in_time_is_unknown(connect: Connect, mail: MailServer) -> None:
    mail.seconds_for_data = 1.0

    receipt = send(connect(**smtp(mail, call_timeout_seconds=0.2)))

    assert receipt.outcome is AttemptOutcome.UNKNOWN


def test_server_that_cannot_be_reached_is_asked_again_later(connect: Connect) -> None:
    receipt = send(connect(smtp_host="127.0.0.1", smtp_port=9, smtp_security="none"))

    assert receipt.outcome is AttemptOutcome.DEFERRED and receipt.retry_after


def test_letters_beyond_ascii_before_the_at_need_a_server_that_takes_them(connect: Connect, mail: MailServer) -> None:
    params = letter(to=["राम@डाटामेल.भारत"])
    assert send(connect(**smtp(mail)), params).outcome is AttemptOutcome.CONFIRMED
    assert mail.accepted[0][0] == ["राम@xn--c2bd4bq1db8d.xn--h2brj9c"]

    with running_mail_server(smtputf8=False) as old:
        receipt = send(connect(**smtp(old)), params)
    assert receipt.outcome is AttemptOutcome.REJECTED and "SMTPUTF8" in receipt.message


def test_changing_the_road_or_the_sender_after_approval_is_drift(connect: Connect, mail: MailServer) -> None:
    approved = planned(connect())

    drift = connect(**smtp(mail)).operation("email_send").drift(approved)

    assert drift is not None and [one.label for one in drift.moved] == ["The connection"]
    assert connect().operation("email_send").drift(approved) is None


def test_tls_from_the_start(connect: Connect, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    context, certificate = self_signed(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with running_mail_server(implicit_tls=context) as server:
        assert send(connect(**smtp(server, smtp_security="tls"))).outcome is AttemptOutcome.CONFIRMED
