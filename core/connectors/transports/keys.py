"""Keys that travel in a header, checked when they are entered.

What does not fit in a header would be refused when it is sent, with the key in the error's words.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, SecretStr


def _key(value: SecretStr) -> SecretStr:
    text = value.get_secret_value().strip()
    if not text or not text.isascii() or any(letter <= " " or letter == "\x7f" for letter in text):
        raise ValueError("use the key as it is shown there, without spaces")
    return SecretStr(text)


def _value(value: SecretStr) -> SecretStr:
    text = value.get_secret_value().strip()
    if not text.isascii() or not text.isprintable():
        raise ValueError("use one line without special characters, as it is shown there")
    return SecretStr(text)


HeaderKey = Annotated[SecretStr, AfterValidator(_key)]
HeaderValue = Annotated[SecretStr, AfterValidator(_value)]
"""A whole header's value, for example `Bearer` and a key; empty: there is none."""
