"""The form that says what the columns of a log mean; it proposes what it found and guesses nothing that is ambiguous."""

from __future__ import annotations

from typing import Any
from zoneinfo import available_timezones

import streamlit as st

from core.actor import Actor, Role
from core.catalog.currencies import currencies
from core.errors import InvalidInput
from core.identity.rules import Market, SkillLevel
from core.imports.queries import ImportView
from core.imports.rules import Dates, DecimalSign, Layout, LogMapping, Per, Told, Unfinished
from core.outcomes.rules import CUSTOMER_UNIT, TIME_UNITS, MetricType
from pages.components.import_words import DATES, DECIMALS, DELIMITERS, ENCODINGS, METRICS, PER, UNFINISHED
from pages.components.page import Screen, carried_out
from pages.components.words import plain, sentence

_PLACE = "import"
_NEW, _HERE = "Make a workflow of this log", "A workflow that is here"
_SAME = "The same for all"
_COLUMNS = ("case", "activity", "time", "start", "lifecycle", "person", "value", "cost")
_TOLD = ("market", "skill_level", "unit", "currency")


def mapping_form(screen: Screen, view: ImportView) -> None:
    st.subheader("What the columns mean", anchor=False)
    form = _Form(screen, view)
    form.rows()
    form.times()
    form.workflow()
    form.more()
    st.button(
        "Read it and show what it will be", icon=":material/preview:", type="primary", key="check",
        on_click=_check, args=(screen, view),
    )  # fmt: skip
    if view.layout.kind == "csv":
        _layout(screen, view)


