"""Gates in the inbox: what waits for me is counted, opened and answered there, and nothing that was typed is lost."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from core.actor import Actor, Role
from core.bootstrap import Application
from core.decisions.policy import Policy
from core.executions.automated.rules import GateKind, GateState
from tests.core.executions.automated.gate_room import GateRoom
from tests.pages.conftest import Visit

SCHEMA = {
    "type": "object", "required": ["goal"],
    "properties": {
        "goal": {"type": "string"}, "budget": {"type": "integer", "minimum": 1},
        "items": {"type": "array", "items": {"type": "object", "properties": {"title": {"type": "string"}}}},
    },
}  # fmt: skip
FORM = {"doc_type": "brief", "name": "Brief", "collection_field": None, "draft": None, "schema": SCHEMA}
QUESTIONS = {
    "questions": {
        "mode": "questions_only",
        "questions": [
            {"id": "WHO", "text": "Who reads it?", "why_it_matters": "Tone.", "priority": "must",
             "constraint_kind": "scope", "answer_type": "single_choice", "choices": ["Clients", "Staff"],
             "blocking": True},
            {"id": "WHEN", "text": "Until when?", "why_it_matters": "Planning.", "priority": "could",
             "constraint_kind": "time", "answer_type": "free_text", "blocking": False},
        ],
    }
}  # fmt: skip


@pytest.fixture
def room(app: Application, admin: Actor, person: Callable[..., Actor]) -> GateRoom:
    return GateRoom(app, admin, person)


def words(screen: AppTest) -> str:
    shown: list[Any] = [
        *screen.markdown, *screen.caption, *screen.header, *screen.info, *screen.error, *screen.text, *screen.get("html")
    ]  # fmt: skip
    return " ".join(str(getattr(one, "value", "") or getattr(one, "body", "")) for one in shown)


def button(screen: AppTest, label: str) -> Any:
    return next(one for one in screen.button if one.label == label)


def test_owner_finds_the_form_in_the_inbox_and_hands_it_in(room: GateRoom, visit: Visit) -> None:
    gate = room.open(GateKind.FORM, FORM)
    screen = visit("inbox", room.ravi)
    assert not screen.exception
    assert "1 decision waits for you, in a run." in words(screen)
    goal = next(one for one in screen.text_input if one.label.startswith("Goal"))
    goal.input("More clients")
    button(screen, "Hand in").click().run()
    assert not screen.exception
    assert room.stored(gate).answer == {"content": {"goal": "More clients"}}


def test_what_is_wrong_with_a_document_is_said_and_what_was_typed_stays(room: GateRoom, visit: Visit) -> None:
    schema = {"type": "object", "properties": {"goal": {"type": "string", "pattern": "^More"}}}
    gate = room.open(GateKind.FORM, {**FORM, "schema": schema})
    screen = visit("inbox", room.ravi)
    next(one for one in screen.text_input if one.label.startswith("Goal")).input("Less of it")
    button(screen, "Hand in").click().run()
    assert "$.goal" in words(screen)
    assert next(one for one in screen.text_input if one.label.startswith("Goal")).value == "Less of it"
    assert room.stored(gate).state is GateState.OPEN


def test_questions_are_answered_there_and_each_says_what_is_missing(room: GateRoom, visit: Visit) -> None:
    gate = room.open(GateKind.CLARIFICATION, QUESTIONS)
    screen = visit("inbox", room.ravi)
    next(one for one in screen.text_area).input("By May")
    button(screen, "Send answers").click().run()
    assert "Choose one of the choices" in words(screen)
    assert next(one for one in screen.text_area).value == "By May"
    screen.radio[0].set_value("Staff")
    button(screen, "Send answers").click().run()
    assert not screen.exception
    assert room.stored(gate).answer == {
        "WHO": {"resolution": "answered", "value": "Staff"},
        "WHEN": {"resolution": "answered", "value": "By May"},
    }


def test_document_is_accepted_by_its_group_and_shows_what_changed(room: GateRoom, visit: Visit) -> None:
    room.document({"goal": "Old words"})
    pia = room.group("pm")
    gate = room.open(
        GateKind.ACCEPTANCE, {"on_rejection": "revise"}, Policy(groups=frozenset({"pm"})),
        document=room.document({"goal": "New words"}, version=2),
    )  # fmt: skip
    screen = visit("inbox", pia)
    assert not screen.exception
    assert "New words" in words(screen) and "Old words" in words(screen)
    button(screen, "Send back").click().run()
    assert "Say why" in words(screen)
    assert room.stored(gate).state is GateState.OPEN
    button(screen, "Accept").click().run()
    assert not screen.exception
    assert (room.stored(gate).answer or {})["approved"] is True


def test_gate_that_is_not_mine_says_why_and_has_no_button(room: GateRoom, visit: Visit) -> None:
    gate = room.open(GateKind.ACCEPTANCE, {}, Policy(groups=frozenset({"pm"})), document=room.document({"goal": "x"}))
    screen = visit("inbox", room.admin, gate=str(gate))
    assert "Nobody is in the group pm. An admin assigns people under People." in words(screen)
    assert not [one for one in screen.button if one.label in {"Accept", "Reject"}]
    assert "never yours to see" in words(visit("inbox", room.person(Role.USER), gate=str(gate)))


@pytest.mark.parametrize("kind", [GateKind.START, GateKind.GUIDE, GateKind.APPROVAL])
def test_every_other_kind_opens_there(room: GateRoom, visit: Visit, kind: GateKind) -> None:
    content = {"description": "Call <b>them</b>", "text": "Go on?", "tips": ["Smile"], "link": "https://example.com"}
    gate = room.open(kind, {} if kind is GateKind.START else content)
    screen = visit("inbox", room.ravi)
    assert not screen.exception
    label = {GateKind.START: "Start", GateKind.GUIDE: "Done", GateKind.APPROVAL: "Approve"}[kind]
    button(screen, label).click().run()
    assert not screen.exception
    assert room.stored(gate).state is GateState.CLOSED


@pytest.mark.parametrize(
    "asked",
    [
        {"schema": None, "collection_field": None}, {"schema": None, "collection_field": "epics"},
        {"schema": {"type": "array"}}, {"draft": {"goal": "x", "else": 1}}, {"draft": ["x"]},
        {"schema": {"type": "object", "properties": {"deep": {"type": "object"}}}},
        {"draft": {"goal": "x", "items": [{"title": "a", "other": 1}, "odd"]}},
    ],
)  # fmt: skip
def test_form_is_drawn_for_every_shape_of_document(room: GateRoom, visit: Visit, asked: dict[str, Any]) -> None:
    room.open(GateKind.FORM, {**FORM, **asked})
    screen = visit("inbox", room.ravi)
    assert not screen.exception
    assert button(screen, "Hand in")


def test_menu_counts_gates_for_whoever_has_them(room: GateRoom, visit: Visit) -> None:
    room.open(GateKind.START)
    assert not visit("Home", room.ravi).exception


def test_admin_assigns_groups_under_people(room: GateRoom, visit: Visit) -> None:
    assert room.ravi.user_id is not None
    room.group("architect")
    screen = visit("people", room.admin, person=room.ravi.id)  # its link to the audit needs the whole menu
    field = next(one for one in screen.multiselect if one.label == "Groups")
    assert field.options == ["architect"]
    field.select("architect").run()
    button(screen, "Save").click().run()
    found = room.app.identity_queries.person(room.ravi.user_id)
    assert found is not None and found.groups == ["architect"]
