"""Small sites by hand for checks, whole or broken in one way, and servers on loopback that serve or misbehave."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, unquote

from core.websites.built import BuiltSite, SiteFile
from core.websites.check import CheckSubject
from core.websites.content import Brand, ContactForm, Page, Site
from core.websites.references import looked_up

HEADERS = {
    "Content-Security-Policy": "default-src 'none'; img-src 'self'; style-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff", "Referrer-Policy": "strict-origin-when-cross-origin",
}  # fmt: skip
_TYPES = {
    "html": "text/html; charset=utf-8",
    "css": "text/css",
    "xml": "application/xml",
    "txt": "text/plain",
    "svg": "image/svg+xml",
}
_ICON = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 8"><path d="M0 0h8v8H0z"/></svg>'
_CSS = """:root{color-scheme:light dark;--ink:#14171f;--paper:#ffffff;--on-fill:#ffffff;--fill:#2b47b8}
@media (prefers-color-scheme:dark){:root{--ink:#f4f4f2;--paper:#0f1115;--fill:#93a5f0;--on-fill:#0f1115}}
body{margin:0;padding:24px;font:18px/1.6 sans-serif;color:var(--ink);background-color:var(--paper)}
a{color:inherit;display:inline-block;padding:8px}img{max-width:100%;height:auto}
input,textarea{display:block;width:100%;max-width:320px;font:inherit}
button{color:var(--on-fill);background-color:var(--fill);font:inherit;padding:12px 24px;border:0}
"""
_NAMES = {"": "Home", "about/": "About", "contact/": "Contact"}


def files_of(address: str, *, form: str = "/form") -> dict[str, str]:
    """Three pages that every criterion passes, as they lie at `address`."""
    files = {
        "assets/site.css": _CSS,
        "assets/icon.svg": _ICON,
        "robots.txt": f"User-agent: *\nAllow: /\n\nSitemap: {address}sitemap.xml\n",
        "sitemap.xml": '<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">'
        + "".join(f"<url><loc>{address}{path}</loc></url>" for path in _NAMES)
        + "</urlset>",
        "404.html": _page(address, "404.html", "Not here", "<p>There is no page at this address.</p>"),
    }
    for path, name in _NAMES.items():
        files[f"{path}index.html"] = _page(
            address, path, name, _form(form) if path == "contact/" else f"<p>This page is {name}.</p>"
        )
    return files


def built(files: Mapping[str, str | bytes]) -> BuiltSite:
    def file(path: str, data: str | bytes) -> SiteFile:
        ending = path.rsplit(".", 1)[-1]
        return SiteFile(
            data.encode() if isinstance(data, str) else data, _TYPES.get(ending, "application/octet-stream")
        )

    return BuiltSite({path: file(path, data) for path, data in files.items()})


def subject(files: Mapping[str, str | bytes], address: str | None = None, *, seconds: float = 20.0) -> CheckSubject:
    page = Page(
        key="home", path="", name="Home", title="Home", description="Home.", blocks=(ContactForm(title="Write"),)
    )
    site = Site(name="By hand", description="By hand.", layout="plain", brand=Brand(), pages=(page,), navigation=())
    return CheckSubject(site, built(files), address, timeout_seconds=seconds)


def _page(address: str, path: str, name: str, body: str) -> str:
    root = "/" if path == "404.html" else "../" * path.count("/") or "./"
    links = "".join(f'<a href="{root}{to}">{said}</a>' for to, said in _NAMES.items())
    head = "" if path == "404.html" else (
        f'<link rel="canonical" href="{address}{path}">\n<meta property="og:title" content="{name}">'
        f'<meta property="og:description" content="What {name} says.">\n<meta property="og:url" content="{address}{path}">'
        f'<meta property="og:type" content="website"><meta property="og:image" content="{address}assets/icon.svg">\n'
        f'<script type="application/ld+json">{{"@context":"https://schema.org","@type":"WebSite","name":"{name}",'
        f'"url":"{address}"}}</script>'
    )  # fmt: skip
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>{name} of ours</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="description" content="What {name} says.">
<link rel="stylesheet" href="{root}assets/site.css">
<link rel="icon" href="{root}assets/icon.svg">
{head}
</head>
<body>
<nav aria-label="Main">{links}</nav>
<main id="main">
<h1>{name}</h1>
<img src="{root}assets/icon.svg" width="32" height="32" alt="A square">
{body}
</main>
</body>
</html>
"""


def _form(action: str) -> str:
    return f"""<form method="post" action="{action}">
<label for="name">Name</label><input id="name" name="name" required>
<label for="email">E-mail</label><input id="email" name="email" type="email" required>
<label for="message">Message</label><textarea id="message" name="message" required></textarea>
<div hidden><label for="trap">Leave empty</label><input id="trap" name="website"></div>
<button type="submit">Send</button>
</form>"""


@dataclass
class Server:
    """What it serves can be changed at any time; what it was asked is kept."""

    port: int
    files: dict[str, str | bytes] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=lambda: dict(HEADERS))
    types: dict[str, str] = field(default_factory=dict)
    """By path, where it is not what the name ends with."""
    asked: list[str] = field(default_factory=list)
    posted: list[dict[str, list[str]]] = field(default_factory=list)
    odd: dict[str, Callable[[BaseHTTPRequestHandler], None]] = field(default_factory=dict)
    """By path: what it does instead of serving."""
    loses: bool = False
    """Takes messages and forgets them."""

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}/"

    def delivered(self, mark: str) -> bool:
        return any(mark in one.get("message", [""])[0] and not one.get("website") for one in self.posted)


@contextmanager
def serving() -> Iterator[Server]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            path = unquote(self.path.partition("?")[0])[1:]
            server.asked.append(path)
            if path in server.odd:
                server.odd[path](self)
                return
            file = looked_up(built(server.files), path)
            self._answer(200 if file else 404, file or "404.html")

        def do_HEAD(self) -> None:
            self.do_GET()

        def do_POST(self) -> None:
            said = self.rfile.read(int(self.headers.get("content-length", 0))).decode()
            server.asked.append(self.path[1:])
            if not server.loses:
                server.posted.append(parse_qs(said))
            self.send_response(303)
            self.send_header("Location", "/about/")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def _answer(self, status: int, file: str) -> None:
            held = built(server.files).files.get(file)
            body = held.data if held else b""
            self.send_response(status)
            self.send_header("Content-Type", server.types.get(file, held.media_type if held else "text/plain"))
            self.send_header("Content-Length", str(len(body)))
            for name, value in server.headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            pass

    class Quiet(ThreadingHTTPServer):
        daemon_threads = True
        block_on_close = False

        def handle_error(self, request: object, client_address: object) -> None:
            """Somebody left before the end, as checks do."""

    http = Quiet(("127.0.0.1", 0), Handler)
    server = Server(http.server_address[1])
    thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        http.shutdown()
        http.server_close()
        thread.join()
