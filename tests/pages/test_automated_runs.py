"""The page of an automated run: how far it is, what it waits for, each step, and the buttons for who may."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from core.actor import Actor, Role
from core.bootstrap import Application
from core.executions.automated.rules import CallOutcome, GateKind, NodeState
from core.executions.rules import ExecutionState
from pages.components.automated_document import MOST_SHOWN, content_html
from pages.components.automated_rows import Folding, tree_rows
from tests.core.executions.automated.scene import Scene, half_way
from tests.pages.conftest import Visit


def said(screen: AppTest) -> str:
    parts = [
        *screen.header, *screen.subheader, *screen.markdown, *screen.info, *screen.warning, *screen.caption,
        *screen.error, *screen.get("html"), *screen.button,
    ]  # fmt: skip
    words = [getattr(one, "value", None) if not hasattr(one, "label") else one.label for one in parts]
    return " ".join(str(word) for word in words) + " ".join(part.proto.body for part in screen.get("html"))


def keys(screen: AppTest) -> set[str]:
    return {one.key for one in screen.button if one.key}


def test_head_says_how_far_it_is_whose_and_what_it_cost(app: Application, visit: Visit, admin: Actor) -> None:
    scene = half_way(app, admin)
    screen = visit("runs", admin, run=str(scene.id))
    assert not screen.exception, screen.exception
    words = said(screen)
    assert "Plan the spring range" in words and "Asha" in words and "started 10 min ago" in words
    assert "**2 of 4 steps done** · Each epic: 2 of 3 · Each story: 2 of 2" in words
    assert "\\$0.0125" in words and "€0.50" in words and "3,000 tokens" in words


def test_step_of_the_address_is_shown_with_input_document_calls_and_findings(
    app: Application, visit: Visit, admin: Actor
) -> None:
    scene = half_way(app, admin)
    scene.call("backlog", outcome=CallOutcome.SENT_BACK, findings=[{"path": "$.epics", "message": "is empty"}])
    screen = visit("runs", admin, run=str(scene.id), node="backlog")
    words = said(screen)
    assert "Brief, version 1" in words and "accepted by Asha" in words
    assert "was sent back" in words and "is empty" in words and "Analyst v1.0 with Notes v1.0" in words
    assert "The secret plan" in " ".join(one.value for one in screen.code)
    screen.button(key="input-brief-").click().run()
    assert screen.query_params["node"] == "brief"
    assert "Sell linen" in said(screen)


def test_what_was_said_to_a_model_is_not_shown_to_its_owner_without_the_role(
    app: Application, visit: Visit, person: Callable[..., Actor]
) -> None:
    ravi = person(Role.USER)
    screen = visit("runs", ravi, run=str(half_way(app, ravi).id), node="brief")
    assert "wrote the document" in said(screen) and not screen.code


def test_iteration_shows_its_items_and_an_item_what_it_is(app: Application, visit: Visit, admin: Actor) -> None:
    scene = half_way(app, admin)
    screen = visit("runs", admin, run=str(scene.id), node="epics")
    assert not screen.exception
    assert "1 of 3 done" in screen.get("progress")[0].proto.text
    screen = visit("runs", admin, run=str(scene.id), node="epics[2]")
    assert "2. Wool" in said(screen) and "<dt>Title</dt><dd><p>Wool</p>" in said(screen)


def test_step_to_come_says_when_it_begins(app: Application, visit: Visit, admin: Actor) -> None:
    scene = half_way(app, admin)
    assert "begins when the steps before it are done" in said(visit("runs", admin, run=str(scene.id), node="summary"))
    assert "once for each item" in said(visit("runs", admin, run=str(scene.id), node="note[3]"))
    assert not visit("runs", admin, run=str(scene.id), node="no[9]").exception


def test_versions_are_compared_by_sign_and_word(app: Application, visit: Visit, admin: Actor) -> None:
    scene = half_way(app, admin)
    scene.document("brief", {"title": "Spring", "aim": "Sell wool"}, version=2, made_by="Ravi")
    screen = visit("runs", admin, run=str(scene.id), node="brief")
    words = said(screen)
    assert "removed: " in words and "added: " in words and "Sell wool" in words and "Version 2 of 2" in words
    screen.selectbox(key="version-brief-").select("Version 1").run()
    assert "Version 1 of 2" in said(screen)


def test_hostile_content_is_text(app: Application, visit: Visit, admin: Actor) -> None:
    scene = half_way(app, admin)
    bad = "<script>alert(1)</script><img src=x onerror=alert(1)>"
    scene.document("summary", {bad: bad, "list": [bad, {"x": bad}]}, made_by=bad)
    scene.step("summary", position=3, title=bad, error=bad, state=NodeState.FAILED)
    screen = visit("runs", admin, run=str(scene.id), node="summary")
    html = " ".join(part.proto.body for part in screen.get("html"))
    assert "&lt;script&gt;" in html and "<script" not in html and "<img" not in html
    assert "<script>" not in screen.error[0].value


def test_failed_run_says_why_and_is_retried_by_who_may(
    app: Application, visit: Visit, admin: Actor, person: Callable[..., Actor]
) -> None:
    scene = Scene(app, admin).begin(
        ExecutionState.FAILED, error="The model gave no answer.", completed_at=app.clock.now()
    )
    scene.step("brief", state=NodeState.FAILED, error="Throttled three times.")
    assert not keys(visit("runs", person(Role.COUNCIL), run=str(scene.id))) & {"retry-all", "retry-node"}
    screen = visit("runs", admin, run=str(scene.id))
    words = said(screen)
    assert "The model gave no answer." in words and "Throttled three times." in words and "1 step failed" in words
    assert {"retry-all", "retry-node"} <= keys(screen) and "cancel" not in keys(screen)
    screen.button(key="retry-node").click().run()
    assert not screen.exception
    assert app.tree_queries.tree(admin, scene.id).head.state is ExecutionState.IN_PROGRESS


def test_run_is_paused_resumed_and_cancelled_with_a_reason(app: Application, visit: Visit, admin: Actor) -> None:
    scene = half_way(app, admin)
    screen = visit("runs", admin, run=str(scene.id))
    assert "start-again" not in keys(screen)
    screen.button(key="pause").click().run()
    assert "nothing further begins until it is resumed" in said(screen)
    screen.button(key="resume").click().run()
    screen.button(key="cancel").click().run()
    screen.text_area(key="cancel-reason").set_value("Dropped")
    screen.button(key="cancel-run").click().run()
    head = app.tree_queries.tree(admin, scene.id).head
    assert (head.state, head.end_reason) == (ExecutionState.CANCELLED, "Dropped")
    over = visit("runs", admin, run=str(scene.id))
    assert "Reason: Dropped" in said(over)
    assert "start-again" in keys(over)


def test_who_only_looks_has_no_buttons(
    app: Application, visit: Visit, admin: Actor, person: Callable[..., Actor]
) -> None:
    scene = half_way(app, admin)
    for role in (Role.COUNCIL, Role.ANALYST):
        seen = keys(visit("runs", person(role), run=str(scene.id)))
        assert not seen & {"pause", "cancel", "retry-all", "start-again"}
    assert "There is no such run" in visit("runs", person(Role.USER), run=str(scene.id)).info[0].value


def test_gate_of_others_says_who_is_missing(app: Application, visit: Visit, admin: Actor) -> None:
    scene = half_way(app, admin)
    scene.gate("summary", GateKind.ACCEPTANCE, "Accept the summary")
    words = said(visit("runs", admin, run=str(scene.id)))
    assert "Accept the summary" in words and "Nobody who may decide this is left" in words


def test_gate_that_waits_for_me_is_at_the_top_and_is_decided_there(
    app: Application, visit: Visit, admin: Actor, person: Callable[..., Actor]
) -> None:
    scene = half_way(app, admin)
    scene.gate("summary", GateKind.APPROVAL, "Approve the summary", admin, content={"text": "Is it good?"})
    scene.gate("note[2,2]", GateKind.GUIDE, "Look at the note", admin, content={"description": "Read it."})
    screen = visit("runs", admin, run=str(scene.id), node="summary")
    assert not screen.exception, screen.exception
    assert "1 other place waits for you:" in said(screen) and "Is it good?" in " ".join(
        one.value for one in screen.text
    )
    next(one for one in screen.button if str(one.key).startswith("gate-vote-approve")).click().run()
    assert not screen.exception
    assert [one.title for one in app.tree_queries.tree(admin, scene.id).gates] == ["Look at the note"]
    assert "Read it." in " ".join(one.value for one in screen.text)
    assert not any(
        str(one.key).startswith("gate-vote") for one in visit("runs", person(Role.COUNCIL), run=str(scene.id)).button
    )


def test_list_says_what_a_run_waits_for_and_is_filtered_by_it(app: Application, visit: Visit, admin: Actor) -> None:
    scene = half_way(app, admin)
    scene.gate("summary", GateKind.ACCEPTANCE, "Accept the summary", admin)
    half_way(app, admin)
    assert "2 runs: 2 go on" in said(visit("runs", admin))
    assert "1 run: 1 goes on" in said(visit("runs", admin, status="Waits for people"))


def test_home_leads_a_person_to_the_run_that_waits_for_them(
    app: Application, visit: Visit, admin: Actor, person: Callable[..., Actor]
) -> None:
    ravi = person(Role.USER)
    scene = half_way(app, ravi)
    scene.gate("note[2,2]", GateKind.GUIDE, "Look at the note", ravi)
    words = said(visit("home", ravi))
    assert "**Look at the note** in Plan the spring range." in words
    assert "Look at the note" not in said(visit("home", admin))


def test_address_of_a_guided_run_leads_an_automated_one_to_its_page(
    app: Application, visit: Visit, admin: Actor
) -> None:
    scene = half_way(app, admin)
    screen = visit("run", admin, execution=str(scene.id))
    assert not screen.exception and "under Runs" in screen.info[0].value
    assert f"/runs?run={scene.id}" in " ".join(part.proto.body for part in screen.get("html"))


def test_home_offers_only_guided_runs_to_go_on_with(app: Application, admin: Actor) -> None:
    half_way(app, admin)
    assert app.executions_queries.open_runs(admin) == []


def test_tree_folds_what_is_over_and_unfolds_the_way_to_what_is_open(app: Application, admin: Actor) -> None:
    tree = app.tree_queries.tree(admin, half_way(app, admin).id)
    now = app.clock.now()
    paths = [row.path for row in tree_rows(tree, None, Folding(), now)]
    assert "epics[2]" in paths and "note[2,2]" in paths
    assert "stories[1]" not in paths and "stories[3]" not in paths
    assert "note[1,2]" in [row.path for row in tree_rows(tree, "note[1,2]", Folding(), now)]
    folded = tree_rows(tree, None, Folding(opened={"epics": False}), now)
    assert [row.path for row in folded] == ["brief", "backlog", "epics", "summary"]
    row = next(one for one in folded if one.path == "epics")
    assert (row.detail, row.open, row.elapsed, row.place, row.of) == ("1 of 3", False, 300_000, 3, 4)


def test_long_iteration_shows_the_page_with_what_is_worked_on(app: Application, admin: Actor) -> None:
    scene = Scene(app, admin).begin()
    scene.step("epics", position=2, state=NodeState.EXECUTING, kind="iteration", scope="epic")
    for number in range(1, 131):
        state = NodeState.COMPLETED if number < 60 else NodeState.EXECUTING if number == 60 else NodeState.PENDING
        scene.item("epics", number, id=f"E-{number}", title=f"Epic {number}", state=state)
    tree, now = app.tree_queries.tree(admin, scene.id), app.clock.now()
    rows = tree_rows(tree, None, Folding(), now)
    items = [row for row in rows if row.path.startswith("epics[")]
    assert (items[0].title, items[-1].title, len(items)) == ("51. Epic 51", "100. Epic 100", 50)
    turns = [(row.title, row.turn) for row in rows if row.turn is not None]
    assert turns == [("Items 1–50 of 130", 0), ("Items 101–130 of 130", 100)]
    turned = tree_rows(tree, None, Folding(first={"epics": 100}), now)
    assert sum(row.path.startswith("epics[") for row in turned) == 30
    assert tree_rows(tree, None, Folding(first={"epics": 9_999}), now) == turned


@pytest.mark.parametrize("content", [None, {}, [], "text", 7, [[[]]], {"a": {"b": [1, {"c": None}]}}])
def test_any_content_is_shown(content: object) -> None:
    assert content_html(content)


def test_endless_content_is_cut_and_says_so() -> None:
    html = content_html({"text": "x" * (MOST_SHOWN * 3), "more": "y"})
    assert len(html) < MOST_SHOWN * 1.1 and "the file has all of it" in html
