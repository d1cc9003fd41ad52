"""The bytes of an e-mail: made from a planned message, with an identity that follows from the idempotency key."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP, SMTPUTF8
from email.utils import format_datetime, parseaddr

from core.connectors.plan import Message


@dataclass(frozen=True)
class Attachment:
    name: str
    media_type: str
    data: bytes = field(repr=False)


@dataclass(frozen=True)
class Enclosed:
    """What a letter carries beside its words."""

    reply_to: str | None = None
    unsubscribe: str | None = None
    """Where somebody leaves the list: an https or a mailto address. Only mail to many has one."""
    attachments: tuple[Attachment, ...] = ()


NOTHING = Enclosed()


def message_name(key: str) -> str:
    """The name a message has for this key, every time: 32 hexadecimal digits."""
    return hashlib.sha256(key.encode()).hexdigest()[:32]


def message_id(key: str, sender: str) -> str:
    """A Message-ID (RFC 5322) that is the same for every attempt with the key, so that repeats can be recognised."""
    return f"<{message_name(key)}@{bare(sender).rpartition('@')[2]}>"


def list_headers(unsubscribe: str | None) -> Mapping[str, str]:
    """How a mail program takes its reader off a list: RFC 2369, and by one click (RFC 8058) where a web server listens.

    One click counts only in signed mail (DKIM), and signing is the mail server's work.
    """
    if unsubscribe is None:
        return {}
    by_click = {"List-Unsubscribe-Post": "List-Unsubscribe=One-Click"} if unsubscribe.startswith("https:") else {}
    return {"List-Unsubscribe": f"<{unsubscribe}>", **by_click}


def needs_utf8(message: Message, enclosed: Enclosed = NOTHING) -> bool:
    """Whether an address has letters beyond ASCII before its @; domains are always spelled in ASCII."""
    addresses = (message.sender, *message.recipients, enclosed.reply_to or "")
    return not all(bare(address).isascii() for address in addresses)


def as_bytes(message: Message, key: str, at: datetime, enclosed: Enclosed = NOTHING) -> bytes:
    """The whole message with CRLF line ends; header values with line breaks are refused by the email package."""
    # In seven bits every mail server understands the message; SMTPUTF8 is for addresses that need it.
    policy = SMTPUTF8 if needs_utf8(message, enclosed) else SMTP.clone(cte_type="7bit")
    if enclosed.unsubscribe:
        policy = policy.clone(max_line_length=998)  # folded, the address would become an encoded word
    mail = EmailMessage(policy=policy)
    mail["From"] = _address(message.sender)
    mail["To"] = [_address(recipient) for recipient in message.recipients]
    mail["Subject"] = message.subject
    mail["Date"] = format_datetime(at)
    mail["Message-ID"] = message_id(key, message.sender)
    if enclosed.reply_to:
        mail["Reply-To"] = _address(enclosed.reply_to)
    for name, value in list_headers(enclosed.unsubscribe).items():
        mail[name] = value
    mail.set_content(message.text)
    if message.html is not None:
        mail.add_alternative(message.html, subtype="html")
    for one in enclosed.attachments:
        main, _, sub = one.media_type.partition("/")
        mail.add_attachment(one.data, maintype=main, subtype=sub, filename=one.name)
    return mail.as_bytes()


def bare(address: str) -> str:
    """The address alone: `asha@example.com` for `Asha <asha@example.com>`."""
    return parseaddr(address)[1]


def _address(text: str) -> Address:
    display, address = parseaddr(text)
    name, _, domain = address.rpartition("@")
    return Address(display_name=display, username=name, domain=domain)
