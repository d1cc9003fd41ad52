"""Why a row or a case is not taken in, each reason with its words."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Reason(StrEnum):
    BROKEN_ROW = "broken_row"
    TOO_LONG = "too_long"
    CELLS = "cells"
    CONTROLS = "controls"
    NO_CASE = "no_case"
    NO_ACTIVITY = "no_activity"
    NO_TIME = "no_time"
    BAD_TIME = "bad_time"
    NO_SUCH_TIME = "no_such_time"
    FUTURE = "future"
    ENDS_EARLY = "ends_early"
    BAD_NUMBER = "bad_number"
    BROKEN_CASE = "broken_case"
    NO_STEP = "no_step"
    NOT_OVER = "not_over"
    BAD_VALUE = "bad_value"
    MIXED_UNITS = "mixed_units"
    TOO_MANY_EVENTS = "too_many_events"
    ALREADY_HERE = "already_here"


WORDS: dict[Reason, str] = {
    Reason.BROKEN_ROW: "The row cannot be read",
    Reason.TOO_LONG: "A line or cell is too long",
    Reason.CELLS: "The row has more cells than the first row",
    Reason.CONTROLS: "A cell holds characters that no text has",
    Reason.NO_CASE: "No case is named",
    Reason.NO_ACTIVITY: "No activity is named",
    Reason.NO_TIME: "No time is given",
    Reason.BAD_TIME: "The time is not written as said",
    Reason.NO_SUCH_TIME: "The time does not exist: clocks went forward",
    Reason.FUTURE: "The time lies ahead, or before 1970",
    Reason.ENDS_EARLY: "The event ends before it begins",
    Reason.BAD_NUMBER: "The number is not written as said",
    Reason.BROKEN_CASE: "Another row of this case was refused",
    Reason.NO_STEP: "None of its activities is a step",
    Reason.NOT_OVER: "It is not over yet",
    Reason.BAD_VALUE: "Its outcome cannot be logged",
    Reason.MIXED_UNITS: "Its values are in several units",
    Reason.TOO_MANY_EVENTS: "It has more than 10,000 events",
    Reason.ALREADY_HERE: "It was imported before",
}
"""Of rows first, then of whole cases."""

OF_CASES = frozenset(list(Reason)[list(Reason).index(Reason.BROKEN_CASE) :])


@dataclass(frozen=True)
class Refused:
    """One row, or (without `cells`) one case at its first row."""

    line: int
    reason: Reason
    detail: str = ""
    case: str = ""
    cells: tuple[str, ...] = ()
