"""Markdown of sites as HTML that can do nothing but be read: no HTML, no pictures, only links that open something."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import cache
from itertools import pairwise

from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup, escape

from core.websites.rules import checked_address

_ALIGNED = {"text-align:left": "start", "text-align:center": "middle", "text-align:right": "end"}
"""Classes, because a page of ours has no style attributes: its security headers forbid them."""
Resolve = Callable[[str], str | None]
"""What an address is from where it stands: `page:about` is "../about/"; None for a page there is not."""


def prose_as_html(
    text: str, *, below: int = 2, resolve: Resolve = lambda address: address, table: str = "Table"
) -> Markup:
    """HTML of `text`. Its headings begin one level below `below` and leave no level out; `table` names its tables."""
    tokens = _markdown().parse(text)
    _move_headings(tokens, below)
    for token in tokens:
        if token.type in ("th_open", "td_open"):
            token.attrs = {"class": _ALIGNED[str(token.attrs["style"])]} if "style" in token.attrs else {}
        if token.children is not None:
            token.children = list(_safe(token.children, resolve))
    drawn: str = _markdown().renderer.render(tokens, _markdown().options, {})
    frame = f'<div class="table" role="group" tabindex="0" aria-label="{escape(table)}"><table>'
    return Markup(drawn.replace("<table>", frame).replace("</table>", "</table></div>"))  # noqa: S704 - escaped by its renderer


def plain(text: str, *, most: int = 300) -> str:
    """The words of Markdown alone, on one line, for descriptions."""
    return _shortened(" ".join(_words(token) for token in _markdown().parse(text)), most)


def opening(text: str, *, most: int = 300) -> str:
    """The words of its first paragraph; of a text that has none, those it begins with."""
    tokens = _markdown().parse(text)
    first = (_words(said) for mark, said in pairwise(tokens) if mark.type == "paragraph_open" and mark.level == 0)
    return _shortened(next((said for said in first if said.strip()), ""), most) or plain(text, most=most)


def _words(token: Token) -> str:
    return "".join(child.content if child.content else " " for child in token.children or ())


def _shortened(words: str, most: int) -> str:
    said = " ".join(words.split())
    return said if len(said) <= most else said[: most - 1].rsplit(" ", 1)[0][: most - 1] + "…"


@cache
def _markdown() -> MarkdownIt:
    made = MarkdownIt("commonmark", {"html": False, "linkify": False, "typographer": False, "maxNesting": 20})
    made.enable(["table", "strikethrough"])
    made.validateLink = _opens  # type: ignore[method-assign, assignment]
    return made


def _opens(address: str) -> bool:
    try:
        return bool(checked_address(address))
    except ValueError:
        return False


def _move_headings(tokens: Sequence[Token], below: int) -> None:
    open_levels: list[int] = []
    for token in tokens:
        if token.type not in ("heading_open", "heading_close"):
            continue
        asked = int(token.tag[1:])
        if token.type == "heading_open":
            while open_levels and open_levels[-1] >= asked:
                open_levels.pop()
            open_levels.append(asked)
        token.tag = f"h{min(6, below + len(open_levels))}"


def _safe(children: Sequence[Token], resolve: Resolve) -> Iterator[Token]:
    """The same words, with pictures told by their text and links to nowhere taken off."""
    dropped = 0
    for child in children:
        if child.type == "image":
            yield Token("text", "", 0, content=child.content)
        elif child.type == "link_open":
            target = resolve(str(child.attrGet("href") or ""))
            if target is None:
                dropped += 1
                continue
            child.attrs = {"href": target}
            yield child
        elif child.type == "link_close" and dropped:
            dropped -= 1
        else:
            yield child
