"""What it looks like: the first page on a desk and on a phone, side by side, as evidence."""

from __future__ import annotations

from io import BytesIO

from PIL import Image

from core.websites.browser import MISSING
from core.websites.check import Check, CheckSubject, Measured, not_checked
from core.websites.rules import CheckState
from core.websites.visiting import NotInTime, visiting

_GAP, _GROUND = 32, "#8a8f98"
_HEIGHT = 800


def measure(subject: CheckSubject) -> Measured:
    if subject.browser is None:
        return not_checked(MISSING)
    shots: list[Image.Image] = []
    for phone in (False, True):
        try:
            with visiting(subject, phone=phone, seconds=subject.timeout_seconds / 2) as visitor:
                trouble = visitor.go("")
                if trouble:
                    return not_checked(f"The first page {trouble}, so that there is no picture of it.")
                shots.append(_picture(visitor.page.screenshot(timeout=visitor.left_ms(), animations="disabled")))
        except NotInTime:
            return not_checked(f"The first page was not drawn in {subject.timeout_seconds:.0f} s.")
    blank = [name for name, shot in zip(("desktop", "phone"), shots, strict=True) if _is_blank(shot)]
    facts = {"blank": blank}
    picture = _beside(shots)
    if blank:
        findings = tuple(f"first page: it is blank on a {name}" for name in blank)
        return Measured(CheckState.FAIL, "The first page shows nothing.", findings, facts, picture)
    return Measured(CheckState.PASS, "The first page was drawn on a desktop and a phone.", facts=facts, picture=picture)


def _picture(data: bytes) -> Image.Image:
    with Image.open(BytesIO(data), formats=("PNG",)) as opened:
        return opened.convert("RGB")


def _is_blank(shot: Image.Image) -> bool:
    """One colour all over."""
    return all(low == high for low, high in shot.getextrema())  # type: ignore[misc]


def _beside(shots: list[Image.Image]) -> bytes:
    fitted = [
        one.resize((max(1, one.width * _HEIGHT // one.height), _HEIGHT), Image.Resampling.LANCZOS) for one in shots
    ]
    width = sum(one.width for one in fitted) + _GAP * (len(fitted) + 1)
    sheet = Image.new("RGB", (width, _HEIGHT + 2 * _GAP), _GROUND)
    left = _GAP
    for one in fitted:
        sheet.paste(one, (left, _GAP))
        left += one.width + _GAP
    out = BytesIO()
    sheet.save(out, "PNG", optimize=False, compress_level=6)
    return out.getvalue()


CHECK = Check("screenshots", "What it looks like", "browser", measure, order=100)
