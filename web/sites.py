"""Published sites for everybody, and previews of versions for people who are signed in.

A site's pages come from the same host as the dashboard, so nothing of them may act as the dashboard: they are sandboxed
into an origin of their own, load and run no script, and no cookie is read or set for them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import partial
from urllib.parse import parse_qsl, quote, urlsplit

from anyio import to_thread
from starlette.applications import Starlette
from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from core.bootstrap import Application
from core.errors import CountersignError, NotFound
from core.identifiers import parse_id
from core.identity.rules import SESSION_COOKIE
from core.websites.form_page import form_page
from core.websites.live import MISSING, Contents, LiveSites, Tree, found_in
from core.websites.messages import MessageNotTaken, Sender

MOST_FORM_BYTES = 32_000
_MOST_FIELDS = 20
_HASHED = re.compile(r"assets/[^/]+\.[0-9a-f]{10}\.[a-z0-9]+")
"""Named by what is in it, so it never changes."""

_SOURCES = "style-src 'self'{more}; img-src 'self'{more}; font-src 'self'{more}; manifest-src 'self'; base-uri {base}"
_NOTHING = "default-src 'none'; script-src 'none'"
# Scripts are stopped by `script-src`, and not by the sandbox too: that one would also stop the scripts of tools that
# measure a page from outside (Lighthouse waits for its own without end), and those of extensions its reader chose.
_SANDBOX = "sandbox allow-scripts allow-forms allow-popups allow-popups-to-escape-sandbox allow-downloads"
_PUBLIC = (
    # The one file is what those tools ask for in the page's name; without scripts nothing of the page can.
    f"{_NOTHING}; connect-src {{robots}}; {_SOURCES}; form-action 'self'; frame-ancestors 'none'; {_SANDBOX}"
)
_PREVIEW = (
    # Of the same origin, because a sandboxed one is sent no session cookie for its style sheet; still nothing runs.
    f"{_NOTHING}; {_SOURCES}; form-action 'none'; frame-ancestors 'self'; sandbox allow-same-origin"
)
_PREVIEWED = _PREVIEW.format(more="", base="'none'")
_COMMON = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "strict-origin-when-cross-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=(), interest-cohort=()",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "cross-origin",
}
_FOREVER = "public, max-age=31536000, immutable"
_SHORTLY = "public, max-age=0, must-revalidate"


def create_sites(get_app: Callable[[], Application]) -> Starlette:
    """The ASGI app for `/sites`."""
    views = _Sites(get_app)
    return Starlette(
        routes=[
            Route("/{slug}/contact", views.contact, methods=["POST"]),
            Route("/{slug}", views.slash, methods=["GET"]),
            Route("/{slug}/{path:path}", views.page, methods=["GET"]),
        ]
    )  # fmt: skip


async def robots(_request: Request) -> Response:
    """Of the whole host, as crawlers ask for it only there: sites are open to them, the dashboard is not."""
    return PlainTextResponse("User-agent: *\nAllow: /sites/\nDisallow: /\n", headers={"cache-control": "max-age=3600"})


def create_previews(get_app: Callable[[], Application]) -> Starlette:
    """The ASGI app for `/preview`, behind the gate; it asks again who looks."""
    views = _Previews(get_app)
    return Starlette(routes=[Route("/{version}/{path:path}", views.page, methods=["GET"])])


class _Sites:
    def __init__(self, get_app: Callable[[], Application]) -> None:
        self._get_app = get_app

    async def slash(self, request: Request) -> Response:
        return await self._moved(request.path_params["slug"], "")

    async def page(self, request: Request) -> Response:
        slug, path = request.path_params["slug"], request.path_params["path"]
        app = self._get_app()
        live = app.sites_queries.live
        known, site = live.remembered(slug)
        if not known:
            site = await to_thread.run_sync(live.site, slug)
        if site is None or site.tree is None:
            return _headed(PlainTextResponse("There is no such site.", 404), app, _public(app), "no-store")
        found = found_in(site.tree.files, path)
        if found is not None and found not in site.tree.files:
            return await self._moved(slug, found)
        return await _answered(app, live, site.tree, found, request.headers, _public(app))

    async def contact(self, request: Request) -> Response:
        app, slug = self._get_app(), request.path_params["slug"]
        address = request.client.host if request.client else "unknown"
        try:
            form = await _form_of(request)
            site = await to_thread.run_sync(app.site_messages.site, slug)
        except _NotAForm as problem:
            return _headed(PlainTextResponse(str(problem), problem.status), app, _public(app), "no-store")
        except NotFound:
            return _headed(PlainTextResponse("There is no such site.", 404), app, _public(app), "no-store")
        try:
            receive = partial(
                app.site_messages.receive, slug, form, address=address, by_browser=_by_form(request.headers)
            )
            await to_thread.run_sync(receive)
        except MessageNotTaken as refused:
            return await to_thread.run_sync(_given_back, app, slug, site, refused)
        answer = RedirectResponse(f"{site.address}contact-sent/", status_code=303)
        return _headed(answer, app, _public(app), "no-store")

    async def _moved(self, slug: str, path: str) -> Response:
        """To the same with a slash behind; spelled anew from what was looked up, never from what was asked."""
        target = f"/sites/{quote(slug, safe='')}/{quote(path, safe='/')}"
        app = self._get_app()
        return _headed(RedirectResponse(target, status_code=308), app, _public(app), _SHORTLY)


class _Previews:
    def __init__(self, get_app: Callable[[], Application]) -> None:
        self._get_app = get_app

    async def page(self, request: Request) -> Response:
        app, version, path = self._get_app(), parse_id(request.path_params["version"]), request.path_params["path"]
        cookie = request.cookies.get(SESSION_COOKIE)
        policy = _PREVIEWED
        actor = await to_thread.run_sync(app.identity_queries.actor_of_session, cookie) if cookie else None
        if actor is None:
            return _headed(PlainTextResponse("Sign in first.", 401), app, policy, "no-store", framed=True)
        try:
            if version is None:
                raise NotFound(kind="version of a site", id=request.path_params["version"][:60])
            tree = await to_thread.run_sync(app.sites_queries.preview_tree, actor, version)
        except CountersignError as problem:
            return _headed(PlainTextResponse(str(problem), problem.http_status), app, policy, "no-store", framed=True)
        found = found_in(tree.files, path)
        if found is not None and found not in tree.files:
            target = f"/preview/{version}/{quote(found, safe='/')}"
            return _headed(RedirectResponse(target, status_code=307), app, policy, "no-store", framed=True)
        return await _answered(app, app.sites_queries.live, tree, found, request.headers, policy, private=True)


async def _answered(
    app: Application, live: LiveSites, tree: Tree, found: str | None, headers: Headers, policy: str, *, private: bool = False
) -> Response:  # fmt: skip
    """The file, or the site's own page for what is not there; from memory without leaving the event loop."""
    status = 200 if found is not None else 404
    said = tree.files.get(found if found is not None else MISSING)
    if said is None:
        return _headed(PlainTextResponse("There is no such page.", 404), app, policy, "no-store", framed=private)
    contents = live.held(said["sha256"], said["media_type"])
    if contents is None:
        try:
            contents = await to_thread.run_sync(live.contents, said["sha256"], said["media_type"])
        except CountersignError as problem:
            return _headed(
                PlainTextResponse(str(problem), problem.http_status), app, policy, "no-store", framed=private
            )
    lasting = found is not None and _HASHED.fullmatch(found) is not None
    kept = "private, no-cache" if private else _FOREVER if lasting else _SHORTLY
    return _headed(_file(contents, status, headers), app, policy, kept, framed=private)


