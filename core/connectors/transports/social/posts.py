"""A post, its picture and its link, and what a network takes in one post, as values."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from enum import Enum, StrEnum


class Name(StrEnum):
    LINKEDIN = "linkedin"
    INSTAGRAM = "instagram"
    X = "x"
    MASTODON = "mastodon"
    BLUESKY = "bluesky"


class Links(Enum):
    """What becomes of a link that is not in the text."""

    CARD = "card"
    """It is shown as a card of its own, below the text."""
    TEXT = "text"
    """It is written below the text: the network makes a card of the link by itself."""
    NONE = "none"
    """Nobody could follow it."""


JPEG, PNG = "image/jpeg", "image/png"


@dataclass(frozen=True)
class Manner:
    """What a network takes in one post, and how it counts."""

    name: Name
    title: str
    most: int
    unit: str
    """What is counted, in the plural."""
    count: Callable[[str], int]
    links: Links
    alt: int
    """The longest description of a picture, in characters."""
    reference: str
    """What the network's names of posts look like, as a regular expression: they become part of an address."""
    picture_bytes: int
    picture_kinds: tuple[str, ...] = (JPEG, PNG)
    fetches_pictures: bool = False
    """It takes the public address of a picture and fetches it; else it is given the bytes."""
    needs_picture: bool = False
    deletes: bool = True
    objections: Callable[[str], Iterable[str]] = lambda text: ()
    """What else is wrong with a text, in words."""
    remarks: Callable[[str], Iterable[str]] = lambda text: ()
    """What will look other than it reads, in words."""


@dataclass(frozen=True)
class Picture:
    """One picture: in the file store by its digest, or at a public address."""

    alt: str | None
    sha256: str | None = None
    url: str | None = None
    kind: str = ""
    """Its media type, as its bytes say."""
    width: int = 0
    height: int = 0
    shows_place: bool = False
    """It says where it was taken, to whoever looks into the file."""
    data: bytes = field(default=b"", repr=False)


@dataclass(frozen=True)
class Card:
    """A link with the words people read before they follow it."""

    url: str
    title: str
    description: str


@dataclass(frozen=True)
class Post:
    """Exactly what is sent."""

    text: str
    card: Card | None = None
    picture: Picture | None = None


@dataclass(frozen=True)
class Published:
    """A post as the network tells of it; `text` as its author typed it."""

    reference: str
    text: str
    url: str | None = None
