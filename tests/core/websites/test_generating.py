"""Sites as files: what must be there, that every link leads somewhere, and that nothing said can do anything."""

from __future__ import annotations

import json
import re
from collections import Counter
from datetime import date
from hashlib import sha256
from io import BytesIO
from itertools import pairwise
from xml.etree import ElementTree

import pytest
from PIL import Image

from core.websites.built import BuiltSite
from core.websites.content import (
    Brand,
    Card,
    Cards,
    Hero,
    Link,
    Page,
    Picture,
    Post,
    Site,
    Text,
    site_from_json,
)
from core.websites.form_words import form_words
from core.websites.generating import FormAddressUnfit, SiteAddressUnfit, generate
from core.websites.layout import find_layouts, layout_for
from core.websites.phrasebook import phrasebook
from core.websites.plan import SiteHasNoFirstPage, SiteHasTwoPagesAt
from tests.core.websites.documents import data_of, file_at, links_of, pages_of, words_of
from tests.core.websites.sites import HOSTILE, hostile_site, site

ADDRESS = "https://example.com/sites/harbour/"
FORM = "https://example.com/api/forms/harbour"
LAYOUTS = tuple(find_layouts())
KNOWN = {"https", "http", "mailto", "tel"}


def built(of: Site | None = None, **changes: object) -> BuiltSite:
    return generate((of or site()).model_copy(update=changes), address=ADDRESS, form_action=FORM)


def bare(**changes: object) -> Site:
    page = Page(key="home", path="", name="", title="", description="", blocks=())
    return Site(
        name="B", description="", layout="calm", brand=Brand(), pages=(page,), navigation=()
    ).model_copy(update=changes)  # fmt: skip


def picture(width: int = 1200, height: int = 800, format: str = "PNG") -> bytes:
    out = BytesIO()
    Image.new("RGB", (width, height), "#884422").save(out, format)
    return out.getvalue()


SITES = {
    "all": site(), "hostile": hostile_site(), "arabic": site(name="مخبز الميناء", language="ar"),
    "japanese": site(name="港のパン屋", language="ja"), "bare": bare(), "polish": site(language="pl"),
}  # fmt: skip


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("name", SITES)
def test_every_page_is_valid_and_every_link_inside_leads_to_a_file(layout: str, name: str) -> None:
    made = built(SITES[name], layout=layout)
    for path, page in pages_of(made):
        ids = Counter(one.get("id") for one in page.iter() if one.get("id"))
        assert [one for one, count in ids.items() if count > 1] == [], path
        assert len(list(page.iter("h1"))) == 1, path
        levels = [int(one.tag[1]) for one in page.iter() if one.tag in ("h1", "h2", "h3", "h4", "h5", "h6")]
        assert all(after <= before + 1 for before, after in pairwise(levels)), (path, levels)
        assert [tag for tag in ("header", "main", "footer", "title") if page.find(f".//{tag}") is None] == [], path
        for url in links_of(path, page, ADDRESS):
            assert not url.startswith(ADDRESS) or file_at(url, ADDRESS) in made.files, (path, url)


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("name", SITES)
def test_nothing_on_a_page_can_run(layout: str, name: str) -> None:
    for path, page in pages_of(built(SITES[name], layout=layout)):
        assert [one.get("type") for one in page.iter("script")] in ([], ["application/ld+json"]), path
        for one in page.iter():
            assert [key for key in one.attrib if key.lower().startswith("on") or key == "style"] == [], path
            for key in ("href", "src", "action"):
                said = one.get(key) or ""
                assert ":" not in said.split("/")[0] or said.split(":")[0] in KNOWN, (path, said)
        assert [one.tag for one in page.iter() if one.tag in ("iframe", "object", "embed", "base", "style")] == [], path


def test_hostile_text_is_read_as_it_was_written() -> None:
    (words,) = (words_of(page) for path, page in pages_of(built(hostile_site())) if path == "index.html")
    assert " ".join(HOSTILE[:190].split()) in words
    assert "{{ 7*7 }}" in words
    assert words.count("alert(1)") > 10


