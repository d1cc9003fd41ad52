"""A model's questions as a form: each with why it matters, and the ways to answer it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from typing import Any

import streamlit as st

from core.actor import Actor
from core.executions.automated.answers import AnswersRefused
from core.executions.automated.gate_views import GateView
from core.language_models.question_set import Priority
from core.language_models.questions import MOST_ANSWER, AnswerType, Asked, Resolution, parse_questions
from pages.components.page import Screen, carried_out, say
from pages.components.words import plain

_WAYS: Mapping[Resolution, str] = {
    Resolution.ANSWERED: "My answer",
    Resolution.EXPLICIT_NONE: "There is none",
    Resolution.DEFERRED: "Decide later",
    Resolution.NOT_APPLICABLE: "Does not apply",
}
_BLOCKING = (Resolution.ANSWERED, Resolution.EXPLICIT_NONE)
_PROBLEMS = "_gate_problems"


class _NotRead(ValueError):
    """What was typed is no JSON."""


def show_questions(screen: Screen, gate: GateView, *, place: str) -> None:
    """Draws the form; what was typed stays where something does not fit, and each question says what is wrong."""
    asked = parse_questions(gate.content["questions"])
    if asked is None:
        st.error("These questions cannot be read any more. Retry the step on the page of its run.")
        return
    mark = f"{gate.row.id}-{gate.row.digest[:12]}"
    problems: Mapping[str, str] = st.session_state.get(_PROBLEMS, {}).get(mark, {})
    with st.form(f"questions-{mark}", border=False, enter_to_submit=False):
        for one in asked.questions:
            with st.container(border=True, gap="small"):
                _question(one, f"{mark}-{one.id}")
                if one.id in problems:
                    st.error(plain(problems[one.id]), icon=":material/error:")
        sent = st.form_submit_button("Send answers", icon=":material/send:", type="primary", key=f"send-{mark}")
    if sent:
        _send(screen, gate, asked.questions, mark, place)
        st.rerun()


def _question(one: Asked, key: str) -> None:
    st.markdown(f"**{plain(one.text)}**" + (" \\*" if one.blocking else ""))
    st.caption(f"{plain(one.why_it_matters)} · {_how_much(one)}")
    ways = list(_BLOCKING if one.blocking else _WAYS)
    first = Resolution.ANSWERED if one.blocking else Resolution.DEFERRED
    _value(one, f"value-{key}")
    st.segmented_control(
        f"How: {plain(one.text)}", ways, default=first if first in ways else None, format_func=_WAYS.__getitem__,
        key=f"way-{key}", label_visibility="collapsed", required=True,
    )  # fmt: skip


def _how_much(one: Asked) -> str:
    """Whether the work goes on without an answer; how much one helps, where it does."""
    if one.blocking:
        return "must be answered"
    return "could be answered" if one.priority is Priority.COULD else "should be answered"


def _value(one: Asked, key: str) -> None:
    label = plain(one.text)
    match one.answer_type:
        case AnswerType.FREE_TEXT:
            st.text_area(label, key=key, max_chars=MOST_ANSWER, height="content", label_visibility="collapsed")
        case AnswerType.SINGLE_CHOICE:
            st.radio(label, list(one.choices), index=None, key=key, format_func=plain, label_visibility="collapsed")
        case AnswerType.MULTI_CHOICE:
            st.multiselect(label, list(one.choices), key=key, label_visibility="collapsed")
        case AnswerType.YES_NO:
            st.radio(label, ["Yes", "No"], index=None, key=key, horizontal=True, label_visibility="collapsed")
        case AnswerType.NUMBER:
            st.number_input(label, value=None, key=key, label_visibility="collapsed", placeholder="A number")
        case AnswerType.DATE:
            st.date_input(label, value=None, key=key, format="YYYY-MM-DD", label_visibility="collapsed")
        case AnswerType.UUID:
            st.text_input(
                label, key=key, max_chars=36, label_visibility="collapsed", placeholder="A UUID, 36 characters"
            )
        case AnswerType.JSON_OBJECT:
            st.text_area(
                label, key=key, height="content", label_visibility="collapsed", placeholder='{"name": "value"}'
            )


def _typed(one: Asked, value: Any) -> Any:
    """The value as the API would get it."""
    match one.answer_type:
        case AnswerType.YES_NO:
            return {"Yes": True, "No": False}.get(str(value))
        case AnswerType.DATE:
            return value.isoformat() if isinstance(value, date) else None
        case AnswerType.NUMBER if isinstance(value, float) and value.is_integer():
            return int(value)
        case AnswerType.JSON_OBJECT:
            try:
                return json.loads(value) if value else None
            except ValueError as problem:
                raise _NotRead(f"This is not JSON: {problem}.") from None
        case _:
            return value


def _send(screen: Screen, gate: GateView, questions: tuple[Asked, ...], mark: str, place: str) -> None:
    answers: dict[str, Any] = {}
    problems: dict[str, str] = {}
    for one in questions:
        resolution = st.session_state.get(f"way-{mark}-{one.id}") or Resolution.ANSWERED
        value = st.session_state.get(f"value-{mark}-{one.id}")
        try:
            typed = _typed(one, value)
        except _NotRead as problem:
            problems[one.id] = str(problem)
            continue
        if resolution is Resolution.DEFERRED and typed not in (None, "", []):
            resolution = Resolution.ANSWERED  # whoever typed an answer means it
        answers[one.id] = {"resolution": Resolution(resolution).value}
        if resolution is Resolution.ANSWERED:
            answers[one.id]["value"] = typed
    if not problems:
        problems = _refused(screen, gate, answers, place)
    st.session_state.setdefault(_PROBLEMS, {})[mark] = problems
    if problems:
        say("error", "Not every question is answered so that the work can go on. Nothing was sent.", place=place)


def _refused(screen: Screen, gate: GateView, answers: Mapping[str, Any], place: str) -> dict[str, str]:
    """Answers; what is wrong with it comes back by question, any other refusal is shown as its own sentence."""
    wrong: dict[str, str] = {}

    def act(actor: Actor) -> None:
        try:
            screen.app.gates.answer(actor, gate.row.id, answers, digest=gate.row.digest)
        except AnswersRefused as refused:
            wrong.update({one["path"].removeprefix("$."): one["message"] for one in refused.facts["findings"]})

    if carried_out(act, place=place) and not wrong:
        say("done", "Your answers are sent. The run goes on.")
    return wrong
