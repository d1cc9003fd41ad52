"""The contact form delivers: a marked message, sent as a browser sends it, arrives."""

from __future__ import annotations

import time
from collections.abc import Callable
from urllib.parse import urljoin
from uuid import NAMESPACE_URL, uuid4, uuid5

from core.websites.asking import Asker, origin_of
from core.websites.check import Check, CheckSubject, Measured, not_checked
from core.websites.content import ContactForm
from core.websites.documents import Element, SitePage, pages_of
from core.websites.references import home_of
from core.websites.rules import CheckState

MARK = "verification-"
"""How the mark of a test message begins, by which a person knows it."""
_EMAIL = "verification@example.com"
_NEEDED = ("name", "email", "message")
_PAUSE = 0.1


def measure(subject: CheckSubject) -> Measured:
    forms = [(page, one) for page in pages_of(subject.built) for one in page.document.all("form")]
    posted = [(page, one) for page, one in forms if one.get("method").lower() == "post"]
    wanted = any(isinstance(block, ContactForm) for page in subject.site.pages for block in page.blocks)
    findings = [f"{page.name} line {one.line}: {said}" for page, one in posted for said in _faults(page, one, subject)]
    facts = {"forms": len(posted), "sent": 0, "delivered": 0}
    if findings:
        return Measured(CheckState.FAIL, "The contact form cannot be used as it is.", tuple(findings), facts)
    if not posted:
        if wanted:
            where = "its pages name a contact form, and none can be sent"
            return Measured(CheckState.FAIL, "There is no contact form that can be sent.", (where,), facts)
        return not_checked("The site has no contact form.")
    if subject.address is None:
        return not_checked("The form is whole; a message can be sent only once the site is published.")
    if subject.delivered is None:
        return not_checked("Nobody here can tell whether a message arrived, so that none was sent.")
    return _deliver(posted, subject, subject.address, subject.delivered)


def _deliver(
    posted: list[tuple[SitePage, Element]], subject: CheckSubject, site: str, delivered: Callable[[str], bool]
) -> Measured:
    """One message to each address that forms send to; pages share theirs."""
    until = time.monotonic() + subject.timeout_seconds * 0.9
    by_address = {_action(page, one, site): (page, one) for page, one in posted}
    findings: list[str] = []
    arrived, began = 0, time.monotonic()
    for address, (page, form) in by_address.items():
        mark = _mark(subject.test_key, address)
        with Asker(address, seconds=until - time.monotonic()) as asker:
            answer = asker.ask(address, form=filled(form, mark))
        if answer.late:
            return not_checked(f"The form's address {answer.error}; whether the message arrived is not known.")
        # what follows may lie on the site itself, which is another server where a site is hosted elsewhere
        left = answer.error and 300 <= answer.status < 400 and origin_of(answer.address) == origin_of(site)
        if not left and (answer.error or not 200 <= answer.status < 300):
            findings.append(f"{page.name} line {form.line}: the form {answer.error or f'answers {answer.status}'}")
        elif _waited(mark, delivered, until):
            arrived += 1
        else:
            findings.append(f"{page.name} line {form.line}: the message was taken and did not arrive")
    facts = {"forms": len(posted), "sent": len(by_address), "delivered": arrived}
    if findings:
        return Measured(
            CheckState.FAIL, f"{arrived} of {len(by_address)} test messages arrived.", tuple(findings), facts
        )
    return Measured(
        CheckState.PASS, f"{arrived} test message{'s' * (arrived > 1)} sent and arrived in {time.monotonic() - began:.1f} s.",
        facts=facts,
    )  # fmt: skip


def _mark(key: str, address: str) -> str:
    name = uuid5(NAMESPACE_URL, f"{key} {address}") if key else uuid4()
    return f"{MARK}{name.hex}"


def filled(form: Element, mark: str) -> dict[str, str]:
    """What a browser sends when a person filled in what people see: traps stay empty."""
    said: dict[str, str] = {}
    for one in form.below():
        name, kind = one.get("name"), one.get("type").lower()
        if not name or "disabled" in one.attributes or one.tag not in ("input", "textarea", "select"):
            continue
        if _is_hidden(one):
            said[name] = one.get("value")
        elif kind == "email" or name == "email":
            said[name] = _EMAIL
        elif one.tag == "textarea":
            said[name] = f"This message checks whether the contact form delivers. {mark}"
        elif kind in ("checkbox", "radio"):
            if "required" in one.attributes or "checked" in one.attributes:
                said[name] = one.attributes.get("value", "on")
        elif one.tag == "select":
            options = [other for other in one.below() if other.tag == "option"]
            said[name] = next(
                (other.attributes.get("value", other.text()) for other in options if other.get("value")), ""
            )
        elif kind not in ("submit", "button", "reset", "file", "image"):
            said[name] = "Verification of this site"
    return said


def _is_hidden(one: Element) -> bool:
    if one.get("type").lower() == "hidden":
        return True
    return any(other.get("aria-hidden") == "true" or "hidden" in other.attributes for other in (one, *one.above()))


def _faults(page: SitePage, form: Element, subject: CheckSubject) -> list[str]:
    fields = [one for one in form.below() if one.tag in ("input", "textarea", "select") and one.get("name")]
    seen = [one for one in fields if not _is_hidden(one)]
    labels = {one.get("for") for one in page.document.all("label")}
    faults = [
        f"the field “{one.get('name')[:40]}” has no label"
        for one in seen
        if one.get("type").lower() not in ("submit", "button")
        and not (one.get("id") in labels and one.get("id"))
        and not one.get("aria-label")
        and not any(other.tag == "label" for other in one.above())
    ]
    if any(one.tag == "textarea" for one in seen):
        names = {one.get("name") for one in seen}
        faults += [f"it has no field “{name}”" for name in _NEEDED if name not in names]
    if not any(
        (one.tag == "button" and one.get("type").lower() in ("", "submit"))
        or (one.tag == "input" and one.get("type") == "submit")
        for one in form.below()
    ):
        faults.append("it has no button that sends it")
    home = subject.address or home_of(subject.built)
    target = _action(page, form, home)
    if subject.form_address is not None:
        if target != urljoin(home, subject.form_address):
            faults.append(f"it is sent to {target[:120]} instead of {urljoin(home, subject.form_address)}")
    elif subject.address is not None and origin_of(target) != origin_of(home):
        faults.append(f"it is sent to {target[:120]}, which is not this site's server")
    return faults


def _action(page: SitePage, form: Element, home: str) -> str:
    try:
        return urljoin(urljoin(home, page.path), form.get("action"))
    except ValueError:
        return ""


def _waited(mark: str, delivered: Callable[[str], bool], until: float) -> bool:
    while not delivered(mark):
        if time.monotonic() + _PAUSE >= until:
            return False
        time.sleep(_PAUSE)
    return True


CHECK = Check("contact_form", "The contact form delivers", "address", measure, order=50)
