"""SEO is complete: titles, descriptions, canonical addresses, previews, JSON-LD, the sitemap and robots.txt."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from urllib.parse import urljoin

from core.websites.check import Check, CheckSubject, Measured
from core.websites.documents import SitePage, pages_of
from core.websites.references import NOWHERE, home_of, said_in_xml
from core.websites.rules import CheckState
from core.websites.structured import faults_of

_LONGEST_TITLE, _LONGEST_DESCRIPTION = 200, 320
_PREVIEW = ("og:title", "og:description", "og:url", "og:type", "og:image")


def measure(subject: CheckSubject) -> Measured:
    pages = [one for one in pages_of(subject.built) if one.listed]
    home = subject.address or home_of(subject.built)
    findings: list[str] = []
    types: dict[str, int] = defaultdict(int)
    for page in pages:
        findings += [f"{page.name}: {said}" for said in _of_page(page, home, types)]
    findings += _twice(pages)
    findings += _maps(subject, pages, home)
    facts = {"pages": len(pages), "findings": len(findings), "structured": dict(types)}
    told = f"{len(pages)} pages open to search engines"
    if not pages:
        return Measured(CheckState.FAIL, "No page is open to search engines.", ("first page: it is not listed",), facts)
    if findings:
        return Measured(
            CheckState.FAIL, f"{told}; {len(findings)} things are missing or wrong.", tuple(findings), facts
        )
    good = "each with title, description, canonical address, preview and JSON-LD; sitemap and robots.txt agree"
    return Measured(CheckState.PASS, f"{told}, {good}.", facts=facts)


def _of_page(page: SitePage, home: str, types: dict[str, int]) -> Iterator[str]:
    document = page.document
    own = urljoin(home, page.path)
    title = _title(page)
    if not 1 <= len(title) <= _LONGEST_TITLE:
        yield f"its title has {len(title)} characters; 1 to {_LONGEST_TITLE} are right"
    described = document.meta("description")
    if len(described) != 1 or not 1 <= len(described[0].strip()) <= _LONGEST_DESCRIPTION:
        yield f"it needs one description of 1 to {_LONGEST_DESCRIPTION} characters"
    canonical = [one.get("href") for one in document.rels("canonical")]
    if len(canonical) != 1:
        yield f"it has {len(canonical)} canonical addresses instead of one"
    elif canonical[0] != own and home != NOWHERE:
        yield f"its canonical address is {canonical[0][:120]} instead of {own}"
    for name in _PREVIEW:
        said = document.meta(name)
        if len(said) != 1 or not said[0].strip():
            yield f"{name} is missing" if not said else f"{name} is empty or there {len(said)} times"
        elif name == "og:url" and canonical[:1] != said:
            yield "og:url is another address than the canonical one"
        elif name == "og:image" and not said[0].startswith(("https://", "http://")):
            yield "og:image is no whole address, which networks need"
    if not document.rels("icon"):
        yield "it names no icon"
    if not document.meta("viewport"):
        yield "it has no viewport for phones"
    told = [one for one in document.all("script") if one.get("type").lower() == "application/ld+json"]
    if not told:
        yield "it has no JSON-LD"
    for one in told:
        faults, kinds = faults_of(one.own_text)
        yield from faults
        for kind in kinds:
            types[kind] += 1


def _twice(pages: list[SitePage]) -> Iterator[str]:
    for name, said_by in (("title", _title), ("description", _description)):
        same: dict[str, list[str]] = defaultdict(list)
        for page in pages:
            if said := said_by(page):
                same[said.casefold()].append(page.name)
        for where in same.values():
            if len(where) > 1:
                more = f" and {len(where) - 4} more" if len(where) > 4 else ""
                yield f"{where[0]}: its {name} is that of {', '.join(where[1:4])}{more} too"


def _maps(subject: CheckSubject, pages: list[SitePage], home: str) -> Iterator[str]:
    files = subject.built.files
    if "sitemap.xml" not in files:
        yield "sitemap.xml: there is none"
    else:
        told = said_in_xml(files["sitemap.xml"].data, "loc")
        wanted = {urljoin(home, one.path) for one in pages}
        yield from (f"sitemap.xml: {one} is missing" for one in sorted(wanted - set(told)))
        yield from (f"sitemap.xml: {one[:200]} is no listed page of this site" for one in sorted(set(told) - wanted))
        if len(told) != len(set(told)):
            yield "sitemap.xml: an address is there twice"
    robots = files["robots.txt"].data.decode("utf-8", "replace") if "robots.txt" in files else ""
    lines = [line.partition("#")[0].strip() for line in robots.splitlines()]
    named = [line.partition(":")[2].strip() for line in lines if line.lower().startswith("sitemap:")]
    if not robots:
        yield "robots.txt: there is none"
    elif urljoin(home, "sitemap.xml") not in named:
        yield "robots.txt: it does not name the sitemap"
    if any(line.lower().replace(" ", "") == "disallow:/" for line in lines):
        yield "robots.txt: it keeps search engines from every page"


def _title(page: SitePage) -> str:
    found = page.document.first("title")
    return " ".join(found.own_text.split()) if found else ""


def _description(page: SitePage) -> str:
    return next((" ".join(one.split()) for one in page.document.meta("description")), "")


CHECK = Check("seo_complete", "Search engines and previews are told everything", "files", measure, order=40)
