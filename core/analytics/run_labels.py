"""What is asked of a run's labels: the filters of few values, found together in one index however they are combined."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import ColumnElement, Text, false, literal_column
from sqlalchemy.dialects.postgresql import ARRAY

from core.analytics.filters import NONE, Filters
from core.analytics.rules import UNKNOWN
from core.executions.tables import LABELS

_NOTHING = ""


def without_labels(filters: Filters) -> Filters:
    """What is asked besides."""
    return replace(
        filters, workflow_id=None, agent_id=None, council_id=None, market=None, skill_level=None, states=None
    )  # fmt: skip


def label_conditions(filters: Filters) -> list[ColumnElement[bool]]:
    """As `filters.conditions` says it of the columns; a test holds the two together."""
    asked = (
        ("w", filters.workflow_id, None), ("a", filters.agent_id, NONE), ("c", filters.council_id, NONE),
        ("m", filters.market, UNKNOWN), ("k", filters.skill_level, UNKNOWN),
    )  # fmt: skip
    labels = literal_column(LABELS, ARRAY(Text))
    wanted = [f"{kind}:{_NOTHING if value == none else value}" for kind, value, none in asked if value is not None]
    found: list[ColumnElement[bool]] = []
    if wanted:
        found.append(labels.contains(wanted))
    if filters.states is not None:
        states = [f"s:{state.value}" for state in sorted(filters.states)]
        found.append(labels.overlap(states) if states else false())
    return found
