"""A mail server with sign-in over STARTTLS, as the contract suite sees it."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from core.connectors.plan import Plan
from tests.core.connectors.counterpart import Counterpart, Trouble
from tests.doubles.mail_server import PASSWORD, USER, MailServer, running_mail_server, self_signed


class SmtpCounterpart(Counterpart):
    """SMTP has no word for how long to wait, and nothing that could answer in between."""

    system = "smtp"
    secrets = (PASSWORD,)
    troubles = frozenset({Trouble.REFUSED, Trouble.LOST_BEFORE, Trouble.LOST_AFTER, Trouble.SILENT})

    def __init__(self, server: MailServer) -> None:
        self._server = server

    def account(self) -> Mapping[str, Any]:
        return {
            "host": "127.0.0.1", "port": self._server.port, "security": "starttls", "username": USER,
            "password": PASSWORD, "sender": "Countersign <ops@example.com>",
        }  # fmt: skip

    def wrong_account(self) -> Mapping[str, Any]:
        return {**self.account(), "password": "wrong-secret-3"}

    def calls(self) -> Mapping[str, Mapping[str, Any]]:
        letter = {
            "to": ["ravi@example.com", "info@bücher.example"], "subject": "Größe", "body": "Grüße,\n\nAsha\n",
            "html": "<p>Grüße,</p><p>Asha</p>\n", "reply_to": "asha@example.com",
            "bulk": True, "unsubscribe": "mailto:leave@example.com",
        }  # fmt: skip
        return {"email_send": letter}

    def effects(self) -> int:
        return len(self._server.accepted)

    def holds(self, plan: Plan) -> bool:
        ((recipients, mail),) = self._server.accepted
        return tuple(recipients) == (plan.message.recipients if plan.message else None) and shows(mail, plan)

    def befall(self, trouble: Trouble) -> None:
        match trouble:
            case Trouble.REFUSED:
                self._server.answers["ravi@example.com"] = "550 5.1.1 no such user"
                self._server.answers["info@xn--bcher-kva.example"] = "550 5.1.1 no such user"
            case Trouble.LOST_BEFORE:
                self._server.drop_before_data = True
            case Trouble.LOST_AFTER:
                self._server.drop_after_data = True
            case _:
                self._server.silent_at_data = 1.5


def shows(mail: EmailMessage, plan: Plan) -> bool:
    """Whether this mail is the letter of that plan, word for word."""
    assert plan.message is not None
    text, html = mail.get_body(("plain",)), mail.get_body(("html",))
    assert text is not None and html is not None
    shown = {change.field: change.after for change in plan.changes}
    return (mail["From"], mail["Subject"], mail["To"], mail["Reply-To"], mail["List-Unsubscribe"]) == (
        plan.message.sender, plan.message.subject, ", ".join(plan.message.recipients), shown["reply_to"],
        f"<{shown['unsubscribe']}>",
    ) and [str(part.get_content()).replace("\r\n", "\n") for part in (text, html)] == [
        plan.message.text, plan.message.html,
    ]  # fmt: skip


@contextmanager
def running() -> Iterator[Counterpart]:
    with tempfile.TemporaryDirectory() as folder:
        context, certificate = self_signed(Path(folder))
        before = os.environ.get("SSL_CERT_FILE")
        os.environ["SSL_CERT_FILE"] = str(certificate)
        try:
            with running_mail_server(tls=context, auth=True) as server:
                yield SmtpCounterpart(server)
        finally:
            if before is None:
                del os.environ["SSL_CERT_FILE"]
            else:
                os.environ["SSL_CERT_FILE"] = before
