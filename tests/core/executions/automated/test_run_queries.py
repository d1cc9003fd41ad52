"""A run is read whole, in as many statements however large it is, and by nobody who may not see it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from sqlalchemy import event

from core.actor import Actor, ActorKind, Role
from core.bootstrap import Application
from core.decisions.rules import Vote
from core.errors import NotFound
from core.executions.automated.rules import GateKind, NodeState
from core.executions.automated.run_documents import markdown, pretty
from core.executions.automated.run_views import RunTree
from core.executions.rules import ExecutionState
from tests.core.executions.automated.scene import Scene, half_way


@pytest.fixture
def owner(person: Callable[..., Actor]) -> Actor:
    return person(Role.USER, name="Ravi")


@contextmanager
def counted(app: Application) -> Iterator[list[str]]:
    said: list[str] = []

    def note(_conn: object, _cursor: object, statement: str, *_: object) -> None:
        said.append(statement)

    event.listen(app.database.engine, "before_cursor_execute", note)
    try:
        yield said
    finally:
        event.remove(app.database.engine, "before_cursor_execute", note)


def outline(tree: RunTree) -> list[tuple[str, str]]:
    return [(node.path, node.state.value) for step in tree.steps for node in step.walk()]


def test_tree_nests_items_in_iterations_and_shows_what_is_to_come(app: Application, owner: Actor) -> None:
    scene = half_way(app, owner)
    tree = app.tree_queries.tree(owner, scene.id)

    assert [path for path, _ in outline(tree)] == [
        "brief", "backlog", "epics",
        "epics[1]", "stories[1]", "each_story[1]", "each_story[1,1]", "note[1,1]", "each_story[1,2]", "note[1,2]",
        "epics[2]", "stories[2]", "each_story[2]", "each_story[2,1]", "note[2,1]", "each_story[2,2]", "note[2,2]",
        "epics[3]", "stories[3]", "each_story[3]", "note[3]",
        "summary",
    ]  # fmt: skip
    assert dict(outline(tree))["summary"] == "pending"
    assert not tree.find("stories[3]").opened  # type: ignore[union-attr]
    epics = tree.find("epics")
    assert epics is not None and epics.counts is not None
    assert (epics.counts.done, epics.counts.failed, epics.counts.total, epics.counts.current) == (1, 0, 3, 2)
    assert [one.label for one in epics.children] == ["1. Linen", "2. Wool", "3. Silk"]
    at = epics.children[1].stands
    assert at is not None and at.path == "each_story[2]"
    found = tree.find("note[2,2]")
    assert found is not None
    assert [one.path for one in tree.above(found)] == ["epics", "epics[2]", "each_story[2]", "each_story[2,2]"]


def test_cost_is_summed_upwards_and_never_over_currencies(app: Application, owner: Actor) -> None:
    tree = app.tree_queries.tree(owner, half_way(app, owner).id)

    assert tree.spent.cost == {"USD": Decimal("0.0125"), "EUR": Decimal("0.5")}
    assert (tree.spent.calls, tree.spent.tokens, tree.spent.unpriced) == (3, 3000, 1)
    epics = tree.find("epics")
    assert epics is not None
    assert (epics.spent.cost, epics.spent.calls, epics.spent.model_ms) == ({"EUR": Decimal("0.5")}, 2, 5000)


def test_time_so_far_runs_until_the_end(app: Application, owner: Actor) -> None:
    tree = app.tree_queries.tree(owner, half_way(app, owner).id)
    now = app.clock.now()
    brief, epics, summary = (tree.find(path) for path in ("brief", "epics", "summary"))
    assert brief is not None and epics is not None and summary is not None
    assert brief.took(now) == timedelta(seconds=90)
    assert epics.took(now) == timedelta(minutes=5)
    assert summary.took(now) is None


def test_number_of_statements_is_the_same_for_five_items_and_for_three_hundred(app: Application, owner: Actor) -> None:
    def statements(items: int) -> int:
        scene = Scene(app, owner).begin()
        scene.step("epics", position=2, state=NodeState.EXECUTING, kind="iteration", scope="epic")
        for number in range(1, items + 1):
            scene.item("epics", number, id=f"E-{number}", title=f"Epic {number}", state=NodeState.EXECUTING)
            scene.gate(f"epics[{number}]", GateKind.GUIDE, "Look at it", owner)
        with counted(app) as said:
            tree = app.tree_queries.tree(owner, scene.id)
        assert len(tree.mine) == items
        return len(said)

    few = statements(5)
    assert statements(60) == few


def test_gate_that_waits_for_the_reader_comes_first_and_others_say_why_not(
    app: Application, owner: Actor, admin: Actor
) -> None:
    scene = half_way(app, owner)
    scene.gate("summary", GateKind.ACCEPTANCE, "Accept the summary", admin)
    scene.gate("note[2,2]", GateKind.CLARIFICATION, "Answer two questions", owner)

    for_owner = app.tree_queries.tree(owner, scene.id)
    assert [(one.title, one.for_me) for one in for_owner.gates] == [
        ("Answer two questions", True), ("Accept the summary", False)
    ]  # fmt: skip
    assert for_owner.gates[1].why_not and for_owner.gates[1].seats == 1
    assert [one.title for one in app.tree_queries.tree(admin, scene.id).mine] == ["Accept the summary"]
    assert app.tree_queries.waits([scene.id, uuid4()]) == {scene.id: (GateKind.ACCEPTANCE, "Accept the summary")}


def test_nobody_is_asked_where_no_seat_is_filled(app: Application, owner: Actor) -> None:
    scene = half_way(app, owner)
    scene.gate("summary", GateKind.ACCEPTANCE, "Accept the summary")
    gate = app.tree_queries.tree(owner, scene.id).gates[0]
    assert (gate.seats, gate.for_me) == (0, False)


def test_documents_come_by_type_and_place_with_the_version_that_counts(app: Application, owner: Actor) -> None:
    scene = half_way(app, owner)
    first = scene.document("summary", {"text": "One"})
    second = scene.document("summary", {"text": "Two"}, version=2, made_by="Ravi")
    lines = {(one.doc_type, one.scope_id): one for one in app.tree_queries.tree(owner, scene.id).documents}

    assert set(lines) == {("brief", ""), ("backlog", ""), ("note", "E-1/S-1"), ("summary", "")}
    note = lines["note", "E-1/S-1"]
    assert (note.name, note.place) == ("Note", "Linen › Story 1.1")
    assert note.is_seen_from("E-1/S-1") and not note.is_seen_from("E-1") and not note.is_seen_from("E-1/S-10")
    assert lines["backlog", ""].current.accepted_by == "Asha"
    summary = lines["summary", ""]
    assert (summary.current.id, [one.id for one in summary.versions]) == (second, [first, second])
    assert [one.doc_type for one in app.tree_queries.documents(owner, scene.id, scope_id="E-1/S-1")] == ["note"]
    assert [one.doc_type for one in app.tree_queries.documents(owner, scene.id, doc_type="brief")] == ["brief"]


def test_accepted_version_counts_even_before_a_later_one(app: Application, owner: Actor) -> None:
    scene = half_way(app, owner)
    accepted = scene.document("summary", {"text": "One"}, accepted_by="Asha")
    scene.document("summary", {"text": "Two"}, version=2)
    found = app.tree_queries.documents(owner, scene.id, doc_type="summary")
    assert found[0].current.id == accepted


def test_document_is_read_in_the_order_of_its_schema(app: Application, owner: Actor) -> None:
    scene = half_way(app, owner)
    line = app.tree_queries.documents(owner, scene.id, doc_type="brief")[0]
    view = app.tree_queries.document(owner, scene.id, line.current.id)
    assert view.text.index("title") < view.text.index("aim")
    assert json.loads(view.text) == {"title": "Spring", "aim": "Sell linen"}
    assert view.markdown == "# Brief\n\n**Title:** Spring\n\n**Aim:** Sell linen\n"
    assert view.file_name == "brief-v1"


def test_run_documents_and_calls_of_others_are_not_there(
    app: Application, owner: Actor, person: Callable[..., Actor]
) -> None:
    scene, stranger = half_way(app, owner), person(Role.USER)
    agent = Actor(ActorKind.AGENT, "scout", "Scout")
    document = app.tree_queries.documents(owner, scene.id)[0].current.id
    for other in (stranger, agent):
        with pytest.raises(NotFound):
            app.tree_queries.tree(other, scene.id)
        with pytest.raises(NotFound):
            app.tree_queries.document(other, scene.id, document)
        with pytest.raises(NotFound):
            app.tree_queries.documents(other, scene.id)
        with pytest.raises(NotFound):
            app.tree_queries.calls(other, scene.id)
        with pytest.raises(NotFound):
            app.tree_queries.entity(other, scene.id, "epics[1]")
        with pytest.raises(NotFound):
            app.tree_queries.events(other, scene.id)
        with pytest.raises(NotFound):
            app.tree_queries.gates_behind(other, scene.id, "brief")
        with pytest.raises(NotFound):
            app.tree_queries.to_vote_on(other, scene.id)
        assert app.tree_queries.pulse(other, scene.id) is None
    for role in (Role.OPERATOR, Role.COUNCIL, Role.ANALYST):
        reader = person(role)
        head = app.tree_queries.tree(reader, scene.id).head
        assert (head.mine, head.may_steer) == (False, role is Role.OPERATOR)


def test_document_of_another_run_is_not_found_through_ones_own(
    app: Application, owner: Actor, person: Callable[..., Actor]
) -> None:
    mine, theirs = half_way(app, owner), half_way(app, person(Role.USER))
    secret = theirs.document("summary", {"text": "Theirs"})
    with pytest.raises(NotFound):
        app.tree_queries.document(owner, mine.id, secret)


def test_what_was_said_to_a_model_is_for_operators_and_admins(app: Application, owner: Actor, admin: Actor) -> None:
    scene = half_way(app, owner)
    (mine, *_), total = app.tree_queries.calls(owner, scene.id, path="brief")
    assert (mine.request, mine.response, mine.tokens_in, total) == (None, None, 800, 1)
    (whole, *_), _ = app.tree_queries.calls(admin, scene.id)
    assert whole.request is not None and whole.response
    assert app.tree_queries.calls(admin, scene.id)[1] == 3
    assert len(app.tree_queries.calls(admin, scene.id, offset=2, limit=5)[0]) == 1


def test_pulse_moves_with_every_change_and_with_none(app: Application, owner: Actor) -> None:
    scene = half_way(app, owner)
    seen = [app.tree_queries.pulse(owner, scene.id)]
    assert app.tree_queries.pulse(owner, scene.id) == seen[0]
    for change in (
        lambda: scene.step("summary", position=3, state=NodeState.EXECUTING),
        lambda: scene.gate("summary", GateKind.GUIDE, "Look", owner),
        lambda: scene.document("summary", {"text": "One"}),
        lambda: scene.call("summary"),
        lambda: scene.change(paused=True),
        lambda: scene.change(state=ExecutionState.FAILED),
    ):
        change()
        seen.append(app.tree_queries.pulse(owner, scene.id))
    assert len(set(seen)) == len(seen)


def test_item_is_read_with_what_it_was_taken_from(app: Application, owner: Actor) -> None:
    scene = half_way(app, owner)
    assert app.tree_queries.entity(owner, scene.id, "epics[2]") == {"id": "E-2", "title": "Wool"}
    assert app.tree_queries.entity(owner, scene.id, "brief") is None


def test_empty_iteration_that_is_over_has_nothing_below_it(app: Application, owner: Actor) -> None:
    scene = Scene(app, owner).begin()
    scene.step("epics", position=2, kind="iteration")
    node = app.tree_queries.tree(owner, scene.id).find("epics")
    assert node is not None and node.children == () and node.counts is None


def test_only_decisions_that_wait_for_me_are_mine_to_vote_on(app: Application, owner: Actor, admin: Actor) -> None:
    scene = half_way(app, owner)
    scene.gate("summary", GateKind.ACCEPTANCE, "Accept it", owner)
    scene.gate("brief", GateKind.APPROVAL, "Approve it", admin)
    scene.gate("backlog", GateKind.GUIDE, "Do it", owner)
    assert len(app.tree_queries.to_vote_on(owner, scene.id)) == 1
    assert len(app.tree_queries.to_vote_on(admin, scene.id)) == 1


def test_markdown_tells_lists_objects_and_long_texts() -> None:
    content = {
        "title": "Spring", "body": "First line\nSecond line", "tags": ["linen", "wool"], "ready": True, "left": None,
        "epics": [{"id": "E-1", "title": "Linen", "goals": ["sell"]}, {"id": "E-2"}],
    }  # fmt: skip
    said = markdown("Plan", content)
    assert said is not None
    assert said.startswith("# Plan\n\n**Title:** Spring\n\n## Body\n\nFirst line\nSecond line\n")
    assert "- linen\n- wool\n" in said and "**Ready:** yes" in said and "**Left:** –" in said
    assert "### 1. Linen\n" in said and "#### Goals\n\n- sell" in said and "### 2. E-2" in said
    assert markdown("Numbers", {"n": [1, 2.5, None, {}]}) is None
    assert pretty({"b": 1, "a": 2}, {"required": ["a", "gone", 7]}) == '{\n  "a": 2,\n  "b": 1\n}'


def test_fields_go_by_the_schema_at_every_depth_whatever_the_schema_is() -> None:
    schema = {"properties": {"items": {"items": {"required": ["z", "a"]}}, "y": True}, "required": ["items"]}
    said = pretty({"y": {"q": 1, "id": 2}, "items": [{"a": 1, "z": 2}]}, schema)
    assert [line.strip()[1:].split('"')[0] for line in said.splitlines() if '":' in line] == [
        "items",
        "z",
        "a",
        "y",
        "id",
        "q",
    ]
    assert pretty([1], {"items": False, "properties": [], "required": "x"}) == "[\n  1\n]"


def test_gates_behind_a_step_say_who_let_it_go_on(app: Application, owner: Actor) -> None:
    scene = half_way(app, owner)
    gate = scene.gate("summary", GateKind.APPROVAL, "Approve it", owner)
    assert app.tree_queries.gates_behind(owner, scene.id, "summary") == ()
    digest = app.tree_queries.tree(owner, scene.id).gates[0].digest
    app.gates.vote(owner, gate, digest=digest, vote=Vote.REJECT, reason="Too dear")
    (found,) = app.tree_queries.gates_behind(owner, scene.id, "summary")
    assert (found.who, found.approved, found.reason) == ("Ravi", False, "Too dear")
