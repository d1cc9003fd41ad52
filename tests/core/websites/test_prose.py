"""Markdown of sites: what it may become, and what it never does."""

from __future__ import annotations

import html5lib
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.websites.prose import opening, plain, prose_as_html
from tests.core.websites.sites import HOSTILE

ALLOWED = {
    "html", "head", "body", "p", "a", "em", "strong", "s", "code", "pre", "ul", "ol", "li", "blockquote", "hr", "br", "h3", "h4",
    "h5", "h6", "div", "table", "thead", "tbody", "tr", "th", "td",
}  # fmt: skip
OPENING = ("https:", "http:", "mailto:", "tel:", "page:")
ATTRIBUTES = {"href", "class", "role", "tabindex", "aria-label", "start"}


def faults(text: str) -> list[str]:
    page = html5lib.parse(str(prose_as_html(text)), namespaceHTMLElements=False)
    return [
        *(one.tag for one in page.iter() if one.tag not in ALLOWED),
        *(key for one in page.iter() for key in one.attrib if key not in ATTRIBUTES),
        *(said for one in page.iter("a") if not (said := one.get("href") or "").startswith(OPENING)),
    ]


@pytest.mark.parametrize(
    "text",
    [
        HOSTILE, "[x](javascript:alert(1))", "[x](JaVaScRiPt:alert(1))", "[x](data:text/html,1)",
        "<https://a.example/\"onclick=1>",
        "[x](https://a.example \"t\" )", "![a](https://a.example/x.png)", "<b onclick=x>", "```\"><script>\nx\n```",
        "[x](//evil.example)",
        "| a |\n|--:|\n| <script> |", "[x]: javascript:alert(1)\n\n[x]", "&#106;avascript:x",
        "[a](&#106;avascript:x)", "[x](about/)",
    ],
)  # fmt: skip
def test_nothing_in_it_can_run(text: str) -> None:
    assert faults(text) == []


@given(st.text(alphabet=st.sampled_from("<>[]()!\"'`*_#|-:&;\\/ \nabjs1"), max_size=120))
def test_no_text_makes_anything_that_is_not_allowed(text: str) -> None:
    assert faults(text) == []


def test_headings_follow_the_one_above_and_leave_no_level_out() -> None:
    told = str(prose_as_html("### A\n\n##### B\n\n# C\n\n### D", below=2))
    assert [told[at + 1 : at + 3] for at in range(len(told)) if told[at : at + 2] == "<h"] == ["h3", "h4", "h3", "h4"]


def test_a_picture_is_its_words() -> None:
    assert str(prose_as_html("![An oven](https://a.example/x.png)")) == "<p>An oven</p>\n"


def test_columns_stand_right_without_a_style_attribute() -> None:
    assert '<td class="end">10</td>' in str(prose_as_html("| a | b |\n|---|--:|\n| x | 10 |"))


def test_a_link_to_nowhere_leaves_its_words() -> None:
    told = prose_as_html(
        "[one](page:a) and [two](page:b)", resolve=lambda address: "../b/" if address == "page:b" else None
    )
    assert str(told) == '<p>one and <a href="../b/">two</a></p>\n'


def test_plain_words_are_without_marks_and_end_at_a_word() -> None:
    assert plain("### A *b*\n\n[c](https://a.example) `d`") == "A b c d"
    assert plain("one two three", most=9) == "one two…"


def test_words_of_neighbouring_blocks_do_not_run_together() -> None:
    assert (
        plain("The door.\n\n### How\n\n1. We\n2. Took\n\n| a | b |\n|--|--|\n| c | d |")
        == "The door. How We Took a b c d"
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("### How\n\n1. We\n\nThe *oven* came.\n\nIt did not fit.", "The oven came."),
        ("- only\n- a list", "only a list"),
        ("![](https://a.example/x.png)\n\nWords.", "Words."),
        ("", ""),
    ],
)
def test_what_a_text_opens_with_is_its_first_paragraph(text: str, said: str) -> None:
    assert opening(text) == said
