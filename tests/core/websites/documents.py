"""A built site as a browser would parse it, strictly: for tests that look at what really is on a page."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import urljoin, urlsplit
from xml.etree.ElementTree import Element

import html5lib

from core.websites.built import BuiltSite


def pages_of(built: BuiltSite) -> Iterator[tuple[str, Element]]:
    """Path and tree of each page; html5lib raises at the first thing the standard forbids."""
    for path, file in built.files.items():
        if path.endswith(".html"):
            parser = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False)
            yield path, parser.parse(file.data.decode())


def links_of(path: str, page: Element, address: str) -> Iterator[str]:
    """Every address a page names, absolute."""
    here = address + path.removesuffix("index.html")
    for one in page.iter():
        for name in ("href", "src", "srcset"):
            for said in (one.get(name) or "").split(", ") if name == "srcset" else [one.get(name) or ""]:
                if said and not said.startswith("#") and not (one.tag == "link" and one.get("rel") == "canonical"):
                    yield urljoin(here, said.split(" ")[0])


def file_at(url: str, address: str) -> str:
    """The file that answers at an address of the site."""
    path = urlsplit(url).path.removeprefix(urlsplit(address).path)
    return path + "index.html" if path == "" or path.endswith("/") else path


def words_of(page: Element) -> str:
    body = page.find("body")
    assert body is not None
    return " ".join("".join(body.itertext()).split())


def data_of(page: Element) -> list[dict[str, Any]]:
    """The graph of its JSON-LD."""
    return [one for script in page.iter("script") for one in json.loads(script.text or "")["@graph"]]
