"""Whether the HTML version of a letter certainly says what its text says."""

from __future__ import annotations

from html.parser import HTMLParser

_PLAIN_TAGS = frozenset(
    ("a", "b", "blockquote", "body", "br", "code", "div", "em", "h1", "h2", "h3", "head", "hr", "html", "i", "li",
     "ol", "p", "pre", "small", "strong", "u", "ul")
)  # fmt: skip


def says_the_same(html: str, text: str) -> bool:
    """Whether whoever sees the HTML certainly reads what the text says: the same letters, links that it names."""
    reading = _Reading(html, text)
    return reading.plain and "".join(reading.said.split()) == "".join(text.split())


class _Reading(HTMLParser):
    """What an HTML version says; `plain` while nothing in it can hide words, or show others than it holds."""

    def __init__(self, html: str, text: str) -> None:
        super().__init__()
        self._named, self.plain, self.said = frozenset(text.split()), True, ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        links = [value for name, value in attrs if (tag, name) == ("a", "href")]
        self.plain &= tag in _PLAIN_TAGS and len(links) == len(attrs) and self._named.issuperset(links)

    def handle_data(self, data: str) -> None:
        self.said += data

    def handle_decl(self, decl: str) -> None:
        self.plain &= decl.casefold() == "doctype html"

    def _hidden(self, data: str) -> None:
        self.plain = False  # some mail programs read conditions in comments

    handle_comment = handle_pi = unknown_decl = _hidden
