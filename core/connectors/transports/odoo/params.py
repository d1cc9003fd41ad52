"""What a person or program says to Odoo: models, values and domains, checked before anything is asked."""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field
from pydantic.json_schema import SkipJsonSchema

from core.connectors.transports.connected import AccountParams
from core.connectors.transports.typed import from_json, one_line
from core.text import OVERRIDES, can_be_seen, has_controls, in_short

MAX_ID = 2**31 - 1
"""PostgreSQL's `integer`, which Odoo keeps ids in."""

_MODEL = r"^[a-z_][a-z0-9_]*(\.[a-z0-9_]+)*$"
_NAME = re.compile(r"[a-z_][a-z0-9_]*(\.[a-z_][a-z0-9_]*)*")
_CONNECTIVES = {"&": 2, "|": 2, "!": 1}
_COMPARISONS = frozenset(
    ("=", "!=", ">", ">=", "<", "<=", "=?", "like", "not like", "ilike", "not ilike", "=like", "not =like",
     "=ilike", "not =ilike", "in", "not in", "child_of", "parent_of", "any", "not any")
)  # fmt: skip


def _numbers(value: Any) -> Any:
    if isinstance(value, str):
        return [part.strip() for part in value.split(",") if part.strip()]
    return value


def _names(value: dict[str, Any]) -> dict[str, Any]:
    for name in value:
        if not _NAME.fullmatch(name) or "." in name:
            raise ValueError(f"“{name}” is not the name of a field")
    return value


def _lines(value: str) -> str:
    value = value.replace("\r\n", "\n").replace("\r", "\n")
    if has_controls(value.replace("\n", "").replace("\t", "")) or not OVERRIDES.isdisjoint(value):
        raise ValueError("leave out control characters and those that turn the direction of text")
    if not can_be_seen(value):
        raise ValueError("write something that can be seen")
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
            raise ValueError(f"{in_short(term)} is not one of &, | and !")
    if missing:
        raise ValueError("a connective lacks its conditions")
    return domain


def _check_condition(term: Any) -> None:
    if not isinstance(term, (list, tuple)) or len(term) != 3:
        raise ValueError(f"{in_short(term)} is not a condition [field, operator, value]")
    name, comparison, value = term
    if not (isinstance(name, str) and _NAME.fullmatch(name)) and name not in (0, 1):
        raise ValueError(f"{in_short(name)} is not the name of a field")
    if not isinstance(comparison, str) or comparison not in _COMPARISONS:
        raise ValueError(f"{in_short(comparison)} is not an operator")
    if comparison in ("in", "not in") and not isinstance(value, (list, tuple)):
        raise ValueError(f"“{comparison}” needs a list")
    if comparison in ("any", "not any"):
        if not isinstance(value, list):
            raise ValueError(f"“{comparison}” needs a domain")
        checked_domain(value)


def _distinct(value: list[int]) -> list[int]:
    return list(dict.fromkeys(value))


Id = Annotated[int, Field(ge=1, le=MAX_ID)]
Ids = Annotated[list[Id], BeforeValidator(_numbers), AfterValidator(_distinct)]
Values = Annotated[dict[str, Any], BeforeValidator(from_json), AfterValidator(_names)]
Line = Annotated[str, AfterValidator(one_line)]
Text = Annotated[str, AfterValidator(_lines)]
Expected = SkipJsonSchema[dict[str, Any] | None]
"""What the records must still hold, or nothing is planned: an undoing names what the undone action left there.
No form shows it."""


class OdooParams(AccountParams):
    model: str = Field(
        title="Model", description="Technical name, for example crm.lead.", pattern=_MODEL, max_length=80
    )


class CreateParams(OdooParams):
    values: Values = Field(
        title="Values", description='Fields and values, for example {"name": "Meridian Ltd"}.',
        min_length=1, max_length=100,
    )  # fmt: skip


class UpdateParams(OdooParams):
    ids: Ids = Field(title="Records", description="Ids, separated by commas.", min_length=1, max_length=100)
    values: Values = Field(
        title="Values", description='What they will hold, for example {"priority": "2"}.', min_length=1, max_length=100
    )
    expected: Expected = None


class DeleteParams(OdooParams):
    ids: Ids = Field(title="Records", description="Ids, separated by commas.", min_length=1, max_length=20)
    expected: Expected = None


class SearchParams(OdooParams):
    domain: Annotated[list[Any], BeforeValidator(from_json), AfterValidator(checked_domain)] = Field(
        default_factory=list, title="Domain", max_length=100,
        description='Which records, for example [["stage_id", "=", 3]]; archived ones are left out.',
    )  # fmt: skip
    fields: Annotated[list[str], BeforeValidator(_numbers)] = Field(
        title="Fields", description="Which fields to read.", min_length=1, max_length=50
    )
    limit: int = Field(default=80, title="At most", ge=1, le=500)


class RecordParams(OdooParams):
    id: Id = Field(title="Record", description="Its id, as in the address of its page.")


class MoveStageParams(RecordParams):
    stage: Line = Field(
        title="Stage", description="The name of the stage it moves to, or its id.", min_length=1, max_length=200
    )
    expected: Expected = None


class NoteParams(RecordParams):
    text: Text = Field(
        title="Note", description="For colleagues, word for word; nobody gets an e-mail of it.",
        min_length=1, max_length=20_000,
    )  # fmt: skip


class LogActivityParams(RecordParams):
    activity_type: Line = Field(
        title="Kind", description="What was done: the name of one of Odoo's activity types, for example Call.",
        min_length=1, max_length=100,
    )  # fmt: skip
    summary: Line = Field(title="Summary", description="In a line.", min_length=1, max_length=200)
    note: Text | None = Field(default=None, title="Details", max_length=20_000)


class FollowUpParams(RecordParams):
    activity_type: Line = Field(
        title="Kind", description="What is to be done: the name of one of Odoo's activity types, for example Call.",
        min_length=1, max_length=100,
    )  # fmt: skip
    summary: Line = Field(title="Summary", description="In a line.", min_length=1, max_length=200)
    due: date = Field(title="Due", description="The day it is to be done.")
    note: Text | None = Field(default=None, title="Details", max_length=20_000)
    user: Line | None = Field(
        default=None, title="For", max_length=200,
        description="Login, name or id of who does it; empty: whoever the connection signs in as.",
    )  # fmt: skip


class TaskParams(AccountParams):
    model: SkipJsonSchema[Literal["project.task"]] = "project.task"
    """Not a choice: guardrails read it."""
    project: Line = Field(title="Project", description="Its name, or its id.", min_length=1, max_length=200)
    name: Line = Field(title="Title", description="What is to be done, in a line.", min_length=1, max_length=250)
    description: Text | None = Field(default=None, title="Description", max_length=20_000)
    user: Line | None = Field(
        default=None, title="For", max_length=200, description="Login, name or id of who does it; empty: nobody yet."
    )
    deadline: date | None = Field(default=None, title="Deadline", description="The day it must be done by.")
