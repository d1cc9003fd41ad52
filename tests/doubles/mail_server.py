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
    drop_before_data: bool = False
    """The content arrives and is not kept, and the connection is cut."""
    closing_at: str | None = None
    """The command (MAIL or RCPT) at which 421 is answered once, and the connection ended."""
    seconds_for_data: float = 0
    silent_at_data: float = 0
    """Seconds in which no answer comes; then the connection is cut, and nothing was kept."""
    connections: int = 0
    raw: list[bytes] = field(default_factory=list)
    """What was accepted, byte for byte."""
    open: list[SMTP] = field(default_factory=list, repr=False)
    loop: asyncio.AbstractEventLoop | None = field(default=None, repr=False)

    def message_ids(self) -> list[str]:
        return [message["Message-ID"] for _, message in self.accepted]

    def hang_up(self) -> None:
        """Cuts every connection, as a server does that is started anew."""
        assert self.loop is not None
        asyncio.run_coroutine_threadsafe(self._cut(), self.loop).result(timeout=5)

    async def _cut(self) -> None:
        for server in self.open:
            if isinstance(server.transport, asyncio.Transport):
                server.transport.abort()
        self.open.clear()
        await asyncio.sleep(0.01)  # the loop ends them in its next rounds

    def _closes(self, server: SMTP, command: str) -> bool:
        if self.closing_at != command:
            return False
        self.closing_at = None
        assert isinstance(server.transport, asyncio.Transport)
        server.transport.write(b"421 4.3.2 shutting down\r\n")
        server.transport.close()
        return True

    async def handle_MAIL(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if not self._closes(server, "MAIL"):
            envelope.mail_from = address
            envelope.mail_options.extend(options)
        return "250 OK"

    # the names are aiosmtpd's
    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self._closes(server, "RCPT"):
            return "250 OK"
        if address in self.answers:
            return self.answers[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        self.handed_over += 1
        if self.at_data:
            return self.at_data
        if self.drop_before_data or self.silent_at_data:
            await asyncio.sleep(self.silent_at_data)
            self.drop_before_data, self.silent_at_data = False, 0
            assert isinstance(server.transport, asyncio.Transport)
            server.transport.abort()
            return "250 OK"
        content = envelope.content if isinstance(envelope.content, bytes) else str(envelope.content).encode()
        self.raw.append(content)
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
    controller = _Counting(handler, hostname="127.0.0.1", port=_free_port(), **more)
    controller.start()
    handler.port, handler.loop, handler.connections = controller.port, controller.loop, 0  # its own trial is none
    try:
        yield handler
    finally:
        handler.hang_up()  # clients keep their connections longer than a test lasts
        controller.stop()


class _Counting(Controller):
    def factory(self) -> SMTP:
        server: SMTP = super().factory()  # type: ignore[no-untyped-call]
        self.handler.connections += 1
        self.handler.open.append(server)
        return server


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
