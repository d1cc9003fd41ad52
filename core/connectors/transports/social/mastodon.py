"""Mastodon and what speaks its language: the instance says how long a post may be and how links are counted."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlsplit

import regex
from pydantic import Field

from core.clock import Clock
from core.connectors.transports.calls import Lost, Missing, NotReached, Refused, Throttled
from core.connectors.transports.http import Answer, HttpApi, Means
from core.connectors.transports.keys import HeaderKey
from core.connectors.transports.social.counting import MENTION, with_links_as
from core.connectors.transports.social.network import Base, Handle, Network, NetworkAccount, NetworkSystem, each, inside
from core.connectors.transports.social.posts import JPEG, PNG, Links, Manner, Name, Picture, Post, Published

# https://docs.joinmastodon.org/methods/statuses/: errors are {error, error_description?}, told apart by status.
ANSWERS: Mapping[int, Means] = {
    401: Means.SIGN_IN,
    403: Means.SIGN_IN,  # the token lacks a scope, or the account is suspended
    404: Means.MISSING,
    410: Means.MISSING,
    422: Means.REFUSED,
    429: Means.LATER,
}

_ID = r"[A-Za-z0-9_-]{1,64}"
"""Numbers on Mastodon itself; compatible servers have ULIDs, UUIDs and others."""
_MANY = 40

MANNER = Manner(
    name=Name.MASTODON, title="Mastodon", most=500, unit="characters", count=partial(with_links_as, length=23),
    links=Links.TEXT, alt=1_500, picture_bytes=16_000_000, reference=_ID,
)  # fmt: skip


class MastodonAccount(NetworkAccount):
    server: Base = Field(title="Server", description="For example https://mastodon.social.")
    handle: Handle = Field(
        title="Account", description="Its name there, for example countersign.", pattern=r"^@?\w[\w.-]*$"
    )
    token: HeaderKey = Field(title="Access token", description="With the scopes read, write:statuses and write:media.")


class Mastodon(Network):
    usual = MANNER

    def __init__(self, account: MastodonAccount, timeout: float) -> None:
        self._account, self._timeout = account, timeout
        headers = {"authorization": f"Bearer {account.token.get_secret_value()}"}
        self._api = HttpApi(account.server, headers=headers, timeout=timeout, answers=ANSWERS, words=_words)
        self._id: str | None = None
        self._lock = threading.Lock()

    @property
    def identity(self) -> str:
        return mastodon_identity(self._account)

    def close(self) -> None:
        self._api.close()

    def hello(self) -> str:
        self._own()
        return f"Signed in as @{self._account.handle}; posts here have up to {self.manner().most:,} characters."

    def manner(self) -> Manner:
        """What the instance says of itself; servers that are only compatible leave some of it out."""
        told = self._instance()
        configuration = inside(told.get("configuration"))
        statuses, media = inside(configuration.get("statuses")), inside(configuration.get("media_attachments"))
        kinds = tuple(kind for kind in (JPEG, PNG) if kind in _names(media.get("supported_mime_types")))
        return replace(
            MANNER,
            most=_number(statuses.get("max_characters") or told.get("max_toot_chars"), MANNER.most),
            count=partial(with_links_as, length=_number(statuses.get("characters_reserved_per_url"), 23)),
            alt=_number(media.get("description_limit"), MANNER.alt),
            picture_bytes=_number(media.get("image_size_limit"), MANNER.picture_bytes),
            picture_kinds=kinds,
        )

    def publish(self, post: Post, key: str) -> Published:
        self._own()
        asked: dict[str, Any] = {"status": post.text, "visibility": "public"}
        if post.picture is not None:
            asked["media_ids"] = [self._upload(post.picture)]
        told = self._api.send("POST", "/api/v1/statuses", json=asked, headers={"idempotency-key": key}).object()
        if not _is_id(told.get("id")):
            raise Lost("the answer names no post")
        return Published(str(told["id"]), post.text, told.get("url"))

    def recent(self) -> Sequence[Published]:
        asked = {"limit": str(_MANY), "exclude_reblogs": "true"}
        found = each(_json(self._api.ask(f"/api/v1/accounts/{self._own()}/statuses", params=asked)))
        return [_published(one) for one in found if _is_id(one.get("id"))]

    def read(self, reference: str) -> Published | None:
        try:
            told = self._api.ask(f"/api/v1/statuses/{reference}").object()
            if told.get("id") != reference:
                raise NotReached("the answer could not be read")
            if str(inside(told.get("account")).get("id")) != self._own():
                return None
            return replace(_published(told), text=self._source(reference) or _text_of(str(told.get("content", ""))))
        except Missing:
            return None

    def delete(self, reference: str) -> None:
        try:
            told = self._api.send("DELETE", f"/api/v1/statuses/{reference}").object()
            if told.get("id") != reference:
                raise Lost("the answer does not say that it was deleted")
        except Missing:
            if self.read(reference) is not None:
                raise Refused("it says that the post is not there, and shows it") from None

    def spelled(self, text: str) -> str:
        """A mention comes back without its server."""
        return super().spelled(MENTION.sub(lambda found: f"@{found[1]}", text))

    def _own(self) -> str:
        """The account's id, once it is certain that the token is that of the account that plans name."""
        with self._lock:
            if self._id is None:
                told = self._api.ask("/api/v1/accounts/verify_credentials").object()
                if str(told.get("username", "")).casefold() != self._account.handle.casefold():
                    raise Refused(f"the token is that of @{told.get('username')}", signed_in=False)
                if not _is_id(told.get("id")):
                    raise Refused("it did not say who is signed in", signed_in=False)
                self._id = str(told["id"])
            return self._id

    def _instance(self) -> Mapping[str, Any]:
        try:
            return self._api.ask("/api/v2/instance").object()
        except Refused:  # Mastodon 3 and some that are compatible
            return self._api.ask("/api/v1/instance").object()

    def _source(self, reference: str) -> str | None:
        try:
            text = self._api.ask(f"/api/v1/statuses/{reference}/source").object().get("text")
        except Refused:  # a server or a token without it
            return None
        return text if isinstance(text, str) else None

    def _upload(self, picture: Picture) -> str:
        """Nothing is seen of it until it is posted, so a lost answer has no effect. Large ones are worked on for a while."""
        file = ("picture.png" if picture.kind == PNG else "picture.jpg", picture.data, picture.kind)
        answer = self._api.ask(
            "/api/v2/media", method="POST", files={"file": file}, data={"description": picture.alt or ""}
        )
        name = str(answer.object().get("id"))
        if not _is_id(name):
            raise Refused("it did not take the picture")
        until = time.monotonic() + 3 * self._timeout
        while answer.status in (202, 206):
            if time.monotonic() > until:
                raise Throttled("it is still working on the picture", retry_after=60.0)
            time.sleep(min(1.0, self._timeout / 5))
            answer = self._api.ask(f"/api/v1/media/{name}")
        return name


