"""What an import will be, before it is: counts, the match of activities and steps, the first cases, what is refused."""

from __future__ import annotations

from dataclasses import replace
from html import escape
from typing import Any

import streamlit as st

from core.imports.cases import PastRun
from core.imports.queries import ImportView
from core.imports.refusals import Refused
from core.imports.rules import LogMapping, Unfinished
from pages.components.import_refused import refused_rows
from pages.components.import_words import reason_words
from pages.components.page import Screen, carried_out
from pages.components.status import look
from pages.components.words import count, moment, percent, plain, quantity, span

_PLACE = "import"
_NO_STEP = "No step"
_MOST_SHOWN = 40
_CELLS = ("State", "Began", "Took", "Steps", "Person", "Outcome")


def preview(screen: Screen, view: ImportView) -> None:
    plan = view.plan
    _sentences(view)
    if plan.total:
        with st.container(horizontal=True, key="import-figures"):
            st.metric("Runs", f"{plan.total:,}")
            st.metric("Completed", f"{plan.runs['completed']:,}")
            st.metric("Abandoned", f"{plan.runs['abandoned']:,}")
            st.metric("Steps", f"{plan.steps:,}")
            st.metric("Outcomes", f"{plan.outcomes:,}")
    st.button(
        f"Import {count(plan.total, 'run')}", icon=":material/history:", type="primary", key="start",
        disabled=not plan.total, on_click=_start, args=(screen, view),
    )  # fmt: skip
    _first_cases(screen, view)
    _match(screen, view)
    refused_rows(screen, view, plan)


def _sentences(view: ImportView) -> None:
    plan, mapping = view.plan, view.mapping
    if mapping is None:
        return
    ends = ", ".join(f"“{plain(name)}”" for name in view.ends[:5]) or "nothing in this file"
    rest = {
        Unfinished.BY_AGE: "others are abandoned when nothing happened for 30 days, and left out while they are younger",
        Unfinished.ABANDONED: "all others are abandoned",
        Unfinished.LEFT_OUT: "all others are left out",
    }[mapping.unfinished]
    lines = [f"A case is **completed** by {ends}; {rest}."]
    if plan.without_work:
        share = percent(plan.without_work / plan.total) if plan.total else "0 %"
        lines.append(
            f"Of {share} of the runs only one time an event is known: how long the work took is not, and counts as none. "
            "From start to end they are exact."
        )
    if plan.without_segment:
        lines.append(f"{count(plan.without_segment, 'run')} without market or skill level: no segment counts them.")
    if plan.total and not plan.outcomes:
        lines.append("No run brings an outcome, so none counts as a success before somebody logs one.")
    lines.append("Their dates are those of the file. Nobody is notified, and no rule judges what is past.")
    st.markdown("  \n".join(lines))


def _first_cases(screen: Screen, view: ImportView) -> None:
    found = screen.app.imports_queries.preview(screen.actor, view.row.id)
    if not found:
        return
    st.subheader("The first cases as they will be", anchor=False)
    cases = [(one.case if isinstance(one, Refused) else one.case_key, _cells(screen, one)) for one in found]
    # What is known of none of them has no column.
    names = [name for name in _CELLS if any(name in cells for _, cells in cases)]
    head = "".join(f'<th scope="col">{name}</th>' for name in ("Case", *names))
    rows = "".join(
        f'<tr><th scope="row">{escape(case)}</th>'
        + "".join(f"<td>{escape(cells.get(name, '–'))}</td>" for name in names)
        + "</tr>"
        for case, cells in cases
    )
    st.html(
        '<div style="overflow-x:auto" tabindex="0" role="region" aria-label="First cases">'
        f'<table class="diff" style="min-width:46rem"><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>'
    )


