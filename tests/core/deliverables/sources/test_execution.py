"""The report of a run says all that its page shows, in the version that counts, and to nobody who may not see the run."""

from __future__ import annotations

import base64
import io
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from PIL import Image
from sqlalchemy import select

from core.actions.tables import Action
from core.actor import Actor, Role
from core.bootstrap import Application
from core.clock import ManualClock
from core.decisions.rules import Vote
from core.deliverables.content import (
    Block,
    Heading,
    Metric,
    Note,
    Picture,
    Report,
    Section,
    Table,
    Timeline,
    report_as_json,
    report_from_json,
    text_of,
)
from core.deliverables.documents.markdown import text_in
from core.deliverables.format import find_formats
from core.deliverables.look import Look
from core.deliverables.source import Reading
from core.deliverables.sources.execution.source import SOURCE, ExecutionParams
from core.deliverables.words import Words
from core.engine.steps import InlineSteps
from core.errors import NotFound
from core.executions.automated.rules import GateKind
from core.executions.rules import ExecutionState
from core.executions.tables import Execution
from core.files.stores import file_store
from core.language_models.service import Question
from core.outcomes.rules import MetricType, ReviewState
from core.settings import ROOT
from tests.core.deliverables.reports import HOSTILE
from tests.core.executions.automated.driving import Driver, SaidModel, definition, listed, nested, production

DOCUMENTS = {
    "brief": {
        "name": "Brief",
        "scope": "project",
        "acceptance_required": True,
        "accepted_by": ["pm"],
        "on_rejection": "revise",
    },
    "letter": {"name": "Letter", "scope": "project"},
}
LETTER = {"to": ["kim@example.com"], "subject": "About {{documents.brief.goal}}", "body": "Hello."}


def reading(app: Application, reader: Actor, session: Any, words: Words | None = None) -> Reading:
    files = file_store(app.settings, app.settings.files_dir, prefix=app.settings.files_s3_prefix)
    return Reading(session, app.database, app.settings, files, reader, words or Words())


def report_of(app: Application, reader: Actor, run: UUID, words: Words | None = None) -> Report:
    with app.database.reading() as session:
        report = SOURCE.read(reading(app, reader, session, words), ExecutionParams(execution_id=run))
    assert report_from_json(report_as_json(report)) == report
    keys = [one.key for _, one in report.walk()]
    assert len(keys) == len(set(keys))
    assert max(depth for depth, _ in report.walk()) <= 3
    return report


def section(report: Report, key: str) -> Section:
    (found,) = [one for _, one in report.walk() if one.key == key]
    return found


def said(blocks: tuple[Block, ...]) -> str:
    notes = [text_of(one.spans) for one in blocks if isinstance(one, Note)]
    return "\n".join([*text_in(blocks), *notes])


def table(report: Report, key: str) -> list[list[str]]:
    (found,) = [one for one in report.tables() if one.key == key]
    return [[cell.text for cell in row] for row in found.rows]


def tiles(report: Report) -> dict[str, Metric]:
    return {one.key: one for one in report.figures()}


class Story:
    """Asha's run: a brief that Pia accepts in its second version, and a letter that Omar approves and that is sent."""

    def __init__(self, app: Application, admin: Actor, person: Callable[..., Actor]) -> None:
        self.app, self.asha, self.briefs = app, admin, [brief("first draft"), brief("second draft")]
        self.omar, self.pia = person(Role.OPERATOR, name="Omar"), person(Role.OPERATOR, name="Pia")
        assert self.pia.user_id is not None
        app.identity.change_user(admin, self.pia.user_id, groups=["pm"])
        self.it = Driver(app, admin, SaidModel(lambda *_: self.briefs.pop(0)))

    def begin(self, **inputs: Any) -> UUID:
        send = {
            "step_id": "send", "kind": "action", "title": "Send the letter", "scope": "project",
            "inputs": [{"doc_type": "brief", "scope": "project"}], "operation": "email_send", "params": LETTER,
        }  # fmt: skip
        told = definition(
            [production("write", "brief", "project"), send], DOCUMENTS,
            inputs={"goal": {"type": "text", "title": "What it is for"}},
        )  # fmt: skip
        run = self.it.start(told, **inputs)
        self.it.drive(run)
        return run

    def accept(self, run: UUID) -> None:
        self.it.vote(self.it.gate(run, GateKind.ACCEPTANCE), Vote.REJECT, by=self.pia, reason="Too short")
        self.it.drive(run)
        self.it.vote(self.it.gate(run, GateKind.ACCEPTANCE), by=self.pia, reason="Fits the aim")
        self.it.drive(run)

    def send(self, run: UUID) -> None:
        action = self.action()
        self.app.actions.approve(self.omar, action.id, action.plan_digest)
        self.app.action_execution.execute_action(InlineSteps(), str(action.id), self.action().attempts)
        self.app.gates.action_ended(action.id)
        assert self.it.drive(run) is ExecutionState.COMPLETED

    def action(self) -> Action:
        with self.app.database.begin() as uow:
            return uow.session.scalars(select(Action)).one()

    def whole(self, **inputs: Any) -> UUID:
        run = self.begin(**inputs)
        self.accept(run)
        self.send(run)
        return run