@pytest.mark.parametrize("layout", LAYOUTS)
def test_the_same_site_is_the_same_byte_for_byte(layout: str) -> None:
    again = site_from_json(json.loads(site(layout=layout).model_dump_json()))
    assert built(site(layout=layout)).digest == built(again).digest
    assert built(site(layout=layout)).digest != built(site(layout=layout, name="Harbour bakery")).digest


def test_layouts_draw_different_pages() -> None:
    assert len(LAYOUTS) >= 3
    assert len({built(layout=name).files["index.html"].sha256 for name in LAYOUTS}) == len(LAYOUTS)
    assert {layout_for(tone).name for tone in ("professional", "friendly", "bold")} == set(LAYOUTS)


def test_a_site_of_twelve_pages_is_built_and_each_time_the_same() -> None:
    more = tuple(
        site().pages[0].model_copy(update={"key": f"p{number}", "path": f"p{number}/", "title": f"Page {number}"})
        for number in range(7)
    )  # fmt: skip
    large = site().model_copy(update={"pages": (*site().pages, *more)})
    made = built(large)
    assert sum(path.endswith(".html") for path in made.files) >= 12
    assert built(large).digest == made.digest


def test_two_hundred_pages_and_a_thousand_posts_are_built() -> None:
    pages = (site().pages[0], *(
        Page(key=f"p{number}", path=f"p{number}/", name=f"Page {number}", title=f"Page {number}", description="", blocks=())
        for number in range(199)
    ))  # fmt: skip
    posts = tuple(
        Post(key=f"post-{number}", title=f"Post {number}", description="", prose="x", published=date(2026, 1, 1))
        for number in range(1_000)
    )
    made = built(pages=pages, posts=posts, navigation=())
    assert made.files["sitemap.xml"].data.count(b"<loc>") == 200 + 50 + 1_000 + 2
    assert made.files["feed.xml"].data.count(b"<entry>") == 30


def test_machines_find_the_whole_site() -> None:
    made = built()
    sitemap = ElementTree.fromstring(made.files["sitemap.xml"].data)
    found = [one.text or "" for one in sitemap.iter("{http://www.sitemaps.org/schemas/sitemap/0.9}loc")]
    assert found[0] == ADDRESS
    assert all(file_at(url, ADDRESS) in made.files for url in found)
    assert f"{ADDRESS}blog/first-loaf/" in found
    assert not any("404" in url or "contact-sent" in url for url in found)
    assert f"Sitemap: {ADDRESS}sitemap.xml" in made.files["robots.txt"].data.decode()
    feed = ElementTree.fromstring(made.files["feed.xml"].data)
    titles = [
        one.findtext("{http://www.w3.org/2005/Atom}title") for one in feed.iter("{http://www.w3.org/2005/Atom}entry")
    ]
    assert titles == ["A new oven", "The first loaf"]


def test_each_page_tells_what_it_is() -> None:
    seen = set()
    for path, page in pages_of(built()):
        told = {one.get("name") or one.get("property"): one.get("content") for one in page.iter("meta")}
        title = page.findtext(".//title") or ""
        assert title
        assert told["description"]
        if path in ("404.html", "contact-sent/index.html"):
            assert told["robots"] == "noindex"
            continue
        canonical = next(one.get("href") for one in page.iter("link") if one.get("rel") == "canonical")
        assert canonical == told["og:url"] == ADDRESS + path.removesuffix("index.html")
        assert told["og:image"] == told["twitter:image"]
        assert (told["og:image"] or "").startswith(ADDRESS + "assets/")
        seen.add(title)
    assert len(seen) == 9


