"""Choosing what a package is made of: one field or row of fields for each source."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import streamlit as st

from core.actor import Role
from core.analytics.filters import Filters
from core.analytics.rules import Dataset
from core.deliverables.source import AnySource
from core.errors import NotFound
from core.identifiers import parse_id
from pages.components import address
from pages.components.operation_form import operation_form
from pages.components.page import Screen
from pages.components.run_filters import run_filters
from pages.components.run_periods import UTC_NOTE
from pages.components.way import way
from pages.components.words import moment

MOST_RUNS = 50
Params = Mapping[str, Any]


def source_fields(screen: Screen, source: AnySource) -> Params | None:
    """Draws what `source` asks; None while something is missing, which is said there."""
    return _FIELDS.get(source.name, _any)(screen, source)


def _project(screen: Screen, _source: AnySource) -> Params | None:
    rows, total, _ = screen.app.projects_queries.page(screen.actor, limit=500)
    if not total:
        st.info("There is no project yet that you may see.", icon=":material/dynamic_feed:")
        if screen.actor.has(Role.OPERATOR, Role.COUNCIL, Role.ADMIN):
            way("Projects", "/projects")
        return None
    names = {str(one.id): f"{one.name} · {one.created_by}, {moment(one.created_at, screen.zone)}" for one in rows}
    chosen = _one_of("Project", names, "Type a part of its name")
    if total > len(rows):
        st.caption(f"The newest {len(rows):,} of {total:,}. Older ones have the button on their own page.")
    return {"project_id": chosen} if chosen else None


def _run(screen: Screen, _source: AnySource) -> Params | None:
    names = _asked_run(screen)
    text = st.text_input(
        "Search runs", key="run-text", icon=":material/search:", placeholder="Title, person, or the beginning of its id"
    )
    chosen = screen.app.analytics_queries.chosen_dataset()
    page = screen.app.run_queries.page(screen.actor, Filters(chosen, text=(text or "")[:200]), limit=MOST_RUNS)
    for row in page.rows:
        owner = row.person or row.agent or "nobody"
        names[str(row.id)] = f"{row.title} · {owner}, {moment(row.run.created_at, screen.zone)}"
    if not names:
        words = "No run matches. Search for another word." if text else "There is no run yet."
        st.info(words, icon=":material/list_alt:")
        return None
    found = _one_of("Run", names, "Choose one of these")
    return {"execution_id": found} if found else None


def _asked_run(screen: Screen) -> dict[str, str]:
    """The run that the address or the field names, however old it is."""
    asked = parse_id(str(st.session_state.get("id") or st.query_params.get("id", "")))
    if asked is None:
        return {}
    try:
        row = screen.app.run_queries.detail(screen.actor, asked).row
    except NotFound:
        return {}
    owner = row.person or row.agent or "nobody"
    return {str(row.id): f"{row.title} · {owner}, {moment(row.run.created_at, screen.zone)}"}


def _one_of(label: str, names: Mapping[str, str], hint: str) -> str | None:
    """Kept in the address, so that a link can say which."""
    address.choice("id", names, None)
    if st.session_state.get("id") not in names:
        st.session_state["id"] = None
    return st.selectbox(
        label, list(names), key="id", index=None, placeholder=hint, on_change=address.note, args=("id",),
        format_func=lambda one: names[one],
    )  # fmt: skip


def _period(screen: Screen, _source: AnySource) -> Params | None:
    view = run_filters(screen, with_text=False, compares=False)
    st.caption(UTC_NOTE)
    filters, days = view.filters, view.days
    if days.first is None or days.last is None:
        st.info("A report needs a first and a last day. Choose a period or own dates.", icon=":material/date_range:")
        return None
    narrowed = {
        "workflow_id": filters.workflow_id, "agent_id": filters.agent_id, "council_id": filters.council_id,
        "market": filters.market, "skill_level": filters.skill_level,
    }  # fmt: skip
    return {
        "first": days.first.isoformat(), "last": days.last.isoformat(),
        "dataset": "sample" if view.choice.chosen is Dataset.SAMPLE else "own",
        **{name: value for name, value in narrowed.items() if value is not None},
    }  # fmt: skip


def _any(_screen: Screen, source: AnySource) -> Params | None:
    """A source that this page does not know by name gets its form from its parameters."""
    filled = operation_form(source.params.model_json_schema(), {}, key=f"of-{source.name}")
    return None if filled.problems else filled.values


_FIELDS: Mapping[str, Callable[[Screen, AnySource], Params | None]] = {
    "project": _project, "execution": _run, "period": _period,
}  # fmt: skip
