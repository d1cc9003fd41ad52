"""Style sheets as far as colours need them: rules with what they declare, and custom properties made plain."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_VAR = re.compile(r"var\(\s*--([\w-]+)\s*(?:,\s*([^()]*))?\)")
_HEX = re.compile(r"#(?:[0-9a-fA-F]{6}|[0-9a-fA-F]{3})\b")
_NAMES = {"white": "#ffffff", "black": "#000000"}
_RGB = re.compile(r"rgb\(\s*(\d{1,3})[\s,]+(\d{1,3})[\s,]+(\d{1,3})\s*\)")
_MOST_STEPS = 8


@dataclass(frozen=True)
class Rule:
    media: str
    """Conditions around it, lower case without spaces; empty at the top."""
    selector: str
    declared: Mapping[str, str]


def rules_of(css: str) -> Iterator[Rule]:
    """Every rule in its order. What cannot be read is passed over."""
    text = _COMMENT.sub(" ", css)
    media: list[str] = []
    at = 0
    for found in re.finditer(r"[{};]", text):
        said = text[at : found.start()].strip()
        if found[0] == ";" and not (media and not media[-1].startswith("@")):
            at = found.end()  # a statement outside of any rule, as @import is
        elif found[0] == "{":
            media.append(said)
            at = found.end()
        elif found[0] == "}" and media:
            opened = media.pop()
            if not opened.startswith("@"):
                conditions = "".join(one for one in media if one.startswith("@media")).lower().replace(" ", "")
                yield Rule(conditions, " ".join(opened.split()), _declared(said))
            at = found.end()


def tokens_of(css: str, *, dark: bool) -> dict[str, str]:
    """Custom properties of `:root` in one scheme, as they were written."""
    tokens: dict[str, str] = {}
    for rule in rules_of(css):
        here = rule.media == "" or (dark and rule.media == "@media(prefers-color-scheme:dark)")
        if here and ":root" in (one.strip() for one in rule.selector.split(",")):
            tokens.update({name[2:]: value for name, value in rule.declared.items() if name.startswith("--")})
    return tokens


def colour_in(value: str, tokens: Mapping[str, str]) -> str | None:
    """#rrggbb, where the value is one opaque colour that can be told without a browser."""
    said = value.removesuffix("!important").strip()
    for _ in range(_MOST_STEPS):
        replaced = _VAR.sub(lambda found: tokens.get(found[1], (found[2] or "").strip()), said)
        if replaced == said:
            break
        said = replaced[:2_000]
    said = said.strip().lower()
    if said in _NAMES:
        return _NAMES[said]
    if found := _RGB.fullmatch(said):
        parts = [int(one) for one in found.groups()]
        return "#" + "".join(f"{one:02x}" for one in parts) if max(parts) <= 255 else None
    if not _HEX.fullmatch(said):
        return None
    return said if len(said) == 7 else "#" + "".join(2 * letter for letter in said[1:])


def _declared(said: str) -> dict[str, str]:
    parts = (one.partition(":") for one in re.split(r";(?![^(]*\))", said))
    return {name.strip().lower(): value.strip() for name, mark, value in parts if mark}
