"""Values as HubSpot keeps them: text, all of them; checked against what it says of its properties."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from core.connectors.plan import Amount, Change
from core.connectors.transports.crm.hubspot import KEY_PROPERTY, Property, Record
from core.errors import InvalidInput
from core.text import in_short

CURRENCY = "deal_currency_code"

_PLAIN_NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?")


def as_text(fields: Mapping[str, Any]) -> dict[str, str]:
    """Every value in HubSpot's spelling; an empty text empties the property."""
    return {name: _text(name, value) for name, value in fields.items()}


def checked(fields: Mapping[str, str], known: Mapping[str, Property], kind: str) -> None:
    """Refuses what HubSpot would refuse, as far as its properties tell."""
    for name, value in fields.items():
        about = known.get(name)
        if about is None:
            raise InvalidInput(field="Values", problem=f"HubSpot's {kind} have no property {name}.")
        label = f"{about.label} ({name})"
        if about.read_only or name == KEY_PROPERTY:
            raise InvalidInput(field=label, problem="this property cannot be written.")
        if value and about.type == "number" and _number(value) is None:
            raise InvalidInput(field=label, problem=f"{in_short(value)} is not a number.")
        allowed = frozenset(about.options)
        if value and allowed and about.type == "enumeration" and not allowed.issuperset(value.split(";")):
            some = ", ".join(about.options[:10])
            raise InvalidInput(field=label, problem=f"{in_short(value)} is none of {some}.")


def same(before: str | None, after: str | None, kind: str | None = None) -> bool:
    """HubSpot spells numbers its own way and gives nothing where there is nothing.

    In a text `01` is not `1`. Where the property's type (`kind`) is not known, only what cannot be such a text is read
    as a number.
    """
    if (before or "") == (after or ""):
        return True
    if kind not in (None, "number"):
        return False
    if kind is None and not all(_PLAIN_NUMBER.fullmatch(one or "") for one in (before, after)):
        return False
    one, other = _number(before or ""), _number(after or "")
    return one is not None and one == other


def changes_of(
    held: Record | None, fields: Mapping[str, str], known: Mapping[str, Property], *, whose: str, prefix: str
) -> Iterable[Change]:
    """What differs afterwards; `whose` begins each label where there are several."""
    for name, after in fields.items():
        before = held.properties.get(name) if held else None
        if not same(before, after, known[name].type if name in known else None):
            label = known[name].label if name in known else name
            yield Change(f"{prefix}{name}", f"{whose}{label}", before or None, after or None)


def moved(was: Record | None, now: Record | None, names: Iterable[str], whose: str) -> Iterable[Change]:
    """What differs from what was read when planning."""
    if (was.id if was else None) != (now.id if now else None):
        yield Change(f"{whose}.id", whose, was.id if was else None, now.id if now else None)
    elif was and now:
        for name in names:
            if (was.properties.get(name) or "") != (now.properties.get(name) or ""):
                yield Change(f"{whose}.{name}", f"{whose}: {name}", was.properties.get(name), now.properties.get(name))


def stands(record: Record | None, fields: Mapping[str, str]) -> bool:
    return record is not None and all(same(record.properties.get(name), value) for name, value in fields.items())


def amounts_of(held: Record | None, fields: Mapping[str, str], currency: str | None) -> tuple[Amount, ...]:
    """A deal's amount counts as money, as in Odoo: of before and after the larger. Without a known currency it is XXX.

    In another currency (`currency` is the one afterwards) it is another sum: then both count.
    """
    if "amount" not in fields and CURRENCY not in fields:
        return ()
    had = (held.properties.get("amount") if held else None) or ""
    before, after = (abs(_number(one) or Decimal(0)) for one in (had, fields.get("amount", had)))
    old = (held.properties.get(CURRENCY) if held else None) or currency
    sums = {currency: max(before, after)} if old == currency else {old: before, currency: after}
    return tuple(Amount(value, of or "XXX") for of, value in sums.items() if value)


def _text(name: str, value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (str, int, float, Decimal)):
        return str(value)
    if isinstance(value, list) and all(isinstance(one, str) for one in value):
        return ";".join(value)
    raise InvalidInput(field="Values", problem=f"{name} takes a text, a number, yes or no, or a list of texts.")


def _number(text: str) -> Decimal | None:
    try:
        found = Decimal(text)
    except InvalidOperation:
        return None
    return found if found.is_finite() else None
