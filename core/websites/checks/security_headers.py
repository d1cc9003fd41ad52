"""Nothing runs and nothing is framed: pages have no scripts of their own, and the server says so in headers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from core.websites.asking import Asker
from core.websites.check import Check, CheckSubject, Measured, not_checked
from core.websites.documents import SitePage, pages_of
from core.websites.rules import CheckState

_RUNS = frozenset({"", "text/javascript", "module", "application/javascript", "importmap", "speculationrules"})
_OPENS = frozenset(
    {
        "href",
        "src",
        "action",
        "formaction",
        "data",
        "poster",
        "background",
        "cite",
        "ping",
        "srcset",
        "manifest",
        "to",
        "values",
    }
)
"""Attributes that hold addresses; in any other, an address is a text."""
_SCRIPTS = ("javascript:", "vbscript:", "data:text/html")
_EMBEDS = ("iframe", "object", "embed", "applet", "portal")
_REFERRERS = frozenset({"no-referrer", "same-origin", "strict-origin", "strict-origin-when-cross-origin"})


def measure(subject: CheckSubject) -> Measured:
    findings = [f"{page.name} line {line}: {said}" for page in pages_of(subject.built) for line, said in _running(page)]
    facts: dict[str, object] = {"pages": len(pages_of(subject.built)), "running": len(findings)}
    if subject.address is None:
        if findings:
            return Measured(
                CheckState.FAIL, f"{len(findings)} parts of pages run or embed something.", tuple(findings), facts
            )
        return not_checked("Nothing on the pages runs; headers can be read only once the site is published.")
    with Asker(subject.address, seconds=subject.timeout_seconds * 0.9) as asker:
        answer = asker.ask(subject.address)
    if answer.error:
        if findings:
            return Measured(CheckState.FAIL, "Pages run or embed something.", tuple(findings), facts)
        return not_checked(f"The first page {answer.error}.")
    findings += [
        f"first page: {said}" for said in _headers(answer.headers, secure=subject.address.startswith("https:"))
    ]
    if findings:
        return Measured(CheckState.FAIL, f"{len(findings)} protections are missing.", tuple(findings), facts)
    good = "Scripts, frames, guessed types and referrers are held back by the server, and no page runs anything."
    return Measured(CheckState.PASS, good, facts=facts)


def _running(page: SitePage) -> Iterator[tuple[int, str]]:
    for one in page.document.elements:
        if one.tag.endswith("script") and one.get("type").lower() in _RUNS:
            yield one.line, "it has a script"
        elif one.tag in _EMBEDS:
            yield one.line, f"it embeds something by <{one.tag}>"
        elif one.tag == "meta" and one.get("http-equiv").lower() == "refresh":
            yield one.line, "it sends readers elsewhere by itself"
        for name, value in one.attributes.items():
            opens = name.lower() in _OPENS and value.strip().lower().startswith(_SCRIPTS)
            if name.lower().startswith("on") or opens:
                yield one.line, f"{name} on <{one.tag}> runs a script"


def _headers(headers: Mapping[str, str], *, secure: bool) -> Iterator[str]:
    policy = policy_of(headers.get("content-security-policy", ""))
    if not policy:
        yield "there is no Content-Security-Policy"
    else:
        scripts = policy.get("script-src", policy.get("default-src", ["*"]))
        if {"*", "'unsafe-inline'", "'unsafe-eval'", "http:", "https:", "data:", "blob:"} & set(scripts):
            yield "its Content-Security-Policy lets scripts run"
        bases = policy.get("base-uri", ["*"])
        if "*" in bases:
            yield "its Content-Security-Policy leaves base-uri open"
    frames = policy.get("frame-ancestors", ["*"])
    framed = headers.get("x-frame-options", "").strip().lower() in ("deny", "sameorigin")
    if not framed and not set(frames) <= {"'none'", "'self'"}:
        yield "other sites may frame it: neither frame-ancestors nor X-Frame-Options forbids it"
    if headers.get("x-content-type-options", "").strip().lower() != "nosniff":
        yield "X-Content-Type-Options is not nosniff"
    if headers.get("referrer-policy", "").split(",")[-1].strip().lower() not in _REFERRERS:
        yield "Referrer-Policy is missing, or tells other sites too much"
    if secure and "max-age=" not in headers.get("strict-transport-security", "").lower():
        yield "Strict-Transport-Security is missing"
    if "set-cookie" in headers:
        yield "it sets a cookie, which a site of pages does not need"


def policy_of(text: str) -> dict[str, list[str]]:
    """Directives with their sources; the first of a name counts, as in browsers."""
    found: dict[str, list[str]] = {}
    for part in text.lower().split(";"):
        words = part.split()
        if words:
            found.setdefault(words[0], words[1:])
    return found


CHECK = Check("security_headers", "Nothing runs, and nobody frames it", "address", measure, order=90)
