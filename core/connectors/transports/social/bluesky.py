"""Bluesky and other servers of the AT Protocol: a record under a key that is made from ours, so that it cannot be twice."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from pydantic import Field, SecretStr

from core.clock import Clock
from core.connectors.transports.calls import CallFailed, Lost, Missing, NotReached, Refused
from core.connectors.transports.http import Answer, HttpApi, Means
from core.connectors.transports.social.counting import MENTION, graphemes
from core.connectors.transports.social.network import Base, Handle, Network, NetworkAccount, NetworkSystem, each, inside
from core.connectors.transports.social.posts import Links, Manner, Name, Post, Published
from core.connectors.transports.social.records import record_key, record_of

SERVICE = "https://bsky.social"
_COLLECTION = "app.bsky.feed.post"
_MOST_BYTES = 3_000

# https://docs.bsky.app: `error` in the body says what happened; whatever is not here is told by its status.
CODES = {
    "AuthenticationRequired": Means.SIGN_IN,
    "AuthMissing": Means.SIGN_IN,
    "InvalidToken": Means.SIGN_IN,
    "ExpiredToken": Means.SIGN_IN,
    "AccountTakedown": Means.SIGN_IN,
    "AuthFactorTokenRequired": Means.SIGN_IN,
    "RateLimitExceeded": Means.LATER,
    "RecordNotFound": Means.MISSING,
    "InvalidRequest": Means.REFUSED,
    "InvalidMimeType": Means.REFUSED,
    "BlobTooLarge": Means.REFUSED,
    "UpstreamFailure": Means.UNSURE,
    "UpstreamTimeout": Means.UNSURE,
    "InternalServerError": Means.UNSURE,
}


def _objections(text: str) -> Iterable[str]:
    size = len(text.encode())
    if size > _MOST_BYTES:
        yield f"it has {size:,} of at most {_MOST_BYTES:,} bytes on Bluesky."


def _remarks(text: str) -> Iterable[str]:
    if MENTION.search(text):
        yield "Names after an @ stay plain text: nobody is told of being mentioned."


MANNER = Manner(
    name=Name.BLUESKY, title="Bluesky", most=300, unit="characters", count=graphemes, links=Links.CARD, alt=2_000,
    picture_bytes=1_000_000, reference=r"at://did:[a-z]+:[A-Za-z0-9._:%-]{1,200}/app\.bsky\.feed\.post/[A-Za-z0-9._:~-]{1,200}",
    objections=_objections, remarks=_remarks,
)  # fmt: skip


class BlueskyAccount(NetworkAccount):
    handle: Handle = Field(title="Handle", description="For example countersign.bsky.social.", pattern=r"^@?[\w.-]+$")
    app_password: SecretStr = Field(title="App password", description="Not the password of the account.")
    service: Base = Field(default=SERVICE, title="Server", description="Where the account lives.")


@dataclass(frozen=True)
class _Session:
    did: str
    access: str = field(repr=False)
    refresh: str = field(repr=False)

    @property
    def headers(self) -> dict[str, str]:
        return {"authorization": f"Bearer {self.access}"}


class Bluesky(Network):
    usual = MANNER

    def __init__(self, account: BlueskyAccount, timeout: float, clock: Clock) -> None:
        self._account, self._clock = account, clock
        self._api = HttpApi(account.service, headers={}, timeout=timeout, words=_words, codes=_code)
        self._session: _Session | None = None
        self._lock = threading.Lock()

    @property
    def identity(self) -> str:
        return bluesky_identity(self._account)

    def close(self) -> None:
        self._api.close()

    def hello(self) -> str:
        self._signed(lambda headers: self._api.ask("/xrpc/com.atproto.server.getSession", headers=headers))
        return f"Signed in as @{self._account.handle}; {self._account.service} answers."

    def publish(self, post: Post, key: str) -> Published:
        found = self.find(post, key)
        if found is not None:
            return found
        blob = self._upload(post)
        record = record_of(post, blob, self._clock.now())
        asked = {"repo": self._did(), "collection": _COLLECTION, "rkey": record_key(key), "record": record}
        try:
            self._create(asked)
        except Lost as lost:
            # There can be only one record of this key, so it is safe to look for it, and to ask once more.
            try:
                if self.find(post, key) is None:
                    self._create(asked)
            except CallFailed:  # whatever it is, it says nothing of the first try
                raise lost from None
        return self._published(f"at://{self._did()}/{_COLLECTION}/{record_key(key)}", post.text)

    def find(self, post: Post, key: str) -> Published | None:
        found = self.read(f"at://{self._did()}/{_COLLECTION}/{record_key(key)}")
        if found is not None and found.text != post.text:
            raise Refused("another post has the place that this one would take")
        return found

    def recent(self) -> Sequence[Published]:
        asked = {"repo": self._did(), "collection": _COLLECTION, "limit": "50"}
        answer = self._signed(
            lambda headers: self._api.ask("/xrpc/com.atproto.repo.listRecords", params=asked, headers=headers)
        )
        records = each(answer.object().get("records"))
        return [self._published(str(one.get("uri")), str(inside(one.get("value")).get("text", ""))) for one in records]

    def read(self, reference: str) -> Published | None:
        did, _, rkey = reference.removeprefix("at://").split("/")
        if did != self._did():
            return None
        asked = {"repo": did, "collection": _COLLECTION, "rkey": rkey}
        try:
            answer = self._signed(
                lambda headers: self._api.ask("/xrpc/com.atproto.repo.getRecord", params=asked, headers=headers)
            )
        except Missing:
            return None
        text = inside(answer.object().get("value")).get("text")
        if not isinstance(text, str):
            raise NotReached("the answer could not be read")
        return self._published(reference, text)

    def delete(self, reference: str) -> None:
        did, _, rkey = reference.removeprefix("at://").split("/")
        if did != self._did():
            raise Refused("the post is another account's")
        asked = {"repo": did, "collection": _COLLECTION, "rkey": rkey}
        answer = self._signed(
            lambda headers: self._api.send(
                "POST", "/xrpc/com.atproto.repo.deleteRecord", json=asked, headers=headers
            )
        )  # fmt: skip
        if not (answer.content.strip() == b"{}" or "commit" in answer.object()):
            raise Lost("the answer does not say that it was deleted")

    def _create(self, asked: dict[str, Any]) -> None:
        answer = self._signed(lambda headers: self._api.send(
            "POST", "/xrpc/com.atproto.repo.createRecord", json=asked, headers=headers
        ))  # fmt: skip
        if answer.object().get("uri") != f"at://{asked['repo']}/{_COLLECTION}/{asked['rkey']}":
            raise Lost("the answer names no post")

    def _published(self, reference: str, text: str) -> Published:
        rkey = reference.rpartition("/")[2]
        return Published(reference, text, f"https://bsky.app/profile/{self._account.handle}/post/{rkey}")

    def _upload(self, post: Post) -> dict[str, Any] | None:
        picture = post.picture
        if picture is None:
            return None
        answer = self._signed(lambda headers: self._api.ask(
            "/xrpc/com.atproto.repo.uploadBlob", method="POST", content=picture.data,
            headers={**headers, "content-type": picture.kind},
        ))  # fmt: skip
        blob = answer.object().get("blob")
        if not isinstance(blob, dict):
            raise Refused("it did not take the picture")
        return blob

    # -- signing in -----------------------------------------------------------------------------------------------

    def _did(self) -> str:
        return self._signed_in().did

    def _signed(self, call: Callable[[dict[str, str]], Answer]) -> Answer:
        """`call` with a session; access lasts for minutes and is refreshed once, a refused call has done nothing."""
        session = self._signed_in()
        try:
            return call(session.headers)
        except Refused as problem:
            if problem.signed_in:
                raise
        return call(self._renewed(session).headers)

    def _signed_in(self) -> _Session:
        with self._lock:
            if self._session is None:
                self._session = self._created()
            return self._session

    def _renewed(self, old: _Session) -> _Session:
        with self._lock:
            if self._session is old:
                try:
                    headers = {"authorization": f"Bearer {old.refresh}"}
                    answer = self._api.ask("/xrpc/com.atproto.server.refreshSession", method="POST", headers=headers)
                    self._session = self._session_of(answer)
                except Refused:
                    self._session = None
                    self._session = self._created()
            if self._session is None:
                self._session = self._created()
            return self._session

    def _created(self) -> _Session:
        asked = {"identifier": self._account.handle, "password": self._account.app_password.get_secret_value()}
        return self._session_of(self._api.ask("/xrpc/com.atproto.server.createSession", method="POST", json=asked))

    def _session_of(self, answer: Answer) -> _Session:
        told = answer.object()
        if not all(isinstance(told.get(name), str) for name in ("did", "handle", "accessJwt", "refreshJwt")):
            raise Refused("it did not say who is signed in", signed_in=False)
        if told["handle"].casefold() != self._account.handle.casefold():
            raise Refused(f"the password is that of @{told['handle']}", signed_in=False)
        return _Session(told["did"], told["accessJwt"], told["refreshJwt"])


class BlueskySystem(NetworkSystem[BlueskyAccount]):
    name = family = "bluesky"
    title = "Bluesky"
    account = BlueskyAccount
    manner = MANNER
    where = "In the app under Settings, Privacy and security, App passwords."

    def identity(self, account: BlueskyAccount) -> str:
        return bluesky_identity(account)

    def client(self, account: BlueskyAccount, timeout: float, clock: Clock) -> Network:
        return Bluesky(account, timeout, clock)


def bluesky_identity(account: BlueskyAccount) -> str:
    at = "" if account.service == SERVICE else f" at {account.service}"
    return f"Bluesky as @{account.handle}{at}"


def _code(answer: Answer) -> Means | None:
    if answer.status < 400:
        return None
    told = answer.object()
    if told.get("error") == "InvalidRequest" and "could not locate record" in str(told.get("message")).lower():
        return Means.MISSING
    return CODES.get(str(told.get("error")))


def _words(answer: Answer) -> str:
    told = answer.object()
    return str(told.get("message") or told.get("error") or f"it answered {answer.status}")
