"""Everybody can use it: axe finds nothing against WCAG 2.1 AA, on desktop and phone, in light and dark."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from core.websites.browser import MISSING, axe_script
from core.websites.check import Check, CheckSubject, Measured, not_checked
from core.websites.documents import SitePage
from core.websites.rules import CheckState
from core.websites.visiting import DESKTOP, PHONE, Visitor, ended, look_at

_NO_AXE = "axe is not installed here. `pip install axe-playwright-python`, and verify again."
_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]
_BY_COLOUR = ["color-contrast", "link-in-text-block"]
"""What a change to dark can change; everything else is the same page."""
_RUN = """async options => {
  const {violations, incomplete} = await axe.run(document, {...options, resultTypes: ['violations', 'incomplete'],
    preload: false, iframes: false});
  const told = all => all.map(one => ({id: one.id, help: one.help, count: one.nodes.length,
    where: String(one.nodes[0]?.target ?? '').slice(0, 120),
    why: String(one.nodes[0]?.any[0]?.message ?? '').slice(0, 160)}));
  return {violations: told(violations), incomplete: told(incomplete)};
}"""


def measure(subject: CheckSubject) -> Measured:
    script = axe_script()
    if subject.browser is None or script is None:
        return not_checked(MISSING if subject.browser is None else _NO_AXE)
    undecided: list[str] = []
    counted = {"violations": 0, "incomplete": 0, "runs": 0}

    def of_page(visitor: Visitor, page: SitePage) -> Sequence[str]:
        visitor.page.evaluate(script)
        found: list[str] = []
        for dark in (False, True):
            visitor.page.emulate_media(color_scheme="dark" if dark else "light")
            for phone in (False, True):
                visitor.check_time()
                visitor.page.set_viewport_size(PHONE if phone else DESKTOP)
                told = visitor.page.evaluate(_RUN, _options(dark))
                look = f"{'phone' if phone else 'desktop'}, {'dark' if dark else 'light'}"
                counted["runs"] += 1
                found += _said(told["violations"], page, look)
                undecided.extend(_said(told["incomplete"], page, look))
                counted["violations"] += sum(one["count"] for one in told["violations"])
                counted["incomplete"] += sum(one["count"] for one in told["incomplete"])
        visitor.page.emulate_media(color_scheme="light")
        return found

    findings, seen, foreign, whole = look_at(subject, of_page)
    measured = ended(
        findings, seen, foreign, whole, subject=subject, facts=counted,
        good="axe finds nothing against WCAG 2.1 AA on desktop and phone, light and dark",
        bad=lambda count: f"axe finds {counted['violations']} faults against WCAG 2.1 AA",
    )  # fmt: skip
    if measured.state is CheckState.PASS and undecided:
        said = (
            f"axe finds no fault, and could not decide on {counted['incomplete']} places: somebody must look at them."
        )
        return Measured(CheckState.NOT_CHECKED, said, tuple(undecided), measured.facts)
    return measured


def _options(dark: bool) -> dict[str, Any]:
    if dark:
        return {"runOnly": {"type": "rule", "values": _BY_COLOUR}}
    return {"runOnly": {"type": "tag", "values": _TAGS}}


def _said(told: list[dict[str, Any]], page: SitePage, look: str) -> list[str]:
    return [
        f"{page.name} ({look}): {one['help']} [{one['id']}], {one['count']} place{'s' * (one['count'] != 1)}, "
        f"first {one['where']}{': ' * bool(one['why'])}{one['why']}"
        for one in told
    ]


CHECK = Check("accessibility", "Everybody can use it", "browser", measure, order=70)
