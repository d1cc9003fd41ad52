"""Valid HTML: a strict parser finds no error, and elements stand where the standard lets them."""

from __future__ import annotations

from core.websites.check import Check, CheckSubject, Measured
from core.websites.documents import pages_of
from core.websites.markup import faults_of
from core.websites.rules import CheckState

_MOST_OF_A_PAGE = 20


def measure(subject: CheckSubject) -> Measured:
    pages = pages_of(subject.built)
    findings: list[str] = []
    errors = elements = 0
    for page in pages:
        document = page.document
        faults = list(document.errors) if document.too_large else [*document.errors, *faults_of(document)]
        errors, elements = errors + len(faults), elements + len(document.elements)
        findings += [f"{page.name} line {line}: {said}" for line, said in sorted(faults)[:_MOST_OF_A_PAGE]]
        if len(faults) > _MOST_OF_A_PAGE:
            findings.append(f"{page.name}: and {len(faults) - _MOST_OF_A_PAGE} more")
    facts = {"pages": len(pages), "elements": elements, "errors": errors}
    if not pages:
        return Measured(CheckState.FAIL, "There is no page.", ("first page: there is none",), facts)
    told = f"{len(pages)} pages with {elements:,} elements"
    if errors:
        return Measured(CheckState.FAIL, f"{told}; {errors} error{'s' * (errors > 1)}.", tuple(findings), facts)
    return Measured(CheckState.PASS, f"{told}, no error.", facts=facts)


CHECK = Check("valid_html", "The HTML is valid", "files", measure, order=20)