def test_json_ld_says_what_fits_and_cannot_end_its_script() -> None:
    pages = dict(pages_of(built(organisation=(("Street", "Quay 4"), ("city", "Berlin"), ("email", "a@example.com")))))
    types = {path: [one["@type"] for one in data_of(page)] for path, page in pages.items() if path != "404.html"}
    assert types["index.html"] == ["LocalBusiness", "WebSite"]
    assert types["about/index.html"] == ["BreadcrumbList", "FAQPage"]
    assert types["blog/first-loaf/index.html"] == ["BreadcrumbList", "BlogPosting"]
    assert types["shop/rye-bread/index.html"] == ["BreadcrumbList", "Product"]
    way = data_of(pages["shop/rye-bread/index.html"])[0]["itemListElement"]
    assert [one["name"] for one in way][1:2] == ["Shop"]
    offer = data_of(pages["shop/rye-bread/index.html"])[1]["offers"]
    assert (offer["price"], offer["priceCurrency"], offer["availability"]) == (
        "4.50",
        "EUR",
        "https://schema.org/InStock",
    )
    raw = built(hostile_site()).files["index.html"].data.decode()
    assert "<" not in raw.split('<script type="application/ld+json">')[1].split("</script>")[0]


def test_the_way_to_a_product_leads_over_the_page_that_lists_it_wherever_that_lies() -> None:
    told = site()
    home, *others = told.pages
    goods = [block for page in others if page.key == "shop" for block in page.blocks if block.kind == "products"]
    pages = (home.model_copy(update={"blocks": (*home.blocks, *goods)}), *others)
    page = dict(pages_of(built(pages=pages)))["products/rye-bread/index.html"]
    assert [one["name"] for one in data_of(page)[0]["itemListElement"]][:2] == ["Home", "Shop"]


def test_paid_links_say_so_to_people_and_to_machines() -> None:
    paid = Link(label="Their bread", to="https://shop.example.com/", sponsored=True)
    home = site().pages[0].model_copy(update={"blocks": (Hero(title="x", actions=(paid,)),)})
    page = dict(pages_of(built(pages=(home, *site().pages[1:]), footer=(paid,), navigation=(paid,))))["index.html"]
    links = [one for one in page.iter("a") if one.get("href") == "https://shop.example.com/"]
    assert [one.get("rel") for one in links] == ["sponsored nofollow noopener"] * 3
    assert words_of(page).count("Paid link") == 3


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_card_that_leads_somewhere_says_its_name_once(layout: str) -> None:
    cards = Cards(cards=(
        Card(title="Our bread", link=Link(label="Our bread", to="page:contact")),
        Card(title="Our cake", link=Link(label="See the cake", to="page:contact")),
        Card(title="Their tea", link=Link(label="Their tea", to="https://shop.example.com/", sponsored=True)),
        Card(title="Gone", link=Link(label="Gone", to="page:nowhere")),
    ))  # fmt: skip
    home = site().pages[0].model_copy(update={"blocks": (cards,)})
    page = dict(pages_of(built(pages=(home, *site().pages[1:]), layout=layout)))["index.html"]
    shown = [" ".join(" ".join(one.itertext()).split()) for one in page.iter("li") if one.get("class") == "card"]
    assert shown == ["Our bread", "Our cake See the cake", "Their tea Their tea Paid link", "Gone"]
    linked = ["".join(one.itertext()) for level in ("h2", "h3") for head in page.iter(level) for one in head.iter("a")]
    assert linked == ["Our bread"]


def test_a_form_works_without_a_script_and_has_a_trap() -> None:
    made = built()
    form = next(iter(dict(pages_of(made))["contact/index.html"].iter("form")))
    assert (form.get("method"), form.get("action")) == ("post", FORM)
    fields = {one.get("name"): one for one in form.iter() if one.tag in ("input", "textarea")}
    assert sorted(map(str, fields)) == ["email", "message", "name", "website"]
    labels = {one.get("for") for one in form.iter("label")}
    assert {one.get("id") for one in fields.values()} == labels
    assert "contact-sent/index.html" in made.files


def test_without_a_place_to_send_to_there_is_no_form_but_the_e_mail_address() -> None:
    told = site().model_copy(update={"organisation": (("e-mail", "hello@example.com"),)})
    made = generate(told, address=ADDRESS)
    page = dict(pages_of(made))["contact/index.html"]
    assert list(page.iter("form")) == []
    assert "mailto:hello@example.com" in [one.get("href") for one in page.iter("a")]
    assert "contact-sent/index.html" not in made.files


