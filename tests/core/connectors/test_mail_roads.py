"""The roads e-mail takes: sessions that are kept, SMTP2GO's answers, and which road a letter goes."""

from __future__ import annotations

import socket
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from threading import Event
from typing import Any

import pytest
from pydantic import SecretStr, ValidationError

from core.clock import ManualClock
from core.connectors.plan import AttemptOutcome, Message, Receipt
from core.connectors.transports.calls import NotReached, Refused, Throttled
from core.connectors.transports.mail_systems import Smtp2goAccount, SmtpAccount, SmtpSystem
from core.connectors.transports.smtp import ANSWERS, Smtp
from core.connectors.transports.smtp2go import Smtp2go
from core.connectors.transports.smtp_pool import SmtpPool, SmtpServer
from tests.core.connectors.conftest import Connect
from tests.doubles.mail_server import PASSWORD, MailServer, running_mail_server
from tests.doubles.smtp2go import KEY, running_smtp2go

LETTER = Message("Countersign <ops@example.com>", ("ravi@example.com",), "Reminder", "Dear Ravi\n")


@pytest.fixture
def mail() -> Any:
    with running_mail_server() as server:
        yield server


@pytest.fixture
def smtp(mail: MailServer, clock: ManualClock) -> Any:
    road = Smtp(server_of(mail), LETTER.sender, clock)
    yield road
    road.close()


def server_of(mail: MailServer, timeout: float = 2.0) -> SmtpServer:
    return SmtpServer("127.0.0.1", mail.port, "none", None, None, timeout)


# -- kept sessions ------------------------------------------------------------------------------------------------


def test_letters_one_after_another_share_a_session(mail: MailServer, smtp: Smtp) -> None:
    for number in range(5):
        assert smtp.send(LETTER, f"key {number}").outcome is AttemptOutcome.CONFIRMED

    assert (len(mail.accepted), mail.connections) == (5, 1)


def test_many_threads_share_four_sessions_and_send_each_letter_once(mail: MailServer, smtp: Smtp) -> None:
    with ThreadPoolExecutor(12) as pool:
        receipts = list(pool.map(lambda number: smtp.send(LETTER, f"key {number}"), range(40)))

    assert {receipt.outcome for receipt in receipts} == {AttemptOutcome.CONFIRMED}
    assert len(set(mail.message_ids())) == len(mail.accepted) == 40
    assert 1 <= mail.connections <= 4


def test_a_session_that_died_meanwhile_is_replaced_without_losing_or_doubling(mail: MailServer, smtp: Smtp) -> None:
    smtp.send(LETTER, "first")
    mail.hang_up()

    assert smtp.send(LETTER, "second").outcome is AttemptOutcome.CONFIRMED
    assert (len(mail.accepted), mail.connections) == (2, 2)


@pytest.mark.parametrize("command", ["MAIL", "RCPT"])
def test_a_kept_session_that_ends_before_the_letter_left_is_tried_once_more(
    mail: MailServer, smtp: Smtp, command: str
) -> None:
    smtp.send(LETTER, "first")
    mail.closing_at = command

    assert smtp.send(LETTER, "second").outcome is AttemptOutcome.CONFIRMED
    assert (len(mail.accepted), mail.connections) == (2, 2)


def test_a_fresh_session_that_ends_is_not_tried_again(mail: MailServer, smtp: Smtp) -> None:
    mail.closing_at = "MAIL"

    receipt = smtp.send(LETTER, "first")

    assert receipt.outcome is AttemptOutcome.DEFERRED and "421" in receipt.message
    assert (len(mail.accepted), mail.connections) == (0, 1)


def test_a_letter_that_left_over_a_kept_session_is_never_sent_again(mail: MailServer, smtp: Smtp) -> None:
    smtp.send(LETTER, "first")
    mail.drop_after_data = True

    assert smtp.send(LETTER, "second").outcome is AttemptOutcome.UNKNOWN
    assert (len(mail.accepted), mail.connections) == (2, 1)


def test_a_421_to_the_letter_itself_is_for_later_and_not_for_another_session(mail: MailServer, smtp: Smtp) -> None:
    smtp.send(LETTER, "first")
    mail.at_data = "421 4.3.2 shutting down"

    assert smtp.send(LETTER, "second").outcome is AttemptOutcome.DEFERRED
    assert (mail.handed_over, mail.connections) == (2, 1)


