"""LinkedIn: posts of a person or an organisation through the versioned Posts API."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from urllib.parse import quote, urlsplit

import regex
from pydantic import Field

from core.clock import Clock
from core.connectors.transports.calls import Lost, Missing, NotReached, Refused
from core.connectors.transports.http import Answer, HttpApi, Means
from core.connectors.transports.keys import HeaderKey
from core.connectors.transports.social.counting import MENTION, utf16
from core.connectors.transports.social.little_text import little, plain
from core.connectors.transports.social.network import Base, Network, NetworkAccount, NetworkSystem, each, inside
from core.connectors.transports.social.posts import Links, Manner, Name, Picture, Post, Published

API = "https://api.linkedin.com"

# https://learn.microsoft.com/linkedin/shared/api-guide/concepts/error-handling: {message, serviceErrorCode, status}
ANSWERS: Mapping[int, Means] = {
    400: Means.REFUSED,
    401: Means.SIGN_IN,
    403: Means.SIGN_IN,  # the token lacks a right
    404: Means.MISSING,
    409: Means.REFUSED,
    422: Means.REFUSED,  # also DUPLICATE_POST
    426: Means.REFUSED,  # the version is no longer served
    429: Means.LATER,
}


def _remarks(text: str) -> Iterable[str]:
    if MENTION.search(text):
        yield "Names after an @ stay plain text: nobody is told of being mentioned."


MANNER = Manner(
    name=Name.LINKEDIN, title="LinkedIn", most=3_000, unit="characters", count=utf16, links=Links.CARD, alt=4_086,
    picture_bytes=8_000_000, reference=r"urn:li:(?:share|ugcPost):[0-9]{1,25}", remarks=_remarks,
)  # fmt: skip


class LinkedInAccount(NetworkAccount):
    author: str = Field(
        title="Author", description="urn:li:person:… or urn:li:organization:…",
        pattern=r"^urn:li:(person:[\w-]{1,60}|organization:[0-9]{1,20})$",
    )  # fmt: skip
    name: str = Field(title="Name", description="As people know the author.", min_length=1, max_length=100)
    token: HeaderKey = Field(
        title="Access token", description="With w_member_social, or w_organization_social for an organisation."
    )
    version: str = Field(
        default="202510", title="Version of the API", description="YYYYMM; LinkedIn serves each for a year.",
        pattern=r"^20[2-9][0-9](0[1-9]|1[0-2])$",
    )  # fmt: skip
    api: Base = Field(default=API, title="Address of the API")


class LinkedIn(Network):
    usual = MANNER

    def __init__(self, account: LinkedInAccount, timeout: float) -> None:
        self._account = account
        headers = {
            "authorization": f"Bearer {account.token.get_secret_value()}",
            "linkedin-version": account.version,
            "x-restli-protocol-version": "2.0.0",
        }
        self._api = HttpApi(account.api, headers=headers, timeout=timeout, answers=ANSWERS, words=_words)

    @property
    def identity(self) -> str:
        return linkedin_identity(self._account)

    def close(self) -> None:
        self._api.close()

    def hello(self) -> str:
        """Who the token is; whether an organisation lets it post is seen at the first post only."""
        told = self._api.ask("/v2/userinfo").object()
        person = f"urn:li:person:{told.get('sub')}"
        author = self._account.author
        if author.startswith("urn:li:person:") and author != person:
            raise Refused(f"the token is that of {told.get('name') or person}", signed_in=False)
        return f"Signed in as {told.get('name') or person}; LinkedIn answers."

    def publish(self, post: Post, key: str) -> Published:
        asked: dict[str, Any] = {
            "author": self._account.author,
            "commentary": little(post.text),
            "visibility": "PUBLIC",
            "distribution": {
                "feedDistribution": "MAIN_FEED",
                "targetEntities": [],
                "thirdPartyDistributionChannels": [],
            },
            "lifecycleState": "PUBLISHED",
            "isReshareDisabledByAuthor": False,
        }
        if post.picture is not None:
            asked["content"] = {"media": {"id": self._upload(post.picture), "altText": post.picture.alt or ""}}
        elif post.card is not None:
            card = {"source": post.card.url, "title": post.card.title, "description": post.card.description}
            asked["content"] = {"article": card}
        answer = self._api.send("POST", "/rest/posts", json=asked)
        name = answer.headers.get("x-restli-id", "")
        if regex.fullmatch(MANNER.reference, name) is None:
            raise Lost("the answer names no post")
        return _published(name, post.text)

    def recent(self) -> Sequence[Published]:
        asked = {"q": "author", "author": self._account.author, "count": "20", "sortBy": "CREATED"}
        answer = self._api.ask("/rest/posts", params=asked, headers={"x-restli-method": "FINDER"})
        found = each(answer.object().get("elements"))
        return [_published(str(one.get("id")), plain(str(one.get("commentary", "")))) for one in found]

    def read(self, reference: str) -> Published | None:
        try:
            told = self._api.ask(f"/rest/posts/{quote(reference, safe='')}").object()
        except Missing:
            return None
        if not isinstance(told.get("author"), str):
            raise NotReached("the answer could not be read")
        if told["author"] != self._account.author:
            return None
        return _published(reference, plain(str(told.get("commentary", ""))))

    def delete(self, reference: str) -> None:
        try:
            headers = {"x-restli-method": "DELETE"}
            answer = self._api.send("DELETE", f"/rest/posts/{quote(reference, safe='')}", headers=headers)
        except Missing:
            return
        if answer.status != 204:
            raise Lost("the answer does not say that it was deleted")

    def _upload(self, picture: Picture) -> str:
        """Nothing is seen of it until it is posted, so a lost answer has no effect."""
        asked = {"initializeUploadRequest": {"owner": self._account.author}}
        answer = self._api.ask("/rest/images", method="POST", params={"action": "initializeUpload"}, json=asked)
        value = inside(answer.object().get("value"))
        address, name = str(value.get("uploadUrl", "")), str(value.get("image", ""))
        if not name.startswith("urn:li:image:") or not self._is_linkedins(address):
            raise Refused("it did not say where the picture goes")
        self._api.ask(address, method="PUT", content=picture.data, headers={"content-type": picture.kind})
        return name

    def _is_linkedins(self, address: str) -> bool:
        """The token goes along, so an address that an answer names must be LinkedIn's own."""
        there, here = urlsplit(address), urlsplit(self._account.api)
        if (there.scheme, there.netloc) == (here.scheme, here.netloc):
            return True
        return there.scheme == "https" and there.netloc.endswith((".linkedin.com", ".licdn.com"))


class LinkedInSystem(NetworkSystem[LinkedInAccount]):
    name = family = "linkedin"
    title = "LinkedIn"
    account = LinkedInAccount
    manner = MANNER
    where = "In LinkedIn's developer portal, under OAuth tools of an app with the product Share on LinkedIn."

    def identity(self, account: LinkedInAccount) -> str:
        return linkedin_identity(account)

    def client(self, account: LinkedInAccount, timeout: float, clock: Clock) -> Network:
        return LinkedIn(account, timeout)


def linkedin_identity(account: LinkedInAccount) -> str:
    at = "" if account.api == API else f" at {account.api}"
    return f"LinkedIn as {account.name} ({account.author}){at}"


def _published(reference: str, text: str) -> Published:
    return Published(reference, text, f"https://www.linkedin.com/feed/update/{reference}/")


def _words(answer: Answer) -> str:
    told = answer.object()
    errors = each(inside(told.get("errorDetails")).get("inputErrors")) or [{}]
    return str(errors[0].get("description") or told.get("message") or f"it answered {answer.status}")
