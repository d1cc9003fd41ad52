"""Instagram: a container is made from a public picture, and published when it is ready; what is published stays."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import regex
from pydantic import Field

from core.clock import Clock
from core.connectors.transports.calls import Lost, Missing, NotReached, Refused, Throttled
from core.connectors.transports.http import Answer, HttpApi, Means
from core.connectors.transports.keys import HeaderKey
from core.connectors.transports.social.counting import HASHTAG, MENTION, utf16
from core.connectors.transports.social.network import Base, Handle, Network, NetworkAccount, NetworkSystem, each, inside
from core.connectors.transports.social.posts import JPEG, Links, Manner, Name, Post, Published

API = "https://graph.facebook.com"

# https://developers.facebook.com/docs/graph-api/guides/error-handling and the Instagram Platform's error codes:
# `code` in the body decides, the status is 400 for nearly all of them.
CODES: Mapping[int, Means] = {
    -2: Means.LATER,  # the picture could not be fetched in time
    -1: Means.UNSURE,  # an error of theirs
    1: Means.UNSURE,
    2: Means.UNSURE,
    4: Means.LATER,  # calls of the app
    9: Means.LATER,  # posts a day
    17: Means.LATER,  # calls of the user
    32: Means.LATER,
    613: Means.LATER,
    10: Means.SIGN_IN,
    102: Means.SIGN_IN,
    190: Means.SIGN_IN,
    803: Means.MISSING,
}
SUBCODES: Mapping[int, Means] = {
    33: Means.MISSING,  # with code 100: no such object, or not this account's
    2207051: Means.REFUSED,  # taken for spam, under the code of a rate limit
    2207042: Means.LATER,  # posts a day
    2207027: Means.LATER,  # the container is not ready
}
RIGHTS = range(200, 300)
"""Codes of missing permissions."""

_MOST_HASHTAGS, _MOST_MENTIONS = 30, 20
_ID = r"[0-9]{1,30}"


def _objections(text: str) -> Iterable[str]:
    tags, mentions = len(HASHTAG.findall(text)), len(MENTION.findall(text))
    if tags > _MOST_HASHTAGS:
        yield f"it has {tags} of at most {_MOST_HASHTAGS} hashtags on Instagram."
    if mentions > _MOST_MENTIONS:
        yield f"it has {mentions} of at most {_MOST_MENTIONS} mentions on Instagram."


def _remarks(text: str) -> Iterable[str]:
    yield "Instagram lets no program delete what is published: that is done in its app."


MANNER = Manner(
    name=Name.INSTAGRAM, title="Instagram", most=2_200, unit="characters", count=utf16, links=Links.NONE, alt=1_000,
    picture_bytes=8_000_000, picture_kinds=(JPEG,), fetches_pictures=True, needs_picture=True, deletes=False,
    reference=_ID, objections=_objections, remarks=_remarks,
)  # fmt: skip


class InstagramAccount(NetworkAccount):
    user_id: str = Field(title="Account id", description="The Instagram user id: digits.", pattern=rf"^{_ID}$")
    handle: Handle = Field(
        title="Account", description="Its name, for example countersign.", pattern=r"^@?[\w.]{1,30}$"
    )
    token: HeaderKey = Field(title="Access token", description="With instagram_basic and instagram_content_publish.")
    version: str = Field(default="v24.0", title="Version of the API", pattern=r"^v[0-9]{1,3}\.[0-9]$")
    api: Base = Field(
        default=API, title="Address of the API", description="https://graph.instagram.com for Instagram login."
    )


class Instagram(Network):
    usual = MANNER

    def __init__(self, account: InstagramAccount, timeout: float) -> None:
        self._account, self._timeout = account, timeout
        # In a header, not in the address: addresses end up in logs.
        headers = {"authorization": f"Bearer {account.token.get_secret_value()}"}
        self._api = HttpApi(account.api, headers=headers, timeout=timeout, words=_words, codes=_code)
        self._known = False
        self._lock = threading.Lock()

    @property
    def identity(self) -> str:
        return instagram_identity(self._account)

    def close(self) -> None:
        self._api.close()

    def hello(self) -> str:
        self._own()
        told = self._ask(f"{self._account.user_id}/content_publishing_limit", fields="quota_usage,config")
        used = next(iter(each(told.get("data"))), {})
        most = inside(used.get("config")).get("quota_total")
        left = f"; {used.get('quota_usage', 0)} of {most} posts of today are used" if most else ""
        return f"Signed in as @{self._account.handle}{left}."

    def publish(self, post: Post, key: str) -> Published:
        self._own()
        container = self._container(post)
        self._wait_for(container)
        asked = {"creation_id": container}
        told = self._api.send("POST", self._path(f"{self._account.user_id}/media_publish"), data=asked).object()
        name = str(told.get("id"))
        if regex.fullmatch(_ID, name) is None:
            raise Lost("the answer names no post")
        return Published(name, post.text, None)

    def recent(self) -> Sequence[Published]:
        told = self._ask(f"{self._account.user_id}/media", fields="id,caption,permalink,timestamp", limit="30")
        return [_published(one) for one in each(told.get("data"))]

    def read(self, reference: str) -> Published | None:
        try:
            told = self._ask(reference, fields="id,caption,permalink,username")
        except Missing:
            return None
        if told.get("id") != reference:
            raise NotReached("the answer could not be read")
        own = str(told.get("username", "")).casefold() == self._account.handle.casefold()
        return _published(told) if own else None

    def delete(self, reference: str) -> None:
        raise Refused("it lets no program delete what is published")

    def spelled(self, text: str) -> str:
        """Captions come back without the signs of mentions to some tokens."""
        return super().spelled(text.replace("@", ""))

    def _own(self) -> None:
        """Makes certain that the token is that of the account that plans name."""
        with self._lock:
            if not self._known:
                name = str(self._ask(self._account.user_id, fields="username").get("username", ""))
                if name.casefold() != self._account.handle.casefold():
                    raise Refused(f"the account of this id is @{name}", signed_in=False)
                self._known = True

    def _container(self, post: Post) -> str:
        """Nothing is seen of it until it is published, and it is gone after a day: a lost answer has no effect."""
        assert post.picture is not None and post.picture.url is not None
        asked = {"image_url": post.picture.url, "caption": post.text}
        if post.picture.alt:
            asked["alt_text"] = post.picture.alt
        path = self._path(f"{self._account.user_id}/media")
        name = str(self._api.ask(path, method="POST", data=asked).object().get("id"))
        if regex.fullmatch(_ID, name) is None:
            raise Refused("it did not take the picture")
        return name

    def _wait_for(self, container: str) -> None:
        """Until Instagram has fetched the picture, within bounds; what is not ready by then is begun anew later."""
        until = time.monotonic() + 3 * self._timeout
        while True:
            told = self._ask(container, fields="status_code,status")
            match told.get("status_code"):
                case "FINISHED":
                    return
                case "ERROR" | "EXPIRED":
                    raise Refused(str(told.get("status") or "it could not use the picture"))
                case "PUBLISHED":
                    raise Lost("the container was published already")
            if time.monotonic() > until:
                raise Throttled("it is still fetching the picture", retry_after=60.0)
            time.sleep(min(1.0, self._timeout / 5))

    def _ask(self, path: str, **params: str) -> Mapping[str, Any]:
        return self._api.ask(self._path(path), params=params).object()

    def _path(self, path: str) -> str:
        return f"/{self._account.version}/{path}"


class InstagramSystem(NetworkSystem[InstagramAccount]):
    name = family = "instagram"
    title = "Instagram"
    account = InstagramAccount
    manner = MANNER
    where = "In Meta's app dashboard, for a professional account that is connected to the app."

    def identity(self, account: InstagramAccount) -> str:
        return instagram_identity(account)

    def client(self, account: InstagramAccount, timeout: float, clock: Clock) -> Network:
        return Instagram(account, timeout)


def instagram_identity(account: InstagramAccount) -> str:
    at = "" if account.api in (API, "https://graph.instagram.com") else f" at {account.api}"
    return f"Instagram as @{account.handle}{at}"


def _published(told: Mapping[str, Any]) -> Published:
    return Published(str(told.get("id")), str(told.get("caption", "")), told.get("permalink"))


def _error(answer: Answer) -> Mapping[str, Any]:
    error = answer.object().get("error")
    return error if isinstance(error, Mapping) else {}


def _code(answer: Answer) -> Means | None:
    error = _error(answer)
    if not error:
        return None
    code, subcode = error.get("code"), error.get("error_subcode")
    found = SUBCODES.get(subcode) if isinstance(subcode, int) else None
    if found is None and isinstance(code, int):
        found = CODES.get(code)
    if found is None and isinstance(code, int) and code in RIGHTS:
        found = Means.SIGN_IN
    if found is None and error.get("is_transient") is True:
        found = Means.UNSURE
    return found


def _words(answer: Answer) -> str:
    error = _error(answer)
    return str(error.get("error_user_msg") or error.get("message") or f"it answered {answer.status}")