def test_a_session_after_a_refused_letter_is_clean_for_the_next(mail: MailServer, smtp: Smtp) -> None:
    mail.answers["gone@example.com"] = "550 no such user"
    refused = Message(LETTER.sender, ("gone@example.com",), "Reminder", "Dear Gone\n")

    assert smtp.send(refused, "first").outcome is AttemptOutcome.REJECTED
    assert smtp.send(LETTER, "second").outcome is AttemptOutcome.CONFIRMED
    assert [recipients for recipients, _ in mail.accepted] == [["ravi@example.com"]]
    assert mail.connections == 1


def test_an_idle_session_is_given_up(mail: MailServer) -> None:
    pool = SmtpPool(server_of(mail), idle_seconds=0.0)
    for _ in range(2):
        with pool.session() as session:
            assert not session.reused
    pool.close()
    assert mail.connections == 2


def test_who_finds_all_sessions_busy_is_told_to_come_later(mail: MailServer) -> None:
    pool = SmtpPool(server_of(mail, timeout=0.1), most=1)
    with pool.session(), pytest.raises(Throttled, match="busy"), pool.session():
        pass
    pool.close()


def test_after_closing_nothing_is_kept(mail: MailServer) -> None:
    pool = SmtpPool(server_of(mail))
    with pool.session():
        pool.close()
    assert pool._kept == []


@pytest.mark.parametrize("code", sorted(ANSWERS))
def test_every_code_of_the_table_ends_as_it_says(mail: MailServer, smtp: Smtp, code: int) -> None:
    mail.answers["ravi@example.com"] = f"{code} said so"

    receipt = smtp.send(LETTER, "key")

    later = code < 500
    assert receipt.outcome is (AttemptOutcome.DEFERRED if later else AttemptOutcome.REJECTED)
    assert ("Connections" in receipt.message) == (code in (530, 534, 535, 538))
    assert mail.accepted == []


def test_a_connection_test_says_what_it_found_or_what_is_wrong(mail: MailServer) -> None:
    account = SmtpAccount(host="127.0.0.1", port=mail.port, security="none", sender="ops@example.com")
    assert SmtpSystem().test(account, timeout=2) == (
        f"Signed in to the mail server 127.0.0.1:{mail.port}, not encrypted, with addresses beyond ASCII."
    )
    with pytest.raises(Refused, match="does not offer"):
        SmtpSystem().test(account.model_copy(update={"security": "starttls"}), timeout=2)
    with pytest.raises(NotReached):
        SmtpSystem().test(account.model_copy(update={"port": 9}), timeout=2)
    assert mail.handed_over == 0


# -- accounts -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "changed",
    [
        {"sender": "Ops <ops@example.com>\r\nBcc: all@example.com"},
        {"sender": "Ops"},
        {"sender": "a@example.com, b@example.com"},
        {"host": "smtp.example.com\r\nRCPT TO"},
        {"host": ""},
        {"security": "none", "username": "asha", "password": PASSWORD},
        {"port": 0},
        {"surprise": 1},
    ],
)
def test_accounts_that_would_leak_or_inject_are_refused(changed: dict[str, Any]) -> None:
    with pytest.raises(ValidationError) as refused:
        SmtpAccount.model_validate({"host": "smtp.example.com", "sender": "Ops <ops@example.com>", **changed})
    assert PASSWORD not in str(refused.value.errors(include_input=False))


@pytest.mark.parametrize("base", ["http://api.example.com/v3", "https://api.example.com/v3?x=1", "ftp://example.com"])
def test_an_api_address_that_shows_the_key_is_refused(base: str) -> None:
    with pytest.raises(ValidationError):
        Smtp2goAccount(api_key=SecretStr(KEY), sender="ops@example.com", base_url=base)


@pytest.mark.parametrize("key", ["", " ", "api-\r\nX-Evil: 1", "api-schlüssel", "api key"])
def test_a_key_that_fits_in_no_header_is_refused_without_being_shown(key: str) -> None:
    with pytest.raises(ValidationError) as refused:
        Smtp2goAccount(api_key=SecretStr(key), sender="ops@example.com")
    assert "without spaces" in str(refused.value) and "Evil" not in str(refused.value)
    kept = Smtp2goAccount(api_key=SecretStr(f"{KEY}\n"), sender="ops@example.com")
    assert kept.api_key.get_secret_value() == KEY


# -- SMTP2GO ------------------------------------------------------------------------------------------------------


