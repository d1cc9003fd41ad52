"""What the files of a site refer to, each told apart: a file of the site, another site, or nothing a browser opens."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal
from urllib.parse import unquote, urldefrag, urljoin, urlsplit
from xml.etree import ElementTree

from core.websites.asking import origin_of
from core.websites.built import BuiltSite
from core.websites.documents import Element, SitePage, pages_of

NOWHERE = "http://site.invalid/"
"""Where a site lies that has no address yet; the name leads nowhere by its standard (RFC 2606)."""
_PLAIN = {
    "a": ("href",), "area": ("href",), "link": ("href",), "img": ("src",), "script": ("src",), "iframe": ("src",),
    "source": ("src",), "video": ("src", "poster"), "audio": ("src",), "track": ("src",), "embed": ("src",),
    "object": ("data",), "input": ("src",), "svg:use": ("href",), "svg:image": ("href",), "blockquote": ("cite",),
}  # fmt: skip
_IN_META = frozenset({"og:image", "og:url", "twitter:image"})
_URL = re.compile(r"""url\(\s*(?:"([^"]*)"|'([^']*)'|([^)"'\s]*))\s*\)""")
_IMPORT = re.compile(r"""@import\s+["']([^"']+)["']""")
_REFRESH = re.compile(r"""^\s*\d*\s*[;,]\s*(?:url\s*=\s*)?["']?([^"']+)""", re.IGNORECASE)
_DOCTYPE = re.compile(rb"<!(?:DOCTYPE|ENTITY)", re.IGNORECASE)


@dataclass(frozen=True)
class Reference:
    where: str
    """As findings begin: "about/ line 12"."""
    said: str
    """As it stands there."""
    address: str
    """Made whole."""
    kind: Literal["inside", "outside", "other", "wrong"]
    """`other`: mailto:, tel:, data: and such; `wrong`: what no browser can read, or what runs."""
    file: str | None = None
    """The file of the site that answers; None inside: nothing does."""
    fragment: str = ""
    opens: bool = True
    """Something to go to; otherwise a part of the page itself, as pictures and styles are."""


def home_of(built: BuiltSite) -> str:
    """Where the files say they lie: the canonical address of the first page, else nowhere."""
    first = next((one for one in pages_of(built) if one.path == ""), None)
    said = first.document.rels("canonical") if first else []
    address = said[0].get("href") if said else ""
    return address if address.endswith("/") and origin_of(address)[0] in ("http", "https") else NOWHERE


def looked_up(built: BuiltSite, path: str) -> str | None:
    """The file a server finds at `path` below the root."""
    file = f"{path}index.html" if path == "" or path.endswith("/") else path
    return file if file in built.files else None


def references_of(built: BuiltSite, home: str) -> Iterator[Reference]:
    """Every reference of every file, read against `home`, the site's root."""
    for page in pages_of(built):
        yield from _of_page(built, page, home)
    for file, held in built.files.items():
        if file.endswith(".css"):
            text = held.data.decode("utf-8", "replace")
            for said in _said_in_css(text):
                yield _reference(built, file, said, urljoin(home, file), home, opens=False)
        elif file.endswith(".webmanifest"):
            for said in _said_in_manifest(held.data):
                yield _reference(built, file, said, urljoin(home, file), home, opens=False)
        elif file in ("sitemap.xml", "feed.xml"):
            for said in said_in_xml(held.data):
                yield _reference(built, file, said, urljoin(home, file), home)


def said_in_xml(data: bytes, *names: str) -> list[str]:
    """Addresses of a sitemap or feed: texts of `loc`, and of `link` without or with href. Entities are not read."""
    if _DOCTYPE.search(data):
        return []
    try:
        root = ElementTree.fromstring(data)  # noqa: S314 - declarations were refused above
    except ElementTree.ParseError:
        return []
    found: list[str] = []
    for one in root.iter():
        name = one.tag.rpartition("}")[2]
        if name in (names or ("loc", "link")):
            said = one.get("href") or (one.text or "").strip()
            found += [said] if said else []
    return found


def style_of(page: SitePage) -> str:
    return "\n".join(one.own_text for one in page.document.all("style")) + "\n".join(
        one.get("style") for one in page.document.elements if "style" in one.attributes
    )


def _of_page(built: BuiltSite, page: SitePage, home: str) -> Iterator[Reference]:
    base = urljoin(home, page.path)
    declared = page.document.first("base")
    if declared is not None:
        base = _joined(base, declared.get("href")) or base
    for one in page.document.elements:
        where = f"{page.name} line {one.line}"
        for said, opens in _said_in(one):
            yield _reference(built, where, said, base, home, opens=opens)
    for said in _said_in_css(style_of(page)):
        yield _reference(built, page.name, said, base, home, opens=False)


def _said_in(one: Element) -> Iterator[tuple[str, bool]]:
    for name in _PLAIN.get(one.tag, ()):
        if name in one.attributes:
            yield one.attributes[name], one.tag in ("a", "area")
    if one.tag in ("img", "source") and one.get("srcset"):
        for part in re.split(r",\s+", one.get("srcset").strip().rstrip(",")):
            if part.split():
                yield part.split()[0], False
    if one.tag == "meta":
        if _IN_META & {one.get("property"), one.get("name")}:
            yield one.get("content"), False
        elif one.get("http-equiv").lower() == "refresh" and (found := _REFRESH.match(one.get("content"))):
            yield found[1], True


def _said_in_css(text: str) -> Iterator[str]:
    for found in _URL.finditer(text):
        said = next((part for part in found.groups() if part is not None), "")
        if not said.startswith(("data:", "#")):
            yield said
    yield from _IMPORT.findall(text)


def _said_in_manifest(data: bytes) -> Iterator[str]:
    try:
        told = json.loads(data)
    except ValueError:
        return
    if isinstance(told, dict):
        yield from (told[name] for name in ("start_url", "scope") if isinstance(told.get(name), str))
        icons = told.get("icons")
        for one in icons if isinstance(icons, list) else ():
            if isinstance(one, dict) and isinstance(one.get("src"), str):
                yield one["src"]


def _reference(built: BuiltSite, where: str, said: str, base: str, home: str, *, opens: bool = True) -> Reference:
    whole = _joined(base, said.strip())
    if whole is None:
        return Reference(where, said, said, "wrong", opens=opens)
    address, fragment = urldefrag(whole)
    scheme = urlsplit(address).scheme.lower()
    if scheme not in ("http", "https"):
        kind: Literal["other", "wrong"] = "other" if scheme in ("mailto", "tel", "data", "sms") else "wrong"
        return Reference(where, said, whole, kind, opens=opens)
    path = unquote(urlsplit(address).path)
    root = urlsplit(home).path or "/"
    if origin_of(address) != origin_of(home) or not f"{path}/".startswith(root):
        return Reference(where, said, whole, "outside", fragment=unquote(fragment), opens=opens)
    file = looked_up(built, path[len(root) :] if path.startswith(root) else "")
    return Reference(where, said, address, "inside", file, unquote(fragment), opens)


def _joined(base: str, said: str) -> str | None:
    try:
        whole = urljoin(base, said)
        urlsplit(whole).port  # noqa: B018 - it is read here to raise what is wrong with it
    except ValueError:
        return None
    return whole
