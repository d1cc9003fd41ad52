"""E-mail through a mail server (RFC 5321), step by step, because at which step it failed decides what is known."""

from __future__ import annotations

import re
import smtplib
from collections.abc import Mapping

from core.clock import Clock
from core.connectors.plan import Message, Receipt, confirmed, unknown
from core.connectors.transports.calls import CallFailed, Lost, NotReached, Refused, Throttled, receipt_of
from core.connectors.transports.http import Means
from core.connectors.transports.mime import NOTHING, Enclosed, as_bytes, bare, message_id, needs_utf8
from core.connectors.transports.smtp_pool import BROKEN, Closing, SmtpPool, SmtpServer, short, text_of

ANSWERS: Mapping[int, Means] = {
    421: Means.LATER,  # closing down, or too many connections
    450: Means.LATER,  # mailbox busy, greylisted
    451: Means.LATER,
    452: Means.LATER,  # no room, or too many recipients
    454: Means.LATER,  # signing in does not work now
    500: Means.REFUSED,
    530: Means.SIGN_IN,  # sign-in or STARTTLS needed
    534: Means.SIGN_IN,
    535: Means.SIGN_IN,
    538: Means.SIGN_IN,
    550: Means.REFUSED,  # no such mailbox, or policy
    552: Means.REFUSED,  # too large
    553: Means.REFUSED,
    554: Means.REFUSED,
}
"""What a reply code means while nothing is accepted yet (RFC 5321, 4954). Else: 4yz later, 5yz refused."""


class Smtp:
    """One account on a mail server. No server promises to drop the second message of the same Message-ID."""

    leaves_machine = True
    repeatable = False

    def __init__(self, server: SmtpServer, sender: str, clock: Clock) -> None:
        self.sender = sender
        self._server, self._clock = server, clock
        self._pool = SmtpPool(server)

    @property
    def account(self) -> str:
        user = f" as {self._server.username}" if self._server.username else ""
        plain = ", not encrypted" if self._server.security == "none" else ""
        return f"the mail server {self._server.host}:{self._server.port}{user}{plain}"

    def send(self, message: Message, key: str, enclosed: Enclosed = NOTHING) -> Receipt:
        reference = message_id(key, message.sender)
        content = as_bytes(message, key, self._clock.now(), enclosed)
        try:
            refused, answer = self._handed_over(message, content, utf8=needs_utf8(message, enclosed))
        except Lost as problem:
            return unknown(
                f"The connection was lost after the message was handed over ({problem}). It may have been sent: "
                f"look for {reference} in the mail server's log or ask a recipient.",
                reference=reference,
            )
        except CallFailed as problem:
            return receipt_of(problem, "The mail server")
        words = f"Accepted by {self._server.host}: {answer}"
        if refused:
            words += ". Not for " + ", ".join(f"{who} ({why})" for who, why in refused.items())
        return confirmed(f"{words}.", reference=reference, answer=answer, refused=dict(refused))

    def find(self, message: Message, key: str) -> Receipt | None:
        return None  # SMTP has no way to ask

    def test(self) -> str:
        """Signs in and says goodbye."""
        with self._pool.session() as session:
            offers = "with" if session.smtp.has_extn("smtputf8") else "without"
        secure = "" if self._server.security == "none" else ", encrypted"
        return f"Signed in to {self.account}{secure}, {offers} addresses beyond ASCII."

    def close(self) -> None:
        self._pool.close()

    def _handed_over(self, message: Message, content: bytes, *, utf8: bool) -> tuple[Mapping[str, str], str]:
        """Over a kept session first; one that died meanwhile is replaced once, while the message is still here."""
        reused = False
        try:
            with self._pool.session() as session:
                reused = session.reused
                return _deliver(session.smtp, message, content, utf8=utf8)
        except (NotReached, Closing):
            if not reused:
                raise
        with self._pool.session(fresh=True) as session:
            return _deliver(session.smtp, message, content, utf8=utf8)


def _deliver(smtp: smtplib.SMTP, message: Message, content: bytes, *, utf8: bool) -> tuple[Mapping[str, str], str]:
    """Those refused while others were accepted, and the server's answer. Lost only once the content has left."""
    try:
        refused = _envelope(smtp, message, utf8=utf8)
        _judge(*smtp.docmd("DATA"), "the message", wanted=(354,))
    except BROKEN as problem:
        raise NotReached(short(problem)) from None
    try:
        smtp.send(re.sub(rb"(?m)^\.", b"..", content) + (b"" if content.endswith(b"\r\n") else b"\r\n") + b".\r\n")
        code, answer = smtp.getreply()
    except BROKEN as problem:
        raise Lost(short(problem)) from None
    try:
        _judge(code, answer, "the message")
    except Closing as problem:
        smtp.close()
        raise Throttled(problem.words) from None  # the content has left: no second session for it
    return refused, text_of(answer)


def _envelope(smtp: smtplib.SMTP, message: Message, *, utf8: bool) -> Mapping[str, str]:
    """Names sender and recipients; answers those refused while others were accepted, raises when none is left."""
    options: list[str] = []
    if utf8:
        if not smtp.has_extn("smtputf8"):
            raise Refused("it does not take addresses with letters beyond ASCII (SMTPUTF8)")
        options = ["SMTPUTF8", "BODY=8BITMIME"]
    _judge(*smtp.mail(bare(message.sender), options), f"the sender {message.sender}")
    refused: dict[str, str] = {}
    problems: list[CallFailed] = []
    for recipient in message.recipients:
        code, answer = smtp.rcpt(recipient)
        try:
            _judge(code, answer, recipient)
        except (Closing, NotReached):
            raise
        except CallFailed as problem:
            problems.append(problem)
            refused[recipient] = f"{code} {text_of(answer)}"
    if len(refused) < len(message.recipients):
        return refused
    words = "; ".join(f"{who}: {why}" for who, why in refused.items())
    if any(isinstance(one, Throttled) for one in problems):
        raise Throttled(f"no recipient is taken now ({words})")
    signed_in = all(isinstance(one, Refused) and one.signed_in for one in problems)
    raise Refused(f"every recipient was refused ({words})", signed_in=signed_in)


def _judge(code: int, answer: bytes | str, what: str, *, wanted: tuple[int, ...] = (250, 251, 252)) -> None:
    """Nothing where the answer is what was hoped for; else what it means, by the table."""
    if code in wanted:
        return
    words = f"{what}: {code} {text_of(answer)}"
    if code == 421:
        raise Closing(words)
    means = ANSWERS.get(code) or (Means.LATER if 400 <= code < 500 else Means.REFUSED)
    if means is Means.LATER:
        raise Throttled(words)
    raise Refused(words, signed_in=means is not Means.SIGN_IN)
