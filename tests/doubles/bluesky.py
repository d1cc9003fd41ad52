"""A Bluesky server (PDS) as docs.bsky.app describes it: sessions that expire, records by key, blobs with a limit."""

from __future__ import annotations

import json
import time
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from tests.doubles.social_network import WAIT, SocialNetwork

PASSWORD = "bluesky-secret-19ce"
DID = "did:plc:countersign0000000000000"
COLLECTION = "app.bsky.feed.post"
MOST_BLOB = 1_000_000


class Bluesky(SocialNetwork):
    handle = login = "countersign.bsky.social"
    """Its name now, and what one signs in with: names can be changed."""

    def __init__(self) -> None:
        super().__init__()
        self.sessions = 0
        self.refreshed = 0
        self.expired = False
        """The access token that is in use is answered with ExpiredToken."""

    @property
    def tokens(self) -> tuple[str, str]:
        return f"access-secret-{self.sessions}-{self.refreshed}", f"refresh-secret-{self.sessions}"

    def is_change(self, request: Request) -> bool:
        return request.url.path.endswith(("createRecord", "deleteRecord"))

    def signed_in(self, request: Request) -> Response | None:
        given, path = request.headers.get("authorization", ""), request.url.path
        if path.endswith("createSession"):
            return None
        access, refresh = self.tokens
        if path.endswith("refreshSession"):
            right = given == f"Bearer {refresh}"
            return None if right else _error(400, "ExpiredToken", "Token has been revoked")
        if given != f"Bearer {access}":
            return _error(400, "InvalidToken", "Token could not be verified")
        return _error(400, "ExpiredToken", "Token has expired") if self.expired else None

    def refused(self) -> Response:
        return _error(400, "InvalidRequest", "Invalid app.bsky.feed.post record: text must not be longer than 300")

    def throttled(self) -> Response:
        headers = {
            "ratelimit-limit": "5000",
            "ratelimit-remaining": "0",
            "ratelimit-reset": str(int(time.time()) + WAIT),
        }
        return _error(429, "RateLimitExceeded", "Rate Limit Exceeded", headers)

    async def answer(self, request: Request) -> Response:
        called, body = request.url.path.removeprefix("/xrpc/"), await request.body()
        asked: Any = dict(request.query_params) if request.method == "GET" else {}
        if request.headers.get("content-type", "").startswith("application/json"):
            asked = json.loads(body)
        match called.removeprefix("com.atproto."):
            case "server.createSession":
                if (asked["identifier"], asked["password"]) != (self.login, PASSWORD):
                    return _error(401, "AuthenticationRequired", "Invalid identifier or password")
                self.sessions += 1
                return self.session()
            case "server.refreshSession":
                self.refreshed += 1
                self.expired = False
                return self.session()
            case "server.getSession":
                return JSONResponse({"did": DID, "handle": self.handle, "active": True})
            case "repo.uploadBlob":
                return self.take_picture(request, body)
            case "repo.createRecord":
                return self.create(asked)
            case "repo.deleteRecord":
                self.changes += bool(self.posts.pop(_uri(asked["rkey"]), None))
                return JSONResponse({})
            case "repo.getRecord":
                kept = self.posts.get(_uri(asked["rkey"]))
                if kept is None:
                    return _error(400, "RecordNotFound", f"Could not locate record: {_uri(asked['rkey'])}")
                return JSONResponse({"uri": kept.reference, "cid": "bafy", "value": kept.more["record"]})
            case "repo.listRecords":
                found = [
                    {"uri": one.reference, "cid": "bafy", "value": one.more["record"]} for one in self.posts.values()
                ]
                return JSONResponse({"records": list(reversed(found))})
        return _error(501, "MethodNotImplemented", "Method Not Implemented")

    def session(self) -> Response:
        access, refresh = self.tokens
        return JSONResponse({"did": DID, "handle": self.handle, "accessJwt": access, "refreshJwt": refresh})

    def take_picture(self, request: Request, body: bytes) -> Response:
        if len(body) > MOST_BLOB:
            return _error(400, "BlobTooLarge", "This file is too large")
        link = f"bafkrei{len(self.pictures)}"
        self.pictures[link] = {"data": body, "kind": request.headers["content-type"]}
        blob = {"$type": "blob", "ref": {"$link": link}, "mimeType": request.headers["content-type"], "size": len(body)}
        return JSONResponse({"blob": blob})

    def create(self, asked: dict[str, Any]) -> Response:
        reference = _uri(asked["rkey"])
        if reference in self.posts:  # what the reference server really answers
            return _error(500, "InternalServerError", "Internal Server Error")
        self.changes += 1
        self.keep(reference, asked["record"]["text"], record=asked["record"])
        return JSONResponse({"uri": reference, "cid": "bafy", "validationStatus": "valid"})


def _uri(rkey: str) -> str:
    return f"at://{DID}/{COLLECTION}/{rkey}"


def _error(status: int, name: str, message: str, headers: dict[str, str] | None = None) -> Response:
    return JSONResponse({"error": name, "message": message}, status_code=status, headers=headers)
