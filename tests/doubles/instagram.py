"""Instagram's Graph API as developers.facebook.com describes it: containers that take a while, then publishing."""

from __future__ import annotations

import re
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from tests.doubles.social_network import WAIT, Kept, SocialNetwork

TOKEN = "instagram-secret-7e02"
USER = "17841405309211844"


class Instagram(SocialNetwork):
    handle = "countersign"

    def __init__(self) -> None:
        super().__init__()
        self.containers: dict[str, dict[str, str]] = {}
        self.looks = 1
        """How often a container is IN_PROGRESS before it is FINISHED."""
        self.broken = False

    def is_change(self, request: Request) -> bool:
        return request.url.path.endswith("/media_publish")

    def signed_in(self, request: Request) -> Response | None:
        if request.headers.get("authorization") == f"Bearer {TOKEN}":
            return None
        return error(400, 190, "Error validating access token: Session has expired", subcode=463)

    def refused(self) -> Response:
        words = "We restrict certain activity to protect our community."
        return error(400, 4, "Application request limit reached", subcode=2207051, user=words)

    def throttled(self) -> Response:
        return error(400, 4, "Application request limit reached", headers={"retry-after": str(WAIT)})

    async def answer(self, request: Request) -> Response:
        path, form = re.sub(r"^/v24\.0/", "", request.url.path), {}
        if request.method == "POST":
            async with request.form() as sent:
                form = {name: str(value) for name, value in sent.items()}
        match request.method, path.split("/"):
            case "GET", [name] if name == USER:
                return JSONResponse({"username": self.handle, "id": USER})
            case "GET", [_, "content_publishing_limit"]:
                return JSONResponse(
                    {"data": [{"quota_usage": 2, "config": {"quota_total": 50, "quota_duration": 86400}}]}
                )
            case "POST", [_, "media"]:
                if "image_url" not in form:
                    return error(400, 100, "The parameter image_url is required")
                name = str(17889455560051000 + len(self.containers))
                self.containers[name] = form
                return JSONResponse({"id": name})
            case "GET", [_, "media"]:
                return JSONResponse({"data": [self.media(one) for one in reversed(self.posts.values())]})
            case "POST", [_, "media_publish"]:
                self.changes += 1
                reference, container = str(17920238422030000 + self.changes), self.containers[form["creation_id"]]
                self.keep(reference, container["caption"], **container)
                return JSONResponse({"id": reference})
            case "GET", [name] if name in self.containers:
                return JSONResponse(self.status())
            case "GET", [name] if name in self.posts:
                return JSONResponse(self.media(self.posts[name]))
        return error(400, 100, f"Object with ID '{path}' does not exist", subcode=33)

    def status(self) -> dict[str, Any]:
        if self.broken:
            return {"status_code": "ERROR", "status": "Error: Media could not be fetched from this URI"}
        self.looks -= 1
        return {"status_code": "IN_PROGRESS" if self.looks >= 0 else "FINISHED"}

    def media(self, kept: Kept) -> dict[str, Any]:
        link = f"https://www.instagram.com/p/{kept.reference}/"
        return {"id": kept.reference, "caption": kept.text, "permalink": link, "username": self.handle}


def error(
    status: int, code: int, message: str, *, subcode: int = 0, user: str = "", headers: dict[str, str] | None = None
) -> Response:
    told = {"message": message, "type": "OAuthException", "code": code, "error_subcode": subcode,
            "is_transient": False, "fbtrace_id": "A6LJylpZRKw2xKLFsAP"}  # fmt: skip
    if user:
        told |= {"error_user_title": "Action blocked", "error_user_msg": user}
    return JSONResponse({"error": told}, status_code=status, headers=headers)
