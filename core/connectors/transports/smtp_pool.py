"""Sessions with one mail server, kept between messages: a few, for a short while, each looked at before it is used again."""

from __future__ import annotations

import smtplib
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Literal

from core.connectors.transports.calls import NotReached, Refused, Throttled

BROKEN = OSError
"""The connection is gone; smtplib's own errors are of this kind too."""

MOST_SESSIONS = 4
"""Mail servers count connections from one place; most allow ten."""

IDLE_SECONDS = 30.0
"""Servers hang up after one to five minutes of silence."""


class Closing(Throttled):
    """421: the server ends the session, whatever it was asked."""


@dataclass(frozen=True)
class SmtpServer:
    host: str
    port: int
    security: Literal["starttls", "tls", "none"]
    username: str | None
    password: str | None = field(repr=False)
    timeout: float


class _Bounded(smtplib.SMTP):
    """Each whole reply has the time that otherwise every piece of it would have: one that drips must not hold a worker."""

    def getreply(self) -> tuple[int, bytes]:
        end = threading.Timer(self.timeout, self._hang_up)
        end.daemon = True
        end.start()
        try:
            return super().getreply()
        finally:
            end.cancel()

    def _hang_up(self) -> None:
        with suppress(OSError):  # it may be closed already
            if self.sock is not None:
                self.sock.shutdown(socket.SHUT_RDWR)


class _BoundedTls(_Bounded, smtplib.SMTP_SSL):
    """The same from the first letter on encrypted."""


@dataclass
class Session:
    smtp: smtplib.SMTP
    reused: bool
    used_at: float


class SmtpPool:
    """Safe to share between threads. What goes wrong while signing in is raised as calls have it; nothing was sent then."""

    def __init__(self, server: SmtpServer, *, most: int = MOST_SESSIONS, idle_seconds: float = IDLE_SECONDS) -> None:
        self._server, self._idle = server, idle_seconds
        self._room = threading.BoundedSemaphore(most)
        self._lock = threading.Lock()
        self._kept: list[Session] = []
        self._closed = False

    @contextmanager
    def session(self, *, fresh: bool = False) -> Iterator[Session]:
        """A signed-in session of one's own; kept afterwards unless something went wrong in it."""
        if not self._room.acquire(timeout=self._server.timeout):
            raise Throttled("all connections to it are busy")
        try:
            session = (None if fresh else self._living()) or Session(_signed_in(self._server), False, time.monotonic())
            try:
                yield session
            except (Refused, Throttled) as problem:
                if isinstance(problem, Closing):
                    session.smtp.close()
                else:
                    self._keep(session)  # the server refused a letter, not the session
                raise
            except BaseException:
                session.smtp.close()
                raise
            self._keep(session)
        finally:
            self._room.release()

    def close(self) -> None:
        with self._lock:
            kept, self._kept, self._closed = self._kept, [], True
        for session in kept:
            _leave(session.smtp)

    def _living(self) -> Session | None:
        """A kept session that still answers; the others are closed."""
        while True:
            with self._lock:
                session = self._kept.pop() if self._kept else None
            if session is None:
                return None
            if time.monotonic() - session.used_at < self._idle and _answers(session.smtp):
                session.reused = True
                return session
            session.smtp.close()

    def _keep(self, session: Session) -> None:
        session.used_at = time.monotonic()
        with self._lock:
            if not self._closed:
                self._kept.append(session)
                return
        _leave(session.smtp)


def _answers(smtp: smtplib.SMTP) -> bool:
    """RSET instead of NOOP: it also forgets whatever a message before left behind."""
    try:
        return smtp.rset()[0] == 250
    except BROKEN:
        return False


def _leave(smtp: smtplib.SMTP) -> None:
    try:
        smtp.quit()
    except BROKEN:
        smtp.close()


def _signed_in(server: SmtpServer) -> smtplib.SMTP:
    """A new session. Whoever cannot be trusted, or does not offer what is set, gets neither password nor message."""
    context = ssl.create_default_context()  # SSL_CERT_FILE adds an organisation's own authority
    smtp: smtplib.SMTP | None = None
    try:
        if server.security == "tls":
            smtp = _BoundedTls(server.host, server.port, timeout=server.timeout, context=context)
        else:
            smtp = _Bounded(server.host, server.port, timeout=server.timeout)
        smtp.ehlo()
        if server.security == "starttls":
            smtp.starttls(context=context)
            smtp.ehlo()
        if server.username:
            smtp.login(server.username, server.password or "")
        signed_in, smtp = smtp, None
        return signed_in
    except ssl.SSLCertVerificationError as problem:
        words = f"its certificate is not trusted: {problem.verify_message}"
        raise Refused(words, signed_in=False) from None
    except smtplib.SMTPNotSupportedError:
        raise Refused("it does not offer the security or sign-in that is set", signed_in=False) from None
    except smtplib.SMTPResponseException as problem:
        words = f"{problem.smtp_code} {text_of(problem.smtp_error)}"
        if 400 <= problem.smtp_code < 500:
            raise Throttled(words) from None
        if isinstance(problem, smtplib.SMTPAuthenticationError):
            raise Refused("it does not take the user name and password", signed_in=False) from None
        raise Refused(words) from None
    except BROKEN as problem:
        raise NotReached(short(problem)) from None
    finally:
        if smtp is not None:
            smtp.close()


def text_of(answer: bytes | str) -> str:
    text = answer.decode("utf-8", "replace") if isinstance(answer, bytes) else answer
    return " ".join(text.split()).rstrip(".")[:300]


def short(problem: Exception) -> str:
    return (getattr(problem, "strerror", None) or str(problem) or type(problem).__name__).rstrip(".")[:200]
