"""Which runs a page is about: the filters of Analytics and Runs, in one row, kept in the URL and from page to page."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC
from functools import partial
from typing import Any
from urllib.parse import urlencode

import streamlit as st

from core.actor import Role
from core.analytics.breakdowns import Dimension
from core.analytics.filters import NONE, Filters
from core.analytics.queries import DatasetChoice
from core.analytics.rules import UNKNOWN, Dataset
from core.executions.rules import ExecutionState
from core.identity.rules import Market, SkillLevel
from pages.components.page import Screen
from pages.components.run_periods import OWN, Comparison, Period, comparison_field, forget_period, period_field
from pages.components.status import look
from pages.components.words import plain_label, sentence

WAITS = "Waits for people"
_ALL = {
    "workflow": "All workflows", "agent": "All agents", "council": "All councils", "market": "Every market",
    "skill": "Every level",
}  # fmt: skip
_NONE = {"agent": "No agent", "council": "No council"}
_TITLES = {"workflow": "Workflow", "agent": "Agent", "council": "Council", "market": "Market", "skill": "Level"}


@dataclass(frozen=True)
class RunView:
    filters: Filters
    choice: DatasetChoice
    days: Period
    labels: Mapping[str, Mapping[str, str]]
    """What the options of each filter are called, by key; the URL holds these words."""
    comparison: Comparison | None = None

    @property
    def period(self) -> str:
        """The period in words."""
        return self.days.words

    @property
    def before(self) -> Filters | None:
        """The same question about the days these are held against."""
        if self.comparison is None:
            return None
        earlier = self.comparison.period
        return replace(self.filters, since=earlier.since, until=earlier.until)

    def query(self, **more: str) -> dict[str, list[str]]:
        """These filters as the address of any page with this row, narrowed by `more`: keys as in `Filters`."""
        found = self.days.query()
        if self.choice.can_switch:
            found["dataset"] = [self.choice.chosen.value.capitalize()]
        for name, value in (self.held() | {_field(name): value for name, value in more.items()}).items():
            found[name] = [self.labels.get(name, {}).get(value) or _word(value)]
        return found

    def link(self, **more: str) -> str:
        """The address of these runs on the Runs page, narrowed by `more`: keys as in `Filters`, values as there.

        It is followed by the browser: inside Streamlit, filters already drawn would outweigh the address.
        """
        return f"/runs?{urlencode(self.query(**more), doseq=True)}"

    def held(self) -> dict[str, str]:
        """The filters that are set, by the names of their boxes."""
        found = {
            "workflow": self.filters.workflow_id, "agent": self.filters.agent_id, "council": self.filters.council_id,
            "market": self.filters.market, "skill": self.filters.skill_level,
        }  # fmt: skip
        return {name: value for name, value in found.items() if value is not None}

    def toggle(self, **values: str) -> None:
        """Narrows the page to `values` (keys as in `Filters`), or lets them go if it is; for a callback."""
        wanted = {_field(name): value for name, value in values.items()}
        held = self.held()
        release = all(held.get(name) == value for name, value in wanted.items())
        for name, value in wanted.items():
            st.session_state[name] = _ALL[name] if release else self.labels.get(name, {}).get(value) or _word(value)


def run_filters(screen: Screen, *, with_text: bool, compares: bool = True) -> RunView:
    """Draws the row; answers what it says. `compares`: with the days it is held against, where no text is searched.

    People who see only their own runs get the short row.
    """
    queries = screen.app.analytics_queries
    labels = {
        "workflow": _distinct(queries.names(Dimension.WORKFLOW)),
        "agent": _distinct(queries.names(Dimension.AGENT)) | {NONE: _NONE["agent"]},
        "council": _distinct(queries.names(Dimension.COUNCIL)) | {NONE: _NONE["council"]},
    }
    sees_all = screen.actor.has(Role.OPERATOR, Role.COUNCIL, Role.ANALYST, Role.ADMIN)
    text, state, waits, comparison, more = "", None, False, None, dict[str, Any]()
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small", key="run-filters"):
        if with_text:
            text = st.text_input(
                "Search", key="q", bind="query-params", type="search", icon=":material/search:",
                placeholder="Title, person, error", label_visibility="collapsed",
            )  # fmt: skip
            state, waits = _states()
        days = period_field(screen.app.clock.now().astimezone(UTC).date())
        if compares and not with_text:
            comparison = comparison_field(days)
        workflow = _choice("workflow", labels["workflow"], width=230)
        if sees_all:
            with st.popover("More filters", icon=":material/tune:"):
                more = {
                    "agent_id": _choice("agent", labels["agent"]),
                    "council_id": _choice("council", labels["council"]),
                    "market": _segment("market", Market),
                    "skill_level": _segment("skill", SkillLevel),
                }
    choice = _dataset(screen)
    filters = Filters(
        choice.chosen, since=days.since, until=days.until, workflow_id=workflow,
        states=frozenset({state}) if state else None, text=(text or "")[:200], waits_for_people=waits, **more,
    )  # fmt: skip
    return RunView(filters, choice, days, labels, comparison)


def filter_chips(view: RunView) -> None:
    """What the page is narrowed to, each with a click that lets it go. Draws into the row that is open."""
    if view.days.name == OWN:
        _chip("period", view.days.words, forget_period)
    for name, value in view.held().items():
        word = view.labels.get(name, {}).get(value) or _word(value)
        _chip(name, f"{_TITLES[name]}: {word}", partial(_let_go, name))
    if len(view.held()) > 1:
        st.button("Clear all", type="tertiary", key="chip-all", on_click=lambda: _let_go(*view.held()))


def _chip(name: str, words: str, on_click: Callable[[], None]) -> None:
    st.button(plain_label(words), icon=":material/close:", icon_position="right", key=f"chip-{name}", on_click=on_click)


def _let_go(*names: str) -> None:
    for name in names:
        st.session_state[name] = _ALL[name]


def _field(name: str) -> str:
    """A field of `Filters` by the name of its box."""
    return name.removesuffix("_id").removesuffix("_level")


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


def _segment(name: str, values: type[Market] | type[SkillLevel]) -> str | None:
    options = {_word(value): value for value in (*(one.value for one in values), UNKNOWN)}
    label = {"market": "Market", "skill": "Skill level"}[name]
    return options.get(st.selectbox(label, [_ALL[name], *options], key=name, bind="query-params") or "")


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
