"""X as docs.x.com describes it: problems with a type, answers of 200 that hold errors, links that are shortened."""

from __future__ import annotations

import base64
import hmac
import html
import json
import re
import time
from typing import Any
from urllib.parse import quote, unquote

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from tests.doubles.social_network import WAIT, Kept, SocialNetwork

TOKEN = "x-secret-aa31"
KEYS = {"token_secret": "x-secret-b1", "consumer_key": "x-secret-c2", "consumer_secret": "x-secret-d3"}
"""Of OAuth 1.0a, beside the token."""
_TYPES = "https://api.twitter.com/2/problems/"


class X(SocialNetwork):
    handle = "countersign"
    may_read = True
    """Whether the app's plan lets it read posts."""

    def is_change(self, request: Request) -> bool:
        return (request.method, request.url.path) == ("POST", "/2/tweets") or request.method == "DELETE"

    def signed_in(self, request: Request) -> Response | None:
        given = request.headers.get("authorization", "")
        if given == f"Bearer {TOKEN}" or _is_signed(request, given):
            return None
        return _problem(401, "Unauthorized", "Unauthorized", "about:blank")

    def refused(self) -> Response:
        return _problem(403, "Forbidden", "You are not permitted to perform this action.", "about:blank")

    def throttled(self) -> Response:
        headers = {"x-rate-limit-limit": "100", "x-rate-limit-remaining": "0",
                   "x-rate-limit-reset": str(int(time.time()) + WAIT)}  # fmt: skip
        return _problem(429, "Too Many Requests", "Too Many Requests", "about:blank", headers)

    async def answer(self, request: Request) -> Response:
        path, method = request.url.path, request.method
        if path == "/2/users/me":
            return JSONResponse({"data": {"id": "2244994945", "name": "Countersign", "username": self.handle}})
        if path == "/2/media/upload":
            return await self.take_picture(request)
        if path == "/2/media/metadata":
            asked = json.loads(await request.body())
            self.pictures[asked["id"]]["alt"] = asked["metadata"]["alt_text"]["text"]
            return JSONResponse({"data": {"id": asked["id"]}})
        if (method, path) == ("POST", "/2/tweets"):
            return self.post(json.loads(await request.body()))
        if path == "/2/users/2244994945/tweets":
            if not self.may_read:
                return _problem(
                    403, "Client Forbidden", "Your plan does not include this.", f"{_TYPES}client-forbidden"
                )
            return JSONResponse({"data": [self.tweet(one) for one in reversed(self.posts.values())]})
        if found := re.fullmatch(r"/2/tweets/(\d+)", path):
            if method == "DELETE":
                self.changes += bool(self.posts.pop(found[1], None))
                return JSONResponse({"data": {"deleted": True}})
            kept = self.posts.get(found[1])
            if kept is None:
                error = {"title": "Not Found Error", "detail": f"Could not find tweet with id: [{found[1]}].",
                         "type": f"{_TYPES}resource-not-found", "value": found[1], "parameter": "id"}  # fmt: skip
                return JSONResponse({"errors": [error]})
            return JSONResponse({"data": self.tweet(kept)})
        return _problem(404, "Not Found", "Not Found", "about:blank")

    async def take_picture(self, request: Request) -> Response:
        async with request.form() as form:
            file: Any = form["media"]
            name = str(1800000 + len(self.pictures))
            self.pictures[name] = {"data": await file.read(), "alt": None, "kind": file.content_type}
        return JSONResponse({"data": {"id": name, "media_key": f"3_{name}", "expires_after_secs": 86400}})

    def post(self, asked: dict[str, Any]) -> Response:
        if any(one.text == asked["text"] for one in self.posts.values()):
            words = "You are not allowed to create a Tweet with duplicate content."
            return _problem(403, "Forbidden", words, "about:blank")
        self.changes += 1
        reference = str(1445880548472328000 + self.changes)
        kept = self.keep(reference, asked["text"], media=asked.get("media", {}).get("media_ids", []))
        return JSONResponse({"data": {"id": reference, "text": self.tweet(kept)["text"]}}, status_code=201)

    def tweet(self, kept: Kept) -> dict[str, Any]:
        urls, text = [], html.escape(kept.text, quote=False)
        for number, link in enumerate(re.findall(r"https?://\S+", kept.text)):
            short = f"https://t.co/{number}abc"
            text = text.replace(html.escape(link, quote=False), short)
            urls.append({"url": short, "expanded_url": link, "display_url": link[:20]})
        if kept.more.get("media"):
            text += " https://t.co/pic"
            urls.append({"url": "https://t.co/pic", "expanded_url": "https://x.com/photo/1", "media_key": "3_1"})
        author = kept.more.get("of", "2244994945")
        return {"id": kept.reference, "text": text, "author_id": author, "entities": {"urls": urls}}


def _is_signed(request: Request, given: str) -> bool:
    """Whether the signature is that of this very request (RFC 5849, 3.4)."""
    said = {name: unquote(value) for name, value in re.findall(r'(oauth_\w+)="([^"]*)"', given)}
    signature = said.pop("oauth_signature", "")
    if (said.get("oauth_token"), said.get("oauth_consumer_key")) != (TOKEN, KEYS["consumer_key"]):
        return False
    pairs = sorted((quote(k, safe="~"), quote(v, safe="~")) for k, v in [*said.items(), *request.query_params.items()])
    parameters = "&".join(f"{name}={value}" for name, value in pairs)
    base = "&".join(quote(part, safe="~") for part in (request.method, str(request.url).split("?")[0], parameters))
    key = f"{quote(KEYS['consumer_secret'], safe='~')}&{quote(KEYS['token_secret'], safe='~')}"
    right = base64.b64encode(hmac.new(key.encode(), base.encode(), "sha1").digest()).decode()
    return hmac.compare_digest(right, signature)


def _problem(status: int, title: str, detail: str, kind: str, headers: dict[str, str] | None = None) -> Response:
    body = {"title": title, "detail": detail, "type": kind, "status": status}
    return JSONResponse(body, status_code=status, headers=headers)
