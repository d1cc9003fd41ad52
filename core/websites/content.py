"""What a site says, before any layout draws it: pages of blocks, plain text and checked addresses, no markup.

It is the document that people edit before a review, so it reads and stores as JSON, and every text has a limit.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Discriminator, Field, StringConstraints

from core.text import has_controls, turns
from core.websites.rules import checked_address, checked_path


def _one_line(text: str) -> str:
    if has_controls(text) or turns(text):
        raise ValueError("leave out control characters and those that turn the direction of text")
    return text.strip()


def _lines(text: str) -> str:
    kept = text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", " ")
    if has_controls(kept.replace("\n", "")) or turns(kept):
        raise ValueError("leave out control characters and those that turn the direction of text")
    return kept.strip()


Line = Annotated[str, StringConstraints(max_length=200), AfterValidator(_one_line)]
Short = Annotated[str, StringConstraints(max_length=400), AfterValidator(_one_line)]
Prose = Annotated[str, StringConstraints(max_length=20_000), AfterValidator(_lines)]
"""Markdown without HTML: headings from level 3, lists, links, emphasis, tables; rendered as `core.websites.prose` does."""
Address = Annotated[str, StringConstraints(max_length=2_000), AfterValidator(checked_address)]
"""https:, http:, mailto:, tel:, or `page:<key>` for a page of this site."""
Path = Annotated[str, StringConstraints(max_length=200), AfterValidator(checked_path)]
"""Below the site's root: "" for the first page, else "about/" or "blog/first-post/"; lower case, no dots."""
Key = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{0,60}$")]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Picture(_Part):
    """A picture that lies among the kept files; generation writes it in the sizes that are needed."""

    sha256: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
    alt: Line
    """Empty only where it decorates."""


class Link(_Part):
    label: Line
    to: Address
    sponsored: bool = False
    """Paid for: rel=sponsored, and the page says so."""


class Hero(_Part):
    kind: Literal["hero"] = "hero"
    title: Line
    text: Short = ""
    actions: tuple[Link, ...] = Field(default=(), max_length=2)
    picture: Picture | None = None


class Text(_Part):
    kind: Literal["text"] = "text"
    title: Line = ""
    prose: Prose
    picture: Picture | None = None


class Card(_Part):
    title: Line
    text: Short = ""
    link: Link | None = None
    picture: Picture | None = None


class Cards(_Part):
    """Services, features, values, people: things side by side."""

    kind: Literal["cards"] = "cards"
    title: Line = ""
    text: Short = ""
    cards: tuple[Card, ...] = Field(min_length=1, max_length=24)


class Steps(_Part):
    """What happens one after the other."""

    kind: Literal["steps"] = "steps"
    title: Line
    steps: tuple[Card, ...] = Field(min_length=2, max_length=9)


class Quote(_Part):
    kind: Literal["quote"] = "quote"
    text: Short
    who: Line = ""


class Question(_Part):
    question: Line
    answer: Prose


class Questions(_Part):
    kind: Literal["questions"] = "questions"
    title: Line
    questions: tuple[Question, ...] = Field(min_length=1, max_length=30)


class Facts(_Part):
    """Addresses, hours, prices: a label and what stands beside it."""

    kind: Literal["facts"] = "facts"
    title: Line = ""
    facts: tuple[tuple[Line, Short], ...] = Field(min_length=1, max_length=40)


class Call(_Part):
    """What the reader should do next."""

    kind: Literal["call"] = "call"
    title: Line
    text: Short = ""
    action: Link


class Product(_Part):
    key: Key
    name: Line
    text: Prose = ""
    price: Annotated[Decimal, Field(ge=0, max_digits=12, decimal_places=2)]
    currency: Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]
    sku: Line = ""
    available: bool = True
    picture: Picture | None = None
    buy: Link | None = None
    """To the payment provider."""


class Products(_Part):
    """Products of the site by key, with a link to the page of each."""

    kind: Literal["products"] = "products"
    title: Line = ""
    keys: tuple[Key, ...] = Field(min_length=1, max_length=500)


class Posts(_Part):
    """The site's posts, newest first; all of them, or the newest few."""

    kind: Literal["posts"] = "posts"
    title: Line = ""
    most: Annotated[int, Field(ge=1, le=1_000)] = 1_000


class ContactForm(_Part):
    """Name, e-mail and message, sent without JavaScript to where the site is served from."""

    kind: Literal["contact"] = "contact"
    title: Line
    text: Short = ""


class Disclosure(_Part):
    """What the reader must know, marked as such: that links are paid for."""

    kind: Literal["disclosure"] = "disclosure"
    text: Short


Block = Annotated[
    Hero | Text | Cards | Steps | Quote | Questions | Facts | Call | Products | Posts | ContactForm | Disclosure,
    Discriminator("kind"),
]


class Page(_Part):
    key: Key
    path: Path
    name: Line
    """In the navigation: "About"."""
    title: Line
    """The page's own heading, its h1 where no hero has it."""
    description: Annotated[str, StringConstraints(max_length=300), AfterValidator(_one_line)]
    """For search engines and previews, one or two sentences."""
    blocks: tuple[Block, ...] = Field(max_length=40)
    product: Key | None = None
    """The page of one product."""
    listed: bool = True
    """In the sitemap and open to search engines."""


class Post(_Part):
    key: Key
    title: Line
    description: Annotated[str, StringConstraints(max_length=300), AfterValidator(_one_line)]
    prose: Prose
    published: date
    author: Line = ""
    picture: Picture | None = None


class Brand(_Part):
    """As it was asked for; what it becomes is `core.websites.brand`."""

    primary: Annotated[str, StringConstraints(pattern=r"^#[0-9A-Fa-f]{6}$")] = "#2B47B8"
    secondary: Annotated[str, StringConstraints(pattern=r"^#[0-9A-Fa-f]{6}$")] = "#14171F"
    accent: Annotated[str, StringConstraints(pattern=r"^#[0-9A-Fa-f]{6}$")] = "#B45309"
    heading_font: Line = ""
    body_font: Line = ""
    """Families of `core.websites.brand`; an unknown one is replaced, and it says so."""
    logo: Picture | None = None


class Site(_Part):
    """Everything a site is made of; the same site gives the same files, byte for byte."""

    name: Line = Field(min_length=1)
    description: Short
    language: Annotated[str, StringConstraints(pattern=r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}$")] = "en"
    layout: Key
    brand: Brand
    pages: tuple[Page, ...] = Field(min_length=1, max_length=200)
    """The first page has the path ""; their order is that of the sitemap."""
    navigation: tuple[Link, ...] = Field(max_length=12)
    footer: tuple[Link, ...] = Field(default=(), max_length=20)
    posts: tuple[Post, ...] = Field(default=(), max_length=1_000)
    blog: Path | None = None
    """Where posts lie; None: there is no blog."""
    products: tuple[Product, ...] = Field(default=(), max_length=500)
    organisation: tuple[tuple[Line, Short], ...] = Field(default=(), max_length=20)
    """For JSON-LD: telephone, street, city, country."""

    @property
    def right_to_left(self) -> bool:
        from babel import Locale, UnknownLocaleError

        try:
            return Locale.parse(self.language, sep="-").text_direction == "rtl"
        except (UnknownLocaleError, ValueError):
            return False


def site_from_json(told: Any) -> Site:
    """Raises pydantic's ValidationError, which names each place that does not fit."""
    return Site.model_validate(told)


def site_as_json(site: Site) -> dict[str, Any]:
    return site.model_dump(mode="json")