def test_a_missing_page_answers_at_any_depth() -> None:
    page = dict(pages_of(built()))["404.html"]
    found = [one.get("href") or "" for one in (*page.iter("a"), *page.iter("link"))]
    assert all(one.startswith(("/sites/harbour/", "#", "tel:")) for one in found), found


def test_links_to_pages_there_are_not_are_left_out_and_told() -> None:
    lost = Link(label="Lost", to="page:nowhere")
    about = site().pages[1].model_copy(update={"blocks": (Text(prose="See [this](page:gone), [that](page:contact)."),)})
    made = built(navigation=(lost,), pages=(site().pages[0], about, *site().pages[2:]))
    page = dict(pages_of(made))["about/index.html"]
    assert "Lost" not in words_of(page)
    assert "See this, that." in words_of(page)
    assert [one.get("href") for one in page.iter("a") if one.text == "that"] == ["../contact/"]
    assert "Links to “gone” were left out, because there is no such page." in made.notes
    assert any("nowhere" in note for note in made.notes)


def test_pictures_are_written_in_the_sizes_screens_need() -> None:
    data = picture(2000, 1000, "JPEG")
    key = sha256(data).hexdigest()
    home = (
        site().pages[0].model_copy(update={"blocks": (Hero(title="x", picture=Picture(sha256=key, alt="The oven")),)})
    )
    shown = site().model_copy(update={"pages": (home, *site().pages[1:])})
    made = generate(shown, address=ADDRESS, pictures={key: data}.__getitem__)
    page = dict(pages_of(made))["index.html"]
    image = next(one for one in page.iter("img") if one.get("alt") == "The oven")
    assert (image.get("width"), image.get("height")) == ("1600", "800")
    assert [part.split(" ")[1] for part in (image.get("srcset") or "").split(", ")] == ["480w", "960w", "1600w"]
    assert Image.open(BytesIO(made.files[image.get("src") or ""].data)).format == "WEBP"


@pytest.mark.parametrize(
    "data", [b"", b"GIF89a", picture()[:200], b"<svg onload=alert(1)>", b"\xff\xd8\xff" + b"0" * 99]
)
def test_a_broken_picture_is_left_out_and_told(data: bytes) -> None:
    key = sha256(data).hexdigest()
    post = site().posts[0].model_copy(update={"picture": Picture(sha256=key, alt="x")})
    made = generate(site().model_copy(update={"posts": (post,)}), address=ADDRESS, pictures={key: data}.__getitem__)
    assert "1 picture could not be read and was left out." in made.notes
    assert not any(path.startswith("assets/picture") for path in made.files)


def test_a_picture_that_is_another_than_was_named_is_not_shown() -> None:
    post = site().posts[0].model_copy(update={"picture": Picture(sha256="0" * 64, alt="x")})
    made = generate(site().model_copy(update={"posts": (post,)}), address=ADDRESS, pictures=lambda _: picture())
    assert not any(path.startswith("assets/picture") for path in made.files)


def test_an_image_of_more_pixels_than_memory_bears_is_left_out() -> None:
    data = picture(8_000, 8_000)
    key = sha256(data).hexdigest()
    post = site().posts[0].model_copy(update={"picture": Picture(sha256=key, alt="x")})
    made = generate(site().model_copy(update={"posts": (post,)}), address=ADDRESS, pictures=lambda _: data)
    assert "1 picture could not be read and was left out." in made.notes


def test_a_site_from_right_to_left_says_so() -> None:
    page = dict(pages_of(built(SITES["arabic"])))["index.html"]
    root = page if page.tag == "html" else page.find("html")
    assert root is not None
    assert (root.get("lang"), root.get("dir")) == ("ar", "rtl")
    assert "انتقل إلى المحتوى" in words_of(page)


def test_a_language_without_phrases_is_told() -> None:
    assert any("are in English" in note for note in built(SITES["polish"]).notes)
    assert not any("are in English" in note for note in built(site(language="de-AT")).notes)


