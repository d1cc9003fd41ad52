"""The text inside of one paragraph of Markdown: stretches in their manners, with the pictures between them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import quote

from markdown_it.token import Token

from core.deliverables.content import Picture, Span, Spans, text_of
from core.deliverables.documents.pictures import PictureReader
from core.deliverables.documents.tokens import Taken
from core.deliverables.words import Words

_LINK = re.compile(r"(?:https?://|mailto:)[^\s<>\"]+", re.IGNORECASE)
_KEPT_SIGNS = ":/?#[]@!$&'()*+,;=%~"
_MOST_ADDRESS = 2_000
"""Characters that a link may have; PDF readers and offices know no longer ones."""


def link_to(address: str) -> str:
    """The address as a link, spelled in ASCII; empty where it is none that a report may link to."""
    if _LINK.fullmatch(address) is None or len(address) > _MOST_ADDRESS:
        return ""
    return quote(address, safe=_KEPT_SIGNS)


class Inline:
    """Reads one text; `parts` are its spans and pictures in their order."""

    def __init__(self, taken: Taken, pictures: PictureReader | None, words: Words) -> None:
        self._taken, self._pictures, self._words = taken, pictures, words

    def parts(self, content: str) -> Iterator[Spans | Picture]:
        """Spans that belong together, and between them the pictures that there are."""
        spans: list[Span] = []
        for part in self._read(self._taken.inline(content)):
            if isinstance(part, Picture):
                if said := _joined(spans):
                    yield said
                spans = []
                yield part
            else:
                spans.append(part)
        if said := _joined(spans):
            yield said

    def spans(self, content: str) -> Spans:
        """The same where no picture can stand, as in headings: each is there in words."""
        return _joined(
            [self._said(one) if isinstance(one, Picture) else one for one in self._read(self._taken.inline(content))]
        )

    def text(self, content: str) -> str:
        """As plain text, as cells have it: the address of a link stands behind its words."""
        return " ".join("".join(_unlinked(self.spans(content))).split())

    def _read(self, tokens: Iterator[Token]) -> Iterator[Span | Picture]:
        bold = italic = struck = 0
        links: list[str] = []
        said: list[str] = []
        for token in tokens:
            shown = Span("", bold > 0, italic > 0, False, struck > 0, link_to(links[-1]) if links else "")
            match token.type:
                case "strong_open" | "strong_close":
                    bold += token.nesting
                case "em_open" | "em_close":
                    italic += token.nesting
                case "s_open" | "s_close":
                    struck += token.nesting
                case "link_open":
                    links.append(self._taken.whole(str(token.attrs.get("href", ""))))
                    said = []
                case "link_close":
                    if rest := _rest_of_link(links.pop() if links else "", "".join(said)):
                        yield _with(shown, rest)
                case "image":
                    yield self._picture(token, shown)
                case "softbreak":
                    yield _with(shown, " ")
                case "hardbreak":
                    yield _with(shown, "\n")
                case _:
                    text = self._taken.whole(token.content)
                    said.append(text)
                    yield Span(text, shown.bold, shown.italic, token.type == "code_inline", shown.struck, shown.link)

    def _picture(self, token: Token, shown: Span) -> Span | Picture:
        inside = self._read(iter(token.children or ()))
        alt = text_of(tuple(self._said(one) if isinstance(one, Picture) else one for one in inside)).strip()
        address, caption = self._taken.whole(str(token.attrs.get("src", ""))), str(token.attrs.get("title", ""))
        named = alt or self._words.say("Picture")
        found = self._pictures.read(address, named, caption) if self._pictures else None
        return found or _with(shown, _not_shown(self._words, alt, address, caption))

    def _said(self, picture: Picture) -> Span:
        return Span(" ".join(filter(None, (self._words.say("[Picture: {alt}]", alt=picture.alt), picture.caption))))


def _not_shown(words: Words, alt: str, address: str, caption: str) -> str:
    if address.lower().startswith("data:"):
        kind, _, data = address.partition(",")
        address = words.say("{kind}, {n} characters", kind=kind[:60], n=len(data))
    told = " ".join(one for one in (alt, f"({address})" if address else "", caption) if one)
    return words.say("[Picture: {told} is not shown]", told=told)


def _rest_of_link(address: str, said: str) -> str:
    """What its words do not say of a link: the address, where it is no link for us, or where they name another one."""
    words = said.strip()
    if not words:
        return address
    same = words in (address, address.removeprefix("mailto:")) or (
        link_to(words) and link_to(words) == link_to(address)
    )
    if same or not address or (link_to(address) and "://" not in words and not words.startswith("www.")):
        return ""
    return f" ({address})"


def _unlinked(spans: Spans) -> Iterator[str]:
    for at, span in enumerate(spans):
        yield span.text
        last = at + 1 == len(spans) or spans[at + 1].link != span.link
        if span.link and last and span.text not in (span.link, span.link.removeprefix("mailto:")):
            yield f" ({span.link})"


def _with(shown: Span, text: str) -> Span:
    return Span(text, shown.bold, shown.italic, shown.code, shown.struck, shown.link)


def _joined(spans: list[Span]) -> Spans:
    """Neighbours in the same manner as one; nothing where there is no text."""
    found: list[tuple[Span, list[str]]] = []
    for span in spans:
        if not span.text:
            continue
        if found and _with(found[-1][0], "") == _with(span, ""):
            found[-1][1].append(span.text)
        else:
            found.append((span, [span.text]))
    if not any(text.strip() for _, texts in found for text in texts):
        return ()
    return tuple(_with(shown, "".join(texts)) for shown, texts in found)
