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
  const parsed = said => (/^rgba?\\(([^)]+)\\)$/.exec(said)?.[1] ?? '').split(/[ ,/]+/).map(Number);
  const alpha = colour => colour.length > 3 ? colour[3] : 1;
  const paints = style => style.backgroundImage !== 'none' || alpha(parsed(style.backgroundColor)) !== 0;
  const box = one => one.getBoundingClientRect();
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
      if (!family && meet(box(other), place) && (paints(getComputedStyle(other))
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
  const {violations, incomplete} = await axe.run(document, {...options, resultTypes: ['violations', 'incomplete'],
    preload: false, iframes: false});
  const told = (one, nodes) => ({id: one.id, help: one.help, count: nodes.length,
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
  return {violations: bad, incomplete: open};
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
