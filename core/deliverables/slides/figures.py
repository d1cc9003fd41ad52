"""Finds the number format of a spreadsheet that writes values as the report wrote them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal

_FIGURE = re.compile(r"\d[\d,]*(?:\.\d+)?")
_PLAIN = re.compile(r"[^\d\"\\]*")


def number_format(values: Sequence[Decimal | None], texts: Sequence[str]) -> str:
    """Such as `"€"#,##0.00`; empty where no one format gives exactly these texts.

    Only signs as English writes them are tried: which signs a format shows is up to the viewer's settings, and a report in
    another language must not depend on them.
    """
    told = [(value, text) for value, text in zip(values, texts, strict=True) if value is not None]
    if not told:
        return "General"
    value, text = max(told, key=lambda one: (abs(one[0]), one[1]))
    found = _FIGURE.search(text)
    if found is None:
        return ""
    before, after = text[: found.start()].removeprefix("-").removeprefix("−"), text[found.end() :]
    if not (_PLAIN.fullmatch(before) and _PLAIN.fullmatch(after)):
        return ""
    digits = len(found[0].partition(".")[2])
    grouped = "," in found[0] or abs(value) < 1000
    percent = "%" in after and _written(value, digits, before, after, grouped, 1) != text
    scale = 100 if percent else 1
    for rounding in (ROUND_HALF_EVEN, ROUND_HALF_UP):
        if all(_written(one, digits, before, after, grouped, scale, rounding) == said for one, said in told):
            figure = ("#,##0" if grouped else "0") + ("." + "0" * digits if digits else "")
            tail = after
            if percent:
                blank, _, tail = after.partition("%")
                figure += (f'"{blank}"' if blank else "") + "%"
            return (f'"{before}"' if before else "") + figure + _literal(tail)
    return ""


def _literal(text: str) -> str:
    return f'"{text}"' if text else ""


def _written(
    value: Decimal, digits: int, before: str, after: str, grouped: bool, scale: int, rounding: str = ROUND_HALF_EVEN
) -> str:
    rounded = (value * scale).quantize(Decimal(1).scaleb(-digits), rounding=rounding)
    sign = "-" if rounded < 0 else ""
    return f"{sign}{before}{abs(rounded):{',' if grouped else ''}f}{after}"