class _Form:
    """Fields whose values lie in the session under `map-…`; what was said before, or is probable, is proposed."""

    def __init__(self, screen: Screen, view: ImportView) -> None:
        self.screen, self.view = screen, view
        self.columns = ["", *view.found.columns]

    def rows(self) -> None:
        left, right = st.columns(2, gap="medium")
        with left:
            self.column("case", "Case", help="What all events of one run share: an order, an application, a ticket.")
            self.column("activity", "Activity", help="What was done: it becomes the step.")
            self.column(
                "person", "Person", help="By e-mail they are found among the users; other names are kept as text."
            )
        with right:
            self.column("time", "Done at", help="When the activity ended, or the only time the log has.")
            self.column("start", "Begun at", help="With both times, work is told from waiting.")
            self.column("lifecycle", "Transition", help="Where start and complete are rows of their own, as in XES.")

    def times(self) -> None:
        left, right = st.columns(2, gap="medium")
        before = self.view.mapping
        with left:
            proposed = before.dates if before else self.view.found.dates
            options = list(Dates)
            st.selectbox(
                "Times are written as", options, index=options.index(proposed) if proposed else None,
                format_func=DATES.__getitem__, key="map-dates", placeholder="Choose: the file does not show it",
                help="03/04/2026 is two different days. Choose the one your system means.",
            )  # fmt: skip
        with right:
            zones = ["UTC", *sorted(available_timezones() - {"UTC"})]
            usual = before.zone if before else str(self.screen.zone)
            st.selectbox(
                "Zone of times that name none", zones, index=zones.index(usual) if usual in zones else 0, key="map-zone",
                help="Every time of this file names its zone, so this changes nothing." if self.view.found.zoned
                else "The zone of the system that wrote the file. Of an hour that came twice, the first is taken.",
            )  # fmt: skip

    def workflow(self) -> None:
        before = self.view.mapping
        known = [one for one in self.screen.app.catalog_queries.current() if not one.is_automated]
        may_make = self.screen.actor.has(Role.OPERATOR, Role.ADMIN)
        choices = [_NEW, _HERE] if may_make and known else [_NEW] if may_make else [_HERE]
        left, right = st.columns(2, gap="medium")
        with left:
            st.radio(
                "Its cases are runs of", choices, key="map-kind",
                index=choices.index(_HERE) if before and before.workflow_id and _HERE in choices else 0,
                help=None if may_make else "Making a workflow needs the role operator or admin.",
            )  # fmt: skip
        with right:
            if st.session_state.get("map-kind") == _NEW:
                name = before.new_title if before else ""
                st.text_input(
                    "Name of the workflow", value=name, key="map-title", max_chars=120, placeholder="Loan application"
                )
            else:
                titles = {one.workflow_id: one.title for one in known}
                options = list(titles)
                chosen = options.index(before.workflow_id) if before and before.workflow_id in titles else None
                st.selectbox(
                    "Workflow", options, index=chosen, format_func=lambda key: titles[key], key="map-workflow",
                    placeholder="Choose the workflow",
                )  # fmt: skip
        with left:
            kinds = list(Unfinished)
            st.selectbox(
                "A case that reached no end is", kinds, key="map-unfinished", format_func=UNFINISHED.__getitem__,
                index=kinds.index(before.unfinished) if before else 0,
                help="A case is completed when it reached the last step, or an activity that you name in the preview.",
            )  # fmt: skip
        with right:
            st.text_input(
                "Source", value=before.source if before else _stem(self.view.row.name), key="map-source", max_chars=120,
                help="The system the cases come from. A case of the same source comes in once, whatever the file is called.",
            )  # fmt: skip

    def more(self) -> None:
        with st.expander("Segment, outcome, cost", icon=":material/tune:"):
            left, right = st.columns(2, gap="medium")
            before = self.view.mapping
            with left:
                self.told("market", "Market", [one.value for one in Market])
                self.told("skill_level", "Skill level", [one.value for one in SkillLevel])
                signs = list(DecimalSign)
                st.selectbox(
                    "Numbers are written as", signs, format_func=DECIMALS.__getitem__, key="map-decimal",
                    index=signs.index(before.decimal) if before else 0,
                )  # fmt: skip
            with right:
                metrics = list(MetricType)
                st.selectbox(
                    "Outcome", metrics, format_func=METRICS.__getitem__, key="map-metric", placeholder="None",
                    index=metrics.index(before.metric) if before and before.metric else None,
                    help="Logged for completed runs: measured, never proven, and it waits for review.",
                )  # fmt: skip
                metric = st.session_state.get("map-metric")
                if metric is not None:
                    self.column("value", "Its value")
                    self.per("value_per", "The value is", before.value_per if before else Per.CASE)
                    self.told("unit", "Its unit", _units(metric))
                self.column("cost", "Cost", help="Kept with the run; it changes no figure.", propose=False)
                if st.session_state.get("map-cost"):
                    self.per("cost_per", "The cost is", before.cost_per if before else Per.EVENT)
                    self.told("currency", "Currency of the cost", sorted(currencies()))

    def column(self, name: str, label: str, *, help: str | None = None, propose: bool = True) -> None:
        before = getattr(self.view.mapping, name) if self.view.mapping else None
        proposed = before if before is not None else self.view.found.guess.get(name, "") if propose else ""
        st.selectbox(
            label, self.columns, index=self.columns.index(proposed) if proposed in self.columns else 0,
            format_func=self._shown, key=f"map-{name}", help=help,
        )  # fmt: skip

    def told(self, name: str, label: str, fixed: list[str]) -> None:
        """A column, or one word for all rows."""
        before: Told | None = getattr(self.view.mapping, name) if self.view.mapping else None
        options = [*self.columns, _SAME]
        proposed = (_SAME if before.fixed else before.column) if before else self.view.found.guess.get(name, "")
        st.selectbox(
            label, options, index=options.index(proposed) if proposed in options else 0,
            format_func=self._shown, key=f"map-{name}",
        )  # fmt: skip
        if st.session_state.get(f"map-{name}") == _SAME:
            value = before.fixed if before else None
            if fixed:
                st.selectbox(
                    f"{label} of all", fixed, index=fixed.index(value) if value in fixed else 0, key=f"map-{name}-fixed",
                    format_func=lambda word: word if len(word) == 3 and word.isupper() else sentence(word),
                )  # fmt: skip
            else:
                st.text_input(f"{label} of all", value=value or "", key=f"map-{name}-fixed", max_chars=40)

    def per(self, name: str, label: str, proposed: Per) -> None:
        kinds = list(Per)
        st.selectbox(label, kinds, index=kinds.index(proposed), format_func=PER.__getitem__, key=f"map-{name}")

    def _shown(self, column: str) -> str:
        if column in ("", _SAME):
            return column or "–"
        examples = ", ".join(self.view.found.examples.get(column, ()))
        return f"{column}: {examples}"[:80] if examples else column