@pytest.fixture
def story(app: Application, admin: Actor, person: Callable[..., Actor]) -> Story:
    return Story(app, admin, person)


def brief(text: str) -> dict[str, Any]:
    return {"goal": "spring", "text": f"# Aim\n\n{text}\n\n| What | Cost |\n|---|--:|\n| Paper | 1,200 |\n"}


def test_a_run_is_told_whole(story: Story) -> None:
    report = report_of(story.app, story.asha, story.whole(goal="Win back customers"))

    assert (report.title, report.subtitle, report.sample) == ("Trial", "Completed", False)
    assert {one.label: one.text for one in report.facts}["Run by"] == "Asha"
    assert [one.key for one in report.sections] == [
        "summary", "steps", "document-1", "outcomes", "actions", "timeline", "approvals", "inputs",
    ]  # fmt: skip
    steps = table(report, "steps")
    assert [(row[0], row[1], row[2]) for row in steps] == [
        ("1", "Write", "Completed"), ("2", "Send the letter", "Completed"),
    ]  # fmt: skip
    assert steps[0][4] == "model-1 and Pia"
    assert "What it is for: Win back customers" in said(section(report, "inputs").blocks)


def test_the_document_that_counts_is_there_with_who_made_and_who_accepted_it(story: Story) -> None:
    run = story.whole()
    report = report_of(story.app, story.asha, run)
    found = section(report, "document-1")
    text = f"{found.lead}\n{said(found.blocks)}"

    assert found.title == "Brief"
    assert "Version 2 of 2, made by model-1" in text
    assert "Accepted by Pia on" in text
    assert "second draft" in text
    assert "first draft" not in text
    assert any(isinstance(one, Heading) and text_of(one.spans) == "Aim" for one in found.blocks)
    assert any(isinstance(one, Table) and one.rows[0][1].text == "1,200" for one in found.blocks)
    line = story.app.tree_queries.tree(story.asha, run).documents[0]
    assert (f"{line.current.id}", line.current.digest) in [(one.id, one.digest) for one in report.sources]
    assert report.sources[0].what == "Definition of the workflow Trial"


def test_every_decision_is_there_with_who_voted_how_and_why(story: Story) -> None:
    run = story.whole()
    report = report_of(story.app, story.asha, run)
    told = [(one.result, [(v.who, v.word, v.reason) for v in one.votes], one.rule) for one in report.approvals()]

    assert told == [
        ("rejected", [("Pia", "rejected", "Too short")], "any one of the group pm"),
        ("approved", [("Pia", "approved", "Fits the aim")], "any one of the group pm"),
        ("approved", [("Omar", "approved", "")], "any one of admins and operators"),
    ]
    action = story.action()
    sent = list(report.approvals())[-1]
    assert (sent.subject, sent.digest, sent.id) == (action.title, action.plan_digest, str(action.decision_id))


def test_actions_are_there_with_the_receipt_of_the_other_system(story: Story) -> None:
    report = report_of(story.app, story.asha, story.whole())
    action = story.action()

    assert action.reference
    (row,) = table(report, "actions")
    assert (row[0], row[2], row[4]) == ("Send the letter", "Done", action.reference)
    (receipt,) = table(report, "receipts")
    assert (receipt[1], receipt[2], receipt[4]) == ("1", "Confirmed", action.reference)
    assert ("action:" + str(action.id), action.plan_digest) in [(one.id, one.digest) for one in report.sources]


def test_the_timeline_begins_with_the_start_and_ends_with_the_end(story: Story) -> None:
    report = report_of(story.app, story.asha, story.whole())
    (line,) = [one for one in section(report, "timeline").blocks if isinstance(one, Timeline)]
    titles = [one.title for one in line.moments]

    assert (titles[0], titles[-1]) == ("The run began", "The run ended: Completed")
    assert "Document accepted: Brief, version 2" in titles
    assert "Done there: Send the letter" in titles
    assert [one.at for one in line.moments] == sorted(one.at for one in line.moments)