def _file(contents: Contents, status: int, headers: Headers) -> Response:
    zipped = contents.gzipped is not None and _takes_gzip(headers.get("accept-encoding", ""))
    # One tag a spelling, as RFC 9110 has it: a cache must not mix them up.
    tag = f'"{contents.sha256}{"-gzip" if zipped else ""}"'
    more = {"etag": tag, "vary": "accept-encoding"} if contents.gzipped is not None else {"etag": tag}
    if contents.media_type.startswith("font/"):
        more["access-control-allow-origin"] = "*"  # a sandboxed page asks for fonts as a stranger
    if status == 200 and _has(headers.get("if-none-match", ""), tag):
        return Response(status_code=304, headers=more)
    if zipped and contents.gzipped is not None:
        return Response(contents.gzipped, status, {**more, "content-encoding": "gzip"}, contents.media_type)
    return Response(contents.data, status, more, contents.media_type)


def _has(asked: str, tag: str) -> bool:
    return asked.strip() == "*" or tag in (one.strip().removeprefix("W/") for one in asked.split(","))


def _takes_gzip(accepted: str) -> bool:
    for one in accepted.lower().split(","):
        name, _, weight = one.partition(";")
        if name.strip() in ("gzip", "*"):
            return weight.replace(" ", "") not in ("q=0", "q=0.0", "q=0.00", "q=0.000")
    return False


