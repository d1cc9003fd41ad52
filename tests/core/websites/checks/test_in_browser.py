"""What only a browser sees, in a real one: phones, axe, time, pictures; and that no page gets out of it or keeps it."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler
from io import BytesIO

import pytest
from PIL import Image
from playwright.sync_api import Browser

from core.websites.browser import open_browser
from core.websites.check import CheckSubject, Measured, find_checks
from core.websites.rules import CheckState
from core.websites.verifying import verify
from tests.core.websites.served import Server, files_of, serving, subject

LOOKING = ("mobile_layout", "accessibility", "loads_fast", "screenshots")
HERE = "http://127.0.0.1:9/"


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with serving() as one:
        yield one


@pytest.fixture(scope="module")
def browser(server: Server) -> Iterator[Browser]:
    with open_browser(server.address) as one:
        assert one is not None
        yield one


def looked(
    name: str, server: Server, browser: Browser, body: str, css: str = "", thresholds: Mapping[str, float] | None = None
) -> Measured:
    """The criterion on a site of which one page says `body`."""
    files: dict[str, str | bytes] = {**files_of(server.address)}
    files["about/index.html"] = str(files["about/index.html"]).replace("<p>This page is About.</p>", body)
    files["assets/site.css"] = str(files["assets/site.css"]) + css
    server.files = files
    whole = subject(files, server.address)
    return find_checks()[name].measure(
        CheckSubject(
            whole.site, whole.built, whole.address, browser=browser, timeout_seconds=20, thresholds=thresholds or {}
        )
    )


@pytest.mark.parametrize("name", LOOKING)
def test_whole_site_passes(name: str, server: Server, browser: Browser) -> None:
    measured = looked(name, server, browser, "<p>This page is About.</p>")

    assert measured.state is CheckState.PASS, measured


@pytest.mark.parametrize(
    ("body", "css", "said"),
    [
        ("<p>Wide.</p>", "p{width:900px}", "about/: it scrolls sideways"),
        ("<p>Tiny.</p>", "p{font-size:6px}", "about/: <p> “Tiny.” is written in 6 px"),
        (
            "<button type=button>x</button>",
            "button{padding:0;width:12px;height:12px}",
            "about/: <button> “x” is 12 × 12 px",
        ),
    ],
)
def test_page_that_does_not_fit_a_phone_fails(server: Server, browser: Browser, body: str, css: str, said: str) -> None:
    measured = looked("mobile_layout", server, browser, body, css)

    assert measured.state is CheckState.FAIL
    assert any(said in one for one in measured.findings), measured.findings


@pytest.mark.parametrize(
    ("body", "css", "said"),
    [
        (
            '<img src="../assets/icon.svg" width="9" height="9">',
            "",
            "about/ (desktop, light): Images must have alternative text",
        ),
        ("<p>Grey.</p>", "p{color:#999}", "about/ (phone, light): Elements must meet minimum color contrast"),
        (
            "<p>Night.</p>",
            "@media (prefers-color-scheme:dark){p{color:#222}}",
            "about/ (desktop, dark): Elements must meet",
        ),
        ("<input>", "", "about/ (desktop, light): Form elements must have labels"),
    ],
)
def test_page_that_shuts_people_out_fails(server: Server, browser: Browser, body: str, css: str, said: str) -> None:
    measured = looked("accessibility", server, browser, body, css)

    assert measured.state is CheckState.FAIL and measured.facts["violations"] > 0
    assert any(said in one for one in measured.findings), measured.findings


@pytest.mark.parametrize(
    ("body", "css", "asked", "state"),
    [
        ("<p>Grey.</p>", "p{color:#999}", 60, CheckState.PASS),
        ("<p>Grey.</p>", "p{color:#999}", 99, CheckState.FAIL),
        ("<p>Grey.</p>", "p{color:#999}", None, CheckState.FAIL),
        ("<input>", "", 60, CheckState.FAIL),  # it shuts people out
    ],
)
def test_faults_are_borne_as_far_as_the_type_says(
    server: Server, browser: Browser, body: str, css: str, asked: float | None, state: CheckState
) -> None:
    measured = looked("accessibility", server, browser, body, css, {} if asked is None else {"accessibility": asked})

    assert measured.state is state, measured
    assert measured.findings and measured.facts["score"] < 100
    assert "points on the worst page" in measured.evidence


def test_what_axe_cannot_decide_is_no_pass(server: Server, browser: Browser) -> None:
    measured = looked(
        "accessibility",
        server,
        browser,
        "<p>On a picture.</p>",
        "p{background-image:linear-gradient(#fff,#eee);color:#333}",
    )

    assert measured.state is CheckState.NOT_CHECKED
    assert measured.facts["violations"] == 0 and measured.facts["incomplete"] > 0 and measured.findings


CARD = "<div class=card><p>Said.</p><a href='../'>Open</a></div>"
COVER = (
    ".card{position:relative;background:#fff;color:#333}.card a{color:#333}"
    ".card a::after{content:'';position:absolute;inset:0}"
)


@pytest.mark.parametrize(
    ("css", "state"),
    [
        (COVER, CheckState.PASS),
        (COVER + ".card p{color:#aaa}", CheckState.FAIL),
        (COVER + ".card a::after{background:rgba(0,0,0,.5)}", CheckState.NOT_CHECKED),
        (COVER + ".card{background:linear-gradient(#fff,#eee)}", CheckState.NOT_CHECKED),
    ],
)
def test_text_below_a_clear_cover_is_counted_after_all(
    server: Server, browser: Browser, css: str, state: CheckState
) -> None:
    measured = looked("accessibility", server, browser, CARD, css)

    assert measured.state is state, measured


ART = (
    "<div class=band><div class=art><svg viewBox='0 0 9 9'><rect width=9 height=9 /></svg></div></div>"
    "<div class=foot><p>Said.</p></div>"
)
DRAWN = (
    ".band{position:relative;height:80px;background:#fff}.art{position:absolute;width:200px;height:90px}"
    ".foot{background:#fff}.foot p{color:#333;margin:0}"
)


@pytest.mark.parametrize(
    ("css", "state"),
    [
        (DRAWN + ".band{overflow:hidden}", CheckState.PASS),
        (DRAWN + ".art{z-index:1}", CheckState.NOT_CHECKED),
        (DRAWN + ".band{overflow:hidden;position:static}.art{z-index:1}", CheckState.NOT_CHECKED),
    ],
    ids=["cut off", "lies over it", "not held by what would cut it off"],
)
def test_drawing_that_is_cut_off_before_the_text_does_not_lie_over_it(
    server: Server, browser: Browser, css: str, state: CheckState
) -> None:
    measured = looked("accessibility", server, browser, ART, css)

    assert measured.state is state, measured


def test_page_that_is_slow_to_load_fails(server: Server, browser: Browser) -> None:
    def late(asked: BaseHTTPRequestHandler) -> None:
        time.sleep(3.2)
        asked.send_response(404)
        asked.send_header("Content-Length", "0")
        asked.end_headers()

    server.odd["late.png"] = late
    try:
        files: dict[str, str | bytes] = {**files_of(server.address)}
        files["index.html"] = str(files["index.html"]).replace("<h1>", '<img alt="" src="late.png"><h1>')
        server.files = files
        whole = subject(files, server.address)
        measured = find_checks()["loads_fast"].measure(
            CheckSubject(whole.site, whole.built, whole.address, browser=browser, timeout_seconds=20)
        )
    finally:
        server.odd.clear()

    assert measured.state is CheckState.FAIL
    assert any(one.startswith("first page: it loads in") for one in measured.findings), measured


def test_picture_shows_both_looks(server: Server, browser: Browser) -> None:
    measured = looked("screenshots", server, browser, "<p>Here.</p>")

    assert measured.picture is not None
    with Image.open(BytesIO(measured.picture)) as picture:
        assert picture.format == "PNG" and picture.width > picture.height
    files = {**server.files, "index.html": "<!doctype html><title>x</title>"}
    whole = subject(files)
    blank = find_checks()["screenshots"].measure(CheckSubject(whole.site, whole.built, None, browser=browser))
    assert blank.state is CheckState.FAIL


def test_before_it_is_published_a_site_is_looked_at_from_memory(browser: Browser) -> None:
    whole = subject({**files_of(HERE)})

    measured = find_checks()["mobile_layout"].measure(CheckSubject(whole.site, whole.built, None, browser=browser))

    assert measured.state is CheckState.PASS, measured


def test_pages_reach_no_other_server(server: Server, browser: Browser) -> None:
    """By picture, frame, style, socket, script, redirect, preconnect and refresh; each that was tried is told."""
    with serving() as other:
        spied = other.address
        server.headers, kept = {}, server.headers

        def away(asked: BaseHTTPRequestHandler) -> None:
            asked.send_response(302)
            asked.send_header("Location", f"{spied}redirected")
            asked.send_header("Content-Length", "0")
            asked.end_headers()

        server.odd["away.png"] = away
        try:
            measured = looked(
                "mobile_layout", server, browser,
                f'<p>Here.</p><img alt="" src="{spied}pixel.png"><img alt="" src="../away.png">'
                f'<iframe title="x" src="{spied}frame"></iframe><iframe title="y" src="file:///etc/passwd"></iframe>'
                f'<link rel="preconnect" href="{spied}"><link rel="stylesheet" href="{spied}a.css">'
                f'<script>fetch("{spied}fetched");new WebSocket("{spied.replace("http", "ws")}socket")</script>'
                f'<meta http-equiv="refresh" content="0;url={spied}refreshed">',
            )  # fmt: skip
        finally:
            server.headers = kept
            server.odd.clear()

        assert other.asked == []
        assert measured.state is CheckState.FAIL
        told = "\n".join(measured.findings)
        for one in ("pixel.png", "frame", "a.css", "fetched", "redirected"):
            assert f"{spied}{one}" in told, told


def test_page_that_hangs_the_browser_is_ended_with_it(server: Server) -> None:
    server.headers, kept = {}, server.headers
    files: dict[str, str | bytes] = {**files_of(server.address)}
    files["about/index.html"] = str(files["about/index.html"]).replace(
        "</main>", "<script>onload=()=>setTimeout(()=>{for(;;);},1)</script></main>"
    )
    server.files = files
    began = time.monotonic()
    try:
        results = verify(subject(files, server.address, seconds=8), ["mobile_layout", "screenshots"], seconds=24)
    finally:
        server.headers = kept

    assert time.monotonic() - began < 40
    assert results["mobile_layout"].state is CheckState.NOT_CHECKED
    assert results["screenshots"].state is CheckState.PASS, results["screenshots"]


@pytest.mark.parametrize(
    ("seconds", "state", "said"),
    [
        (3, CheckState.NOT_CHECKED, "1 of 4 pages looked at in 3 s"),
        (20, CheckState.FAIL, "about/: did not open in time"),
    ],
)
def test_page_that_never_opens_is_its_fault_only_if_it_had_the_whole_wait(
    server: Server, browser: Browser, seconds: float, state: CheckState, said: str
) -> None:
    """With less time left, it is ours that was over."""
    left = threading.Event()

    def never(asked: BaseHTTPRequestHandler) -> None:
        left.wait(15)

    server.files = {**files_of(server.address)}
    server.odd["about/"] = never
    whole = subject(server.files, server.address)
    try:
        measured = find_checks()["mobile_layout"].measure(
            CheckSubject(whole.site, whole.built, whole.address, browser=browser, timeout_seconds=seconds)
        )
    finally:
        left.set()
        server.odd.clear()

    assert measured.state is state
    assert said in f"{measured.evidence} {measured.findings}", measured


def test_page_that_refreshes_without_end_ends_in_time(server: Server) -> None:
    files: dict[str, str | bytes] = {**files_of(server.address)}
    files["about/index.html"] = str(files["about/index.html"]).replace(
        "<title>", '<meta http-equiv="refresh" content="0"><title>'
    )
    server.files = files
    began = time.monotonic()

    results = verify(subject(files, server.address, seconds=8), ["accessibility", "security_headers"], seconds=20)

    assert time.monotonic() - began < 25
    assert results["security_headers"].state is CheckState.FAIL
    assert results["accessibility"].state in set(CheckState)


def test_pages_are_held_back_even_from_what_the_browser_could_reach() -> None:
    """On a thread of its own: this file keeps a browser on the one it runs on, and Playwright has one for each."""

    def look() -> tuple[Sequence[str], Measured]:
        with serving() as other, open_browser(other.address) as one:
            files: dict[str, str | bytes] = {**files_of(HERE)}
            seen = f'<img alt="" src="{other.address}pixel.png"><h1>'
            files["index.html"] = str(files["index.html"]).replace("<h1>", seen)
            whole = subject(files)
            looked = CheckSubject(whole.site, whole.built, None, browser=one)
            return list(other.asked), find_checks()["mobile_layout"].measure(looked)

    with ThreadPoolExecutor(1) as own:
        asked, measured = own.submit(look).result()

    assert asked == []
    assert measured.state is CheckState.FAIL and "pixel.png" in measured.findings[0]
