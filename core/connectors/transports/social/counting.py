"""How long a text is, as each network counts: graphemes, weighted characters, UTF-16 units, links as if all were as long."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from functools import cache

import regex
from publicsuffixlist import PublicSuffixList

WEB_LINK = regex.compile(r"https?://[^\s<>\"“”„]+[^\s<>\"“”„.,;:!?'’»)\]}]", regex.IGNORECASE)
HASHTAG = regex.compile(r"(?<![\w&/#＃])[#＃]((?:[\w\u200d\p{Emoji_Presentation}]*[\p{L}\p{Emoji_Presentation}])[\w]*)")
MENTION = regex.compile(r"(?<![\w/@])@([\w-]+(?:\.[\w-]+)*)(@[\w-]+(?:\.[\w-]+)+)?")

# https://docs.x.com/fundamentals/counting-characters and twitter-text's configuration, version 3
_LIGHT = ((0, 4351), (8192, 8205), (8208, 8223), (8242, 8247))
"""Code points that count one; every other counts two."""
_X_LINK = 23
_EMOJI = regex.compile(r"[©®]|\p{Emoji_Presentation}|\p{Emoji}\uFE0F|[0-9#*]\uFE0F?\u20E3|\p{Regional_Indicator}{2}")
_PATH = r"[\p{Latin}\p{Cyrillic}0-9!*';:=+,.$/%#\[\]\-–_~@|&]"
_X_URL = regex.compile(
    r"(?<![a-z0-9@＠$#＃\u202a-\u202e])(?P<protocol>https?://)?"
    r"(?P<host>(?:[\p{L}\p{N}](?:[\p{L}\p{N}_-]*[\p{L}\p{N}])?\.)+(?:xn--[a-z0-9-]{2,59}|[a-z]{2,63})(?![0-9a-z@+-]))"
    rf"(?P<rest>(?::[0-9]+)?(?:/(?:{_PATH}|\({_PATH}*\))*(?<=[\p{{Latin}}\p{{Cyrillic}}0-9=_#/+\-)]))?"
    r"(?:\?[a-z0-9!?*'@();:&=+$/%#\[\]\-_.,~|]*[a-z0-9\-_&=#/])?)",
    regex.IGNORECASE,
)
_BEFORE_BARE = frozenset("-_./")
"""Signs after which a name without https:// is no link."""
_LATIN_HOST = regex.compile(r"(?:[\p{Latin}0-9](?:[\p{Latin}0-9_-]*[\p{Latin}0-9])?\.)+[a-z0-9-]+$", regex.IGNORECASE)
_SHORTENED = regex.compile(r"/[a-z0-9]*", regex.IGNORECASE)
"""What of an address at t.co is part of it."""


def graphemes(text: str) -> int:
    """What people take for one character each (UAX #29)."""
    return sum(1 for _ in regex.finditer(r"\X", text))


def utf16(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


def weighted(text: str) -> int:
    """As X counts: after NFC; CJK and emoji two, most other letters one, every link 23."""
    text = unicodedata.normalize("NFC", text)
    total, at = 0, 0
    for start, end in _x_links(text):
        total += _plain_weight(text[at:start]) + _X_LINK
        at = end
    return total + _plain_weight(text[at:])


def with_links_as(text: str, length: int) -> int:
    """As Mastodon counts: graphemes, every link `length` long, of a mention only the name."""
    text = WEB_LINK.sub("x" * length, text)
    return graphemes(MENTION.sub(lambda found: f"@{found[1]}" if found[2] else found[0], text))


def _plain_weight(text: str) -> int:
    total = 0
    for found in regex.finditer(r"\X", text):
        cluster = found.group()
        total += 2 if _EMOJI.search(cluster) else sum(_weight(ord(letter)) for letter in cluster)
    return total


def _weight(point: int) -> int:
    return 1 if any(first <= point <= last for first, last in _LIGHT) else 2


def _x_links(text: str) -> Iterator[tuple[int, int]]:
    for found in _X_URL.finditer(text):
        first, host, end = found.start(), found["host"], found.end()
        if not found["protocol"]:
            latin = _LATIN_HOST.search(host)  # letters of other scripts before it are no part of it
            if latin is None or text[max(first - 1, 0) : first] in _BEFORE_BARE:
                continue
            first, host = first + latin.start(), latin.group()
            end = end if found["rest"].startswith("/") else found.end("host")
        labels = host.split(".")
        # `example.com.And` is a link and the next sentence
        many = next((many for many in range(len(labels), 1, -1) if _is_domain(labels[:many])), None)
        if many is None:
            continue
        whole = many == len(labels)
        ends = found.end("host") - (0 if whole else len(".".join(labels[many:])) + 1)
        if whole and host.lower() == "t.co":
            rest = _SHORTENED.match(text, ends, end)
            yield first, rest.end() if rest else ends
        else:
            yield first, end if whole else ends


def _is_domain(labels: Sequence[str]) -> bool:
    return "_" not in labels[-2] and _is_top_level(labels[-1])


@cache
def _top_levels() -> PublicSuffixList:
    return PublicSuffixList(accept_unknown=False)


def _is_top_level(label: str) -> bool:
    return _top_levels().publicsuffix(f"a.{label.lower()}") is not None
