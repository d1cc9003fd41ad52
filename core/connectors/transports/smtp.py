"""E-mail through a mail server (RFC 5321), step by step, because at which step it failed decides what is known."""

from __future__ import annotations

import re
import smtplib
import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal

from core.clock import Clock
from core.connectors.plan import Message, Receipt, confirmed, deferred, rejected, unknown
from core.connectors.transports.mime import as_bytes, bare, message_id

_LOST = (smtplib.SMTPServerDisconnected, OSError)
_CHECK = "Check the mail server under Connections."


@dataclass(frozen=True)
class SmtpServer:
    host: str
    port: int
    security: Literal["starttls", "tls", "none"]
    username: str | None
    password: str | None
    timeout: float

    def __repr__(self) -> str:
        return f"SmtpServer({self.host}:{self.port})"  # a password has no place in a log


class Smtp:
    leaves_machine = True
    repeatable = False
    """Message-IDs are the same for every attempt, but no mail server promises to drop the second."""

    def __init__(self, server: SmtpServer, clock: Clock) -> None:
        self._server, self._clock = server, clock

    @property
    def account(self) -> str:
        user = f" as {self._server.username}" if self._server.username else ""
        return f"the mail server {self._server.host}:{self._server.port}{user}"

    def send(self, message: Message, key: str) -> Receipt:
        content = as_bytes(message, key, self._clock.now())
        try:
            with self._session() as smtp:
                return _deliver(smtp, self._server.host, message, content, message_id(key, message.sender))
        except _Refused as refused:
            return refused.receipt
        except ssl.SSLCertVerificationError as problem:
            return rejected(f"The mail server's certificate is not trusted: {problem.verify_message}. {_CHECK}")
        except smtplib.SMTPAuthenticationError as problem:
            if 400 <= problem.smtp_code < 500:
                return _answered(problem.smtp_code, problem.smtp_error, "the sign-in")
            return rejected(f"The mail server refused the user name and password. Nothing was sent. {_CHECK}")
        except smtplib.SMTPNotSupportedError:
            return rejected(f"The mail server does not offer the security or sign-in that is set. {_CHECK}")
        except smtplib.SMTPResponseException as problem:
            return _answered(problem.smtp_code, problem.smtp_error, "the connection")
        except _LOST as problem:
            return deferred(f"The mail server could not be reached ({_short(problem)}). Nothing was sent.")

    def find(self, message: Message, key: str) -> Receipt | None:
        return None  # SMTP has no way to ask

    @contextmanager
    def _session(self) -> Iterator[smtplib.SMTP]:
        server = self._server
        context = ssl.create_default_context()  # SSL_CERT_FILE adds an organisation's own authority
        smtp: smtplib.SMTP
        if server.security == "tls":
            smtp = smtplib.SMTP_SSL(server.host, server.port, timeout=server.timeout, context=context)
        else:
            smtp = smtplib.SMTP(server.host, server.port, timeout=server.timeout)
        try:
            smtp.ehlo()
            if server.security == "starttls":
                smtp.starttls(context=context)
                smtp.ehlo()
            if server.username:
                smtp.login(server.username, server.password or "")
            yield smtp
        finally:
            smtp.close()


class _Refused(Exception):
    def __init__(self, receipt: Receipt) -> None:
        self.receipt = receipt


def _deliver(smtp: smtplib.SMTP, host: str, message: Message, content: bytes, reference: str) -> Receipt:
    refused = _envelope(smtp, message)
    code, answer = smtp.docmd("DATA")
    if code != 354:
        return _answered(code, answer, "the message")
    try:
        smtp.send(re.sub(rb"(?m)^\.", b"..", content) + (b"" if content.endswith(b"\r\n") else b"\r\n") + b".\r\n")
        code, answer = smtp.getreply()
    except _LOST as problem:
        return unknown(
            f"The connection was lost after the message was handed over ({_short(problem)}). It may have been sent: "
            f"look for {reference} in the mail server's log or ask a recipient.",
            reference=reference,
        )
    if code != 250:
        return _answered(code, answer, "the message")
    words = f"Accepted by {host}: {_text(answer)}"
    if refused:
        words += ". Not for " + ", ".join(f"{who} ({why})" for who, why in refused.items())
    return confirmed(f"{words}.", reference=reference, answer=_text(answer), refused=dict(refused))


def _envelope(smtp: smtplib.SMTP, message: Message) -> Mapping[str, str]:
    """Names sender and recipients; answers those refused while others were accepted, raises when none is left."""
    options: list[str] = []
    if not all(part.isascii() for part in (message.sender, *message.recipients)):
        if not smtp.has_extn("smtputf8"):
            raise _Refused(rejected("The mail server does not take addresses with letters beyond ASCII (SMTPUTF8)."))
        options = ["SMTPUTF8", "BODY=8BITMIME"]
    code, answer = smtp.mail(bare(message.sender), options)
    if code != 250:
        raise _Refused(_answered(code, answer, f"the sender {message.sender}"))
    refused: dict[str, str] = {}
    codes: list[int] = []
    for recipient in message.recipients:
        code, answer = smtp.rcpt(recipient)
        if code not in (250, 251):
            codes.append(code)
            refused[recipient] = f"{code} {_text(answer)}"
    if len(refused) == len(message.recipients):
        words = "; ".join(f"{who}: {why}" for who, why in refused.items())
        if all(code >= 500 for code in codes):
            raise _Refused(rejected(f"The mail server refused every recipient: {words}. Nothing was sent."))
        raise _Refused(deferred(f"The mail server takes no recipient now: {words}. Nothing was sent."))
    return refused


def _answered(code: int, answer: bytes | str, what: str) -> Receipt:
    words = f"The mail server refused {what}: {code} {_text(answer)}. Nothing was sent."
    return deferred(words) if 400 <= code < 500 else rejected(words)


def _text(answer: bytes | str) -> str:
    text = answer.decode("utf-8", "replace") if isinstance(answer, bytes) else answer
    return " ".join(text.split()).rstrip(".")[:300]


def _short(problem: Exception) -> str:
    return (getattr(problem, "strerror", None) or str(problem) or type(problem).__name__).rstrip(".")[:200]
