"""Whatever is given to a type, the answer is a sentence beside its field, or a site that can do nothing but be read."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from core.websites.built import BuiltSite
from core.websites.check import CheckSubject
from core.websites.checks.security_headers import CHECK as NOTHING_RUNS
from core.websites.checks.valid_html import CHECK as VALID
from core.websites.documents import pages_of
from core.websites.generating import generate
from core.websites.inputs import InputsUnfit
from core.websites.kind import find_types
from core.websites.rules import CheckState
from tests.core.websites.sites import HOSTILE

ADDRESS = "https://example.com/sites/any/"
BRAND = {"site_name": "Any", "site_description": "Anything.", "contact_email": "a@example.com"}
BASIC, STORE = "website.create_basic_site", "website.create_ecommerce_store"
AFFILIATE, LANDING = "website.create_affiliate_site", "website.create_landing_page"
WHOLE: Mapping[str, Mapping[str, Any]] = {
    BASIC: BRAND,
    STORE: {**BRAND, "products_csv": "name,price\nRye,4.50", "checkout_address": "https://pay.example.com/{sku}"},
    AFFILIATE: {**BRAND, "offers_csv": "name,link\nKnife,https://shop.example.com/k"},
    LANDING: {**BRAND, "headline": "Bread", "call_to_action": "Order"},
}
EVIL = (
    HOSTILE, "</title><script>alert(1)</script>", "}</style><style>*{display:none}", "url(javascript:alert(1))",
    "javascript:alert(1)", "data:text/html,<script>alert(1)</script>", "[x](javascript:alert(1))", "![x](data:image/svg+xml,x)",
    "<!--", "]]>", "{{ 7*7 }}{% for x in y %}", "../../../etc/passwd", "..\\..\\windows", "%2e%2e%2f", "con", "404", "assets",
    "=HYPERLINK(\"http://x\")", "\u202egnp.exe", "\x00\x07\x1b[31m", "\u200b\u200b", "\ud83d", "a" * 10_000, "\u0301" * 300,
    "*" * 400,
    "[" * 300, "> " * 200, "`" * 399, "#" * 100 + " x", "- " * 150, "&lt;script&gt;", "\u2028alert(1)//", "𝕳𝖊𝖑𝖑𝖔",
    "ﷺ" * 70, "🏴‍☠️" * 20,
)  # fmt: skip


def made(kind: str, given: Mapping[str, Any]) -> BuiltSite | None:
    """What is built of it; None where it was refused with words."""
    began = time.monotonic()
    try:
        site = find_types()[kind].draft({**WHOLE[kind], **given})
    except InputsUnfit as refused:
        words = str(refused)
    else:
        words = ""
    assert time.monotonic() - began < 60
    assert len(words) < 4_000 and not set(words) & set("\x00\x07\x1b\u202e")
    if words:
        return None
    built = generate(site, address=ADDRESS, form_action="/form")
    subject = CheckSubject(site, built, None)
    for check in (VALID, NOTHING_RUNS):
        assert check.measure(subject).state is not CheckState.FAIL, (check.name, check.measure(subject).findings)
    for path in built.files:
        assert re.fullmatch(r"[a-z0-9][a-z0-9./-]*", path) and ".." not in path and not path.startswith("/"), path
    for page in pages_of(built):
        for link in page.document.all("a", "form"):
            assert urlsplit(link.get("href") or link.get("action")).scheme in ("", "https", "http", "mailto", "tel"), (
                link
            )
    return built


@pytest.mark.parametrize("kind", list(WHOLE))
@pytest.mark.parametrize("text", EVIL, ids=range(len(EVIL)))
def test_evil_text_in_every_field_is_refused_or_only_read(kind: str, text: str) -> None:
    """One site with it in each field that takes it."""
    taken: dict[str, Any] = {}
    for name in find_types()[kind].inputs.model_fields:
        value = [text] if name in ("pages", "benefits", "questions") else text
        try:
            find_types()[kind].read({**WHOLE[kind], name: value})
            taken[name] = value
        except InputsUnfit:
            continue
    made(kind, taken)


@settings(max_examples=40, deadline=None, phases=[Phase.explicit, Phase.generate])
@given(text=st.text(max_size=120), page=st.text(max_size=60))
def test_any_text_is_refused_or_only_read(text: str, page: str) -> None:
    made(BASIC, {"site_name": text, "site_description": text or "x", "pages": ["home", page], "target_audience": page})


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ("name,price\n" + "a,1\n" * 20_000, "keep it to 500 lines"),
        ("name,price\n" + "a,1\n" * 100_000, "at most 100000 characters"),
        (f"name,price\n{'x' * 90_000},1", "keep it to 200 characters"),
        ("name,price\nRye,1e308", "is no price"), ("name,price\nRye,-1", "is no price"), ("name,price\nRye,NaN", "is no price"),
        ("name,price\nRye,Infinity", "is no price"), ("name,price\nRye,99999999999", "is no price"),
        ("name,price,currency\nRye,1,XXZ", "is no currency"), ("name,price,currency\nRye,1,€", "is no currency"),
        ("name,price\nRye\x00,1", "control characters"), ("name,price\n\u202eRye,1", "control characters"),
        ("\ufffd\ufffdn\x00a\x00m\x00e", "heading lacks"), ('name,price\n"Rye,1', "cannot be read"),
        ("name;price", "no line below"),
        ("name,price,picture\nRye,1,https://evil.example/x.png", "choose the picture"), ("price,name,name\n1,a,b", "twice"),
    ],
    ids=range(17),
)  # fmt: skip
def test_table_that_cannot_be_sold_from_is_refused_with_its_line(table: str, said: str) -> None:
    began = time.monotonic()

    with pytest.raises(InputsUnfit, match=re.escape(said)) as refused:
        find_types()[STORE].read({**WHOLE[STORE], "products_csv": table})

    assert "Products" in str(refused.value) and len(str(refused.value)) < 2_000
    assert time.monotonic() - began < 30


def test_formulas_in_a_table_are_plain_words() -> None:
    built = made(STORE, {"products_csv": 'name,price,text\n"=cmd|\'/c calc\'!A0",1,"=1+1"\n+49 30,2,@SUM(A1)'})

    assert built is not None and "=cmd|" in built.files["shop/index.html"].data.decode()


@pytest.mark.parametrize(
    "address",
    ["javascript:alert(1)", "data:text/html,x", "http://pay.example.com/{sku}", "https://{sku}.example.com/", "https://", "pay",
     "https://pay.example.com/{password}", "https://pay.example.com/ {sku}", "//pay.example.com/", "https:pay.example.com",
     "https://pay.example.com/\u202e{sku}", "https://[::1", "file:///etc/passwd"],
)  # fmt: skip
def test_payment_link_that_is_none_is_refused(address: str) -> None:
    with pytest.raises(InputsUnfit, match="Checkout"):
        find_types()[STORE].read({**WHOLE[STORE], "checkout_address": address})


def test_two_hundred_pages_are_refused_beside_their_field() -> None:
    with pytest.raises(InputsUnfit, match="Pages"):
        find_types()[BASIC].read({**BRAND, "pages": [f"Page {n}" for n in range(200)]})


@pytest.mark.parametrize("hue", ["#ffffff", "#000000", "#777777", "#ffff00"])
def test_one_colour_for_everything_can_still_be_read(hue: str) -> None:
    built = made(BASIC, {"brand_colors": {"primary": hue, "secondary": hue, "accent": hue}})

    assert built is not None


@pytest.mark.parametrize("hue", ["red", "#fff", "url(x)", "#12345g", "#123456;}", "expression(1)", ""])
def test_colour_that_is_none_is_refused_or_left_to_the_layout(hue: str) -> None:
    built = made(BASIC, {"brand_colors": {"primary": hue}})

    assert (built is None) is bool(hue)


MARKDOWN_BOMBS = (
    "[" * 9_000, "![" * 5_000 + "](" * 3_000, "> " * 9_000 + "x", "*_" * 9_000, "`" * 19_000, "<" * 19_000, "|" * 19_000,
    "|a" * 5_000 + "\n" + "|-" * 5_000, "- " * 9_000, "[a]: x\n" * 2_000 + "[a]" * 1_000, "&#" * 9_000, "\\" * 19_000,
    "#" * 19_000, "1. " * 6_000, "~~" * 9_000, "\n" * 19_000 + "x",
)  # fmt: skip


@pytest.mark.parametrize("prose", MARKDOWN_BOMBS, ids=range(len(MARKDOWN_BOMBS)))
def test_post_that_is_a_bomb_is_built_in_seconds(prose: str) -> None:
    existing = find_types()[BASIC].draft(BRAND)
    began = time.monotonic()
    try:
        site = find_types()["content.create_blog_post"].draft(
            {"site": "any", "title": "Bomb", "text": prose}, existing=existing
        )
    except InputsUnfit:
        return
    built = generate(site, address=ADDRESS)

    assert time.monotonic() - began < 60
    assert VALID.measure(CheckSubject(site, built, None)).state is CheckState.PASS
