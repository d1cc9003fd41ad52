"""Secrets of webhooks and what is signed with them, after the Standard Webhooks specification (standardwebhooks.com)."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from collections.abc import Mapping
from uuid import UUID

from core.errors import CountersignError
from core.secret import installation_secret
from core.settings import Settings

PREFIX = "whsec_"


class SecretUnreadable(CountersignError):
    """The installation's secret key is not the one this webhook was made with. Make a new secret for it; nothing was sent."""

    http_status = 409


def new_salt() -> str:
    return secrets.token_hex(32)


def webhook_secret(settings: Settings, webhook_id: UUID, salt: str) -> str:
    """The secret of a webhook: it follows from its row and the installation's key, and is stored nowhere.

    A stolen database signs nothing without the key, and the key nothing without the database.
    """
    text = f"webhook:{webhook_id}:{salt}"
    made = hmac.new(installation_secret(settings).encode(), text.encode(), hashlib.sha256).digest()
    return PREFIX + base64.b64encode(made).decode()


def fingerprint(secret: str) -> str:
    """Tells whether two secrets are the same, and nothing else about them."""
    return hashlib.sha256(f"fingerprint:{secret}".encode()).hexdigest()[:16]


def secret_of(settings: Settings, webhook_id: UUID, salt: str, expected: str) -> str:
    """The secret, or SecretUnreadable if it would be another than the receiver was given."""
    secret = webhook_secret(settings, webhook_id, salt)
    if not hmac.compare_digest(fingerprint(secret), expected):
        raise SecretUnreadable()
    return secret


def headers(secret: str, message_id: str, timestamp: int, body: bytes) -> Mapping[str, str]:
    """The three headers by which a receiver knows who sent `body`, and when."""
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": f"v1,{signature(secret, message_id, timestamp, body)}",
    }


def signature(secret: str, message_id: str, timestamp: int, body: bytes) -> str:
    """Base64 of HMAC-SHA256 over `id.timestamp.body`, keyed with the bytes that the secret spells."""
    key = base64.b64decode(secret.removeprefix(PREFIX))
    signed = f"{message_id}.{timestamp}.".encode() + body
    return base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