def sent_by_smtp2go(befalls: str | None = None, failing: dict[str, str] | None = None, **message: Any) -> Receipt:
    letter = Message(**{"sender": LETTER.sender, "recipients": LETTER.recipients, "subject": LETTER.subject,
                           "text": LETTER.text, **message})  # fmt: skip
    with running_smtp2go() as server:
        server.befalls, server.failing = befalls, failing or {}
        road = Smtp2go(server.url, KEY, LETTER.sender, timeout=0.5)
        try:
            return road.send(letter, "key")
        finally:
            road.close()


def test_an_answer_of_200_that_sent_to_nobody_is_a_refusal() -> None:
    receipt = sent_by_smtp2go(failing={"ravi@example.com": "Recipient is suppressed"})

    assert receipt.outcome is AttemptOutcome.REJECTED
    assert "nobody" in receipt.message and "Recipient is suppressed" in receipt.message


def test_recipients_that_were_left_out_are_named() -> None:
    receipt = sent_by_smtp2go(
        failing={"ravi@example.com": "Recipient is suppressed"}, recipients=("mona@example.com", "ravi@example.com")
    )
    assert receipt.outcome is AttemptOutcome.CONFIRMED
    assert "1 of 2" in receipt.message and "ravi@example.com: Recipient is suppressed" in receipt.message


@pytest.mark.parametrize(
    ("befalls", "outcome", "words"),
    [
        ("refuse", AttemptOutcome.REJECTED, "not verified"),
        ("field", AttemptOutcome.REJECTED, "RFC-822"),
        ("throttle", AttemptOutcome.DEFERRED, "wait"),
        ("odd", AttemptOutcome.UNKNOWN, "Reports"),
        ("gateway", AttemptOutcome.UNKNOWN, "may have been sent"),
    ],
)
def test_smtp2go_refusals_later_and_nobody_knows_are_told_apart(
    befalls: str, outcome: AttemptOutcome, words: str
) -> None:
    receipt = sent_by_smtp2go(befalls)

    assert receipt.outcome is outcome and words in receipt.message


# -- which road ---------------------------------------------------------------------------------------------------


def test_the_outbox_can_be_named_whatever_is_connected(connect: Connect, mail: MailServer) -> None:
    connectors = connect(smtp_host="127.0.0.1", smtp_port=mail.port, smtp_security="none")
    letter = {"to": ["ravi@example.com"], "subject": "Reminder", "body": "Dear Ravi"}

    kept, sent = (connectors.plan("email_send", {**letter, "account": road}) for road in ("outbox", None))

    assert (kept.leaves_machine, sent.leaves_machine) == (False, True)
    assert (kept.request["account"], sent.request["account"]) == ("outbox", "environment")
    operation = connectors.operation("email_send")
    assert operation.execute(kept, "key").outcome is AttemptOutcome.CONFIRMED and mail.accepted == []
    assert operation.repeatable_for(kept) and not operation.repeatable_for(sent)


def test_a_sender_that_moved_since_the_last_look_sends_nothing(connect: Connect, mail: MailServer) -> None:
    server = {"smtp_host": "127.0.0.1", "smtp_port": mail.port, "smtp_security": "none"}
    approved = connect(**server, email_from="ops@example.com").plan(
        "email_send", {"to": ["ravi@example.com"], "subject": "Reminder", "body": "Dear Ravi"}
    )
    moved = connect(**server, email_from="boss@example.com").operation("email_send")

    drift, receipt = moved.drift(approved), moved.execute(approved, "key")

    assert drift is not None and [one.label for one in drift.moved] == ["From"]
    assert receipt.outcome is AttemptOutcome.REJECTED and mail.accepted == []


@pytest.mark.parametrize("line", [b"220-wait\r\n", b"2"])
def test_a_server_that_drips_its_greeting_for_ever_holds_nobody(line: bytes) -> None:
    """Each piece comes within the time-out, the whole never does."""
    over = Event()

    def drip(listener: socket.socket) -> None:
        connection, _ = listener.accept()
        with connection, suppress(OSError):
            while not over.wait(0.05):
                connection.sendall(line)

    with socket.create_server(("127.0.0.1", 0)) as listener, ThreadPoolExecutor(1) as pool:
        pool.submit(drip, listener)
        server = SmtpServer("127.0.0.1", listener.getsockname()[1], "none", None, None, 0.5)
        smtp = Smtp(server, "ops@example.com", ManualClock())
        receipt = smtp.send(Message("ops@example.com", ("ravi@example.com",), "Hello", "Text"), "key")
        over.set()
    assert receipt.outcome in (AttemptOutcome.DEFERRED, AttemptOutcome.REJECTED)
    smtp.close()
