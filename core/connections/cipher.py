"""Secrets at rest: AES-256-GCM under a key that follows from the installation's secret, bound to where they belong."""

from __future__ import annotations

import os
from base64 import urlsafe_b64decode, urlsafe_b64encode

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from core.secret import installation_secret
from core.settings import Settings

_VERSION = "v1."
_NONCE_BYTES = 12
"""96 bits, as NIST SP 800-38D recommends for GCM."""


class Unreadable(Exception):
    """It was encrypted under another SECRET_KEY, for another place, or was changed since."""


class Cipher:
    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._aead: AESGCM | None = None

    def encrypt(self, text: str, *, place: str) -> str:
        """`place` says where the secret belongs; moved to another row or field it cannot be read."""
        nonce = os.urandom(_NONCE_BYTES)
        sealed = self._key().encrypt(nonce, text.encode(), place.encode())
        return _VERSION + urlsafe_b64encode(nonce + sealed).decode()

    def decrypt(self, token: str, *, place: str) -> str:
        try:
            raw = urlsafe_b64decode(token.removeprefix(_VERSION))
            return self._key().decrypt(raw[:_NONCE_BYTES], raw[_NONCE_BYTES:], place.encode()).decode()
        except (InvalidTag, ValueError):
            raise Unreadable from None

    def _key(self) -> AESGCM:
        """Derived (RFC 5869) when first needed: starting must not need the key file."""
        if self._aead is None:
            derive = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"countersign connections v1")
            self._aead = AESGCM(derive.derive(installation_secret(self._settings).encode()))
        return self._aead
