"""Forms outside Streamlit: rendered by Jinja, protected against forged posts by a signed double-submit token."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from itsdangerous import BadSignature, URLSafeTimedSerializer
from jinja2 import Environment, FileSystemLoader, select_autoescape
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from core.errors import CountersignError
from core.settings import ROOT

FORM_COOKIE = "countersign_form"
FORM_SECONDS = 4 * 3600

_PAGE_POLICY = (
    "default-src 'self'; style-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'; "
    "form-action 'self'"
)


MOST_BYTES = 16 * 1024
_MOST_FIELDS = 20


class FormExpired(CountersignError):
    """This form was open too long or came from another site. Fill it in once more; nothing was changed."""

    http_status = 400


class Forms:
    def __init__(self, secret: str) -> None:
        self._signer = URLSafeTimedSerializer(secret, salt="form")
        self._templates = Environment(
            loader=FileSystemLoader(ROOT / "web" / "templates"), autoescape=select_autoescape(), auto_reload=False
        )

    def page(self, request: Request, template: str, values: Mapping[str, Any], *, status: int = 200) -> Response:
        """The filled template, with a fresh token in both the form and a cookie."""
        nonce = secrets.token_urlsafe(16)
        html = self._templates.get_template(template).render(token=self._signer.dumps(nonce), **values)
        answer = HTMLResponse(html, status_code=status, headers={"content-security-policy": _PAGE_POLICY})
        answer.headers["cache-control"] = "no-store"
        answer.set_cookie(FORM_COOKIE, nonce, httponly=True, samesite="strict", secure=is_secure(request), path="/auth")
        return answer

    def check(self, request: Request, form: FormData) -> None:
        """Refuses (FormExpired) a post that this installation's own page did not make for this browser."""
        origin = request.headers.get("origin")
        if origin and origin != "null" and _host_of(origin) != request.headers.get("host", ""):
            raise FormExpired()
        try:
            nonce = self._signer.loads(str(form.get("token", "")), max_age=FORM_SECONDS)
        except BadSignature:
            raise FormExpired() from None
        if not secrets.compare_digest(str(nonce), request.cookies.get(FORM_COOKIE, "")):
            raise FormExpired()


async def posted(request: Request) -> FormData:
    """The fields of one of our forms, which are few and short; nothing of what is none or longer, so that `check` refuses it.

    Anybody may post to these addresses, so no more is read, and nothing is taken apart that costs more than to send it.
    """
    body = b""
    async for piece in request.stream():
        body += piece
        if len(body) > MOST_BYTES:
            return FormData()
    try:
        found = parse_qsl(body.decode("ascii"), keep_blank_values=True, max_num_fields=_MOST_FIELDS)
    except ValueError:
        return FormData()
    return FormData(dict(reversed(found)))  # of several with one name, the first counts


def is_secure(request: Request) -> bool:
    return request.url.scheme == "https"


def safe_next(wanted: str) -> str:
    """`wanted` if it is a path of this site, else the home page: a sign-in link must not lead elsewhere."""
    try:
        parts = urlsplit(wanted)
    except ValueError:  # a host that is none, after all
        return "/"
    local = wanted.startswith("/") and not wanted.startswith(("//", "/\\")) and not parts.netloc and not parts.scheme
    return wanted if local and wanted.isprintable() and not parts.path.startswith("/auth/") else "/"


def _host_of(origin: str) -> str | None:
    """With its port; None for what is no origin."""
    try:
        return urlsplit(origin).netloc
    except ValueError:
        return None