def _layout(screen: Screen, view: ImportView) -> None:
    with st.expander("The columns look wrong", icon=":material/table:"):
        delimiters, encodings = list(DELIMITERS), ["utf-8-sig", "cp1252", "latin-1", "utf-16"]
        st.selectbox(
            "Cells are parted by", delimiters, index=delimiters.index(view.layout.delimiter), key="lay-delimiter",
            format_func=DELIMITERS.__getitem__,
        )  # fmt: skip
        now = view.layout.encoding if view.layout.encoding in encodings else "utf-16"
        st.selectbox(
            "Characters are written in", encodings, index=encodings.index(now), key="lay-encoding",
            format_func=ENCODINGS.__getitem__,
        )  # fmt: skip
        st.checkbox("The first row names the columns", value=view.layout.header, key="lay-header")
        st.button("Read it this way", icon=":material/refresh:", key="read-as", on_click=_read_as, args=(screen, view))
        st.markdown(f"Columns now: {', '.join(plain(name) for name in view.found.columns)}.")


def _units(metric: MetricType) -> list[str]:
    match metric:
        case MetricType.REVENUE:
            return sorted(currencies())
        case MetricType.TIME_SAVED:
            return list(TIME_UNITS)
        case MetricType.CUSTOMERS:
            return [CUSTOMER_UNIT]
        case MetricType.CUSTOM:
            return []


def _check(screen: Screen, view: ImportView) -> None:
    def check(actor: Actor) -> None:
        screen.app.imports.check(actor, view.row.id, _said(view))

    if carried_out(check, place=_PLACE):
        st.session_state.pop(f"_changing-{view.row.id}", None)


def _said(view: ImportView) -> LogMapping:
    """What the form says, or InvalidInput."""
    state: Any = st.session_state
    dates = state.get("map-dates")
    if dates is None:
        raise InvalidInput(field="Times", problem="choose how they are written; the file does not show it.")
    columns: dict[str, Any] = {name: str(state.get(f"map-{name}") or "") for name in _COLUMNS}
    told: dict[str, Any] = {name: _told(state, name) for name in _TOLD}
    metric = state.get("map-metric")
    if metric is None:
        columns["value"], told["unit"] = "", Told()
    elif metric is MetricType.CUSTOMERS and not told["unit"]:
        told["unit"] = Told(fixed=CUSTOMER_UNIT)
    new = state.get("map-kind") == _NEW
    before = view.mapping
    same = before is not None and before.activity == columns["activity"]
    return LogMapping(
        **columns, **told, source=str(state.get("map-source") or ""), dates=dates, zone=str(state.get("map-zone") or "UTC"),
        metric=metric, value_per=state.get("map-value_per") or Per.CASE, cost_per=state.get("map-cost_per") or Per.EVENT,
        decimal=state.get("map-decimal") or DecimalSign.POINT,
        workflow_id="" if new else str(state.get("map-workflow") or ""),
        new_title=str(state.get("map-title") or "").strip() if new else "",
        ends=before.ends if before is not None and same else (),
        unfinished=state.get("map-unfinished") or Unfinished.BY_AGE,
    )  # fmt: skip


def _told(state: Any, name: str) -> Told:
    chosen = str(state.get(f"map-{name}") or "")
    return Told(fixed=str(state.get(f"map-{name}-fixed") or "")) if chosen == _SAME else Told(column=chosen)


def _read_as(screen: Screen, view: ImportView) -> None:
    state: Any = st.session_state
    layout = Layout("csv", str(state["lay-encoding"]), str(state["lay-delimiter"]), bool(state["lay-header"]))
    done = carried_out(lambda actor: screen.app.imports.read_as(actor, view.row.id, layout), place=_PLACE)
    if done:
        for key in [str(key) for key in state if str(key).startswith("map-")]:
            del state[key]


def _stem(name: str) -> str:
    """`loans-2025.xes.gz` → `loans-2025`."""
    return name.split(".")[0][:120] or name[:120]