def _headed(answer: Response, app: Application, policy: str, kept: str, *, framed: bool = False) -> Response:
    headers: Mapping[str, str] = {
        **_COMMON, "content-security-policy": policy, "cache-control": kept,
        "x-frame-options": "SAMEORIGIN" if framed else "DENY",
    }  # fmt: skip
    for name, value in headers.items():
        answer.headers[name] = value
    if app.settings.base_url.startswith("https:"):
        answer.headers["strict-transport-security"] = "max-age=31536000"
    return answer


def _public(app: Application, *, host: str = "") -> str:
    """`host` is where a site's own files lie, if not here."""
    return _PUBLIC.format(
        more=f" {host}" if host else "", base=host or "'none'", robots=f"{app.settings.base_url}/robots.txt"
    )


# -- the contact form ----------------------------------------------------------------------------------------------------


class _NotAForm(Exception):
    def __init__(self, words: str, status: int) -> None:
        super().__init__(words)
        self.status = status


async def _form_of(request: Request) -> Mapping[str, str]:
    """The fields as a browser without scripts sends them; of several with one name, the first counts."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/x-www-form-urlencoded":
        raise _NotAForm("Send the form as application/x-www-form-urlencoded.", 415)
    body = b""
    try:
        async for piece in request.stream():
            body += piece
            if len(body) > MOST_FORM_BYTES:
                raise _NotAForm("The message is too long. Nothing was sent.", 413)
    except ClientDisconnect:
        raise _NotAForm("The message did not arrive whole. Nothing was sent.", 400) from None
    try:
        pairs = parse_qsl(
            body.decode("ascii"), keep_blank_values=True, max_num_fields=_MOST_FIELDS, encoding="utf-8", errors="strict"
        )
    except ValueError:
        raise _NotAForm("This is not a form. Nothing was sent.", 400) from None
    form: dict[str, str] = {}
    for name, value in pairs:
        form.setdefault(name, value)
    return form


def _by_form(headers: Headers) -> bool:
    """Whether it comes as browsers send a form: they name where from, if only as "null", and go to the answer."""
    return "origin" in headers and headers.get("sec-fetch-mode", "navigate") == "navigate"


def _given_back(app: Application, slug: str, site: Sender, refused: MessageNotTaken) -> Response:
    live = app.sites_queries.live
    tree = live.tree(site.version_id)
    shell, language = "", "en"
    if tree is not None:
        language = tree.language
        said = tree.files.get(MISSING)
        if said is not None:
            shell = live.contents(said["sha256"], said["media_type"]).data.decode("utf-8", "replace")
    parts = urlsplit(site.address)
    host = "" if site.here else f"{parts.scheme}://{parts.netloc}"
    page = form_page(
        shell, refused, action=app.sites.form_address(slug), language=language, base=None if site.here else site.address
    )
    answer = Response(page, refused.http_status, media_type="text/html")
    answer.headers["x-robots-tag"] = "noindex"
    return _headed(answer, app, _public(app, host=host), "no-store")