class MastodonSystem(NetworkSystem[MastodonAccount]):
    name = family = "mastodon"
    title = "Mastodon"
    account = MastodonAccount
    manner = MANNER
    where = "On the server under Preferences, Development, New application."

    def identity(self, account: MastodonAccount) -> str:
        return mastodon_identity(account)

    def client(self, account: MastodonAccount, timeout: float, clock: Clock) -> Network:
        return Mastodon(account, timeout)


def mastodon_identity(account: MastodonAccount) -> str:
    parts = urlsplit(account.server)
    return f"Mastodon as @{account.handle}@{parts.netloc}{parts.path}"


def _published(told: Mapping[str, Any]) -> Published:
    return Published(str(told["id"]), _text_of(str(told.get("content", ""))), told.get("url"))


class _Reading(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.said = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "br" or (tag == "p" and self.said):
            self.said += "\n" if tag == "br" else "\n\n"

    def handle_data(self, data: str) -> None:
        self.said += data


def _text_of(html: str) -> str:
    reading = _Reading()
    reading.feed(html)
    reading.close()
    return reading.said


def _json(answer: Answer) -> Any:
    try:
        return answer.json()
    except Lost as problem:  # it was only read
        raise NotReached(str(problem)) from None


def _names(value: Any) -> Sequence[Any]:
    return value if isinstance(value, list) else (JPEG, PNG)


def _number(value: Any, otherwise: int) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else otherwise


def _is_id(value: Any) -> bool:
    return isinstance(value, str) and regex.fullmatch(_ID, value) is not None


def _words(answer: Answer) -> str:
    told = answer.object()
    return str(told.get("error_description") or told.get("error") or f"it answered {answer.status}")
