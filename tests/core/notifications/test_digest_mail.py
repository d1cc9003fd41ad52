"""The words of a digest stay words, whatever a title holds."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from email import message_from_bytes, policy
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.connectors.plan import Message
from core.connectors.transports.mime import as_bytes
from core.notifications.digest_mail import News, Waiting, compose, one_line

NOW = datetime(2026, 1, 5, 8, 0, tzinfo=UTC)
HOSTILE = [
    "Pay\r\nBcc: all@example.com\r\n\r\nhello", "<script>alert(1)</script>", "\u202egpj.exe", "a" * 5000,
    "=?utf-8?q?Bcc:_x@example.com?=", "\x00\x1b[2J", "line\u2028Bcc: x@example.com", "“" * 300, "&lt;b&gt; % {0} \\n",
    "💥" * 200, ".\r\n.\r\nQUIT", "\x85Bcc: x",
]  # fmt: skip


def composed(*titles: str, name: str = "Omar", amount: tuple[Decimal, str] | None = None, total: int = 0) -> Message:
    items = [Waiting(uuid4(), title, title, NOW, amount) for title in titles]
    news = News(ending=items[:1], new=items[1:], total=total or len(items))
    return compose(
        news, sender="countersign@example.com", recipient="omar@example.com", name=name,
        base_url="https://countersign.example.com", zone=ZoneInfo("Asia/Kolkata"),
    )  # fmt: skip


def test_digest_says_what_waits_until_when_and_where() -> None:
    message = composed("Send a reminder", "Pay Meridian", amount=(Decimal("1200"), "EUR"), total=9)

    assert message.subject == "9 decisions wait, 1 expires within a day"
    assert "Expires within 24 hours" in message.text
    assert "€1,200.00, proposed by Send a reminder, expires 5 Jan 2026, 13:30 (Asia/Kolkata)" in message.text
    assert "7 more wait for you." in message.text
    assert message.text.count("https://countersign.example.com/inbox?card=") == 2
    assert message.html is not None
    assert message.html.count("<li>") == 2
    assert message.recipients == ("omar@example.com",)


def test_one_decision_is_named_in_the_subject() -> None:
    assert composed("Send a reminder").subject == "A decision waits: Send a reminder"


@pytest.mark.parametrize("title", HOSTILE)
@pytest.mark.parametrize("alone", [True, False])
def test_hostile_title_forges_no_header_no_line_and_no_tag(title: str, alone: bool) -> None:
    message = composed(title, *([] if alone else ["Pay"]), name=title)
    sent = message_from_bytes(as_bytes(message, "digest:1", NOW), policy=policy.default)

    assert set(sent.keys()) == {"From", "To", "Subject", "Date", "Message-ID", "MIME-Version", "Content-Type"}
    assert sent["To"] == "omar@example.com"
    assert len(message.subject) <= 150
    assert message.html is not None
    assert "<script" not in message.html
    lines = message.text.split("\n")
    assert not any(line.startswith(("Bcc", ".", "QUIT")) for line in lines)
    assert not any(letter in message.text + message.html for letter in "\u202e\x00\x1b\r\u2028\x85")


@given(st.text(), st.integers(2, 200))
def test_one_line_is_one_line(text: str, most: int) -> None:
    line = one_line(text, most)
    assert len(line) <= most
    assert line.splitlines() in ([line], [])
    assert one_line(line, most) == line
