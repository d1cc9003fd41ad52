"""LinkedIn's "little text": what it means by a sign must be escaped, or the text is cut there without a word."""

from __future__ import annotations

import regex

from core.connectors.transports.social.counting import HASHTAG

# https://learn.microsoft.com/linkedin/marketing/community-management/shares/little-text-format
_RESERVED = regex.compile(r"[_|()\[\]{}@#*~<>\\]")
_TAG = regex.compile(r"\{hashtag\|\\?([#＃])\|((?:\\.|[^\\}])*)\}")
_ESCAPED = regex.compile(r"\\(.)", regex.DOTALL)


def little(text: str) -> str:
    """`text` so that people read it as it is: `#word` can be followed, every other sign is itself."""
    sent, at = "", 0
    for tag in HASHTAG.finditer(text):
        sent += _escaped(text[at : tag.start()]) + rf"{{hashtag|{_escaped(tag[0][0])}|{_escaped(tag[1])}}}"
        at = tag.end()
    return sent + _escaped(text[at:])


def plain(commentary: str) -> str:
    """The text that `little` was made from, or what people read where somebody else wrote it."""
    return _ESCAPED.sub(r"\1", _TAG.sub(lambda found: rf"\{found[1]}{found[2]}", commentary))


def _escaped(text: str) -> str:
    return _RESERVED.sub(r"\\\g<0>", text)
