"""A Mastodon instance as docs.joinmastodon.org describes it: content as HTML, keys that repeat a request, its own limits."""

from __future__ import annotations

import html
import json
import re
from datetime import UTC, datetime, timedelta
from typing import Any

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response

from tests.doubles.social_network import WAIT, Kept, SocialNetwork

TOKEN = "mastodon-secret-5fa1"


class Mastodon(SocialNetwork):
    handle = "countersign"
    most = 500
    keeps_keys = True
    """Whether it honours Idempotency-Key; compatible servers may not."""
    has_source = True
    old = False
    """It has the first version of what an instance says of itself only."""

    def __init__(self) -> None:
        super().__init__()
        self.keys: dict[str, str] = {}
        self.working = 0
        """How often a picture is asked for before it is ready."""

    def is_change(self, request: Request) -> bool:
        path = request.url.path
        return (request.method, path) == ("POST", "/api/v1/statuses") or request.method == "DELETE"

    def signed_in(self, request: Request) -> Response | None:
        public = any(part in request.url.path for part in ("/instance", "/@"))
        if public or request.headers.get("authorization") == f"Bearer {TOKEN}":
            return None
        return JSONResponse({"error": "The access token is invalid"}, status_code=401)

    def refused(self) -> Response:
        return JSONResponse({"error": "Validation failed: Text can't be blank"}, status_code=422)

    def throttled(self) -> Response:
        at = (datetime.now(UTC) + timedelta(seconds=WAIT)).isoformat().replace("+00:00", "Z")
        headers = {"x-ratelimit-limit": "300", "x-ratelimit-remaining": "0", "x-ratelimit-reset": at}
        return JSONResponse({"error": "Too many requests"}, status_code=429, headers=headers)

    async def answer(self, request: Request) -> Response:
        path, method = request.url.path, request.method
        if path == "/api/v2/instance" and not self.old:
            return JSONResponse(self.instance())
        if path == "/api/v1/instance":
            return JSONResponse({"uri": "127.0.0.1", "version": "3.4.0", "max_toot_chars": self.most})
        if path == "/api/v1/accounts/verify_credentials":
            return JSONResponse({"id": "101", "username": self.handle, "acct": self.handle})
        if path == "/api/v1/accounts/101/statuses":
            return JSONResponse([self.status(one) for one in reversed(self.posts.values())])
        if (found := re.fullmatch(r"/@\w+/(\d+)", path)) and found[1] in self.posts:
            return HTMLResponse(_as_html(self.posts[found[1]].text))
        if path == "/api/v2/media":
            return await self.take_picture(request)
        if found := re.fullmatch(r"/api/v1/media/(\d+)", path):
            self.working -= 1
            return JSONResponse({"id": found[1], "url": None}, status_code=206 if self.working > 0 else 200)
        if (method, path) == ("POST", "/api/v1/statuses"):
            return await self.post(request)
        if found := re.fullmatch(r"/api/v1/statuses/(\w+)(/source)?", path):
            kept = self.posts.get(found[1])
            if kept is None or (found[2] and not self.has_source):
                return JSONResponse({"error": "Record not found"}, status_code=404)
            if method == "DELETE":
                del self.posts[found[1]]
                self.changes += 1
            if found[2]:
                return JSONResponse({"id": kept.reference, "text": kept.text, "spoiler_text": ""})
            return JSONResponse(self.status(kept))
        return JSONResponse({"error": "The page you were looking for doesn't exist."}, status_code=404)

    def instance(self) -> dict[str, Any]:
        statuses = {"max_characters": self.most, "max_media_attachments": 4, "characters_reserved_per_url": 23}
        media = {"supported_mime_types": ["image/jpeg", "image/png"], "image_size_limit": 16777216,
                 "description_limit": 1500}  # fmt: skip
        return {"domain": "127.0.0.1", "version": "4.5.0",
                "configuration": {"statuses": statuses, "media_attachments": media}}  # fmt: skip

    async def take_picture(self, request: Request) -> Response:
        async with request.form() as form:
            file: Any = form["file"]
            name = str(900 + len(self.pictures))
            self.pictures[name] = {"data": await file.read(), "alt": form.get("description"), "kind": file.content_type}
        return JSONResponse({"id": name, "type": "image"}, status_code=202 if self.working > 0 else 200)

    async def post(self, request: Request) -> Response:
        asked = json.loads(await request.body())
        key = request.headers.get("idempotency-key", "")
        if self.keeps_keys and key in self.keys:
            return JSONResponse(self.status(self.posts[self.keys[key]]))
        if len(asked["status"]) > self.most:
            words = f"Validation failed: Text character limit of {self.most} exceeded"
            return JSONResponse({"error": words}, status_code=422)
        self.changes += 1
        reference = str(112000 + self.changes)
        self.keys[key] = reference
        more = {"visibility": asked.get("visibility"), "media": asked.get("media_ids", [])}
        return JSONResponse(self.status(self.keep(reference, asked["status"], **more)))

    def status(self, kept: Kept) -> dict[str, Any]:
        return {
            "id": kept.reference,
            "created_at": "2026-01-05T09:00:00.000Z",
            "content": _as_html(kept.text),
            "url": f"{self.url}/@{self.handle}/{kept.reference}",
            "account": {"id": kept.more.get("of", "101"), "acct": self.handle},
        }


def _as_html(text: str) -> str:
    shown = re.sub(r"@(\w+)@[\w.]+", r"@\1", text)
    paragraphs = [html.escape(one, quote=False).replace("\n", "<br />") for one in shown.split("\n\n")]
    linked = (re.sub(r"(https?://)(\S+)", r'<a href="\1\2"><span class="invisible">\1</span><span>\2</span></a>', one)
              for one in paragraphs)  # fmt: skip
    return "".join(f"<p>{one}</p>" for one in linked)
