"""Signatures that any library for Standard Webhooks verifies, and secrets that no database holds."""

from __future__ import annotations

import base64
import hashlib
import hmac
from pathlib import Path
from uuid import uuid4

import pytest

from core.notifications.signing import SecretUnreadable, fingerprint, headers, new_salt, secret_of, signature
from core.notifications.signing import webhook_secret as secret_for
from core.settings import Settings


def test_signature_is_the_one_the_specification_gives_as_its_example() -> None:
    body = b'{"event_type":"ping","data":{"success":true}}'
    signed = signature("whsec_plJ3nmyCDGBKInavdOK15jsl", "msg_loFOjxBNrRLzqYUf", 1731705121, body)
    assert signed == "rAvfW3dJ/X/qxhsaXPOyyCGmRKsaKWcsNccKXlIktD0="


def test_secret_is_32_bytes_and_another_for_every_webhook_salt_and_installation(settings: Settings) -> None:
    webhook, salt = uuid4(), new_salt()
    other = settings.model_copy(update={"var_dir": settings.var_dir / "other"})
    made = {
        secret_for(settings, webhook, salt), secret_for(settings, uuid4(), salt),
        secret_for(settings, webhook, new_salt()), secret_for(other, webhook, salt),
    }  # fmt: skip

    assert len(made) == 4
    assert all(len(base64.b64decode(secret.removeprefix("whsec_"))) == 32 for secret in made)
    assert secret_for(settings, webhook, salt) in made  # the same again


def test_changed_installation_key_is_noticed(settings: Settings) -> None:
    webhook, salt = uuid4(), new_salt()
    known = fingerprint(secret_for(settings, webhook, salt))
    Path(settings.var_dir / "secret_key").write_text("another")

    with pytest.raises(SecretUnreadable, match="Make a new secret"):
        secret_of(settings, webhook, salt, known)


def test_headers_verify_as_a_receiver_would(settings: Settings) -> None:
    secret = secret_for(settings, uuid4(), new_salt())
    sent = headers(secret, "msg_1", 1700000000, b"{}")

    key = base64.b64decode(secret.split("_", 1)[1])
    expected = base64.b64encode(hmac.new(key, b"msg_1.1700000000.{}", hashlib.sha256).digest()).decode()
    assert sent == {
        "webhook-id": "msg_1", "webhook-timestamp": "1700000000", "webhook-signature": f"v1,{expected}",
    }  # fmt: skip
