"""A real mail server (aiosmtpd) on loopback that keeps what it accepts and can be told to misbehave."""

from __future__ import annotations

import asyncio
import datetime
import ipaddress
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

USER, PASSWORD = "asha", "mail-secret-9c2"


@dataclass
class MailServer:
    """Answers by address: `answers["full@example.com"] = "452 Try later"`; `at_data` answers the message itself."""

    port: int = 0
    accepted: list[tuple[list[str], EmailMessage]] = field(default_factory=list)
    handed_over: int = 0
    answers: dict[str, str] = field(default_factory=dict)
    at_data: str | None = None
    drop_after_data: bool = False
    seconds_for_data: float = 0

    def message_ids(self) -> list[str]:
        return [message["Message-ID"] for _, message in self.accepted]

    # the names are aiosmtpd's
    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address in self.answers:
            return self.answers[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        self.handed_over += 1
        if self.at_data:
            return self.at_data
        content = envelope.content if isinstance(envelope.content, bytes) else str(envelope.content).encode()
        self.accepted.append((list(envelope.rcpt_tos), message_from_bytes(content, policy=policy.default)))
        await asyncio.sleep(self.seconds_for_data)
        if self.drop_after_data:
            assert isinstance(server.transport, asyncio.Transport)
            server.transport.abort()
        return "250 2.0.0 queued as 4BC7"


@contextmanager
def running_mail_server(
    *,
    tls: ssl.SSLContext | None = None,
    implicit_tls: ssl.SSLContext | None = None,
    auth: bool = False,
    smtputf8: bool = True,
) -> Iterator[MailServer]:
    handler = MailServer()
    more: dict[str, Any] = {"enable_SMTPUTF8": smtputf8}
    if tls is not None:
        more |= {"tls_context": tls, "require_starttls": True}
    if implicit_tls is not None:
        more |= {"ssl_context": implicit_tls}
    if auth:
        more |= {"authenticator": _authenticate, "auth_required": True}
    controller = Controller(handler, hostname="127.0.0.1", port=_free_port(), **more)
    controller.start()
    handler.port = controller.port
    try:
        yield handler
    finally:
        controller.stop()


def self_signed(folder: Path) -> tuple[ssl.SSLContext, Path]:
    """A server's TLS context for 127.0.0.1, and the certificate that makes a client trust it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    public, private = folder / "certificate.pem", folder / "key.pem"
    public.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(public, private)
    return context, public


def _authenticate(server: SMTP, session: Session, envelope: Envelope, mechanism: str, auth_data: Any) -> AuthResult:
    if isinstance(auth_data, LoginPassword):
        right = (auth_data.login, auth_data.password) == (USER.encode(), PASSWORD.encode())
        return AuthResult(success=right, handled=right)  # not handled: the server answers 535
    return AuthResult(success=False, handled=False)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
