"""Prompts: a person's edit before the file, the file before the default, and every version kept."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from core.actor import Actor, Role, Tier
from core.bootstrap import Application
from core.catalog.queries import Definition, RevisionSource, WorkflowKind
from core.errors import Conflict, InvalidInput, NotAllowed, NotFound
from core.language_models.prompts import DocumentFacts, Prompt, PromptKind, Prompts
from core.language_models.uses import Use, uses_in
from core.settings import ROOT

ROLE, TASK = PromptKind.ROLE, PromptKind.TASK
BRIEF = DocumentFacts("Brief", collection_field="ideas", acceptance_required=True, accepted_by=("pm",))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for place in ("roles", "tasks"):
        (tmp_path / "prompts" / place).mkdir(parents=True)
    return tmp_path / "prompts"


@pytest.fixture
def prompts(app: Application, folder: Path) -> Prompts:
    (folder / "roles" / "writer.md").write_text("# Writer v1.0\n\nYou write.\n")
    (folder / "tasks" / "brief.md").write_text("# Brief v1.0\n\nWrite the brief.\n")
    return Prompts(app.database, folder)


def role(app: Application, prompts: Prompts, name: str = "Writer v1.0") -> Prompt:
    with app.database.reading() as session:
        return prompts.role(session, name)


def test_a_file_is_found_by_its_first_heading(app: Application, prompts: Prompts) -> None:
    found = role(app, prompts)

    assert (found.name, found.text, found.source) == ("Writer v1.0", "You write.", "file")
    assert prompts.names() == {"Writer v1.0", "Brief v1.0"}


def test_role_and_task_of_one_name_are_two_prompts(app: Application, prompts: Prompts, admin: Actor) -> None:
    prompts.save(admin, "Brief v1.0", ROLE, "You are brief.")

    with app.database.reading() as session:
        assert prompts.role(session, "Brief v1.0").text == "You are brief."
        assert prompts.task(session, "Brief v1.0", document=BRIEF, inputs=()).text == "Write the brief."


def test_missing_prompts_are_made_from_what_the_definition_says(app: Application, prompts: Prompts) -> None:
    with app.database.reading() as session:
        task = prompts.task(session, "Idea List 2.1", document=BRIEF, inputs=("Market study", "Budget"))
        somebody = prompts.role(session, "Technical Architect 1.0")

    assert task.source == somebody.source == "default"
    assert "a Technical Architect." in somebody.text and "1.0" not in somebody.text
    for part in ("Idea List.", "“Brief”", "Market study, Budget", "field ideas", "(pm)"):
        assert part in task.text
    assert "Idea List 2.1" not in prompts.names()


def test_an_edit_counts_from_the_next_call_on_and_restore_takes_it_back(
    app: Application, prompts: Prompts, admin: Actor
) -> None:
    before = role(app, prompts)
    assert prompts.save(admin, "Writer v1.0", ROLE, "You write well.\r\n") == 1
    edited = role(app, prompts)
    assert (edited.text, edited.source) == ("You write well.", "edited") and edited.digest != before.digest

    assert prompts.restore(admin, "Writer v1.0", ROLE) == 2
    assert role(app, prompts) == before
    with pytest.raises(NotFound):
        prompts.restore(admin, "Writer v1.0", ROLE)


def test_every_version_is_kept_with_who_and_when(app: Application, prompts: Prompts, admin: Actor) -> None:
    prompts.save(admin, "Writer v1.0", ROLE, "One.")
    prompts.save(admin, "Writer v1.0", ROLE, "Two.")
    prompts.save(admin, "Writer v1.0", ROLE, "Two.")
    prompts.restore(admin, "Writer v1.0", ROLE)

    versions = prompts.versions(admin, ROLE, "Writer v1.0")
    assert [(one.version, one.text) for one in versions] == [(3, None), (2, "Two."), (1, "One.")]
    assert {one.saved_by for one in versions} == {"Asha"} and versions[0].saved_at == app.clock.now()
    assert prompts.origin(ROLE, "Writer v1.0") == "You write."


def test_edits_are_audited_without_their_text(app: Application, prompts: Prompts, admin: Actor) -> None:
    prompts.save(admin, "Writer v1.0", ROLE, "A very particular sentence.")
    prompts.restore(admin, "Writer v1.0", ROLE)

    entries = app.audit_queries.entries(subject="prompt:role:Writer v1.0")
    assert [one.event for one in entries] == ["prompt.restored", "prompt.saved"]
    assert not any("particular" in str((one.before, one.after)) for one in entries)


def test_two_who_edit_at_once_do_not_overwrite_each_other(prompts: Prompts, admin: Actor) -> None:
    prompts.save(admin, "Writer v1.0", ROLE, "First.", expected_version=0)

    with pytest.raises(Conflict):
        prompts.save(admin, "Writer v1.0", ROLE, "Second.", expected_version=0)
    with pytest.raises(Conflict):
        prompts.restore(admin, "Writer v1.0", ROLE, expected_version=0)
    assert [one.text for one in prompts.versions(admin, ROLE, "Writer v1.0")] == ["First."]


@pytest.mark.parametrize("held", [Role.USER, Role.COUNCIL, Role.ANALYST])
def test_only_operators_and_admins_see_and_edit(prompts: Prompts, person: Callable[..., Actor], held: Role) -> None:
    somebody = person(held)

    for attempt in (
        lambda: prompts.save(somebody, "Writer v1.0", ROLE, "Mine."),
        lambda: prompts.restore(somebody, "Writer v1.0", ROLE),
        lambda: prompts.known(somebody),
        lambda: prompts.versions(somebody, ROLE, "Writer v1.0"),
    ):
        with pytest.raises(NotAllowed):
            attempt()
    assert prompts.save(person(Role.OPERATOR), "Writer v1.0", ROLE, "Ours.") == 1


@pytest.mark.parametrize(
    "said", ["", "   \n", "a\0b", "half \ud800", "turned \u202e round", "\u200b", "x" * 20_001],
    ids=["empty", "blank", "nul", "surrogate", "override", "unseen", "long"],
)  # fmt: skip
def test_text_that_cannot_be_kept_or_read_is_refused(prompts: Prompts, admin: Actor, said: str) -> None:
    with pytest.raises(InvalidInput):
        prompts.save(admin, "Writer v1.0", ROLE, said)
    assert not prompts.versions(admin, ROLE, "Writer v1.0")


@pytest.mark.parametrize("name", ["", " ", "a\nb", "a\0", "\ud800", "\u202ea", "x" * 201])
def test_names_are_one_line_that_can_be_seen(prompts: Prompts, admin: Actor, name: str) -> None:
    with pytest.raises(InvalidInput):
        prompts.save(admin, name, ROLE, "Text.")


def test_the_list_shows_files_edits_and_what_definitions_lack(prompts: Prompts, admin: Actor) -> None:
    prompts.save(admin, "Brief v1.0", TASK, "Shorter.")

    uses = {
        (ROLE, "Writer v1.0"): Use("w", ["Trial"]), (ROLE, "Judge 3"): Use("j"), (TASK, "Verdict"): Use("v", ["Trial"])
    }  # fmt: skip
    known = prompts.known(admin, uses)

    assert [one.text for one in known] == ["j", "You write.", "Shorter.", "v"]
    assert [one.used_by for one in known] == [(), ("Trial",), (), ("Trial",)]
    assert [(one.kind, one.name, one.source, one.version) for one in known] == [
        (ROLE, "Judge 3", "default", 0), (ROLE, "Writer v1.0", "file", 0),
        (TASK, "Brief v1.0", "edited", 1), (TASK, "Verdict", "default", 0),
    ]  # fmt: skip


def test_a_changed_file_is_read_again_and_a_broken_one_is_left_out(
    app: Application, prompts: Prompts, folder: Path
) -> None:
    assert role(app, prompts).text == "You write."
    (folder / "roles" / "writer.md").write_text("# Writer v1.0\n\nYou write anew, at length.\n")
    (folder / "roles" / "a.md").write_text("No heading\n\ntext")
    (folder / "roles" / "b.md").write_text("# No text\n")
    (folder / "roles" / "c.md").write_bytes(b"# Not UTF-8\n\n\xff\xfe")
    (folder / "roles" / "d.md").write_text("# Too long\n\n" + "x" * 20_001)
    (folder / "roles" / "z.md").write_text("# Writer v1.0\n\nA second one of that name.\n")

    assert role(app, prompts).text == "You write anew, at length."
    assert prompts.names() == {"Writer v1.0", "Brief v1.0"}


def test_without_the_folder_there_are_defaults(app: Application, tmp_path: Path) -> None:
    nowhere = Prompts(app.database, tmp_path / "nowhere")

    assert nowhere.names() == frozenset() and role(app, nowhere).source == "default"


def test_uses_are_found_in_what_can_be_started_items_within_items_too() -> None:
    source = json.loads((ROOT / "workflows" / "software_product_development.json").read_text())
    definition = Definition(
        source["workflow_id"], "d", "Software", Tier.STARTER, 1, source, RevisionSource.FILE, True,
        datetime(2026, 1, 1, tzinfo=UTC), WorkflowKind.AUTOMATED,
    )  # fmt: skip
    guided = replace(definition, kind=WorkflowKind.GUIDED)
    broken = replace(definition, digest="other", source={"steps": []})

    uses = uses_in([broken, guided, definition])

    notes = uses[TASK, "Implementation Notes v1.0"]
    assert notes.workflows == ["Software"] and "Implementation notes" in notes.default
    assert uses[ROLE, "Product Manager v1.0"].workflows == ["Software"] and len(uses) == 11
