"""Each criterion on the files: a whole site passes all of them, and one that is broken in one way fails in that one."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from core.websites.check import find_checks
from core.websites.rules import CheckState
from core.websites.verifying import verify
from tests.core.websites.served import Server, files_of, serving, subject

Files = dict[str, str | bytes]
IN_ABOUT = "<p>This page is About.</p>"
HERE = "http://127.0.0.1:9/"
STATIC = ("pages_render", "valid_html", "links_resolve", "seo_complete", "contrast")


def swapped(path: str, old: str, new: str) -> Callable[[Files], None]:
    def change(files: Files) -> None:
        text = files[path]
        assert isinstance(text, str) and old in text
        files[path] = text.replace(old, new, 1)

    return change


def about(body: str) -> Callable[[Files], None]:
    return swapped("about/index.html", IN_ABOUT, body)


def in_about(old: str, new: str) -> Callable[[Files], None]:
    return swapped("about/index.html", old, new)


def without(path: str) -> Callable[[Files], None]:
    return lambda files: files.__delitem__(path)


def test_whole_site_passes_what_files_can_show() -> None:
    results = verify(subject({**files_of(HERE)}), STATIC)

    assert {name: one.findings for name, one in results.items() if one.state is not CheckState.PASS} == {}
    assert list(results) == [name for name in find_checks() if name in STATIC]


BROKEN = [
    ("pages_render", about(""), "about/: it shows no text"),
    ("pages_render", without("index.html"), "there is no index.html"),
    ("valid_html", about("<p id='main'>x</p>"), "about/ line 20: the id “main” is there 2 times"),
    ("valid_html", in_about(' alt="A square"', ""), "about/ line 19: <img> has no alt"),
    ("valid_html", about("<h1>Again</h1>"), "about/ line 20: it has 2 <h1> instead of one"),
    ("valid_html", in_about("<h1>About</h1>", "<h2>About</h2>"), "it has 0 <h1>"),
    ("valid_html", in_about(' lang="en"', ""), "about/ line 2: <html> has no lang"),
    ("valid_html", about("<p><div>x</div></p>"), "about/ line 20: "),
    ("valid_html", about("<ul><p>x</p></ul>"), "<p> may not stand in <ul>"),
    ("valid_html", about("<span><div>x</div></span>"), "<div> may not stand in <span>"),
    ("valid_html", about("<button><a href='../'>x</a></button>"), "<a> may not stand in <button>"),
    ("valid_html", about("<blink>x</blink>"), "<blink> is no element of HTML"),
    ("valid_html", about("<b><i>x</b></i>"), "about/ line 20: "),
    ("valid_html", about("<p a=1 a=2>x</p>"), "about/ line 20: "),
    ("valid_html", in_about("<!DOCTYPE html>", ""), "about/ line 2: "),
    ("valid_html", about("<label for='nobody'>x</label>"), "names the id “nobody”"),
    ("valid_html", about("<p>x</p>" + "y" * 2_000_001), "bytes and was not read"),
    ("links_resolve", about('<a href="../gone/">x</a>'), "about/ line 20: “../gone/” leads to no file"),
    ("links_resolve", about('<a href="../#nowhere">x</a>'), "“../#nowhere” names a place"),
    ("links_resolve", about('<a href="../contact">x</a>'), "“../contact” leads to no file"),
    ("links_resolve", about('<img alt="" src="a.png">'), "“a.png” leads to no file"),
    ("links_resolve", about('<img alt="" srcset="a.webp 1x, b.webp 2x">'), "“b.webp” leads to no file"),
    ("links_resolve", about('<img alt="" src="https://spy.example/a.png">'), "is loaded from another site"),
    ("links_resolve", about('<a href="javascript:alert(1)">x</a>'), "is no address"),
    ("links_resolve", about('<a href="file:///etc/passwd">x</a>'), "is no address"),
    ("links_resolve", about('<a href="http://[">x</a>'), "is no address"),
    ("links_resolve", swapped("assets/site.css", "body{", "body{background:url(gone.png);"), "assets/site.css: “gone.png”"),
    ("links_resolve", swapped("sitemap.xml", "<url>", f"<url><loc>{HERE}old/</loc></url><url>"), "sitemap.xml: "),
    ("seo_complete", in_about("<title>About of ours</title>", "<title>Home of ours</title>"), "its title is that of about/"),
    ("seo_complete", in_about("<title>About of ours</title>", f"<title>{'x' * 201}</title>"), "its title has 201 characters"),
    ("seo_complete", in_about('description" content="What About', 'description" content="What Home'), "its description is that"),
    ("seo_complete", in_about(f'href="{HERE}about/"', 'href="https://elsewhere.example/"'), "about/: its canonical address is https://elsewhere"),
    ("seo_complete", in_about('<meta property="og:type" content="website">', ""), "about/: og:type is missing"),
    ("seo_complete", in_about('"@type":"WebSite","name":"About"', '"@type":"WebSite","name":""'), "a WebSite without name"),
    ("seo_complete", in_about('{"@context"', '{{"@context"'), "its JSON-LD cannot be read"),
    ("seo_complete", in_about('<link rel="icon" href="../assets/icon.svg">', ""), "about/: it names no icon"),
    ("seo_complete", without("sitemap.xml"), "sitemap.xml: there is none"),
    ("seo_complete", swapped("sitemap.xml", f"<url><loc>{HERE}about/</loc></url>", ""), f"sitemap.xml: {HERE}about/ is missing"),
    ("seo_complete", swapped("robots.txt", "Sitemap:", "Other:"), "robots.txt: it does not name the sitemap"),
    ("seo_complete", swapped("robots.txt", "Allow: /", "Disallow: /"), "robots.txt: it keeps search engines"),
    ("contrast", swapped("assets/site.css", "--ink:#14171f", "--ink:#d0d0d0"), "light) has 1.5"),
    ("contrast", swapped("assets/site.css", "--ink:#f4f4f2", "--ink:#222222"), "dark) has 1."),
    ("contact_form", swapped("contact/index.html", '<label for="email">E-mail</label>', ""), "the field “email” has no label"),
    ("contact_form", swapped("contact/index.html", 'name="message"', 'name="text"'), "it has no field “message”"),
    ("contact_form", swapped("contact/index.html", '<button type="submit">Send</button>', ""), "no button that sends it"),
    ("contact_form", swapped("contact/index.html", 'method="post"', 'method="get"'), "none can be sent"),
    ("security_headers", about("<script>alert(1)</script>"), "about/ line 20: it has a script"),
    ("security_headers", about("<p onclick='x()'>x</p>"), "onclick on <p> runs a script"),
    ("security_headers", about("<iframe title=x src='../'></iframe>"), "it embeds something"),
    ("security_headers", in_about("<title>", '<meta http-equiv="refresh" content="0"><title>'), "elsewhere by itself"),
    ("loads_fast", lambda files: files.__setitem__("assets/icon.svg", b"x" * 3_000_000), "take about 3."),
    ("mobile_layout", in_about("width=device-width, initial-scale=1", "width=1000"), "about/: its viewport"),
    ("mobile_layout", in_about("initial-scale=1", "user-scalable=no"), "keeps readers from zooming"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "broken", "said"), BROKEN, ids=[f"{one[0]}: {one[2][:50]}" for one in BROKEN])
def test_site_broken_in_one_way_fails_and_says_where(name: str, broken: Callable[[Files], None], said: str) -> None:
    files: Files = {**files_of(HERE)}
    broken(files)

    measured = find_checks()[name].measure(subject(files))

    assert measured.state is CheckState.FAIL
    assert any(said in one for one in measured.findings), measured.findings
    json.dumps(dict(measured.facts))


@pytest.fixture
def server() -> object:
    with serving() as one:
        one.files = {**files_of(one.address)}
        yield one


ASKED = ("pages_render", "links_resolve", "contact_form", "security_headers")


def test_whole_site_passes_where_it_answers(server: Server) -> None:
    results = verify(subject(server.files, server.address), (*STATIC, *ASKED), delivered=server.delivered)

    assert {
        name: (one.evidence, one.findings) for name, one in results.items() if one.state is not CheckState.PASS
    } == {}
    assert len(server.posted) == 1


def test_page_that_answers_otherwise_than_built_fails(server: Server) -> None:
    looked_at = subject(server.files, server.address)
    server.files = {
        **server.files,
        "about/index.html": "<!doctype html><title>Sold</title><p>Another page stands here now.</p>",
    }
    server.files.pop("contact/index.html")

    measured = find_checks()["pages_render"].measure(looked_at)

    assert measured.state is CheckState.FAIL
    assert measured.findings == (
        "about/: answers with another text than was built and reviewed",
        "contact/: answers 404",
    )


def test_missing_header_fails_each_for_itself(server: Server) -> None:
    whole = dict(server.headers)
    for name in whole:
        server.headers = {other: value for other, value in whole.items() if other != name}

        assert find_checks()["security_headers"].measure(subject(server.files, server.address)).state is CheckState.FAIL
    server.headers = {
        **whole,
        "Content-Security-Policy": "script-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'",
    }

    measured = find_checks()["security_headers"].measure(subject(server.files, server.address))

    assert measured.findings == ("first page: its Content-Security-Policy lets scripts run",)


def test_message_that_never_arrives_fails_the_form(server: Server) -> None:
    server.loses = True

    results = verify(subject(server.files, server.address, seconds=4), ["contact_form"], delivered=server.delivered)

    assert results["contact_form"].state is CheckState.FAIL
    assert "was taken and did not arrive" in results["contact_form"].findings[0]


def test_form_is_not_checked_where_nobody_can_tell(server: Server) -> None:
    assert (
        verify(subject(server.files, server.address), ["contact_form"])["contact_form"].state is CheckState.NOT_CHECKED
    )
    assert server.posted == [] and server.asked == []


def test_form_that_posts_elsewhere_is_not_sent(server: Server) -> None:
    with serving() as other:
        files: Files = {**files_of(server.address, form=f"{other.address}admin")}
        server.files = files

        results = verify(subject(files, server.address), ["contact_form"], delivered=lambda mark: True)
        wanted = verify(
            subject(files, server.address), ["contact_form"], delivered=lambda mark: True, form_address="/form"
        )

        assert results["contact_form"].state is CheckState.FAIL and wanted["contact_form"].state is CheckState.FAIL
        assert other.asked == []


def test_form_may_post_to_where_the_site_was_told_to(server: Server) -> None:
    with serving() as other:
        files: Files = {**files_of(server.address, form=f"{other.address}form")}
        other.files = server.files = files

        results = verify(
            subject(files, server.address),
            ["contact_form"],
            delivered=other.delivered,
            form_address=f"{other.address}form",
        )

        assert results["contact_form"].state is CheckState.PASS, results
