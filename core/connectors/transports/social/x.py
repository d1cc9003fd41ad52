"""X: posts through version 2 of its API, in the name of the account whose token it is."""

from __future__ import annotations

import html
import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import httpx2
import regex
from authlib.oauth1 import ClientAuth
from pydantic import Field, model_validator

from core.clock import Clock
from core.connectors.transports.calls import Lost, Missing, NotReached, Refused
from core.connectors.transports.http import Answer, HttpApi, Means
from core.connectors.transports.keys import HeaderKey
from core.connectors.transports.social.counting import weighted
from core.connectors.transports.social.network import Base, Handle, Network, NetworkAccount, NetworkSystem, each, inside
from core.connectors.transports.social.posts import PNG, Links, Manner, Name, Picture, Post, Published

API = "https://api.x.com"

# https://docs.x.com/x-api/fundamentals/response-codes-and-errors
ANSWERS: Mapping[int, Means] = {
    400: Means.REFUSED,
    401: Means.SIGN_IN,
    402: Means.REFUSED,  # the app's credits are used up
    403: Means.REFUSED,  # also a text that was posted before
    404: Means.MISSING,
    429: Means.LATER,
}
PROBLEMS = {
    "resource-not-found": Means.MISSING,
    "not-authorized-for-resource": Means.REFUSED,
    "unsupported-authentication": Means.SIGN_IN,  # an app-only token
    "client-forbidden": Means.SIGN_IN,
    "usage-capped": Means.LATER,
    "rate-limit-exceeded": Means.LATER,
}
"""By the last part of a problem's `type`; asked first, for answers with 200 as well that hold errors and no data."""

MANNER = Manner(
    name=Name.X, title="X", most=280, unit="weighted characters", count=weighted, links=Links.TEXT, alt=1_000,
    picture_bytes=5_000_000, reference=r"[0-9]{1,20}",
)  # fmt: skip


class XAccount(NetworkAccount):
    handle: Handle = Field(title="Account", description="For example countersign.", pattern=r"^@?\w{1,15}$")
    token: HeaderKey = Field(
        title="Access token",
        description="Of the account. One of OAuth 1.0a lasts, and goes with the three that follow; one of OAuth 2.0 "
        "stands alone and ends after two hours.",
    )
    token_secret: HeaderKey | None = Field(default=None, title="Access token secret")
    consumer_key: HeaderKey | None = Field(default=None, title="API key of the app")
    consumer_secret: HeaderKey | None = Field(default=None, title="API key secret of the app")
    api: Base = Field(default=API, title="Address of the API")

    @model_validator(mode="after")
    def _all_or_none(self) -> XAccount:
        if len({one is None for one in (self.token_secret, self.consumer_key, self.consumer_secret)}) > 1:
            raise ValueError("give the access token secret and both keys of the app, or none of the three")
        return self


class X(Network):
    usual = MANNER

    def __init__(self, account: XAccount, timeout: float) -> None:
        self._account = account
        self._sign = _signing(account)
        self._api = HttpApi(account.api, headers={}, timeout=timeout, answers=ANSWERS, words=_words, codes=_code)
        self._id: str | None = None
        self._lock = threading.Lock()

    @property
    def identity(self) -> str:
        return x_identity(self._account)

    def close(self) -> None:
        self._api.close()

    def hello(self) -> str:
        self._own()
        return f"Signed in as @{self._account.handle}; X answers."

    def publish(self, post: Post, key: str) -> Published:
        self._own()
        asked: dict[str, Any] = {"text": post.text}
        if post.picture is not None:
            asked["media"] = {"media_ids": [self._upload(post.picture)]}
        told = inside(self._send("POST", "/2/tweets", json=asked).object().get("data"))
        if not _is_id(told.get("id")):
            raise Lost("the answer names no post")
        return self._published(str(told["id"]), post.text)

    def recent(self) -> Sequence[Published]:
        asked = {"max_results": "50", "tweet.fields": "created_at,entities", "exclude": "retweets"}
        found = each(self._ask(f"/2/users/{self._own()}/tweets", params=asked).object().get("data"))
        return [self._published(str(one["id"]), _typed(one)) for one in found if _is_id(one.get("id"))]

    def read(self, reference: str) -> Published | None:
        own = self._own()
        try:
            asked = {"tweet.fields": "author_id,entities"}
            told = inside(self._ask(f"/2/tweets/{reference}", params=asked).object().get("data"))
        except Missing:
            return None
        if told.get("id") != reference:
            raise NotReached("the answer could not be read")
        return self._published(reference, _typed(told)) if told.get("author_id") == own else None

    def delete(self, reference: str) -> None:
        try:
            told = self._send("DELETE", f"/2/tweets/{reference}").object()
        except Missing:
            return
        if inside(told.get("data")).get("deleted") is not True:
            raise Lost("the answer does not say that it was deleted")

    def _send(self, method: str, path: str, **request: Any) -> Answer:
        return self._api.send(method, path, auth=self._sign, **request)

    def _ask(self, path: str, **request: Any) -> Answer:
        return self._api.ask(path, auth=self._sign, **request)

    def _published(self, reference: str, text: str) -> Published:
        return Published(reference, text, f"https://x.com/{self._account.handle}/status/{reference}")

    def _own(self) -> str:
        """The account's id, once it is certain that the token is that of the account that plans name."""
        with self._lock:
            if self._id is None:
                told = inside(self._ask("/2/users/me").object().get("data"))
                if str(told.get("username", "")).casefold() != self._account.handle.casefold():
                    raise Refused(f"the token is that of @{told.get('username')}", signed_in=False)
                if not _is_id(told.get("id")):
                    raise Refused("it did not say who is signed in", signed_in=False)
                self._id = str(told["id"])
            return self._id

    def _upload(self, picture: Picture) -> str:
        """Nothing is seen of it until it is posted, so a lost answer has no effect."""
        file = ("picture.png" if picture.kind == PNG else "picture.jpg", picture.data, picture.kind)
        told = self._ask(
            "/2/media/upload", method="POST", files={"media": file}, data={"media_category": "tweet_image"}
        )
        name = inside(told.object().get("data")).get("id")
        if not _is_id(name):
            raise Refused("it did not take the picture")
        if picture.alt:
            described = {"id": name, "metadata": {"alt_text": {"text": picture.alt}}}
            self._ask("/2/media/metadata", method="POST", json=described)
        return str(name)


