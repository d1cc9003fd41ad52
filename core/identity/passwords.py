"""Hashing passwords with Argon2id, at the parameters argon2-cffi recommends (RFC 9106, low-memory profile)."""

from __future__ import annotations

from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError


@cache
def _hasher() -> PasswordHasher:
    return PasswordHasher()


@cache
def _decoy() -> str:
    return _hasher().hash("no account has this password")


def hash_password(password: str) -> str:
    return _hasher().hash(password)


def password_matches(password: str, hashed: str | None) -> bool:
    """Whether `password` made `hashed`; as slow without an account as with one, so timing tells nobody who exists."""
    try:
        return _hasher().verify(hashed or _decoy(), password) and hashed is not None
    except (VerificationError, InvalidHashError):
        return False
