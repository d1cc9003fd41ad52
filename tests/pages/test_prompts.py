"""The prompts page: what an operator reads, edits, compares and takes back there."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core import bootstrap
from core.actor import Actor, Role
from core.bootstrap import Application
from core.language_models.prompts import PromptKind, Prompts
from tests.pages.conftest import Visit

ROLE, TASK = PromptKind.ROLE, PromptKind.TASK


@pytest.fixture
def prompts(app: Application, visit: Visit, tmp_path: Path) -> Iterator[Prompts]:
    """An installation with one file of each kind."""
    for place, name in (("roles", "Writer v1.0"), ("tasks", "Brief v1.0")):
        (tmp_path / place).mkdir()
        (tmp_path / place / "one.md").write_text(f"# {name}\n\nThe shipped text.\n")
    made = Prompts(app.database, tmp_path)
    bootstrap.use(replace(app, prompts=made))
    yield made
    bootstrap.use(app)


def said(screen: AppTest) -> str:
    drawn = [*screen.markdown, *screen.info, *screen.caption, *screen.success, *screen.header, *screen.code]
    return " ".join(str(one.value) for one in drawn)


def test_the_page_says_who_writes(prompts: Prompts, admin: Actor, visit: Visit) -> None:
    screen = visit("prompts", admin)

    assert not screen.exception
    assert "No language model is connected: people write the documents. 2 prompts." in said(screen)


def test_an_operator_reads_a_prompt_and_where_it_comes_from(
    prompts: Prompts, person: Callable[..., Actor], visit: Visit
) -> None:
    screen = visit("prompts", person(Role.OPERATOR), prompt="role:Writer v1.0")

    assert "The shipped text." in said(screen) and screen.header[0].value == "Writer v1.0"
    assert not any(one.label.startswith("Restore") for one in screen.button)


def test_an_edit_is_shown_compared_and_taken_back(prompts: Prompts, admin: Actor, visit: Visit) -> None:
    prompts.save(admin, "Writer v1.0", ROLE, "First edit.")
    prompts.save(admin, "Writer v1.0", ROLE, "Second <b>edit</b>.")

    screen = visit("prompts", admin, prompt="role:Writer v1.0")
    assert "Second <b>edit</b>." in said(screen)
    difference = "".join(one.proto.body for one in screen.get("html"))
    assert "First edit." in difference and "&lt;b&gt;edit" in difference and "<b>edit" not in difference
    screen.selectbox[0].select(1).run()
    assert "The shipped text." in "".join(one.proto.body for one in screen.get("html"))
    next(one for one in screen.button if one.label == "Use this version again").click().run()
    assert prompts.known(admin)[0].text == "First edit."

    next(one for one in screen.button if one.label == "Restore the shipped text").click().run()
    assert not screen.exception
    assert prompts.known(admin)[0].source == "file"
    assert screen.toast[0].value == "Restored. The edits stay in the list of versions."


def test_saving_over_somebody_elses_edit_is_refused_in_words(prompts: Prompts, admin: Actor, visit: Visit) -> None:
    prompts.save(admin, "Writer v1.0", ROLE, "Mine.")
    screen = visit("prompts", admin, prompt="role:Writer v1.0")
    prompts.save(admin, "Writer v1.0", ROLE, "Theirs.")

    next(one for one in screen.button if one.label == "Restore the shipped text").click().run()

    assert prompts.known(admin)[0].text == "Theirs."
    assert any("changed by someone else" in one.value for one in screen.error)


def test_editing_begins_with_the_text_as_it_is(prompts: Prompts, admin: Actor, visit: Visit) -> None:
    screen = visit("prompts", admin, prompt="task:Brief v1.0")
    next(one for one in screen.button if one.label == "Edit…").click().run()

    assert not screen.exception
    assert screen.text_area(key="prompt-text").value == "The shipped text."


def test_names_from_anywhere_are_shown_as_they_are(prompts: Prompts, admin: Actor, visit: Visit) -> None:
    prompts.save(admin, "**Bold** <script>alert(1)</script>", TASK, "x")

    screen = visit("prompts", admin, prompt="task:**Bold** <script>alert(1)</script>")

    assert not screen.exception and "\\*\\*Bold\\*\\*" in screen.header[0].value


def test_an_unknown_prompt_is_said_so(prompts: Prompts, admin: Actor, visit: Visit) -> None:
    assert "There is no such prompt" in said(visit("prompts", admin, prompt="role:Nobody"))
