"""Published sites are open to everybody, whole, and powerless; nothing else slips through with them."""
# ruff: noqa: F811 - fixtures of the sites of core are asked for by their names

from __future__ import annotations

import http.client
import socket
from collections.abc import Callable
from contextlib import closing
from urllib.parse import urlsplit

import httpx2
import pytest

from core.actor import Actor, Role, Tier
from core.bootstrap import Application
from core.identity.rules import SESSION_COOKIE
from tests.core.websites.conftest import admin_of, answering, hosted  # noqa: F401 - fixtures
from tests.core.websites.serving import kept, published


def _raw(
    url: str, path: str, *, method: str = "GET", host: str | None = None
) -> tuple[int, bytes, http.client.HTTPMessage]:
    """Asks for exactly this path: clients tidy paths up before they send them."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=10)
    connection.putrequest(method, path, skip_host=host is not None)
    if host is not None:
        connection.putheader("Host", host)
    connection.endheaders()
    with closing(connection):
        answer = connection.getresponse()
        return answer.status, answer.read(), answer.headers


@pytest.fixture
def slug(hosted: Application) -> str:
    return published(hosted)[0].slug


@pytest.fixture
def base(hosted: Application) -> str:
    return hosted.settings.base_url


def test_pages_answer_without_signing_in(hosted: Application, slug: str, base: str) -> None:
    for path in ("", "about/", "blog/first-loaf/", "sitemap.xml", "robots.txt", "feed.xml"):
        assert httpx2.get(f"{base}/sites/{slug}/{path}").status_code == 200
    head = httpx2.head(f"{base}/sites/{slug}/")
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-type"] == "text/html; charset=utf-8"


def test_a_missing_slash_leads_to_the_page(slug: str, base: str) -> None:
    for asked, leads in ((f"/sites/{slug}", f"/sites/{slug}/"), (f"/sites/{slug}/about", f"/sites/{slug}/about/")):
        answer = httpx2.get(base + asked)
        assert (answer.status_code, answer.headers["location"]) == (308, leads)


def test_what_is_not_there_is_the_sites_own_page(slug: str, base: str) -> None:
    answer = httpx2.get(f"{base}/sites/{slug}/nothing/here")
    assert answer.status_code == 404
    assert "This page is not here" in answer.text
    assert httpx2.get(f"{base}/sites/nobody/").status_code == 404


def test_crawlers_are_told_of_the_whole_host_without_signing_in(hosted: Application, base: str) -> None:
    answer = httpx2.get(f"{base}/robots.txt")

    assert answer.status_code == 200 and answer.headers["content-type"].startswith("text/plain")
    assert answer.text == "User-agent: *\nAllow: /sites/\nDisallow: /\n"


TRICKS = (
        "/sites/{slug}/../../inbox", "/sites/../inbox", "/sites/%2e%2e/inbox", "/sites/%2e%2e%2finbox", "/sites//inbox",
        "/sites/{slug}/%2e%2e/%2e%2e/inbox", "/sites/{slug}/..%2f..%2finbox", "/sites/{slug}/..\\..\\inbox",
        "/sites/{slug}/%00", "/sites/{slug}//", "//sites/{slug}/", "/Sites/{slug}/", "/sites",
        "/sites/{slug}/%252e%252e/inbox", "/./sites/../inbox", "/sites;/inbox", "/sites/{slug}/_stcore/health",
        "/preview/sites/{slug}/", "/inbox?/sites/", "/inbox#/sites/", "/%73ites/../inbox",
    )  # fmt: skip


def test_path_tricks_open_nothing(slug: str, base: str, admin_of: Actor) -> None:
    for path in TRICKS:
        status, body, _ = _raw(base, path.format(slug=slug))
        assert (path, body) != (path, b"inside")
        assert (path, status in (303, 308, 400, 401, 404, 405)) == (path, True)


def test_a_host_that_looks_like_a_path_opens_nothing(base: str, admin_of: Actor) -> None:
    for host in ("x/sites/", "x/sites/?", "x/auth/?", "localhost/sites/#"):
        assert _raw(base, "/inbox", host=host)[1] != b"inside"


def test_sockets_are_not_let_through_below_sites(slug: str, base: str) -> None:
    parts = urlsplit(base)
    with socket.create_connection((parts.hostname, parts.port), timeout=10) as wire:
        wire.sendall(
            f"GET /sites/{slug}/_stcore/stream HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
            "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n".encode()
        )
        assert b" 101 " not in wire.recv(200)


def test_pages_may_do_nothing_in_the_name_of_the_dashboard(slug: str, base: str) -> None:
    for path in ("", "nothing", "assets/none.css"):
        headers = httpx2.get(f"{base}/sites/{slug}/{path}", headers={"cookie": f"{SESSION_COOKIE}=x"}).headers
        policy = headers["content-security-policy"]
        assert "default-src 'none'; script-src 'none'; " in policy and "frame-ancestors 'none'" in policy
        assert "sandbox " in policy and "allow-same-origin" not in policy and "allow-top-navigation" not in policy
        assert "'unsafe" not in policy and policy.count("script-src") == 1
        assert f"connect-src {base}/robots.txt;" in policy
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-frame-options"] == "DENY"
        assert "set-cookie" not in headers


def test_unchanged_files_are_not_sent_again(slug: str, base: str) -> None:
    first = httpx2.get(f"{base}/sites/{slug}/")
    tag = first.headers["etag"]
    assert first.headers["content-encoding"] == "gzip"
    for asked in (tag, f'"other", {tag}', f"W/{tag}", "*"):
        again = httpx2.get(f"{base}/sites/{slug}/", headers={"if-none-match": asked})
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["content-security-policy"] == first.headers["content-security-policy"]
    assert httpx2.get(f"{base}/sites/{slug}/", headers={"if-none-match": '"other"'}).status_code == 200
    plain = httpx2.get(f"{base}/sites/{slug}/", headers={"accept-encoding": "identity", "if-none-match": tag})
    assert (plain.status_code, "content-encoding" in plain.headers, plain.text) == (200, False, first.text)


def test_files_named_by_their_content_are_kept_for_ever_and_pages_are_asked_again(
    hosted: Application, slug: str, base: str
) -> None:  # fmt: skip
    site = hosted.sites_queries.live.site(slug)
    assert site and site.tree
    assets = [path for path in site.tree.files if path.startswith("assets/")]
    assert assets
    for path in assets:
        answer = httpx2.get(f"{base}/sites/{slug}/{path}")
        assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert ("access-control-allow-origin" in answer.headers) is path.endswith(".woff2")
    assert "max-age=0" in httpx2.get(f"{base}/sites/{slug}/").headers["cache-control"]


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS", "POST"])
def test_pages_can_only_be_read(slug: str, base: str, method: str) -> None:
    assert httpx2.request(method, f"{base}/sites/{slug}/about/").status_code == 405


def test_a_version_that_is_not_live_is_shown_to_those_who_may_see_it_only(
    hosted: Application, base: str, slug: str, admin_of: Actor, person_of: Callable[..., str]
) -> None:  # fmt: skip
    _, version = kept(hosted, name="Draft")
    address = f"{base}/preview/{version.id}/"
    assert httpx2.get(address).status_code == 401
    assert httpx2.get(f"{base}/sites/draft/").status_code == 404
    stranger = httpx2.get(address, headers={"cookie": f"{SESSION_COOKIE}={person_of(Role.USER)}"})
    assert (stranger.status_code, "Draft" in stranger.text) == (404, False)
    mine = {"cookie": f"{SESSION_COOKIE}={hosted.identity.open_session(admin_of)}"}
    seen = httpx2.get(address, headers=mine)
    assert (seen.status_code, "Draft" in seen.text) == (200, True)
    policy = seen.headers["content-security-policy"]
    assert "frame-ancestors 'self'" in policy and "allow-scripts" not in policy and "form-action 'none'" in policy
    assert (seen.headers["x-frame-options"], seen.headers["cache-control"]) == ("SAMEORIGIN", "private, no-cache")
    assert httpx2.get(f"{base}/preview/{version.id}/about", headers=mine).headers["location"].endswith("/about/")
    for path in ("/preview/../inbox", "/preview/x/", f"/preview/{version.id}/../../etc/passwd"):
        assert httpx2.get(base + path, headers=mine).status_code in (200, 404)


@pytest.fixture
def person_of(hosted: Application, admin_of: Actor) -> Callable[..., str]:
    """Makes somebody with these roles; answers the cookie of their session."""

    def make(*roles: Role) -> str:
        hosted.identity.add_user(
            admin_of, email="other@example.com", name="Other", password="correct horse battery staple",
            roles=frozenset(roles), tier=Tier.STARTER,
        )  # fmt: skip
        return hosted.identity.open_session(_actor(hosted, "other@example.com"))

    return make


def _actor(app: Application, email: str) -> Actor:
    from core.identity.service import actor_of

    found, _ = app.identity_queries.people(text=email)
    return actor_of(found[0].user)
