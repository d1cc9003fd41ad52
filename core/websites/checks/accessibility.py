"""Everybody can use it: axe finds nothing against WCAG 2.1 AA, on desktop and phone, in light and dark."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
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
_LOOKS = ((False, False), (True, False), (True, True), (False, True))
"""Dark and phone; in an order in which each changes one thing."""
_USUAL = 7
_WEIGHTS = {"minor": 1, "moderate": 3, "serious": 7, "critical": 10}
"""What a rule counts for, by its impact, as Lighthouse weighs them; axe tells none of a rule that holds."""
_RUN = """async options => {
  const parsed = said => (/^rgba?\\(([^)]+)\\)$/.exec(said)?.[1] ?? '').split(/[ ,/]+/).map(Number);
  const alpha = colour => colour.length > 3 ? colour[3] : 1;
  const paints = style => style.backgroundImage !== 'none' || alpha(parsed(style.backgroundColor)) !== 0;
  const box = one => one.getBoundingClientRect();
  // as far as it can be seen: without what the edges of what holds it cut off
  const seen = one => {
    let {left, right, top, bottom} = box(one), inner = getComputedStyle(one);
    for (let up = one.parentElement; up && up !== document.body && inner.position !== 'fixed'; up = up.parentElement) {
      const style = getComputedStyle(up);
      if (inner.position === 'absolute' && style.position === 'static') continue;
      if (style.overflowX !== 'visible' && style.overflowY !== 'visible') {
        const edge = box(up);
        left = Math.max(left, edge.left); right = Math.min(right, edge.right);
        top = Math.max(top, edge.top); bottom = Math.min(bottom, edge.bottom);
      }
      inner = style;
    }
    return {left, right, top, bottom};
  };
  const meet = (a, b) => a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
  const holder = one => {
    while (one.parentElement && getComputedStyle(one).position === 'static') one = one.parentElement;
    return one;
  };
  const luminance = colour => {
    const [r, g, b] = colour.map(c => c / 255).map(c => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const pseudos = one => ['::before', '::after'].map(part => getComputedStyle(one, part))
    .filter(style => style.content !== 'none' && style.content !== 'normal');
  // axe leaves text alone that something lies over; where that is clear, what is behind can be told after all
  const enough = one => {
    const style = getComputedStyle(one), place = box(one), front = parsed(style.color);
    let behind = null, ground = one;
    for (; ground; ground = ground.parentElement) {
      const own = getComputedStyle(ground);
      if (own.opacity !== '1' || own.filter !== 'none' || own.mixBlendMode !== 'normal') return null;
      if (behind) continue;
      if (own.backgroundImage !== 'none') return null;
      const colour = parsed(own.backgroundColor), whole = box(ground);
      if (alpha(colour) === 0) continue;
      if (alpha(colour) !== 1 || colour.length < 3) return null;
      const inside = place.left >= whole.left - 1 && place.right <= whole.right + 1
        && place.top >= whole.top - 1 && place.bottom <= whole.bottom + 1;
      if (!inside) return null;
      behind = colour;
    }
    if (!behind || front.length < 3 || alpha(front) !== 1) return null;
    for (const other of document.body.querySelectorAll('*')) {
      const drawing = other.ownerSVGElement;  // what it holds ends at its edge, and so does what lies over the text
      if (drawing && getComputedStyle(drawing).overflow !== 'visible') continue;
      const family = other.contains(one) || one.contains(other);
      if (!family && meet(box(other), place) && meet(seen(other), place) && (paints(getComputedStyle(other))
        || other.matches('img,svg,svg *,video,canvas,iframe,object,embed,input,textarea,select'))) return null;
      for (const part of pseudos(other)) {
        const around = part.position === 'static' || part.position === 'relative' ? other : holder(other);
        if (meet(box(around), place) && (paints(part) || !['""', "''"].includes(part.content) && !family)) return null;
      }
    }
    const [low, high] = [luminance(front), luminance(behind)].sort((a, b) => a - b);
    const size = parseFloat(style.fontSize), large = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
    return (high + 0.05) / (low + 0.05) >= (large ? 3 : 4.5);
  };
  const {violations, incomplete, passes} = await axe.run(document, {...options,
    resultTypes: ['violations', 'incomplete'], preload: false, iframes: false});
  const told = (one, nodes) => ({id: one.id, help: one.help, count: nodes.length, impact: one.impact,
    where: String(nodes[0].target ?? '').slice(0, 120), why: String(nodes[0].any[0]?.message ?? '').slice(0, 160)});
  const bad = violations.map(one => told(one, one.nodes)), open = [];
  for (const one of incomplete) {
    const judged = one.nodes.map(node => {
      const [target] = node.target;
      const element = typeof target === 'string' ? document.querySelector(target) : null;
      return [node, one.id === 'color-contrast' && element ? enough(element) : null];
    });
    const low = judged.filter(([, said]) => said === false).map(([node]) => node);
    const left = judged.filter(([, said]) => said === null).map(([node]) => node);
    if (low.length) bad.push(told(one, low));
    if (left.length) open.push(told(one, left));
  }
  return {violations: bad, incomplete: open, passes: passes.map(one => one.id)};
}"""


def measure(subject: CheckSubject) -> Measured:
    script = axe_script()
    if subject.browser is None or script is None:
        return not_checked(MISSING if subject.browser is None else _NO_AXE)
    undecided: list[str] = []
    faults: set[str] = set()
    counted: dict[str, Any] = {"violations": 0, "incomplete": 0, "runs": 0, "score": 100.0, "critical": 0}
    asked = subject.thresholds.get("accessibility")

    def of_page(visitor: Visitor, page: SitePage) -> Sequence[str]:
        visitor.page.evaluate(script)
        found: list[str] = []
        failed, passed = dict[str, int](), set[str]()
        for dark, phone in _LOOKS:
            visitor.check_time()
            visitor.page.emulate_media(color_scheme="dark" if dark else "light")
            visitor.page.set_viewport_size(PHONE if phone else DESKTOP)
            told = visitor.page.evaluate(_RUN, _options(dark))
            look = f"{'phone' if phone else 'desktop'}, {'dark' if dark else 'light'}"
            counted["runs"] += 1
            found += _said(told["violations"], page, look)
            undecided.extend(_said(told["incomplete"], page, look))
            counted["violations"] += sum(one["count"] for one in told["violations"])
            counted["incomplete"] += sum(one["count"] for one in told["incomplete"])
            counted["critical"] += sum(one["impact"] == "critical" for one in told["violations"])
            failed |= {one["id"]: _WEIGHTS.get(one["impact"], _USUAL) for one in told["violations"]}
            passed.update(told["passes"])
        good = _USUAL * len(passed - set(failed))
        score = 100 * good / (good + sum(failed.values())) if failed else 100.0
        counted["score"] = min(counted["score"], round(score, 1))
        faults.update(found)
        visitor.page.emulate_media(color_scheme="light")
        return found

    findings, seen, foreign, whole = look_at(subject, of_page)
    measured = ended(
        findings, seen, foreign, whole, subject=subject, facts=counted if asked is None else {**counted, "asked": asked},
        good="axe finds nothing against WCAG 2.1 AA on desktop and phone, light and dark",
        bad=lambda count: f"axe finds {counted['violations']} faults against WCAG 2.1 AA, {_scored(counted, asked)}",
    )  # fmt: skip
    only_axe = whole and not foreign and faults.issuperset(findings)
    if measured.state is CheckState.FAIL and only_axe and _enough(counted, asked):
        measured = replace(measured, state=CheckState.PASS)
    if measured.state is CheckState.PASS and undecided:
        said = (
            f"axe finds no fault, and could not decide on {counted['incomplete']} places: somebody must look at them."
        )
        return Measured(CheckState.NOT_CHECKED, said, tuple(undecided), measured.facts)
    return measured


def _scored(counted: Mapping[str, Any], asked: float | None) -> str:
    wanted = "" if asked is None else f"; asked is more than {asked:g}"
    return f"{counted['score']:g} of 100 points on the worst page{wanted}"


def _enough(counted: Mapping[str, Any], asked: float | None) -> bool:
    """Faults that a type bears: few for their weight, and none that shuts people out."""
    return asked is not None and not counted["critical"] and bool(counted["score"] > asked)


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


CHECK = Check("accessibility", "Everybody can use it", "browser", measure, order=70, effort=9, unit="points")
