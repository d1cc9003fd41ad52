"""Colours can be read: what the style sheets put on what, counted in both schemes without a browser."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import chain

from core.hues import contrast, luminance
from core.websites.brand import PAIRS
from core.websites.check import Check, CheckSubject, Measured, not_checked
from core.websites.documents import pages_of
from core.websites.rules import CheckState
from core.websites.styles import Rule, colour_in, rules_of, tokens_of

_TEXT = 4.5


def measure(subject: CheckSubject) -> Measured:
    css = "\n".join(
        chain(
            (
                held.data.decode("utf-8", "replace")
                for file, held in subject.built.files.items()
                if file.endswith(".css")
            ),
            (one.own_text for page in pages_of(subject.built) for one in page.document.all("style")),
        )
    )
    rules = list(rules_of(css))
    measured: list[tuple[float, float, str]] = []
    for dark in (False, True):
        tokens = tokens_of(css, dark=dark)
        measured += [(ratio, least, f"{said} ({'dark' if dark else 'light'})") for ratio, least, said in (
            *_of_tokens(tokens), *_of_rules(rules, tokens, dark=dark)
        )]  # fmt: skip
    if not measured:
        return not_checked("The style sheets name no colours that can be compared without a browser.")
    worst = min(ratio / least for ratio, least, _ in measured)
    low = list(
        dict.fromkeys(
            f"{said} has {ratio:.2f} : 1, and needs {least:g} : 1" for ratio, least, said in measured if ratio < least
        )
    )
    facts = {"pairs": len(measured), "too_low": len(low), "lowest_share": round(worst, 3)}
    told = f"{len(measured)} pairs of colours, light and dark"
    if low:
        return Measured(CheckState.FAIL, f"{told}; {len(low)} cannot be read well.", tuple(low), facts)
    return Measured(CheckState.PASS, f"{told}, each with the contrast that WCAG 2.1 AA asks for.", facts=facts)


def _of_tokens(tokens: Mapping[str, str]) -> Iterator[tuple[float, float, str]]:
    for text, ground, least in PAIRS:
        front, back = colour_in(f"var(--{text})", tokens), colour_in(f"var(--{ground})", tokens)
        if front and back:
            yield contrast(luminance(front), luminance(back)), least, f"style: {text} {front} on {ground} {back}"


def _of_rules(rules: list[Rule], tokens: Mapping[str, str], *, dark: bool) -> Iterator[tuple[float, float, str]]:
    """Rules that set both a colour and what is behind it."""
    for rule in rules:
        if "print" in rule.media or ("prefers-color-scheme:dark" in rule.media and not dark):
            continue
        if "prefers-color-scheme:light" in rule.media and dark:
            continue
        front = colour_in(rule.declared.get("color", ""), tokens)
        back = colour_in(rule.declared.get("background-color", rule.declared.get("background", "")), tokens)
        if front and back:
            said = f"style {rule.selector[:80]}: {front} on {back}"
            yield contrast(luminance(front), luminance(back)), _TEXT, said


CHECK = Check("contrast", "Colours can be read", "files", measure, order=80)
