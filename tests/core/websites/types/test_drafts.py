"""What types ask for and what they draft: forms, hostile inputs, and tables of which every bad line is named."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from core.catalog.inputs import RunInput
from core.catalog.official import check_official
from core.websites.content import Card, Cards, Disclosure, Link, site_as_json, site_from_json
from core.websites.generating import generate
from core.websites.inputs import InputsUnfit
from core.websites.kind import ManifestUnfit, find_types, official_definitions, read_manifest
from core.websites.texts import lean, text_fields, with_texts
from tests.core.websites.types.running import BRAND, INPUTS

ADDRESS = "https://example.com/sites/harbour/"
HOSTILE = "<script>alert(1)</script> {{7*7}} {% raw %} [x](javascript:alert(1)) ../../etc"


def read(workflow_id: str, **change: Any) -> Any:
    return find_types()[workflow_id].read({**INPUTS[workflow_id], **change})


def test_every_type_is_a_definition_without_a_problem() -> None:
    checked = check_official(official_definitions())
    assert checked.problems == () and len(checked.workflows) == 6
    for definition in checked.sources.values():
        assert definition["governance"]["review"] == "council" and definition["savings"]["tasks_per_week"]
        for asked in definition["inputs"].values():
            assert RunInput.model_validate(asked).title and asked["description"]


@pytest.mark.parametrize("workflow_id", sorted(INPUTS))
def test_same_inputs_give_the_same_site_and_it_survives_being_stored(workflow_id: str) -> None:
    kind = find_types()[workflow_id]
    site = kind.draft(INPUTS[workflow_id])
    assert site == kind.draft(INPUTS[workflow_id]) == site_from_json(json.loads(json.dumps(lean(site_as_json(site)))))
    assert generate(site, address=ADDRESS, form_action="/form").digest


@pytest.mark.parametrize("language", ["de", "de-AT", "ja", "ar"])
@pytest.mark.parametrize("tone", ["professional", "friendly", "bold"])
def test_each_language_and_tone_has_whole_texts(language: str, tone: str) -> None:
    for workflow_id, inputs in INPUTS.items():
        site = find_types()[workflow_id].draft({**inputs, "language": language, "tone": tone})
        assert "{name}" not in site.model_dump_json() and "{audience}" not in site.model_dump_json()
        if language.startswith("de"):
            assert any(page.name == "Kontakt" for page in site.pages)


@pytest.mark.parametrize("name", [HOSTILE[:80], "面包店", "مخبز الميناء", "../../etc", "{name}", "*" * 80])
def test_hostile_names_become_text(name: str) -> None:
    for workflow_id, inputs in INPUTS.items():
        told = {**inputs, "site_name": name, "site_description": HOSTILE, "target_audience": HOSTILE}
        built = generate(find_types()[workflow_id].draft(told), address=ADDRESS, form_action="/form")
        assert all(".." not in path and "<" not in path for path in built.files)
        pages = b"".join(file.data for path, file in built.files.items() if path.endswith(".html"))
        assert b"<script>alert" not in pages and b'href="javascript' not in pages


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"site_name": "x" * 10_000}, "Name: "), ({"site_name": "\u202eevil"}, "turn the direction"),
        ({"site_name": "  "}, "Name: "), ({"contact_email": "a@b"}, "e-mail address"),
        ({"contact_email": "a@example.com\nBcc: x@example.com"}, "e-mail address"),
        ({"brand_colors": ["#fff"]}, "Colours: "), ({"brand_colors": {"primary": "red;}"}}, "Colours: "),
        ({"pages": ["x"] * 5 + [f"p{n}" for n in range(40)]}, "Pages: "), ({"language": "<b>"}, "Language: "),
        ({"unknown": 1}, "was not asked for"), ({"publish_to": "../x"}, "Where it is published: "),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_named(change: dict[str, Any], words: str) -> None:
    with pytest.raises(InputsUnfit, match=words):
        read("website.create_basic_site", **change)


def test_pages_have_paths_of_their_own_that_stay_inside(tmp_path: Path) -> None:
    names = ["home", "assets", "404", "../../etc/passwd", "About", "about", "页面", "blog", "Contact"]
    site = find_types()["website.create_basic_site"].draft({**BRAND, "pages": names, "brand_colors": ["#FFFFFF"] * 3})
    paths = [page.path for page in site.pages]
    assert len(set(paths)) == len(paths) and "etc-passwd/" in paths and "assets-page/" in paths
    assert generate(site, address=ADDRESS, form_action="/form").notes  # white on white was corrected, and it says so


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ("price\n1", "lacks name"), ("name,price\n", "no line below"), ("name,price,colour\nA,1,red", "no column"),
        ("name,price\nA,-1\nB,NaN\nC,1e9\n,2", "line 2: .*line 3: .*line 4: .*line 5: the name is missing"),
        ("name,price\nA,1,2", "more columns"), ('name,price\n"A,1', "cannot be read"),
        ("name,price,currency\nA,1,XXQ", "no currency"), ("name,price,picture\nA,1,../../etc/passwd", "choose the picture"),
        ("name,price,sku\nA,1,S\nB,1,S", "stands in line 2"), ("name,price\n" + "A,1\n" * 501, "500 lines"),
        ("name,price\n\u202eA,1", "turn the direction"), ("name,name,price\nA,B,1", "twice"),
    ],
)  # fmt: skip
def test_every_bad_line_of_products_is_named(table: str, words: str) -> None:
    with pytest.raises(InputsUnfit, match=f"(?s)Products: .*{words}"):
        read("website.create_ecommerce_store", products_csv=table)


@pytest.mark.parametrize(
    "address",
    [
        "http://pay.example.com",
        "javascript:alert(1)",
        "https://{sku}.example.com/",
        "https://x.example/{secret}",
        "/pay",
    ],
)
def test_checkout_is_the_providers_and_nobody_elses(address: str) -> None:
    with pytest.raises(InputsUnfit, match="Checkout: "):
        read("website.create_ecommerce_store", checkout_address=address)


def test_product_link_holds_what_stands_in_the_table_as_a_value() -> None:
    table = 'name,price,sku\n=HYPERLINK("x"),4.50,"A&B/../?x=1#"'
    site = find_types()["website.create_ecommerce_store"].draft(
        {**INPUTS["website.create_ecommerce_store"], "products_csv": table}
    )
    (product,) = site.products
    assert product.buy is not None and product.buy.to == "https://pay.example.com/buy?item=A%26B%2F..%2F%3Fx%3D1%23"


def test_paid_links_are_marked_and_disclosed_on_every_page_that_has_one() -> None:
    site = find_types()["website.create_affiliate_site"].draft(INPUTS["website.create_affiliate_site"])
    for page in site.pages:
        cards = [card for block in page.blocks if isinstance(block, Cards) for card in block.cards]
        outside = [card.link for card in cards if _leads_out(card)]
        assert all(link is not None and link.sponsored for link in outside)
        assert not outside or any(isinstance(block, Disclosure) for block in page.blocks)
    with pytest.raises(InputsUnfit, match="Recommendations: line 2: link"):
        read("website.create_affiliate_site", offers_csv="name,link\nA,javascript:alert(1)")


def _leads_out(card: Card) -> bool:
    return isinstance(card.link, Link) and card.link.to.startswith("http")


def test_post_is_added_and_a_site_without_a_blog_gets_one() -> None:
    kind = find_types()["content.create_blog_post"]
    before = find_types()["website.create_landing_page"].draft(INPUTS["website.create_landing_page"])
    post = {"site": "harbour", "title": "Welcome", "text": HOSTILE}
    once = kind.draft(post, existing=before)
    twice = kind.draft(post, existing=once)
    assert once.blog == "blog/" and [one.key for one in twice.posts] == ["welcome", "welcome-2"]
    assert (
        b"<script>alert" not in generate(twice, address=ADDRESS, form_action="/f").files["blog/welcome/index.html"].data
    )
    with pytest.raises(InputsUnfit, match="Site: "):
        kind.read({**post, "site": "../x"})


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("soon,x,Hi,", "no time"), ("2026-12-01,facebook,Hi,", "no network"), ("2026-12-01,x,,", "text is missing"),
        ("2026-12-01,x,Hi,javascript:1", "link"), ("2026-12-01,x,Hi,\n2026-12-01,x,Hi,", "same post stands in line 2"),
    ],
)  # fmt: skip
def test_every_bad_post_is_named(line: str, words: str) -> None:
    with pytest.raises(InputsUnfit, match=words):
        find_types()["content.schedule_social_posts"].read({"posts_csv": f"at,network,text,link\n{line}"})


def test_edited_text_that_cannot_be_is_refused_by_its_name() -> None:
    site = find_types()["website.create_basic_site"].draft(BRAND)
    fields = text_fields(site)
    assert with_texts(site, fields, {"p1_b1_title": "New"}).pages[0].blocks[0].title == "New"  # type: ignore[union-attr]
    for change in ({"p1_b1_title": ""}, {"p1_b1_title": "x" * 201}, {"p1_b1_title": "\u202e"}):
        with pytest.raises(ValueError, match="Home, top: title"):
            with_texts(site, fields, change)
    with pytest.raises(ValueError, match="no text of this site"):
        with_texts(site, fields, {"pages/0/path": "x"})


def test_manifest_that_is_wrong_names_its_file_and_path(tmp_path: Path) -> None:
    told = json.loads((find_types()["website.create_basic_site"].folder / "manifest.json").read_text("utf-8"))
    told["minutes"], told["governance"]["domains"] = 0, []
    wrong = tmp_path / "manifest.json"
    wrong.write_text(json.dumps(told))
    with pytest.raises(ManifestUnfit, match=r"manifest\.json: .*minutes.*governance\.domains"):
        read_manifest(wrong)
