"""Manifests signed by the installation: Ed25519 under a key that follows from its secret, checked by anybody."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from core.deliverables.sealing.manifest import manifest_bytes
from core.secret import installation_secret
from core.settings import Settings

ALGORITHM = "Ed25519"
SIGNATURE = "signature"
_MEMBERS = {
    "algorithm": ALGORITHM,
    "public_key": r"[0-9a-f]{64}",
    "fingerprint": r"[0-9a-f]{64}",
    "value": r"[0-9a-f]{128}",
}


class NotSigned(ValueError):
    """Its text is a sentence that says what is wrong with a signature."""


def signed(settings: Settings, manifest: Mapping[str, Any]) -> dict[str, Any]:
    """The manifest with its `signature`: over its canonical JSON without that member (RFC 8032, pure Ed25519)."""
    bare = {name: value for name, value in manifest.items() if name != SIGNATURE}
    key = _key(settings)
    public = key.public_key().public_bytes_raw()
    signature = {
        "algorithm": ALGORITHM,
        "public_key": public.hex(),
        "fingerprint": fingerprint_of(public),
        "value": key.sign(manifest_bytes(bare)).hex(),
    }
    return {**bare, SIGNATURE: signature}


def signer_of(manifest: Mapping[str, Any]) -> str:
    """The fingerprint of the key that signed the manifest as it is; NotSigned where none did."""
    signature = manifest.get(SIGNATURE)
    if not isinstance(signature, dict):
        raise NotSigned("The manifest is not signed.")
    if set(signature) != set(_MEMBERS) or not all(
        isinstance(signature[name], str) and re.fullmatch(shape, signature[name]) for name, shape in _MEMBERS.items()
    ):
        raise NotSigned("The manifest's signature is damaged.")
    public = bytes.fromhex(signature["public_key"])
    if signature["fingerprint"] != fingerprint_of(public):
        raise NotSigned("The manifest's signature names another key than it carries.")
    bare = {name: value for name, value in manifest.items() if name != SIGNATURE}
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(bytes.fromhex(signature["value"]), manifest_bytes(bare))
    except (InvalidSignature, ValueError):
        raise NotSigned("The manifest was changed after it was signed, or its signature was.") from None
    return fingerprint_of(public)


def fingerprint(settings: Settings) -> str:
    """Of this installation's key, as 64 hexadecimal digits; what its packages are checked against elsewhere."""
    return fingerprint_of(_key(settings).public_key().public_bytes_raw())


def fingerprint_of(public_key: bytes) -> str:
    return hashlib.sha256(public_key).hexdigest()


def _key(settings: Settings) -> Ed25519PrivateKey:
    """Derived (RFC 5869), so that there is no second secret to keep; its own info string keeps it apart from ciphers."""
    derive = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"countersign manifests v1")
    return Ed25519PrivateKey.from_private_bytes(derive.derive(installation_secret(settings).encode()))