@pytest.mark.parametrize("language", ["ar", "de", "es", "fr", "he", "hi", "ja", "zh"])
def test_every_language_says_all_that_the_others_say_and_nothing_in_english(language: str) -> None:
    theirs, ours = phrasebook(language).phrases, phrasebook("en").phrases
    places = re.compile(r"\{\w+\}")
    assert phrasebook(language).language == language and theirs.keys() == ours.keys()
    assert {key: Counter(places.findall(said)) for key, said in theirs.items()} == {
        key: Counter(places.findall(said)) for key, said in ours.items()
    }
    assert form_words(language).keys() == form_words("en").keys()
    assert form_words(language)["title"] != form_words("en")["title"]
    assert (
        f'<a class="skip" href="#main">{theirs["skip"]}</a>'
        in built(language=language).files["index.html"].data.decode()
    )


@pytest.mark.parametrize(
    ("tag", "kept"), [("zh-CN", "zh"), ("zh-Hans", "zh"), ("zh-TW", "en"), ("zh-Hant-HK", "en"), ("de-AT", "de")]
)
def test_a_tag_reads_the_phrases_in_its_own_script(tag: str, kept: str) -> None:
    assert phrasebook(tag).language == kept
    assert form_words(tag) == form_words(kept)


def test_an_unknown_layout_is_replaced_and_told() -> None:
    assert any("no layout called nowhere" in note for note in built(layout="nowhere").notes)


def test_two_pages_at_one_path_and_no_first_page_are_refused() -> None:
    home, about = site().pages[:2]
    with pytest.raises(SiteHasTwoPagesAt, match="about/"):
        built(pages=(home, about, about.model_copy(update={"key": "other"})))
    with pytest.raises(SiteHasNoFirstPage):
        built(pages=(about,))


def test_a_post_named_like_a_page_gets_a_path_of_its_own() -> None:
    page = site().pages[1].model_copy(update={"key": "x", "path": "blog/first-loaf/"})
    made = built(pages=(*site().pages, page))
    assert {"blog/first-loaf/index.html", "blog/first-loaf-2/index.html"} <= set(made.files)


def test_a_page_of_a_product_stands_for_the_one_that_would_be_made() -> None:
    page = Page(key="rye", path="rye/", name="Rye", title="Rye", description="", blocks=(), product="rye-bread")
    made = built(pages=(*site().pages, page))
    assert "shop/rye-bread/index.html" not in made.files
    assert "../rye/" in [one.get("href") for one in dict(pages_of(made))["shop/index.html"].iter("a")]


def test_a_product_that_is_sold_out_cannot_be_bought() -> None:
    gone = tuple(one.model_copy(update={"available": False}) for one in site().products)
    page = dict(pages_of(built(products=gone)))["shop/rye-bread/index.html"]
    assert "Sold out" in words_of(page)
    assert not any("pay.example.com" in (one.get("href") or "") for one in page.iter("a"))


def test_a_word_of_ten_thousand_letters_is_kept_whole() -> None:
    long = Text(title="x", prose="W" * 10_000)
    page = dict(pages_of(built(pages=(site().pages[0].model_copy(update={"blocks": (long,)}),), navigation=())))[
        "index.html"
    ]
    assert "W" * 10_000 in words_of(page)


@pytest.mark.parametrize(
    "address",
    [
        "",
        "example.com/",
        "https://example.com",
        "javascript:alert(1)/",
        'https://a"b/',
        "https://x/?a=/",
        "file:///etc/",
    ],
)
def test_a_site_lies_only_at_an_address_of_the_web(address: str) -> None:
    with pytest.raises(SiteAddressUnfit):
        generate(site(), address=address)


@pytest.mark.parametrize(
    "address", ["", "//evil.example/", "/\\evil.example", "javascript:alert(1)", "mailto:a@example.com", "https://a b/"]
)
def test_a_form_is_sent_only_to_an_address_of_the_web(address: str) -> None:
    with pytest.raises(FormAddressUnfit):
        generate(site(), address=ADDRESS, form_action=address)


