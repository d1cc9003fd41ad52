"""Links resolve: every link, anchor, picture, style, feed and sitemap entry of the site leads to something."""

from __future__ import annotations

import time
from collections.abc import Iterable

from core.websites.asking import Asker, is_there
from core.websites.check import Check, CheckSubject, Measured, not_checked
from core.websites.documents import pages_of
from core.websites.references import Reference, home_of, references_of
from core.websites.rules import CheckState

_MOST_OUTSIDE = 40
_MOST_NAMED = 100


def measure(subject: CheckSubject) -> Measured:
    until = time.monotonic() + subject.timeout_seconds * 0.9
    home = subject.address or home_of(subject.built)
    found = list(references_of(subject.built, home))
    inside = [one for one in found if one.kind == "inside"]
    outside = list(dict.fromkeys(one.address for one in found if one.kind == "outside" and one.opens))
    findings = [f"{one.where}: “{_short(one.said)}” {said}" for one in found if (said := _trouble(one, subject))]
    findings += _anchors(inside, subject)
    late = 0
    if subject.address is not None:
        there = {one.address: one for one in inside if one.file is not None and one.file != "404.html"}
        with Asker(subject.address, seconds=until - time.monotonic()) as asker:
            for address, answer in asker.ask_all(there).items():
                late += answer.late
                if answer.trouble:
                    findings.append(f"{there[address].where}: “{_short(there[address].said)}” {answer.trouble}")
    asked, gone = _outside(found, outside, until) if subject.ask_outside else (0, [])
    findings += gone
    facts = {
        "links": len(found), "inside": len(inside), "outside": len(outside), "outside_asked": asked, "broken": len(findings),
        "outside_addresses": outside[:_MOST_NAMED],
    }  # fmt: skip
    others = f"{len(outside) - asked} addresses of other sites were not asked" if len(outside) > asked else ""
    if late and late == len(findings):
        return not_checked(f"{late} of {len(inside)} links did not answer in time.")
    said = f"{len(found)} links and files, {len(findings) or 'none'} of them lead{'s' * (len(findings) == 1)} nowhere"
    evidence = "; ".join(part for part in (said, others) if part)
    return Measured(CheckState.FAIL if findings else CheckState.PASS, f"{evidence}.", tuple(findings), facts)


def _trouble(one: Reference, subject: CheckSubject) -> str:
    match one.kind:
        case "inside":
            return "" if one.file is not None else "leads to no file of the site"
        case "outside":
            return "" if one.opens else "is loaded from another site"
        case "wrong":
            return "is no address that a browser may open"
        case _:
            return "" if one.said.strip() not in ("mailto:", "tel:") else "names nobody"


def _anchors(inside: Iterable[Reference], subject: CheckSubject) -> list[str]:
    ids = {one.file: one.document.ids for one in pages_of(subject.built)}
    return [
        f"{one.where}: “{_short(one.said)}” names a place that this page does not have"
        for one in inside
        if one.fragment and one.fragment != "top" and one.file in ids and one.fragment not in ids[one.file]
    ]


def _outside(found: Iterable[Reference], outside: list[str], until: float) -> tuple[int, list[str]]:
    """How many were asked and which are gone; what is slow or shy of programs is no fault of this site."""
    named = {one.address: one for one in found if one.kind == "outside"}
    asked, gone = 0, list[str]()
    for address in outside[:_MOST_OUTSIDE]:
        left = until - time.monotonic()
        if left < 0.5:
            break
        said = is_there(address, seconds=min(3.0, left))
        asked += 1
        if said:
            gone.append(f"{named[address].where}: “{_short(address)}” {said}")
    return asked, gone


def _short(said: str) -> str:
    return f"{said[:100]}…" if len(said) > 100 else said


CHECK = Check("links_resolve", "Every link leads somewhere", "files", measure, order=30)