def test_the_audit_excerpt_is_of_the_run_its_action_and_its_decisions_in_order(story: Story) -> None:
    run = story.whole()
    report = report_of(story.app, story.asha, run)
    subjects = {one.subject.partition(":")[0] for one in report.audit}

    assert subjects == {"run", "action", "decision"}
    assert [one.sequence for one in report.audit] == sorted(one.sequence for one in report.audit)
    assert {one.subject for one in report.audit if one.subject.startswith("run:")} == {f"run:{run}"}
    assert "action.executed" in {one.event for one in report.audit}


def test_what_was_said_to_a_language_model_never_enters(app: Application, admin: Actor) -> None:
    it = Driver(app, admin, SaidModel(lambda *_: {"goal": "x", "to": "y"}))
    run = it.start(definition([production("write", "letter", "project")], DOCUMENTS))
    it.drive(run)
    (call,) = it.calls(run)
    spelled = str(report_as_json(report_of(app, admin, run)))

    assert "TASK write" in str(call.request)
    assert "TASK write" not in spelled


def test_a_run_still_going_on_says_so_on_the_cover_and_what_it_waits_for(story: Story) -> None:
    report = report_of(story.app, story.asha, story.begin())

    assert report.subtitle == "Still going on: Waits for acceptance"
    assert "still going on" in said(section(report, "summary").blocks)
    assert "Nobody has accepted this version" in said(section(report, "document-1").blocks)
    assert [one.result for one in report.approvals()] == ["waits"]
    assert [row[2] for row in table(report, "steps")] == ["Waits", "Not begun"]


def test_somebody_elses_run_is_not_found(app: Application, story: Story, person: Callable[..., Actor]) -> None:
    run, stranger = story.begin(), person(Role.USER, name="Eve")

    with pytest.raises(NotFound):
        report_of(app, stranger, run)
    with app.database.reading() as session, pytest.raises(NotFound):
        SOURCE.label(reading(app, stranger, session), ExecutionParams(execution_id=run))
    with pytest.raises(NotFound):
        report_of(app, story.asha, UUID(int=7))


def test_an_analyst_sees_the_run_but_neither_its_votes_nor_its_actions(
    story: Story, person: Callable[..., Actor]
) -> None:
    run = story.whole()
    report = report_of(story.app, person(Role.ANALYST), run)

    assert [(one.result, one.votes) for one in report.approvals()] == [("rejected", ()), ("approved", ())]
    assert "Votes that you may not read are left out." in said(section(report, "approvals").blocks)
    assert "1 action is not shown here: you may not read it." in said(section(report, "actions").blocks)
    assert str(story.action().reference) not in str(report_as_json(report))
    assert {one.subject.partition(":")[0] for one in report.audit} == {"run"}


def test_estimated_measured_and_proven_are_tiles_of_their_own(
    app: Application, admin: Actor, person: Callable[..., Actor], clock: ManualClock
) -> None:
    assert not app.catalog.sync(ROOT / "workflows.json").problems
    ravi, omar = person(Role.USER, name="Ravi"), person(Role.OPERATOR, name="Omar")
    run = app.executions.start(ravi, "resume_generator")
    app.executions.save_notes(ravi, run, 1, "Found **three** offers\n\n- one\n- two")
    for number in range(1, 6):
        clock.advance(timedelta(minutes=3))
        if number < 5:
            app.executions.finish_step(ravi, run, number)
    app.executions.complete(ravi, run)
    shot = io.BytesIO()
    Image.new("RGB", (4, 4)).save(shot, "PNG")
    logged = [
        app.outcomes.log(
            ravi, run, metric_type=MetricType.REVENUE, value=value, unit="EUR", note="An invoice",
            uploads=[("invoice.png", shot.getvalue())] if value == "100.50" else (),
        )
        for value in ("100.50", "20")
    ]  # fmt: skip
    app.outcomes.review(omar, logged[0], ReviewState.VERIFIED, "Seen the invoice")
    report = report_of(app, ravi, run)
    found = {key: (one.text, one.basis) for key, one in tiles(report).items() if one.basis}

    assert found["measured.revenue.EUR"] == ("€120.50", "measured")
    assert found["proven.revenue.EUR"] == ("€100.50", "proven")
    estimated = [one for one in tiles(report).values() if one.basis == "estimated"]
    assert [one.key for one in estimated] == ["estimated.weekly_savings.USD"]
    assert table(report, "rate-card")
    assert table(report, "steps")[0][3] == "3.0"
    assert "Found three offers" in said(section(report, "steps").blocks)
    (proof,) = table(report, "proofs")
    assert proof[0] == "invoice.png"
    assert len(proof[5]) == 64
    assert base64.b64encode(shot.getvalue()).decode() not in str(report_as_json(report))
    assert {row[2] for row in table(report, "outcomes")} == {"Proven", "Measured"}


