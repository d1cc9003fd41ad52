"""Where everything of a site lies: each page, post and product with its path, and the way from one to another."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from urllib.parse import urlsplit

from core.errors import CountersignError
from core.websites.content import Page, Post, Posts, Product, Products, Site
from core.websites.phrasebook import phrasebook

SENT = "contact-sent/"


class SiteHasNoFirstPage(CountersignError):
    """No page of this site has the empty path, so that its address would not answer. Give one of them the path ""."""

    http_status = 422


class SiteHasTwoPagesAt(CountersignError):
    """Two pages of this site lie at {path}. Give each its own path."""

    http_status = 422


ON_A_PAGE = {"posts": 20, "products": 48}
"""Of a list; a longer one goes on on further pages."""


@dataclass(frozen=True)
class Turn:
    """A page of several that one long list is parted into."""

    number: int
    """From 1."""
    paths: tuple[str, ...]

    @property
    def before(self) -> str | None:
        return self.paths[self.number - 2] if self.number > 1 else None

    @property
    def after(self) -> str | None:
        return self.paths[self.number] if self.number < len(self.paths) else None


@dataclass(frozen=True)
class Place:
    path: str
    name: str
    """In crumbs and navigation."""
    title: str
    description: str
    page: Page | None = None
    post: Post | None = None
    product: Product | None = None
    listed: bool = True
    turn: Turn | None = None
    """None: it is whole by itself."""

    @property
    def file(self) -> str:
        return f"{self.path}index.html"


@dataclass
class Plan:
    site: Site
    address: str
    """Absolute, ends with a slash."""
    places: Sequence[Place] = ()
    posts: Sequence[Place] = ()
    """Newest first."""
    by_key: dict[str, Place] = field(default_factory=dict)
    products: dict[str, Place] = field(default_factory=dict)
    unknown: set[str] = field(default_factory=set)
    """What links named and there is not, gathered while pages are drawn."""

    @property
    def root(self) -> str:
        """The path at which the site lies, for pages that answer at any depth: "/" or "/sites/harbour/"."""
        return urlsplit(self.address).path or "/"

    def url(self, path: str) -> str:
        return self.address + path

    def relative(self, here: str | None, path: str) -> str:
        """From the page at `here`, so that the site works in any folder; from anywhere where it is None."""
        if here is None:
            return self.root + path
        return ("../" * here.count("/") + path) or "./"

    def resolve(self, here: str | None, address: str) -> str | None:
        """`page:<key>` from where it stands, every other address as it is; None for a page there is not."""
        if not address.startswith("page:"):
            return _spelled(address)
        key = address.removeprefix("page:")
        if key not in self.by_key:
            self.unknown.add(key)
            return None
        return self.relative(here, self.by_key[key].path)

    def above(self, place: Place) -> Sequence[Place]:
        """The pages on the way from the first one down to this."""
        parts = place.path.split("/")[:-1]
        paths = {"/".join(parts[:depth]) + "/" if depth else "" for depth in range(len(parts))}
        if place.product is not None and not any(one.path in paths for one in self.places if one.path):
            paths |= {one.path for one in [one for one in self.places if _lists(one, place.product)][:1]}
        return sorted((one for one in self.places if one.path in paths), key=lambda one: one.path.count("/"))


def _lists(place: Place, product: Product) -> bool:
    """Whether it is a page of products with this one among them, other than the first page and what a long list goes on with."""
    blocks = place.page.blocks if place.page and place.path and not (place.turn and place.turn.before) else ()
    return any(isinstance(block, Products) and product.key in block.keys for block in blocks)


def plan_of(site: Site, address: str) -> Plan:
    """Raises SiteHasNoFirstPage, SiteHasTwoPagesAt. Products without a page of their own get one, and so does a blog."""
    pages = [_of_page(page, site) for page in site.pages]
    taken: set[str] = set()
    for one in pages:
        if one.path in taken:
            raise SiteHasTwoPagesAt(path=one.path or "the first page")
        taken.add(one.path)
    if "" not in taken:
        raise SiteHasNoFirstPage
    if site.blog is not None and site.posts and site.blog not in taken:
        pages.append(_blog_index(site))
        taken.add(site.blog)
    posts = list(_posts(site, taken))
    products = list(_products(site, pages, taken))
    parted = [one for page in pages for one in _parted(page, site, len(posts), taken)]
    pages, further = [one for one in parted if not _goes_on(one)], [one for one in parted if _goes_on(one)]
    plan = Plan(site, address, (*pages, *further, *posts, *products), posts)
    for place in reversed(plan.places):
        said = place.page or place.post or place.product
        if said is not None:
            plan.by_key[said.key] = place
    for place in (*products, *pages):
        if place.product is not None:
            plan.products[place.product.key] = place
    return plan


def _spelled(address: str) -> str:
    """As HTML allows it: what browsers forgive in an address stands there in percent (WHATWG URL, forbidden code points)."""
    return re.sub(r"""[<>"{}|\\^`]|%(?![0-9A-Fa-f]{2})""", lambda found: f"%{ord(found.group()):02X}", address)


