"""The form that starts an automated workflow, made from the inputs that its definition asks for."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import streamlit as st

from core.actor import Actor
from core.catalog.inputs import MOST_LINE, MOST_TEXT, InputType, RunInput
from core.catalog.queries import Definition
from core.catalog.starting import StartField, filled_as, input_problems, start_fields
from core.errors import NotFound
from core.executions.rules import TierTooLow
from core.files.rules import KEEPERS
from core.identifiers import new_id
from pages.components.files_field import keeping
from pages.components.page import Screen, perform, show_messages
from pages.components.start_offers import offered
from pages.components.start_review import review_note
from pages.components.table_field import table_field, table_text
from pages.components.words import plain, sentence
from pages.components.workflow_outline import show_outline, stops_words

STARTED = "_started_automated"
_TABLE = "table"
_PLACE, _PROBLEMS, _TOKEN = "start-form", "_start_problems", "_start_token"
_UNREAD = "This is not JSON. Write names and values in { }."


@dataclass(frozen=True)
class _Form:
    """The form of one definition, empty or filled as an earlier run was."""

    definition: Definition
    fields: tuple[StartField, ...]
    like: UUID | None = None

    def key(self, field: StartField) -> str:
        like = f"-{self.like.hex[:12]}" if self.like else ""
        return f"start-{self.definition.digest[:12]}{like}-{field.name}"


def start_form(screen: Screen, definition: Definition, like: UUID | None = None) -> None:
    """Draws the whole form; what is typed stays when something does not fit, and each field says what is wrong.

    `like` names a run of the same workflow, which may have been of an earlier revision: its inputs stand in the fields.
    """
    workflow = definition.automated
    st.header(plain(workflow.title), anchor=False)
    st.markdown(plain(workflow.description))
    st.caption(f"It runs by itself and {stops_words(workflow)}.")
    with st.expander("The steps"):
        show_outline(workflow)
    if not screen.actor.tier.includes(definition.tier):
        st.caption(
            f"Needs the tier {definition.tier.value}; yours is {screen.actor.tier.value}. An admin can change it."
        )
        return
    review_note(screen, workflow)
    form = _form(screen, definition, like)
    if form.like is not None:
        st.info("Filled with what the earlier run was started with.", icon=":material/history:")
    problems = st.session_state.get(_PROBLEMS, {}).get(definition.workflow_id, {})
    token = st.session_state.setdefault(_TOKEN, {}).setdefault(definition.workflow_id, new_id().hex)
    with st.container(width=720):
        if any(field.asked.required for field in form.fields):
            st.caption("\\* must be filled in")
        for field in form.fields:
            _draw(screen, field, form.key(field))
            if field.name in problems:
                st.error(plain(problems[field.name]), icon=":material/error:")
        show_messages(_PLACE)
        st.button(
            "Start", icon=":material/play_arrow:", type="primary", key="start-run",
            on_click=_start, args=(screen, form, token),
        )  # fmt: skip


def _form(screen: Screen, definition: Definition, like: UUID | None) -> _Form:
    """Empty where there is no such run, or none that this person may see."""
    if like is not None:
        with suppress(NotFound):
            head = screen.app.tree_queries.tree(screen.actor, like).head
            if head.workflow_id == definition.workflow_id:
                return _Form(definition, filled_as(definition.automated, head.inputs), like)
    return _Form(definition, start_fields(definition.automated))


def _start(screen: Screen, form: _Form, token: str) -> None:
    """Starts the run once for one form: a second click finds it started."""
    definition = form.definition
    if st.session_state.get(_TOKEN, {}).get(definition.workflow_id) != token:
        return
    values, problems = dict[str, Any](), dict[str, str]()
    for field in form.fields:
        try:
            values[field.name] = _typed(field.asked, form.key(field))
        except ValueError:
            problems[field.name] = _UNREAD
    found = input_problems(definition.automated, values)
    problems = {name: problems.get(name) or found[name] for name in [*problems, *found]}
    st.session_state.setdefault(_PROBLEMS, {})[definition.workflow_id] = problems
    if problems:
        return

    def start(actor: Actor) -> UUID:
        return screen.app.runs.start(actor, definition.workflow_id, inputs=_given(values))

    run = perform(start, place=_PLACE, gently=(TierTooLow,))
    if run is not None:
        st.session_state[_TOKEN].pop(definition.workflow_id)
        st.session_state[STARTED] = str(run)


def _given(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value not in (None, "", [])}


def _draw(screen: Screen, field: StartField, key: str) -> None:
    asked = field.asked
    _one(screen, asked, plain(field.title) + (" *" if asked.required else ""), key)


def _one(screen: Screen, asked: RunInput, label: str, key: str) -> None:
    if asked.fields:
        st.markdown(f"**{label}**", help=_hint(asked))
        for place, (name, part) in zip(st.columns(len(asked.fields)), asked.fields.items(), strict=True):
            with place:
                _one(screen, part, plain(part.title or name.capitalize()), f"{key}-{name}")
    elif asked.offers == _TABLE:
        keep = keeping(screen, place=_PLACE) if screen.actor.has(*KEEPERS) else None
        table_field(label, _hint(asked), _example(asked), key, keep, asked.default or "")
    elif asked.offers:
        _offered(asked, label, key, offered(screen, asked.offers))
    else:
        _WIDGETS[asked.type](asked, label, key)


def _offered(asked: RunInput, label: str, key: str, offers: Mapping[str, str]) -> None:
    """A choice that takes what is typed as well."""
    options = list(offers)
    if asked.default is not None and asked.default not in offers:
        options.insert(0, asked.default)
    st.selectbox(
        label, options, index=options.index(asked.default) if asked.default is not None else None, key=key,
        help=_hint(asked), format_func=lambda one: offers.get(one, one), accept_new_options=True,
        placeholder="Choose or type one" if options else (_example(asked) or "Type one"),
    )  # fmt: skip


def _hint(asked: RunInput) -> str | None:
    return plain(asked.description) or None


def _example(asked: RunInput) -> str | None:
    """Shown while the field is empty; objects and lists as they would be typed."""
    if asked.example is None:
        return None
    if isinstance(asked.example, list) and all(isinstance(one, (str, int, float)) for one in asked.example):
        return "\n".join(map(str, asked.example))
    return asked.example if isinstance(asked.example, str) else json.dumps(asked.example, ensure_ascii=False)


def _line(asked: RunInput, label: str, key: str) -> None:
    default = str(asked.default) if asked.default is not None else ""
    st.text_input(label, default, key=key, help=_hint(asked), placeholder=_example(asked), max_chars=MOST_LINE)


def _box(asked: RunInput, label: str, key: str) -> None:
    default = str(asked.default) if asked.default is not None else ""
    st.text_area(
        label, default, key=key, help=_hint(asked), placeholder=_example(asked), max_chars=MOST_TEXT, height=140
    )


def _number(asked: RunInput, label: str, key: str) -> None:
    whole = asked.type is InputType.INTEGER
    default = None if asked.default is None else int(asked.default) if whole else float(asked.default)
    shown = _example(asked)
    st.number_input(label, value=default, step=1 if whole else None, key=key, help=_hint(asked), placeholder=shown)


def _tick(asked: RunInput, label: str, key: str) -> None:
    st.checkbox(label, bool(asked.default), key=key, help=_hint(asked))


def _choice(asked: RunInput, label: str, key: str) -> None:
    options = list(asked.options)
    place = options.index(asked.default) if asked.default in options else None
    st.selectbox(
        label, options, index=place, key=key, help=_hint(asked), placeholder="Choose one",
        format_func=lambda one: sentence(one) if isinstance(one, str) and one.islower() else str(one),
    )  # fmt: skip


def _list(asked: RunInput, label: str, key: str) -> None:
    if asked.options:
        st.multiselect(label, list(asked.options), asked.default or [], key=key, help=_hint(asked), format_func=str)
        return
    default = "\n".join(map(str, asked.default or []))
    shown = _example(asked) or "One a line"
    st.text_area(label, default, key=key, help=_hint(asked), placeholder=shown, height="content")


def _date(asked: RunInput, label: str, key: str) -> None:
    default = date.fromisoformat(asked.default) if asked.default else None
    st.date_input(label, default, key=key, help=_hint(asked), format="YYYY-MM-DD")


def _color(asked: RunInput, label: str, key: str) -> None:
    st.color_picker(label, asked.default or asked.example, key=key, help=_hint(asked))


def _object(asked: RunInput, label: str, key: str) -> None:
    default = "" if asked.default is None else json.dumps(asked.default, indent=2, ensure_ascii=False)
    shown = _example(asked) or "{}"
    st.text_area(label, default, key=key, help=_hint(asked), placeholder=shown, height="content")


_WIDGETS: dict[InputType, Callable[[RunInput, str, str], None]] = {
    InputType.TEXT: _line, InputType.EMAIL: _line, InputType.URL: _line, InputType.LONG_TEXT: _box,
    InputType.NUMBER: _number, InputType.INTEGER: _number, InputType.BOOLEAN: _tick, InputType.CHOICE: _choice,
    InputType.LIST: _list, InputType.DATE: _date, InputType.OBJECT: _object, InputType.COLOR: _color,
}  # fmt: skip


def _typed(asked: RunInput, key: str) -> Any:
    if asked.offers == _TABLE:
        return table_text(key)
    if not asked.fields:
        return _value(asked, st.session_state.get(key))
    return _given({name: _typed(part, f"{key}-{name}") for name, part in asked.fields.items()}) or None


def _value(asked: RunInput, typed: Any) -> Any:
    """What the field holds as the definition means it; ValueError for what cannot be read."""
    match asked.type:
        case InputType.EMAIL | InputType.URL:
            return str(typed or "").strip()
        case InputType.DATE:
            return typed.isoformat() if isinstance(typed, date) else typed
        case InputType.LIST if isinstance(typed, str):
            return [line.strip() for line in typed.splitlines() if line.strip()]
        case InputType.OBJECT if isinstance(typed, str):
            return json.loads(typed) if typed.strip() else None
        case _:
            return typed
