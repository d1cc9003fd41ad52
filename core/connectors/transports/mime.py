"""The bytes of an e-mail: made from a planned message, with an identity that follows from the idempotency key."""

from __future__ import annotations

import hashlib
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP, SMTPUTF8
from email.utils import format_datetime, parseaddr

from core.connectors.plan import Message


def message_name(key: str) -> str:
    """The name a message has for this key, every time: 32 hexadecimal digits."""
    return hashlib.sha256(key.encode()).hexdigest()[:32]


def message_id(key: str, sender: str) -> str:
    """A Message-ID (RFC 5322) that is the same for every attempt with the key, so that repeats can be recognised."""
    return f"<{message_name(key)}@{bare(sender).rpartition('@')[2]}>"


def as_bytes(message: Message, key: str, at: datetime) -> bytes:
    """The whole message with CRLF line ends; header values with line breaks are refused by the email package."""
    ascii_only = all(part.isascii() for part in (message.sender, *message.recipients))
    # In seven bits every mail server understands the message; SMTPUTF8 is for addresses that need it.
    policy = SMTP.clone(cte_type="7bit") if ascii_only else SMTPUTF8
    mail = EmailMessage(policy=policy)
    mail["From"] = _address(message.sender)
    mail["To"] = [_address(recipient) for recipient in message.recipients]
    mail["Subject"] = message.subject
    mail["Date"] = format_datetime(at)
    mail["Message-ID"] = message_id(key, message.sender)
    mail.set_content(message.text)
    if message.html is not None:
        mail.add_alternative(message.html, subtype="html")
    return mail.as_bytes()


def bare(address: str) -> str:
    """The address alone: `asha@example.com` for `Asha <asha@example.com>`."""
    return parseaddr(address)[1]


def _address(text: str) -> Address:
    display, address = parseaddr(text)
    name, _, domain = address.rpartition("@")
    return Address(display_name=display, username=name, domain=domain)
