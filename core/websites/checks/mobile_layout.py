"""It fits a phone: nothing scrolls sideways, what one taps is large enough, text can be read without zooming."""

from __future__ import annotations

from collections.abc import Sequence

from core.websites.browser import MISSING
from core.websites.check import Check, CheckSubject, Measured, not_checked
from core.websites.documents import SitePage, pages_of
from core.websites.rules import CheckState
from core.websites.visiting import Visitor, ended, look_at

_LEAST_TARGET, _LEAST_TEXT = 24, 12
_MOST_OF_A_PAGE = 5
_SCRIPT = """([leastTarget, leastText, most]) => {
  const seen = one => one.checkVisibility({checkOpacity: true, checkVisibilityCSS: true});
  const name = one => {
    const said = (one.innerText || one.getAttribute('aria-label') || one.name || '').trim().replace(/\\s+/g, ' ');
    return `<${one.tagName.toLowerCase()}>` + (said ? ` “${said.slice(0, 40)}”` : '');
  };
  const box = one => one.getBoundingClientRect();
  const shown = one => {
    const {width, height, right, bottom} = box(one);
    return seen(one) && width > 1 && height > 1 && right + scrollX > 0 && bottom + scrollY > 0;
  };
  const found = [];
  const room = document.documentElement.clientWidth;
  const wide = Math.max(document.documentElement.scrollWidth, document.body ? document.body.scrollWidth : 0);
  if (wide > Math.max(room, innerWidth, leastTarget) + 1 || room < wide - 1 || innerWidth > screen.width + 1) {
    const over = [...document.body.querySelectorAll('*')].filter(one => shown(one) && box(one).right > screen.width + 1);
    found.push(`it scrolls sideways: ${Math.max(wide, innerWidth)} px on a screen of ${screen.width}`
      + (over.length ? `, because of ${over.slice(-3).map(name).join(', ')}` : ''));
  }
  const control = 'a[href],button,input:not([type=hidden]),select,textarea,summary,[role=button],[tabindex="0"]';
  // A trap for machines is hidden from everybody: nobody taps it.
  const offered = one => !one.closest('[aria-hidden="true"]');
  const targets = [...document.querySelectorAll(control)].filter(one => shown(one) && offered(one));
  const inLine = one => getComputedStyle(one).display === 'inline'
    && [...one.parentElement.childNodes].some(other => other.nodeType === 3 && other.data.trim());
  const near = (one, other) => {
    const a = box(one), b = box(other);
    const x = a.left + a.width / 2, y = a.top + a.height / 2;
    const dx = Math.max(b.left - x, 0, x - b.right), dy = Math.max(b.top - y, 0, y - b.bottom);
    return Math.hypot(dx, dy) < leastTarget / 2;
  };
  const small = targets.filter(one => {
    const {width, height} = box(one);
    if ((width >= leastTarget - 0.5 && height >= leastTarget - 0.5) || inLine(one)) return false;
    return one.tagName !== 'A' || targets.some(other => other !== one && !one.contains(other) && near(one, other));
  });
  for (const one of small.slice(0, most)) {
    const {width, height} = box(one);
    found.push(`${name(one)} is ${Math.round(width)} × ${Math.round(height)} px, too small to tap`);
  }
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const tiny = new Map();
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const one = node.parentElement;
    if (!node.data.trim() || !one || !shown(one) || tiny.has(one)) continue;
    const size = parseFloat(getComputedStyle(one).fontSize);
    if (size < leastText - 0.05) tiny.set(one, size);
  }
  for (const [one, size] of [...tiny].slice(0, most)) found.push(`${name(one)} is written in ${Math.round(size * 10) / 10} px`);
  return found.map(one => one.slice(0, 300));
}"""


def measure(subject: CheckSubject) -> Measured:
    findings = [f"{page.name}: {said}" for page in pages_of(subject.built) if (said := _viewport(page))]
    if subject.browser is None:
        if findings:
            return Measured(CheckState.FAIL, f"{len(findings)} pages are not made for phones.", tuple(findings))
        return not_checked(MISSING)
    seen_findings, seen, foreign, whole = look_at(subject, _of_page, phone=True)
    return ended(
        [*findings, *seen_findings], seen, foreign, whole, subject=subject,
        good=f"on 390 × 844 px nothing scrolls sideways, targets have {_LEAST_TARGET} px and text {_LEAST_TEXT} px or more",
        bad=lambda count: f"{count} thing{'s' * (count != 1)} do{'es' * (count == 1)} not fit a phone",
    )  # fmt: skip


def _of_page(visitor: Visitor, page: SitePage) -> Sequence[str]:
    told = visitor.page.evaluate(_SCRIPT, [_LEAST_TARGET, _LEAST_TEXT, _MOST_OF_A_PAGE])
    return [f"{page.name}: {one}" for one in told]


def _viewport(page: SitePage) -> str:
    said = [one.replace(" ", "").lower() for one in page.document.meta("viewport")]
    if len(said) != 1 or "width=device-width" not in said[0].split(","):
        return "its viewport is not as wide as the device"
    if (
        any(one in ("user-scalable=no", "user-scalable=0") for one in said[0].split(","))
        or "maximum-scale=1" in said[0]
    ):
        return "it keeps readers from zooming"
    return ""


CHECK = Check("mobile_layout", "It fits a phone", "browser", measure, order=60)
