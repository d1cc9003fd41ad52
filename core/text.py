"""Text that people read: what it must not hold where they decide on it, and names inside of sentences."""

from __future__ import annotations

import unicodedata

OVERRIDES = frozenset("\u202d\u202e")
"""Turn the letters that follow whatever they are (UAX #9); no language needs them."""
TURNING = OVERRIDES | frozenset("\u202a\u202b\u202c\u2066\u2067\u2068\u2069")
"""Every character that changes the direction of the text around it."""


def has_controls(value: str) -> bool:
    """Whether it holds control characters or line ends of any kind."""
    return any(unicodedata.category(letter) in ("Cc", "Zl", "Zp") for letter in value)


def turns(value: str) -> bool:
    return not TURNING.isdisjoint(value)


def can_be_seen(value: str) -> bool:
    """Whether at least one letter, number, sign or mark of it leaves ink."""
    return any(unicodedata.category(letter)[0] in "LNSP" for letter in value)


def in_sentence(name: str) -> str:
    """A name as it stands after another word: "Epic backlog" begins small, "SWOT analysis" does not."""
    first = name.split(" ", 1)[0]
    return name[:1].lower() + name[1:] if first[1:] == first[1:].lower() else name


def in_short(value: object, most: int = 60) -> str:
    """A value that is refused, as the refusal names it: quoted, and its beginning where it is long."""
    said = value if isinstance(value, str) else repr(value)
    return f"“{said[:most]}…”" if len(said) > most else f"“{said}”"


def delimiter_of(table: str) -> str:
    """What parts the cells of a table in CSV: comma, semicolon or tab, whichever its first line has most of."""
    heading = table.lstrip("\ufeff").lstrip().split("\n", 1)[0]
    return max(",;\t", key=heading.count)
