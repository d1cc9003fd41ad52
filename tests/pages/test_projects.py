"""The projects page: filled, proposed, followed and stopped by whoever may."""

from __future__ import annotations

import json
from collections.abc import Callable
from uuid import uuid4

from streamlit.testing.v1 import AppTest

from core.actor import Actor, Role
from core.bootstrap import Application
from core.projects.rules import ItemState, RunState
from tests.core.projects.conftest import Campaign, letter
from tests.core.projects.test_service import BAD
from tests.pages.conftest import Visit


def said(screen: AppTest) -> str:
    parts = [*screen.markdown, *screen.info, *screen.warning, *screen.caption, *screen.error]
    return " ".join(one.value for one in parts)


def keys(screen: AppTest) -> set[str]:
    return {one.key for one in screen.button if one.key}


def campaign(app: Application, admin: Actor, *more: object) -> Campaign:
    made = Campaign(app, admin)
    made.add(letter(1), letter(2), *more)  # type: ignore[arg-type]
    return made


def test_empty_page_says_what_it_is_for(admin: Actor, visit: Visit) -> None:
    assert "approved once, carried out one by one" in said(visit("projects", admin))


def test_file_is_added_and_the_project_proposed(app: Application, admin: Actor, visit: Visit) -> None:
    project = app.projects.create(admin, "Spring")
    screen = visit("projects", admin, project=str(project))
    assert "It has no items yet" in said(screen)
    csv = b"operation,key,to,subject,body\nemail_send,a,a@example.com,Hi,Hello\n"
    screen.file_uploader[0].upload("items.csv", csv, "text/csv").run()
    screen.button(key="add-items").click().run()
    assert "1 item over 1 channel." in said(screen)
    screen.button(key="propose").click().run()
    assert "before the people who decide" in said(screen) and "propose" not in keys(screen)
    (row,) = app.projects_queries.page(admin)[0]
    assert row.card_state == "pending"


def test_file_with_a_fault_is_refused_in_words(app: Application, admin: Actor, visit: Visit) -> None:
    project = app.projects.create(admin, "Spring")
    screen = visit("projects", admin, project=str(project))
    screen.file_uploader[0].upload("items.csv", b"to\nx\n", "text/csv").run()
    screen.button(key="add-items").click().run()
    assert "line 1 has no column named operation" in said(screen)


def test_problems_bar_the_way_until_they_are_left_out(app: Application, admin: Actor, visit: Visit) -> None:
    found = campaign(app, admin, BAD)
    screen = visit("projects", admin, project=str(found.id))
    assert "1 item cannot be planned" in said(screen)
    assert screen.button(key="propose").disabled
    screen.button(key="leave-out").click().run()
    assert not screen.button(key="propose").disabled and "1 left out" in said(screen)


def test_item_is_corrected_in_its_dialog(app: Application, admin: Actor, visit: Visit) -> None:
    found = campaign(app, admin, BAD)
    screen = visit("projects", admin, project=str(found.id), item="bad")
    screen.text_area[0].set_value("[1]").run()
    screen.button(key="plan-item").click().run()
    assert "not a JSON object" in said(screen)
    screen = visit("projects", admin, project=str(found.id), item="bad")
    screen.text_area[0].set_value(json.dumps(letter(3)["params"])).run()
    screen.button(key="plan-item").click().run()
    assert app.projects_queries.item(admin, found.id, "bad").state is ItemState.READY


def test_run_is_followed_paused_resumed_and_cancelled(app: Application, admin: Actor, visit: Visit) -> None:
    found = campaign(app, admin)
    found.start()
    found.work(1)
    screen = visit("projects", admin, project=str(found.id))
    assert "1 of 2 items sent, 0 failed, 0 skipped, 1 to go." in said(screen)
    assert "At most 60 in 60 s" in said(screen)
    screen.button(key="pause").click().run()
    assert "Paused by Asha" in said(screen)
    screen.button(key="resume").click().run()
    assert "pause" in keys(screen)
    screen.button(key="cancel").click().run()
    screen.button(key="cancel-run").click().run()
    view = app.projects_queries.project(admin, found.id)
    assert (view.row.run_state, view.count(ItemState.SKIPPED)) == (RunState.CANCELLED, 1)


def test_who_only_decides_looks_and_touches_nothing(
    app: Application, admin: Actor, person: Callable[..., Actor], visit: Visit
) -> None:
    found = campaign(app, admin)
    member = person(Role.COUNCIL)
    assert not keys(visit("projects", member, project=str(found.id))) & {"propose", "add-items", "leave-out"}
    assert "new" not in keys(visit("projects", member))
    found.start()
    assert not keys(visit("projects", member, project=str(found.id))) & {"pause", "cancel"}


def test_address_of_nothing_is_no_error(app: Application, admin: Actor, visit: Visit) -> None:
    found = campaign(app, admin)
    for query in ({"project": "x"}, {"project": str(uuid4())}, {"project": str(found.id), "item": "none"}):
        screen = visit("projects", admin, **query)
        assert not screen.exception and not screen.error


def test_name_of_a_project_is_text(app: Application, admin: Actor, visit: Visit) -> None:
    project = app.projects.create(admin, "<script>alert(1)</script> **bold**")
    screen = visit("projects", admin, project=str(project))
    assert screen.header[0].value == "\\<script\\>alert(1)\\</script\\> \\*\\*bold\\*\\*"


def test_what_was_stopped_is_tried_again(app: Application, admin: Actor, visit: Visit) -> None:
    found = campaign(app, admin)
    found.start()
    app.guardrails.change(admin, {"channels": []})
    found.work()
    screen = visit("projects", admin, project=str(found.id))
    assert "0 of 2 items sent, 0 failed, 2 skipped." in said(screen)
    app.guardrails.change(admin, {"channels": ["email"]})
    screen.button(key="retry").click().run()
    assert app.projects_queries.project(admin, found.id).count(ItemState.UNDER_WAY) == 2


def test_page_says_how_long_the_rates_make_it(app: Application, admin: Actor, visit: Visit) -> None:
    found = campaign(app, admin, *(letter(n) for n in range(3, 153)))
    assert "152 items over 1 channel. At the set rates that takes about 3 min." in said(
        visit("projects", admin, project=str(found.id))
    )
