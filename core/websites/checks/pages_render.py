"""Pages render: every page answers 200 as HTML, with the text that was reviewed."""

from __future__ import annotations

from urllib.parse import urljoin

from core.websites.asking import Answer, Asker
from core.websites.check import Check, CheckSubject, Measured, not_checked
from core.websites.documents import NOTICES, SitePage, pages_of
from core.websites.rules import CheckState

_LEAST_TEXT = 20
"""Characters; less is no page that says something."""


def measure(subject: CheckSubject) -> Measured:
    pages = pages_of(subject.built)
    findings = [f"{one.name}: {said}" for one in pages if (said := _trouble(one))]
    if not any(one.path == "" for one in pages):
        findings.append("first page: there is no index.html, so that the site's address would not answer")
    facts = {"pages": len(pages), "asked": 0}
    if subject.address is None:
        return _measured(findings, f"{len(pages)} pages have text in their files", facts)
    asked = [one for one in pages if one.path != "404.html"]
    with Asker(subject.address, seconds=subject.timeout_seconds * 0.9) as asker:
        answers = asker.ask_all(urljoin(subject.address, one.path) for one in asked)
        missing = asker.ask(urljoin(subject.address, "no-such-page-4f1d/"))
    late = 0
    for one in asked:
        answer = answers[urljoin(subject.address, one.path)]
        late += answer.late
        findings += [f"{one.name}: {said}" for said in _differences(one, answer, subject)]
    if not missing.error and missing.status == 200:
        findings.append("404.html: an address without a page answers 200 as if there were one")
    facts["asked"] = len(asked)
    if late and late == len(findings):
        return not_checked(f"{late} of {len(asked)} pages did not answer in {subject.timeout_seconds:.0f} s.")
    return _measured(findings, f"{len(asked)} pages answer 200 as HTML, with the text that was built", facts)


def _trouble(page: SitePage) -> str:
    if page.document.too_large:
        return page.document.errors[0][1]
    body = page.document.first("body")
    main = page.document.first("main") or body
    text = main.text() if main else ""
    return "" if len(text) >= _LEAST_TEXT or (page.path in NOTICES and text) else "it shows no text"


def _differences(page: SitePage, answer: Answer, subject: CheckSubject) -> list[str]:
    if answer.trouble:
        return [answer.trouble]
    if answer.media_type != "text/html":
        return [f"answers as {answer.media_type or 'nothing'} instead of text/html"]
    if answer.body != subject.built.files[page.file].data:
        return ["answers with another text than was built and reviewed"]
    return []


def _measured(findings: list[str], good: str, facts: dict[str, int]) -> Measured:
    if findings:
        return Measured(
            CheckState.FAIL, f"{len(findings)} of {facts['pages']} pages cannot be read.", tuple(findings), facts
        )
    return Measured(CheckState.PASS, f"{good}.", facts=facts)


CHECK = Check("pages_render", "Every page can be read", "files", measure, order=10)