def _cells(screen: Screen, one: PastRun | Refused) -> dict[str, str]:
    """By the names of `_CELLS`, as far as they are known."""
    if isinstance(one, Refused):
        return {"State": f"Refused: {reason_words(one.reason)}. {one.detail}"}
    took = span((one.last - one.began).total_seconds() * 1000)
    cells = {
        "State": look(one.state.value)[0], "Began": moment(one.began, screen.zone),
        "Took": f"{took}, {span(one.work_ms)} of it work" if one.work_ms else took,
        "Steps": f"{one.done} of {len(one.steps)}",
    }  # fmt: skip
    if one.person:
        cells["Person"] = one.person
    if one.outcome:
        cells["Outcome"] = quantity(one.outcome.value, one.outcome.unit)
    return cells


def _match(screen: Screen, view: ImportView) -> None:
    mapping = view.mapping
    if mapping is None:
        return
    matched = sum(1 for name, _ in view.activities if view.step_of.get(name))
    st.subheader("Activities and steps", anchor=False)
    st.markdown(
        f"{matched:,} of {count(len(view.activities), 'activity', 'activities')} "
        f"{'is a step' if matched == 1 else 'are steps'} of **{plain(view.workflow_title)}**. What is no step is left out."
    )
    with st.expander("See and change the match", icon=":material/conversion_path:", expanded=not matched):
        if mapping.new_title:
            _way_choice(view, mapping)
        _ends_choice(view)
        _steps_choice(view)
        st.button("Try it this way", icon=":material/refresh:", key="rematch", on_click=_rematch, args=(screen, view))


def _way_choice(view: ImportView, mapping: LogMapping) -> None:
    """Which way of the cases the new workflow is made of."""
    ways = [tuple(path) for path, _ in view.ways]
    often = {tuple(path): n for path, n in view.ways}
    chosen = mapping.new_steps or (ways[0] if ways else ())
    options = ways if chosen in ways else [chosen, *ways]
    st.selectbox(
        "Its steps are the way", options, index=options.index(chosen), key="match-way",
        format_func=lambda way: f"{' → '.join(way)} ({count(often.get(way, 0), 'case')})",
    )  # fmt: skip


def _ends_choice(view: ImportView) -> None:
    names = [name for name, _ in view.activities]
    st.multiselect(
        "A case is completed by", names, default=[name for name in view.ends if name in names], key="match-ends",
        help="Nothing chosen: by the last step.",
    )  # fmt: skip


def _steps_choice(view: ImportView) -> None:
    options = [0, *range(1, len(view.titles) + 1)]

    def shown(number: int) -> str:
        return f"{number}. {view.titles[number - 1]}" if number else _NO_STEP

    for position, (name, n) in enumerate(view.activities[:_MOST_SHOWN]):
        st.selectbox(
            f"{plain(name)} · {count(n, 'event')}", options, index=options.index(view.step_of.get(name, 0)),
            format_func=shown, key=f"match-{position}",
        )  # fmt: skip
    if len(view.activities) > _MOST_SHOWN:
        st.caption(f"{len(view.activities) - _MOST_SHOWN:,} rarer activities keep their match by name.")


def _rematch(screen: Screen, view: ImportView) -> None:
    if view.mapping is None:
        return
    state: Any = st.session_state
    steps = {
        name: int(state.get(f"match-{position}", view.step_of.get(name, 0)))
        for position, (name, _) in enumerate(view.activities[:_MOST_SHOWN])
    }
    ends = tuple(state.get("match-ends") or ())
    way = tuple(state.get("match-way") or ()) if view.mapping.new_title else ()
    # Another way has other steps: what was matched to the old ones means nothing to it.
    changed = bool(view.mapping.new_title) and way != tuple(view.titles)
    by_last = {name for name, number in view.step_of.items() if number == len(view.titles)}
    mapping = replace(
        view.mapping, new_steps=way, steps={} if changed else steps,
        ends=() if set(ends) == by_last or (changed and ends == tuple(view.ends)) else ends,
    )  # fmt: skip
    if carried_out(lambda actor: screen.app.imports.check(actor, view.row.id, mapping), place=_PLACE):
        for key in [str(key) for key in state if str(key).startswith("match-")]:
            del state[key]


def _start(screen: Screen, view: ImportView) -> None:
    carried_out(lambda actor: screen.app.imports.start(actor, view.row.id), place=_PLACE)