def test_items_of_an_iteration_have_lines_of_their_own_and_long_ones_are_folded(app: Application, admin: Actor) -> None:
    def says(task: str, _: Question) -> Any:
        name = task.split(" ")[0]
        sizes = {"plan": ("epics", "E", 2), "split": ("stories", "S", 3), "detail": ("tasks", "T", 4)}
        return listed(*sizes[name]) if name in sizes else {"text": f"{name} is done"}

    it = Driver(app, admin, SaidModel(says))
    run = it.start(nested())
    assert it.drive(run) is ExecutionState.COMPLETED
    report = report_of(app, admin, run)
    rows = table(report, "steps")

    assert [row[1] for row in rows] == ["Plan", "Epics: 2 of 2 items", "1. E 1", "2. E 2", "Close"]
    notes = [one for _, one in report.walk() if one.key.startswith("document-")]
    assert len([one for one in notes if one.key.count("-") == 2]) == 2 + 6 + 24
    assert section(report, "document-4").title == "Notes"
    assert section(report, "document-4-1").title == "E 1 › S 1 › T 1"


def test_hostile_contents_are_text_and_nothing_is_opened(app: Application, admin: Actor) -> None:
    uri = "data:image/png;base64," + base64.b64encode(b"no picture").decode()
    text = (
        f"{HOSTILE}\n\n![x](/etc/passwd) ![y](http://127.0.0.1:9/y) ![z]({uri}) [k](javascript:1)\n\n"
        + "> " * 900
        + "deep"
    )
    it = Driver(app, admin, SaidModel(lambda *_: {HOSTILE[:60]: HOSTILE, "text": text, "rows": [{"a": HOSTILE}] * 3}))
    run = it.start(
        definition([production("write", "letter", "project")], DOCUMENTS), **{"../x": HOSTILE, "n": [HOSTILE]}
    )
    it.drive(run)
    report = report_of(app, admin, run)
    found = section(report, "document-1").blocks

    assert not any(isinstance(one, Picture) for one in report.blocks())
    seen = said(found)
    for word in (
        "<script>alert(1)</script>",
        '#import "/etc/passwd"',
        "{{ 7*7 }}",
        "\\input{/etc/passwd}",
        "deep",
        "javascript:1",
    ):
        assert word in seen
    assert "[Picture: x (/etc/passwd) is not shown]" in seen
    assert HOSTILE in said(section(report, "inputs").blocks)


def test_a_kept_file_is_shown_where_the_run_was_started_with_it(app: Application, admin: Actor) -> None:
    held = io.BytesIO()
    Image.new("RGB", (30, 20), "red").save(held, "PNG")
    kept, other = (
        app.files.keep(admin, name, data) for name, data in (("a.png", held.getvalue()), ("b.png", _green()))
    )
    text = f"![ours](sha256:{kept.sha256})\n\n![another](sha256:{other.sha256})"
    it = Driver(app, admin, SaidModel(lambda *_: {"text": text}))
    run = it.start(definition([production("write", "letter", "project")], DOCUMENTS), logo=kept.sha256)
    it.drive(run)

    pictures = [one for one in report_of(app, admin, run).blocks() if isinstance(one, Picture)]
    assert [one.alt for one in pictures] == ["ours"]


def _green() -> bytes:
    held = io.BytesIO()
    Image.new("RGB", (30, 20), "green").save(held, "PNG")
    return held.getvalue()


def test_a_run_of_sample_data_says_so(app: Application, admin: Actor) -> None:
    app.sample.load(admin, runs=60)
    with app.database.reading() as session:
        runs = session.scalars(select(Execution.id).where(Execution.sample).limit(12)).all()
    for run in runs:
        assert report_of(app, admin, run).sample


def test_fixed_words_are_in_the_language_of_the_report(story: Story) -> None:
    words = Words("de", "Europe/Berlin")
    report = report_of(story.app, story.asha, story.begin(), words)

    assert report.language == "de"
    assert report.zone == "Europe/Berlin"
    assert section(report, "summary").title == words.say("Summary")


@pytest.mark.parametrize("name", sorted(find_formats()))
def test_every_format_renders_it(story: Story, name: str) -> None:
    report = report_of(story.app, story.asha, story.whole(goal=HOSTILE))

    assert find_formats()[name].render(report, Look("Meridian Advisory")).data