def test_every_file_has_its_type_and_assets_are_named_by_what_is_in_them() -> None:
    made = built()
    for path, file in made.files.items():
        assert file.media_type
        assert not path.startswith("assets/") or file.sha256[:10] in path
        assert ".." not in path
    assert made.files["index.html"].media_type == "text/html; charset=utf-8"


def test_unlisted_pages_stay_out_of_the_sitemap() -> None:
    hidden = site().pages[1].model_copy(update={"listed": False})
    made = built(pages=(site().pages[0], hidden, *site().pages[2:]))
    assert b"/about/" not in made.files["sitemap.xml"].data
    assert b'content="noindex"' in made.files["about/index.html"].data


def test_everything_optional_may_be_missing() -> None:
    made = generate(bare(), address=ADDRESS)
    assert {"index.html", "404.html", "sitemap.xml", "robots.txt"} <= set(made.files)
    assert "feed.xml" not in made.files
    assert words_of(dict(pages_of(made))["index.html"]).startswith("Skip to the content B")


def test_addresses_are_spelled_as_html_allows() -> None:
    (page,) = (page for path, page in pages_of(built(hostile_site())) if path == "index.html")
    assert "https://example.com/?%3Cscript%3E=1" in [one.get("href") for one in page.iter("a")]


def test_only_fonts_of_scripts_that_are_used_are_brought_along() -> None:
    def fonts(of: Site) -> set[str]:
        return {path.split("/")[1].split(".")[0] for path in built(of, layout="bold").files if path.endswith(".woff2")}

    assert fonts(site()) == {"inter-latin-wght-normal"}
    arabic = {"firago-arabic-regular", "firago-arabic-bold"}
    assert fonts(SITES["arabic"]) == {"inter-latin-wght-normal", *arabic}
    page = dict(pages_of(built(SITES["arabic"], layout="bold")))["index.html"]
    preloaded = {(one.get("href") or "").split(".")[0] for one in page.iter("link") if one.get("rel") == "preload"}
    assert preloaded == {f"assets/{name}" for name in arabic}


def _long(posts: int) -> BuiltSite:
    told = site()
    more = tuple(told.posts[0].model_copy(update={"key": f"post-{n}", "title": f"Post {n}"}) for n in range(posts))
    return generate(told.model_copy(update={"posts": more}), address=ADDRESS, form_action="/form")


def test_blog_of_many_posts_goes_on_on_further_pages() -> None:
    files = _long(45).files
    pages = [files[f"blog/{path}index.html"].data.decode() for path in ("", "page-2/", "page-3/")]

    assert [page.count('class="entry"') for page in pages] == [20, 20, 5]
    assert "blog/page-4/index.html" not in files
    assert 'rel="next" href="../blog/page-2/"' in pages[0] and 'rel="prev"' not in pages[0]
    assert 'rel="prev" href="../../blog/"' in pages[1] and 'rel="next" href="../../blog/page-3/"' in pages[1]
    assert 'rel="next"' not in pages[2]
    titles = [re.findall("<title>(.*)</title>", page)[0] for page in pages]
    assert "Page 2 of 3" in titles[1] and len(set(titles)) == 3
    assert f"<loc>{ADDRESS}blog/page-3/</loc>" in files["sitemap.xml"].data.decode()
    assert f'rel="canonical" href="{ADDRESS}blog/page-2/"' in pages[1]


def test_blog_that_fits_a_page_has_no_further_one() -> None:
    files = _long(20).files

    assert "blog/page-2/index.html" not in files
    assert 'rel="next"' not in files["blog/index.html"].data.decode()


def test_post_that_is_called_like_a_further_page_keeps_its_address() -> None:
    told = site()
    posts = tuple(told.posts[0].model_copy(update={"key": f"page-{n}", "title": f"Post {n}"}) for n in range(1, 25))
    files = generate(told.model_copy(update={"posts": posts}), address=ADDRESS).files

    assert '<h1 class="fit-xl">Post 2</h1>' in files["blog/page-2/index.html"].data.decode()
    assert files["blog/page-2-2/index.html"].data.decode().count('class="entry"') == 4
