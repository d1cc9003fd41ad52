"""What a social network must be able to do, so that posts go out through it."""

from __future__ import annotations

import ipaddress
import unicodedata
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, ClassVar, TypeVar
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict

from core.clock import Clock, SystemClock
from core.connectors.protocol import System
from core.connectors.transports.addresses import checked_url
from core.connectors.transports.social.posts import Manner, Post, Published
from core.errors import InvalidInput


class Network(ABC):
    """One account of one network. Methods raise what `transports.calls` has."""

    usual: ClassVar[Manner]
    """What the network takes as far as anybody knows without asking."""

    def manner(self) -> Manner:
        """What it takes now; some servers have limits of their own."""
        return self.usual

    @property
    @abstractmethod
    def identity(self) -> str:
        """`X as @countersign`."""

    @abstractmethod
    def hello(self) -> str:
        """Signs in, reads something harmless, and says in a sentence what it found."""

    @abstractmethod
    def publish(self, post: Post, key: str) -> Published:
        """Makes it public. Lost: nobody knows whether it is; everything else that is raised: it is not."""

    def find(self, post: Post, key: str) -> Published | None:
        """What was published with this very key; None where there is nothing, or the network keeps no keys."""
        return None

    @abstractmethod
    def recent(self) -> Sequence[Published]:
        """The account's latest posts."""

    @abstractmethod
    def read(self, reference: str) -> Published | None:
        """The account's own post of that name; None where there is none."""

    @abstractmethod
    def delete(self, reference: str) -> None:
        """Takes it down; one that is gone already is no error."""

    @abstractmethod
    def close(self) -> None: ...

    def spelled(self, text: str) -> str:
        """The same for texts that the network gives back for the same: some add spaces, some leave out signs."""
        return " ".join(unicodedata.normalize("NFC", text).split())


def _base(value: str) -> str:
    """An address below which everything is asked; in clear only where nobody else listens."""
    try:
        url = checked_url(value).rstrip("/")
    except InvalidInput as problem:
        raise ValueError(str(problem.facts["problem"]).rstrip(".")) from None
    parts = urlsplit(url)
    if parts.query or parts.fragment:
        raise ValueError("leave out everything from ? or # on")
    if parts.scheme != "https" and not _inside(parts.hostname or ""):
        raise ValueError("begin with https://: the key would be sent in clear")
    return url


def _inside(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    return address.is_loopback or address.is_private


def _handle(value: str) -> str:
    return value.strip().removeprefix("@")


def inside(value: Any) -> Mapping[str, Any]:
    """`value` if it is an object: what an answer holds is not always what was described."""
    return value if isinstance(value, Mapping) else {}


def each(value: Any) -> list[Mapping[str, Any]]:
    """The objects in `value`."""
    return [one for one in value if isinstance(one, Mapping)] if isinstance(value, list) else []


Base = Annotated[str, AfterValidator(_base)]
Handle = Annotated[str, AfterValidator(_handle)]


class NetworkAccount(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


A = TypeVar("A", bound=NetworkAccount)


class NetworkSystem(System[A]):
    """A network as a kind of outside system that accounts are made for."""

    manner: ClassVar[Manner]

    @abstractmethod
    def client(self, account: A, timeout: float, clock: Clock) -> Network: ...

    def test(self, account: A, *, timeout: float) -> str:
        client = self.client(account, timeout, SystemClock())
        try:
            return client.hello()
        finally:
            client.close()
