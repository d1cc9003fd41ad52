"""Pages as HTML: what templates of layouts know of a site, and nothing else."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import quote

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from core.websites.brand import Styled
from core.websites.content import Block, ContactForm, Disclosure, Hero, Picture, Post, Posts, Product, Products, Text
from core.websites.layout import Layout
from core.websites.phrasebook import Phrasebook
from core.websites.pictures import Read, sizes_of
from core.websites.plan import ON_A_PAGE, SENT, Place, Plan
from core.websites.prose import prose_as_html
from core.websites.seo import description_of, key_of, structured_data, title_of

_SHARED = Path(__file__).parent / "templates"
_SHORT, _MIDDLE, _LONG = 22, 44, 90
"""Letters of a title up to which it is set largest, large, and small; a wide one counts for two and a half."""


class Assets(Protocol):
    def keep(self, stem: str, ending: str, data: bytes) -> str: ...


@dataclass(frozen=True)
class Part:
    """A block as its template draws it."""

    block: Block
    level: int
    """Of its heading."""
    number: int
    places: Sequence[Place] = ()
    """Posts or products it lists."""
    goes_on: bool = False
    """Its list has further pages."""


@dataclass
class Drawing:
    plan: Plan
    layout: Layout
    look: Styled
    words: Phrasebook
    assets: Assets
    head: Mapping[str, Any]
    form_action: str | None
    pictures: Read | None
    _lost: set[str] = field(default_factory=set)
    _drawn: dict[str, Sequence[tuple[str, int, int]]] = field(default_factory=dict)

    @property
    def has_form(self) -> bool:
        return any(isinstance(b, ContactForm) for one in self.plan.places if one.page for b in one.page.blocks)

    @property
    def notes(self) -> Sequence[str]:
        count = len(self._lost)
        if count == 1:
            return ("1 picture could not be read and was left out.",)
        return (f"{count} pictures could not be read and were left out.",) if count else ()

    def page(self, place: Place) -> str:
        kind = "post" if place.post else "product" if place.product else "home" if place.path == "" else "page"
        picture = self._shared_picture(place)
        return self._render(
            place.path, kind=kind, place=place, parts=self._parts(place), tab=title_of(place, self.plan.site),
            description=description_of(place, self.plan.site), listed=place.listed, canonical=self.plan.url(place.path),
            preview=picture, data=structured_data(place, self.plan, picture), above=self.plan.above(place),
        )  # fmt: skip

    def missing(self) -> str:
        """Answers at any depth, so its links begin at the root."""
        return self._notice(None, "missing")

    def sent(self) -> str:
        return self._notice(SENT, "sent")

    def _notice(self, here: str | None, kind: str) -> str:
        title, text = self.words.say(f"{kind}_title"), self.words.say(f"{kind}_text")
        return self._render(
            here, kind="notice", place=Place(here or "", title, title, text), parts=(), tab=f"{title} · {self.plan.site.name}",
            description=text, listed=False, canonical="", preview="", data="", above=(),
        )  # fmt: skip

    def _render(self, here: str | None, **context: Any) -> str:
        site, words = self.plan.site, self.words
        email, telephone = self._told("email", "e_mail"), self._told("telephone", "phone")
        drawn = _environment(self.layout.folder).get_template("page.html.jinja").render(
            site=site, look=self.look, head=self.head, rtl=site.right_to_left, say=words.say,
            art=_art(self.layout.name, site.name),
            tile=lambda key: _art(self.layout.name, f"{site.name}/{key}")["tile"],
            link=lambda path: self.plan.relative(here, path), to=lambda address: self.plan.resolve(here, address),
            current=lambda address: self._is_here(here, address), fit=fit, price=self._price, day=words.day,
            prose=lambda text, below: prose_as_html(
                text, below=below, resolve=lambda address: self.plan.resolve(here, address), table=words.say("table")
            ),
            sizes=self._sizes, form_action=self.form_action, email=email, mail=quote(email, safe="@+"),
            telephone=telephone, dial="".join(one for one in telephone if one in "+0123456789"), street=self._street(),
            has_feed=bool(self.plan.posts), **context,
        )  # fmt: skip
        return f"{drawn}\n"

    def _parts(self, place: Place) -> Sequence[Part]:
        """The page's blocks; the hero that opens it has the h1, and none that would be empty is drawn."""
        parts: list[Part] = []
        blocks = place.page.blocks if place.page else ()
        opened = place.product is not None or not blocks
        for block in blocks:
            if isinstance(block, Products):
                listed: Sequence[Place] = [self.plan.products[key] for key in block.keys if key in self.plan.products]
                self.plan.unknown.update(key for key in block.keys if key not in self.plan.products)
            elif isinstance(block, Posts):
                listed = self.plan.posts[: block.most]
            else:
                listed = ()
            silent = isinstance(block, Text) and not (block.prose or block.title)
            if silent or (isinstance(block, (Products, Posts)) and not listed):
                continue
            on_a_page = ON_A_PAGE.get(block.kind, 0)
            goes_on = place.turn is not None and 0 < on_a_page < len(listed)
            if goes_on and place.turn is not None:
                listed = listed[(place.turn.number - 1) * on_a_page : place.turn.number * on_a_page]
                if not listed:  # another list of the page is longer
                    continue
            first = not opened and isinstance(block, Hero)
            opened = opened or not isinstance(block, Disclosure)
            parts.append(Part(block, 1 if first else 2, len(parts) + 1, listed, goes_on))
        return parts

    def _is_here(self, here: str | None, address: str) -> str:
        """As aria-current has it: this page, or one above it."""
        known = self.plan.by_key.get(address.removeprefix("page:"))
        if here is None or known is None or not address.startswith("page:"):
            return ""
        return "page" if known.path == here else "true" if known.path and here.startswith(known.path) else ""

    def _sizes(self, picture: Picture | None) -> Sequence[tuple[str, int, int]]:
        """Path, width and height of each size, smallest first; empty where it cannot be read."""
        if picture is None:
            return ()
        if picture.sha256 not in self._drawn:
            sizes = sizes_of(picture.sha256, self.pictures)
            if not sizes:
                self._lost.add(picture.sha256)
            self._drawn[picture.sha256] = [
                (self.assets.keep(f"picture-{one.width}", "webp", one.data), one.width, one.height) for one in sizes
            ]
        return self._drawn[picture.sha256]

    def _shared_picture(self, place: Place) -> str:
        """What previews of links show: the page's own first picture, else the one made from the brand."""
        said: Post | Product | None = place.post or place.product
        shown = said.picture if said else next(
            (b.picture for b in (place.page.blocks if place.page else ()) if isinstance(b, Hero) and b.picture), None
        )  # fmt: skip
        sizes = self._sizes(shown)
        return self.plan.url(sizes[-1][0] if sizes else str(self.head["preview"]))

    def _price(self, product: Product) -> str:
        return self.words.price(product.price, product.currency)

    def _told(self, *labels: str) -> str:
        return next((text for label, text in self.plan.site.organisation if key_of(label) in labels), "")

    def _street(self) -> str:
        city = " ".join(one for one in (self._told("postal_code", "postcode", "zip"), self._told("city")) if one)
        return ", ".join(
            one for one in (self._told("street"), city, self._told("region"), self._told("country")) if one
        )


def fit(text: str) -> str:
    """How large a title may be set: its length and its longest word decide."""
    width = sum(2.5 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)
    longest = 0 if width > len(text) else max((len(word) for word in text.split()), default=0)
    if width <= _SHORT and longest <= 11:
        return "fit-xl"
    if width <= _MIDDLE and longest <= 13:
        return "fit-l"
    return "fit-m" if width <= _LONG and longest <= 18 else "fit-s"


@cache
def _environment(folder: Path) -> Environment:
    return Environment(
        loader=FileSystemLoader([folder, _SHARED]), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
        lstrip_blocks=True, auto_reload=False,
    )  # fmt: skip


@lru_cache(maxsize=512)
def _art(layout: str, name: str) -> Mapping[str, Markup]:
    from core.websites.layout import find_layouts

    return find_layouts()[layout].draw(sha256(name.encode()).digest())
