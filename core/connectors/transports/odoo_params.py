"""What a person or program says to Odoo: models, values and domains, checked before anything is asked."""

from __future__ import annotations

import json
import re
from typing import Annotated, Any, TypeVar

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

P = TypeVar("P", bound=BaseModel)

_MODEL = r"^[a-z_][a-z0-9_]*(\.[a-z0-9_]+)*$"
_NAME = re.compile(r"[a-z_][a-z0-9_]*(\.[a-z_][a-z0-9_]*)*")
_CONNECTIVES = {"&": 2, "|": 2, "!": 1}
_COMPARISONS = frozenset(
    ("=", "!=", ">", ">=", "<", "<=", "=?", "like", "not like", "ilike", "not ilike", "=like", "not =like",
     "=ilike", "not =ilike", "in", "not in", "child_of", "parent_of", "any", "not any")
)  # fmt: skip


def _from_json(value: Any) -> Any:
    """A form gives text, a program gives the value."""
    if isinstance(value, str):
        try:
            return json.loads(value)
        except (ValueError, RecursionError):
            raise ValueError("write it as JSON") from None
    return value


def _numbers(value: Any) -> Any:
    if isinstance(value, str):
        return [part.strip() for part in value.split(",") if part.strip()]
    return value


def _names(value: dict[str, Any]) -> dict[str, Any]:
    for name in value:
        if not _NAME.fullmatch(name) or "." in name:
            raise ValueError(f"“{name}” is not the name of a field")
    return value


def checked_domain(domain: list[Any]) -> list[Any]:
    """A domain in Odoo's prefix notation; one that cannot be read is an error, never a search for everything."""
    missing = 0
    for term in domain:
        missing = max(missing - 1, 0)  # terms that nothing asked for are joined by an implied "&"
        if not isinstance(term, str):
            _check_condition(term)
        elif term in _CONNECTIVES:
            missing += _CONNECTIVES[term]
        else:
            raise ValueError(f"“{term}” is not one of &, | and !")
    if missing:
        raise ValueError("a connective lacks its conditions")
    return domain


def _check_condition(term: Any) -> None:
    if not isinstance(term, (list, tuple)) or len(term) != 3:
        raise ValueError(f"{term!r} is not a condition [field, operator, value]")
    name, comparison, value = term
    if not (isinstance(name, str) and _NAME.fullmatch(name)) and name not in (0, 1):
        raise ValueError(f"{name!r} is not the name of a field")
    if not isinstance(comparison, str) or comparison not in _COMPARISONS:
        raise ValueError(f"{comparison!r} is not an operator")
    if comparison in ("in", "not in") and not isinstance(value, (list, tuple)):
        raise ValueError(f"“{comparison}” needs a list")
    if comparison in ("any", "not any"):
        if not isinstance(value, list):
            raise ValueError(f"“{comparison}” needs a domain")
        checked_domain(value)


def _distinct(value: list[int]) -> list[int]:
    return list(dict.fromkeys(value))


class _OdooParams(BaseModel):
    model_config = ConfigDict(extra="forbid")

    model: str = Field(
        title="Model", description="Technical name, for example crm.lead.", pattern=_MODEL, max_length=80
    )


class CreateParams(_OdooParams):
    values: Annotated[dict[str, Any], BeforeValidator(_from_json), AfterValidator(_names)] = Field(
        title="Values",
        description='Fields and values, for example {"name": "Meridian Ltd"}.',
        min_length=1,
        max_length=100,
    )


class UpdateParams(_OdooParams):
    ids: Annotated[list[Annotated[int, Field(ge=1)]], BeforeValidator(_numbers), AfterValidator(_distinct)] = Field(
        title="Records", description="Ids, separated by commas.", min_length=1, max_length=100
    )
    values: Annotated[dict[str, Any], BeforeValidator(_from_json), AfterValidator(_names)] = Field(
        title="Values", description='What they will hold, for example {"priority": "2"}.', min_length=1, max_length=100
    )


class SearchParams(_OdooParams):
    domain: Annotated[list[Any], BeforeValidator(_from_json), AfterValidator(checked_domain)] = Field(
        default_factory=list, title="Domain", max_length=100,
        description='Which records, for example [["stage_id", "=", 3]]; archived ones are left out.',
    )  # fmt: skip
    fields: Annotated[list[str], BeforeValidator(_numbers)] = Field(
        title="Fields", description="Which fields to read.", min_length=1, max_length=50
    )
    limit: int = Field(default=80, title="At most", ge=1, le=500)
