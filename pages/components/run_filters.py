"""Which runs a page is about: the filters of Analytics and Runs, in one row, kept in the URL and from page to page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import streamlit as st

from core.actor import Role
from core.analytics.breakdowns import Dimension
from core.analytics.cells import UNKNOWN
from core.analytics.filters import NONE, Filters
from core.analytics.queries import DatasetChoice
from core.analytics.rules import Dataset
from core.executions.rules import ExecutionState
from core.identity.rules import Market, SkillLevel
from pages.components.page import Screen
from pages.components.status import look
from pages.components.words import sentence

PERIODS = {"4 weeks": 28, "13 weeks": 91, "26 weeks": 182, "All time": None}
DEFAULT_PERIOD = "26 weeks"
WAITS = "Waits for people"
_ALL = {"workflow": "All workflows", "agent": "All agents", "council": "All councils"}
_NONE = {"agent": "No agent", "council": "No council"}


@dataclass(frozen=True)
class RunView:
    filters: Filters
    choice: DatasetChoice
    period: str
    labels: Mapping[str, Mapping[str, str]]
    """What the options of `workflow`, `agent` and `council` are called, by key; the URL holds these words."""

    def link(self, **more: str) -> str:
        """The address of these runs on the Runs page, narrowed by `more`: keys as in `Filters`, values as there.

        It is followed by the browser: inside Streamlit, filters already drawn would outweigh the address.
        """
        found = {"period": self.period} if self.period != DEFAULT_PERIOD else {}
        if self.choice.can_switch:
            found["dataset"] = self.choice.chosen.value.capitalize()
        held = {
            "workflow_id": self.filters.workflow_id, "agent_id": self.filters.agent_id,
            "council_id": self.filters.council_id, "market": self.filters.market,
            "skill_level": self.filters.skill_level,
        }  # fmt: skip
        for name, value in (held | more).items():
            if value is not None:
                key = name.removesuffix("_id").removesuffix("_level")
                found[key] = self.labels.get(key, {}).get(value) or _word(value)
        return f"/runs?{urlencode(found)}"


def run_filters(screen: Screen, *, with_text: bool) -> RunView:
    """Draws the row; answers what it says. People who see only their own runs get the short row."""
    queries = screen.app.analytics_queries
    labels = {
        "workflow": _distinct(queries.names(Dimension.WORKFLOW)),
        "agent": _distinct(queries.names(Dimension.AGENT)) | {NONE: _NONE["agent"]},
        "council": _distinct(queries.names(Dimension.COUNCIL)) | {NONE: _NONE["council"]},
    }
    sees_all = screen.actor.has(Role.OPERATOR, Role.COUNCIL, Role.ANALYST, Role.ADMIN)
    text, state, waits, more = "", None, False, dict[str, Any]()
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        if with_text:
            text = st.text_input(
                "Search", key="q", bind="query-params", type="search", icon=":material/search:",
                placeholder="Title, person, error", label_visibility="collapsed",
            )  # fmt: skip
            state, waits = _states()
        period = st.selectbox(
            "Period", list(PERIODS), index=list(PERIODS).index(DEFAULT_PERIOD), key="period", bind="query-params",
            label_visibility="collapsed", width=130,
        )  # fmt: skip
        workflow = _choice("workflow", labels["workflow"], width=230)
        if sees_all:
            with st.popover("More filters", icon=":material/tune:"):
                more = {
                    "agent_id": _choice("agent", labels["agent"]),
                    "council_id": _choice("council", labels["council"]),
                    "market": _segment("market", Market, "Every market"),
                    "skill_level": _segment("skill", SkillLevel, "Every level"),
                }
    choice = _dataset(screen)
    now = screen.app.clock.now()
    days = PERIODS.get(period or DEFAULT_PERIOD)
    filters = Filters(
        choice.chosen, since=_midnight(now, screen, 1 - days) if days else None,
        until=_midnight(now, screen, 1) if days else None, workflow_id=workflow,
        states=frozenset({state}) if state else None, text=(text or "")[:200], waits_for_people=waits, **more,
    )  # fmt: skip
    return RunView(filters, choice, period or DEFAULT_PERIOD, labels)


def _midnight(now: datetime, screen: Screen, days: int) -> datetime:
    """The reader's midnight `days` after the last one, so that a period holds whole days."""
    today = now.astimezone(screen.zone).replace(hour=0, minute=0, second=0, microsecond=0)
    return today + timedelta(days=days)


def _states() -> tuple[ExecutionState | None, bool]:
    """The state that is chosen, and whether only runs that wait for people are."""
    word = st.selectbox(
        "Status", ["Any status", WAITS, *(look(state.value)[0] for state in ExecutionState)], key="status",
        bind="query-params", label_visibility="collapsed", width=160,
    )  # fmt: skip
    return next((state for state in ExecutionState if look(state.value)[0] == word), None), word == WAITS


def _choice(name: str, labels: Mapping[str, str], *, width: int | None = None) -> str | None:
    word = st.selectbox(
        name.capitalize(), [_ALL[name], *sorted(labels.values())], key=name, bind="query-params",
        label_visibility="collapsed" if width else "visible", width=width or "stretch",
    )  # fmt: skip
    return next((key for key, label in labels.items() if label == word), None)


def _segment(name: str, values: type[Market] | type[SkillLevel], everyone: str) -> str | None:
    options = {_word(value): value for value in (*(one.value for one in values), UNKNOWN)}
    label = {"market": "Market", "skill": "Skill level"}[name]
    return options.get(st.selectbox(label, [everyone, *options], key=name, bind="query-params") or "")


def _dataset(screen: Screen) -> DatasetChoice:
    """Which dataset is shown; while sample data is loaded, a line that says so and changes it."""
    choice = screen.app.analytics_queries.dataset()
    if not choice.can_switch:
        return choice
    with st.container(border=True, horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        line = st.empty()
        word = st.segmented_control(
            "Dataset", [one.value.capitalize() for one in Dataset], default=choice.chosen.value.capitalize(),
            key="dataset", bind="query-params", label_visibility="collapsed", required=True, width="content",
        )  # fmt: skip
        choice = screen.app.analytics_queries.dataset(Dataset(word.lower()) if word else None)
        if choice.chosen is Dataset.SAMPLE:
            why = "" if choice.real_runs else " Yours take their place with the first run."
            line.markdown(f":violet[:material/science:] **Sample figures**, of invented people.{why}")
        else:
            line.markdown(":material/verified_user: **Real figures**, without the sample data.")
    return choice


def _distinct(names: Mapping[str, str]) -> dict[str, str]:
    """Two of the same name are told apart by their id."""
    words = list(names.values())
    return {key: f"{name} ({key})" if words.count(name) > 1 else name for key, name in names.items()}


def _word(value: str) -> str:
    return "No profile" if value == UNKNOWN else sentence(value)
