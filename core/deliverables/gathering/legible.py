"""Text from outside as a document can hold it: every letter, and nothing that breaks a file or turns what is read."""

from __future__ import annotations

import re

from core.text import OVERRIDES

REPLACED = "\ufffd"
"""Stands where a character was that no document can hold."""

_LINE_ENDS = re.compile("\r\n|[\r\x85\u2028\u2029]")
# Control characters but tabs and line ends, halves of pairs, what Unicode calls no character, and what turns all letters.
_BROKEN = re.compile(
    f"[\x00-\x08\x0b-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff{''.join(sorted(OVERRIDES))}]"
)
_COUNT = re.compile(r"\bn = (?=\d)")


def legible(text: str) -> str:
    """`text` with plain line ends; each character that no file can hold, or that turns the others, is one U+FFFD."""
    return _BROKEN.sub(REPLACED, _LINE_ENDS.sub("\n", text))


def line(text: str) -> str:
    """The same on one line, for titles and cells of a table."""
    return " ".join(legible(text).split())


def counted_whole(text: str) -> str:
    """`text` where no line ends inside of "n = 412"."""
    return _COUNT.sub("n\u00a0=\u00a0", text) if "n = " in text else text
