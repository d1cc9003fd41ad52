"""What a site may say, and that it survives being kept."""

from __future__ import annotations

import json

import pytest
from pydantic import ValidationError

from core.websites.content import Link, site_as_json, site_from_json
from core.websites.rules import checked_path, checked_slug, slug_of
from tests.core.websites.sites import hostile_site, site


def test_a_site_is_the_same_after_it_was_kept() -> None:
    for one in (site(), hostile_site()):
        assert site_from_json(json.loads(json.dumps(site_as_json(one)))) == one


@pytest.mark.parametrize(
    "address",
    ["javascript:alert(1)", "JaVaScRiPt:alert(1)", "data:text/html,x", "//evil.example", "about/", "https:///x", "page:../x",
     "https://example.com/\n", "\x01https://example.com", "vbscript:x", ""],
)  # fmt: skip
def test_only_addresses_that_open_are_links(address: str) -> None:
    if address.strip() == "https://example.com/":
        assert Link(label="x", to=address).to == "https://example.com/"
        return
    with pytest.raises(ValidationError):
        Link(label="x", to=address)


@pytest.mark.parametrize(
    "path", ["../", "a/../b/", "/about/", "about", "A/", "a//b/", ".well-known/", "assets/x/", "a%2f/", "a/b.html"]
)
def test_a_path_never_leaves_the_site(path: str) -> None:
    with pytest.raises(ValueError, match="write it as"):
        checked_path(path)


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("Café Zürich & Söhne", "cafe-zurich-sohne"), ("../../etc/passwd", "etc-passwd"), ("日本語", "site"),
        ("x" * 500, "x" * 50), ("Straße", "strasse"),
    ],
)  # fmt: skip
def test_every_name_has_an_address_part(name: str, slug: str) -> None:
    assert slug_of(name) == slug
    assert checked_slug(slug_of(name)) == slug