def _of_page(page: Page, site: Site) -> Place:
    product = next((one for one in site.products if one.key == page.product), None)
    name = page.name or page.title or site.name
    return Place(
        page.path,
        name,
        page.title or name,
        page.description or site.description,
        page,
        product=product,
        listed=page.listed,
    )


def _blog_index(site: Site) -> Place:
    title = phrasebook(site.language).say("posts")
    page = Page(key="blog-index", path=site.blog or "", name=title, title=title, description="", blocks=(Posts(),))
    return _of_page(page, site)


def _posts(site: Site, taken: set[str]) -> Iterator[Place]:
    if site.blog is None:
        return
    for post in sorted(site.posts, key=lambda one: (one.published, one.key), reverse=True):
        path = _free(f"{site.blog}{post.key}", taken)
        yield Place(
            path, post.title or post.key, post.title or post.key, post.description or site.description, post=post
        )


def _products(site: Site, pages: Sequence[Place], taken: set[str]) -> Iterator[Place]:
    shown = {one.product.key for one in pages if one.product is not None}
    shop = next((one.path for one in pages if one.page and any(isinstance(b, Products) for b in one.page.blocks)), "")
    for product in site.products:
        if product.key not in shown:
            shown.add(product.key)
            path = _free(f"{shop or 'products/'}{product.key}", taken)
            yield Place(path, product.name or product.key, product.name or product.key, "", product=product)


def _goes_on(place: Place) -> bool:
    return place.turn is not None and place.turn.number > 1


def _parted(place: Place, site: Site, posts: int, taken: set[str]) -> Iterator[Place]:
    """The page, and after it those on which its longest list goes on."""
    assert place.page is not None
    lists = [one for one in place.page.blocks if isinstance(one, (Posts, Products))]
    longest = max((-(-listed(one, posts) // ON_A_PAGE[one.kind]) for one in lists), default=1)
    if longest < 2:
        yield place
        return
    paths = (place.path, *(_free(f"{place.path}page-{number}", taken) for number in range(2, longest + 1)))
    yield replace(place, turn=Turn(1, paths))
    long = tuple(one for one in lists if listed(one, posts) > ON_A_PAGE[one.kind])
    for number in range(2, longest + 1):
        said = phrasebook(site.language).say("page_of", number=str(number), count=str(longest))
        yield replace(
            place, path=paths[number - 1], name=said, title=f"{place.title} · {said}", turn=Turn(number, paths),
            description=f"{place.description[: 290 - len(said)].rstrip()} · {said}",
            page=place.page.model_copy(update={"blocks": long}),
        )  # fmt: skip


def listed(block: Posts | Products, posts: int) -> int:
    """How many a list shows on all of its pages."""
    return min(block.most, posts) if isinstance(block, Posts) else len(block.keys)


def _free(wanted: str, taken: set[str]) -> str:
    """A path nobody has yet; Key allows hyphens in a row, which paths do not need."""
    number, path = 1, f"{wanted}/"
    while path in taken:
        number += 1
        path = f"{wanted}-{number}/"
    taken.add(path)
    return path