class XSystem(NetworkSystem[XAccount]):
    name = family = "x"
    title = "X"
    account = XAccount
    manner = MANNER
    where = "In X's developer portal, for an app that the account has authorised."

    def identity(self, account: XAccount) -> str:
        return x_identity(account)

    def client(self, account: XAccount, timeout: float, clock: Clock) -> Network:
        return X(account, timeout)


def x_identity(account: XAccount) -> str:
    at = "" if account.api == API else f" at {account.api}"
    return f"X as @{account.handle}{at}"


def _signing(account: XAccount) -> Callable[[httpx2.Request], httpx2.Request]:
    """How a request says whose it is: by a bearer token, or by a signature (OAuth 1.0a, RFC 5849)."""
    token = account.token.get_secret_value()
    if account.token_secret is None or account.consumer_key is None or account.consumer_secret is None:

        def bear(request: httpx2.Request) -> httpx2.Request:
            request.headers["authorization"] = f"Bearer {token}"
            return request

        return bear
    signer = ClientAuth(
        account.consumer_key.get_secret_value(), client_secret=account.consumer_secret.get_secret_value(),
        token=token, token_secret=account.token_secret.get_secret_value(),
    )  # fmt: skip

    def sign(request: httpx2.Request) -> httpx2.Request:
        # What is sent is JSON or a file, never a form: no body is part of the signature.
        _, headers, _ = signer.sign(request.method, str(request.url), {}, b"")
        request.headers["authorization"] = headers["Authorization"]
        return request

    return sign


def _typed(told: Mapping[str, Any]) -> str:
    """The text as it was typed: X shortens links, adds one for a picture, and escapes `&`, `<` and `>`."""
    text = str(told.get("text", ""))
    for link in each(inside(told.get("entities")).get("urls")):
        shown = "" if link.get("media_key") else str(link.get("expanded_url") or link.get("url"))
        text = text.replace(str(link.get("url")), shown)
    return html.unescape(text).strip()


def _is_id(value: Any) -> bool:
    return isinstance(value, str) and regex.fullmatch(MANNER.reference, value) is not None


def _problem(answer: Answer) -> Mapping[str, Any]:
    """The error of the answer, wherever it is: {} where there is none, or where something was done beside it."""
    told = answer.object()
    if answer.status < 400:
        errors = each(told.get("errors"))
        return errors[0] if errors and not told.get("data") else {}
    return told


def _code(answer: Answer) -> Means | None:
    problem = _problem(answer)
    if answer.status >= 500 or not problem:
        return None
    known = PROBLEMS.get(str(problem.get("type", "")).rpartition("/")[2])
    return known or (Means.REFUSED if answer.status < 400 else None)


def _words(answer: Answer) -> str:
    problem = _problem(answer)
    return str(problem.get("detail") or problem.get("title") or f"it answered {answer.status}")
