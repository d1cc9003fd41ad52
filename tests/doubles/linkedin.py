"""LinkedIn's Posts API as learn.microsoft.com describes it; text is cut at the first sign that was not escaped."""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.parse import unquote

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from tests.doubles.social_network import WAIT, Kept, SocialNetwork

TOKEN = "linkedin-secret-c07d"
AUTHOR = "urn:li:person:a1B2c3"


class LinkedIn(SocialNetwork):
    versions = ("202509", "202510")
    may_read = True
    """Whether the token has the right to read posts; most have not."""
    uploads_at: str | None = None
    """Another address that it names for pictures."""

    def is_change(self, request: Request) -> bool:
        return (request.method, request.url.path) == ("POST", "/rest/posts") or request.method == "DELETE"

    def signed_in(self, request: Request) -> Response | None:
        if request.headers.get("authorization") == f"Bearer {TOKEN}":
            return None
        return _error(401, 65600, "Invalid access token")

    def refused(self) -> Response:
        words = "com.linkedin.content.common.exception.BadRequestResponseException: Content is a duplicate of urn:li:share:1"
        details = {
            "inputErrors": [{"description": "Duplicate post is detected", "code": "DUPLICATE_POST", "input": {}}]
        }
        return JSONResponse({"errorDetailType": "com.linkedin.common.error.BadRequest", "message": words,
                             "errorDetails": details, "status": 422}, status_code=422)  # fmt: skip

    def throttled(self) -> Response:
        words = "Resource level throttle APPLICATION_AND_MEMBER DAY limit for calls to this resource is reached."
        body = {"message": words, "serviceErrorCode": 101, "status": 429}
        return JSONResponse(body, status_code=429, headers={"retry-after": str(WAIT)})

    async def answer(self, request: Request) -> Response:
        path, method = request.url.path, request.method
        if path == "/v2/userinfo":
            return JSONResponse({"sub": AUTHOR.rpartition(":")[2], "name": "Asha Rao", "locale": "en_US"})
        if path.startswith("/uploads/"):
            self.pictures[path.rpartition("/")[2]]["data"] = await request.body()
            return Response(status_code=201)
        if request.headers.get("linkedin-version") not in self.versions:
            words = f"Requested version {request.headers.get('linkedin-version')} is not active"
            return _error(426, 0, words, code="NONEXISTENT_VERSION")
        if path == "/rest/images":
            name = f"C4E{len(self.pictures)}"
            self.pictures[name] = {}
            where = self.uploads_at or f"{self.url}/uploads/{name}"
            value = {"uploadUrl": where, "uploadUrlExpiresAt": 1, "image": f"urn:li:image:{name}"}
            return JSONResponse({"value": value})
        if (method, path) == ("POST", "/rest/posts"):
            return self.post(json.loads(await request.body()))
        if method == "GET" and not self.may_read:
            return _error(403, 100, "Not enough permissions to access: partnerApiPosts.FINDER-author")
        if path == "/rest/posts":
            return JSONResponse({"elements": [self.element(one) for one in reversed(self.posts.values())]})
        reference = unquote(path.rpartition("/")[2])
        if method == "DELETE":
            self.changes += bool(self.posts.pop(reference, None))
            return Response(status_code=204)
        kept = self.posts.get(reference)
        return JSONResponse(self.element(kept)) if kept else _error(404, 0, "Post not found")

    def post(self, asked: dict[str, Any]) -> Response:
        text = read(asked["commentary"])
        if len(text) > 3000:
            return _error(400, 0, f"ShareCommentary text length ({len(text)} characters) exceeded the maximum allowed")
        self.changes += 1
        reference = f"urn:li:share:{7434000000000000000 + self.changes}"
        self.keep(reference, text, sent=asked)
        return Response(status_code=201, headers={"x-restli-id": reference})

    def element(self, kept: Kept) -> dict[str, Any]:
        sent = kept.more["sent"]
        return {"id": kept.reference, "author": sent["author"], "commentary": sent["commentary"]}


def read(commentary: str) -> str:
    """What people see of it: reserved signs that are not escaped end the text without a word."""
    shown, at = "", 0
    while at < len(commentary):
        letter = commentary[at]
        if tag := re.match(r"\{hashtag\|(?:\\#|(＃))\|((?:\\.|[^\\}])+)\}", commentary[at:]):
            shown += (tag[1] or "#") + tag[2].replace("\\", "")
            at += tag.end()
        elif letter == "\\":
            shown += commentary[at + 1]
            at += 2
        elif letter in "_|()[]{}@#*~<>":
            return shown
        else:
            shown += letter
            at += 1
    return shown


def _error(status: int, number: int, message: str, **more: Any) -> Response:
    return JSONResponse({"message": message, "serviceErrorCode": number, "status": status, **more}, status_code=status)
