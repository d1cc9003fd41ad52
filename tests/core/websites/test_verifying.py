"""A verification ends in time whatever a site or a check does, and what was not measured never counts as passed."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from http.server import BaseHTTPRequestHandler

import pytest

from core.websites import verifying
from core.websites.check import Check, CheckSubject, Measured, find_checks, not_checked
from core.websites.kind import find_types
from core.websites.rules import CheckState
from core.websites.verifying import gate, summary_of, verify
from tests.core.websites.served import Server, files_of, serving, subject

HERE = "http://127.0.0.1:9/"
PASSED, FAILED = Measured(CheckState.PASS, "Good."), Measured(CheckState.FAIL, "Bad.", ("a: bad",))
SERVER_CHECKS = ("pages_render", "links_resolve", "security_headers", "contact_form")


@pytest.fixture
def server() -> Iterator[Server]:
    with serving() as one:
        one.files = {**files_of(one.address)}
        yield one


def _only(monkeypatch: pytest.MonkeyPatch, measure: Callable[[CheckSubject], Measured]) -> None:
    monkeypatch.setattr(verifying, "find_checks", lambda: {"one": Check("one", "One", "files", measure)})


def test_check_that_crashes_is_not_checked_with_the_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    def crash(subject: CheckSubject) -> Measured:
        raise LookupError("no such thing")

    _only(monkeypatch, crash)

    assert verify(subject({}))["one"] == not_checked("The check itself failed: LookupError: no such thing.")


def test_check_that_never_ends_is_left_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    from threading import Event

    release = Event()

    def hang(subject: CheckSubject) -> Measured:
        release.wait(20)
        return PASSED

    _only(monkeypatch, hang)
    began = time.monotonic()

    assert verify(subject({}, seconds=0.2))["one"] == not_checked("It did not end within 0 s.")
    assert time.monotonic() - began < 15
    release.set()


def test_unknown_criterion_is_not_checked() -> None:
    assert verify(subject({}), ["looks_expensive"]) == {
        "looks_expensive": not_checked("There is no check called looks_expensive.")
    }


def test_figure_that_no_check_is_judged_by_is_no_pass() -> None:
    results = verify(subject({**files_of(HERE)}), ["valid_html"], thresholds={"valid_html": 3})

    assert results["valid_html"].state is CheckState.NOT_CHECKED


def test_every_figure_of_a_type_is_one_that_its_check_is_judged_by() -> None:
    asked = {(kind.id, name) for kind in find_types().values() for name in kind.thresholds}

    assert asked and {(kind, name) for kind, name in asked if not find_checks()[name].unit} == set()


@pytest.mark.parametrize(("asked", "state"), [(2.0, CheckState.FAIL), (3.0, CheckState.PASS)])
def test_type_that_asks_for_two_seconds_is_judged_by_two(server: Server, asked: float, state: CheckState) -> None:
    """Where no browser is: about 1.5 MB take some 2.2 s of 4G."""
    server.files["assets/large.png"] = b"x" * 1_500_000
    server.files["index.html"] = str(server.files["index.html"]).replace(
        "<h1>", '<img src="assets/large.png" width="9" height="9" alt="Large"><h1>'
    )
    whole = subject(server.files, server.address)

    measured = find_checks()["loads_fast"].measure(replace(whole, thresholds={"loads_fast": asked}))

    assert measured.state is state, measured
    assert f"asked is less than {asked:g} s" in measured.evidence


@pytest.mark.parametrize(
    ("results", "criteria", "is_open", "proven"),
    [
        ({"a": PASSED}, {"a": True}, True, True),
        ({"a": FAILED}, {"a": True}, False, False),
        ({"a": FAILED, "b": PASSED}, {"a": False, "b": True}, True, True),
        ({"a": not_checked("No.")}, {"a": True}, True, False),
        ({"a": not_checked("No."), "b": FAILED}, {"a": True, "b": True}, False, False),
        ({}, {"a": True}, False, False),
        ({}, {}, True, True),
    ],
)
def test_gate_stops_what_failed_and_never_says_that_the_unmeasured_passed(
    results: dict[str, Measured], criteria: dict[str, bool], is_open: bool, proven: bool
) -> None:
    decided = gate(results, criteria)

    assert (decided.open, decided.proven) == (is_open, proven)


def test_summary_counts_each_state_for_itself() -> None:
    assert (
        summary_of({"a": PASSED, "b": FAILED, "c": not_checked("No.")}).sentence == "1 passed, 1 failed, 1 not checked."
    )


def test_without_a_browser_what_needs_one_is_not_checked_and_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("CHROMIUM", "/nowhere/chromium")

    results = verify(subject({**files_of(HERE)}), ["accessibility", "mobile_layout", "screenshots"])

    assert {one.state for one in results.values()} == {CheckState.NOT_CHECKED}
    assert all("browser" in one.evidence for one in results.values())


def test_twelve_pages_are_verified_without_a_browser(server: Server) -> None:
    page = files_of(server.address)["about/index.html"]
    for number in range(9):
        server.files[f"page-{number}/index.html"] = page.replace("about/", f"page-{number}/").replace(
            "About", f"{number}"
        )
    wanted = [name for name, one in find_checks().items() if one.needs != "browser" and not one.uses_browser]

    results = verify(subject(server.files, server.address), wanted, delivered=server.delivered)

    assert not [name for name, one in results.items() if one.state is CheckState.NOT_CHECKED]


def _slow(asked: BaseHTTPRequestHandler) -> None:
    """One header letter at a time, for longer than anybody waits."""
    asked.wfile.write(b"HTTP/1.1 200 OK\r\n")
    for _ in range(300):
        asked.wfile.write(b"X: y\r\n")
        asked.wfile.flush()
        time.sleep(0.1)


def _endless(asked: BaseHTTPRequestHandler) -> None:
    asked.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 100000000\r\n\r\n")
    for _ in range(1_000):
        asked.wfile.write(b"x" * 100_000)


def _nonsense(asked: BaseHTTPRequestHandler) -> None:
    asked.wfile.write(b"\x00\xff nothing that HTTP knows\r\n\r\n")


def _to(address: str) -> Callable[[BaseHTTPRequestHandler], None]:
    def redirect(asked: BaseHTTPRequestHandler) -> None:
        asked.send_response(302)
        asked.send_header("Location", address)
        asked.send_header("Content-Length", "0")
        asked.end_headers()

    return redirect


HOSTILE: Sequence[tuple[Callable[[BaseHTTPRequestHandler], None], str]] = [
    (_to("/about/"), "about/: leads on and on: more than 5 redirects"),
    (_endless, "about/: answers with more than 8,000,000 bytes"),
    (_nonsense, "about/: could not be read"),
    (_to("file:///etc/passwd"), "about/: leads to file:///etc/passwd, another server"),
    (_to("http://169.254.169.254/latest/meta-data/"), "about/: leads to http://169.254.169.254"),
    (_to("http://["), "about/: leads to what is no address"),
]


@pytest.mark.parametrize(("answer", "said"), HOSTILE, ids=[one[1][:40] for one in HOSTILE])
def test_hostile_answer_ends_in_time_with_a_finding(
    server: Server, answer: Callable[[BaseHTTPRequestHandler], None], said: str
) -> None:
    server.odd["about/"] = answer
    began = time.monotonic()

    results = verify(subject(server.files, server.address, seconds=4), SERVER_CHECKS, delivered=server.delivered)

    assert time.monotonic() - began < 30
    assert results["pages_render"].state is CheckState.FAIL
    assert any(said in one for one in results["pages_render"].findings), results["pages_render"]


def test_dripping_server_is_left_and_is_no_pass(server: Server) -> None:
    server.odd["about/"] = _slow
    began = time.monotonic()

    results = verify(subject(server.files, server.address, seconds=1.5), SERVER_CHECKS, delivered=server.delivered)

    assert time.monotonic() - began < 15
    assert (
        results["pages_render"].state is CheckState.NOT_CHECKED
        and results["links_resolve"].state is CheckState.NOT_CHECKED
    )


def test_site_leads_checks_to_no_other_server(server: Server) -> None:
    """The other one stands for whatever else listens on this machine."""
    with serving() as other:
        server.odd["about/"] = _to(f"{other.address}admin")
        server.files["index.html"] = str(server.files["index.html"]).replace(
            "<h1>", f'<a href="{other.address}delete">x</a><img alt="" src="{other.address}pixel.png"><h1>'
        )

        results = verify(
            subject(server.files, server.address), SERVER_CHECKS, delivered=server.delivered, ask_outside=True
        )

        assert other.asked == []
        assert results["links_resolve"].state is CheckState.FAIL
        assert any("leads into a network that is not the internet" in one for one in results["links_resolve"].findings)
