"""Letters a second over SMTP with TLS and sign-in: sessions kept between letters, and one for each, side by side."""

from __future__ import annotations

import logging
import os
import tempfile
import time
from pathlib import Path

from benchmarks.measure import Figure, show
from core.clock import SystemClock
from core.connectors.plan import AttemptOutcome, Message
from core.connectors.transports.smtp import Smtp
from core.connectors.transports.smtp_pool import SmtpServer
from tests.doubles.mail_server import PASSWORD, USER, running_mail_server, self_signed

LETTERS = 200
LETTER = Message("ops@example.com", ("ravi@example.com",), "Reminder", "Dear Ravi,\n\nInvoice 12 is due.\n")


def measure() -> None:
    with tempfile.TemporaryDirectory() as folder:
        logging.getLogger("mail.log").setLevel(logging.ERROR)  # aiosmtpd tells of its own deprecations at each sign-in
        context, certificate = self_signed(Path(folder))
        os.environ["SSL_CERT_FILE"] = str(certificate)
        with running_mail_server(tls=context, auth=True) as mail:
            server = SmtpServer("127.0.0.1", mail.port, "starttls", USER, PASSWORD, 20.0)
            alone = kept = 0.0
            for _ in range(4):  # in turns, so that a busy minute of the machine slows both
                alone += _seconds(server, LETTERS // 4, keeping=False)
                kept += _seconds(server, LETTERS // 4, keeping=True)
    show(
        f"{LETTERS} letters one after another, STARTTLS and sign-in, server in the same process",
        [
            Figure("kept sessions", LETTERS / kept, "letters/s"),
            Figure("a session for each letter", LETTERS / alone, "letters/s"),
        ],
    )


def _seconds(server: SmtpServer, letters: int, *, keeping: bool) -> float:
    road = Smtp(server, LETTER.sender, SystemClock())
    began = time.perf_counter()
    for number in range(letters):
        assert road.send(LETTER, f"{began} {number}").outcome is AttemptOutcome.CONFIRMED
        if not keeping:
            road.close()
            road = Smtp(server, LETTER.sender, SystemClock())
    spent = time.perf_counter() - began
    road.close()
    return spent
