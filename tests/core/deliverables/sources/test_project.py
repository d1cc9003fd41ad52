"""A project's report tells what its queries tell: totals, contents word for word, reasons, decisions; to nobody else."""

from __future__ import annotations

import json
from collections.abc import Callable
from uuid import uuid4

import pytest
from pydantic import ValidationError

from core.actor import Actor, Role
from core.bootstrap import Application
from core.connectors.plan import rejected, unknown
from core.deliverables.content import (
    Approvals,
    Block,
    Quote,
    Report,
    Section,
    Table,
    report_as_json,
    report_from_json,
    text_of,
)
from core.deliverables.format import find_formats
from core.deliverables.look import Look
from core.deliverables.source import find_sources
from core.deliverables.sources.project.contents import MOST_IN_FRONT
from core.errors import NotFound
from tests.core.actions.gift import World
from tests.core.deliverables.reports import HOSTILE
from tests.core.deliverables.sources.reading import read
from tests.core.projects.conftest import Campaign, letter, post

Live = Callable[..., None]


def _figures(report: Report) -> dict[str, object]:
    return {one.key: one.value for one in report.figures()}


def _table(report: Report, key: str) -> Table:
    return next(one for one in report.tables() if one.key == key)


def _section(report: Report, key: str) -> Section:
    return next(section for _, section in report.walk() if section.key == key)


def _quoted(block: Block) -> list[str]:
    assert isinstance(block, Quote)
    return [text_of(one.spans) for one in block.blocks if one.kind == "paragraph"]


def _told(campaign: Campaign, reader: Actor | None = None, language: str = "en") -> Report:
    return read(campaign.app, reader or campaign.admin, "project", language=language, project_id=campaign.id)


@pytest.fixture
def sent(campaign: Campaign, world: World, live: Live) -> Campaign:
    """Two letters sent, of three posts one refused and one unknown."""
    live("social")
    world.sees = False
    world.next_answers = [lambda _: rejected("The network refused it."), lambda _: unknown("No answer came.")]
    campaign.add(post(1), post(2), post(3), letter(1), letter(2, body="Dear reader,\n\nit is here.\nBye"))
    campaign.start()
    campaign.work()
    return campaign


def test_the_report_tells_the_totals_of_the_project(sent: Campaign) -> None:
    report, told = _told(sent), sent.report()

    figures = _figures(report)
    assert figures["items"] == 5 and figures["sent"] == told["items_sent_successfully"] == 3
    assert figures["failed"] == told["items_failed"] == 2 and figures["skipped"] == told["items_skipped"] == 0
    rows = [[cell.text for cell in row] for row in _table(report, "channels").rows]
    assert rows == [["E-mail", "2", "2", "0", "0", "0"], ["Social media", "3", "1", "2", "0", "0"]]
    assert report.sections[0].lead == "Execution was completed: of 5 items 3 were sent, 2 failed and 0 were skipped."


def test_what_failed_is_told_with_why(sent: Campaign) -> None:
    rows = [[cell.text for cell in row] for row in _table(_told(sent), "not-sent").rows]

    assert rows == [
        ["Failed", "Social media", "1", "The network refused it.", "post-1"],
        ["Failed", "Social media", "1", "It may have been sent: No answer came.", "post-2"],
    ]


def test_every_item_is_told_with_its_version_and_its_reference(sent: Campaign) -> None:
    rows = {row[1].text: [cell.text for cell in row] for row in _table(_told(sent), "items").rows}
    results = {one["key"]: one for one in sent.report()["execution_results"]}

    assert set(rows) == set(results)
    for key, row in rows.items():
        assert row[4] == (results[key]["reference"] or "") and len(row[5]) == 64


def test_letters_are_told_word_for_word(sent: Campaign) -> None:
    blocks = _section(_told(sent), "said-1").blocks
    quotes = [_quoted(one) for one in blocks if one.kind == "quote"]

    assert quotes == [["Hello."], ["Dear reader,", "it is here.", "Bye"]]


def test_equal_letters_are_told_once_with_everybody_they_are_for(campaign: Campaign) -> None:
    campaign.add(*(letter(number, subject="News") for number in range(1, 41)), letter(41, body="Another."))
    section = _section(_told(campaign), "said-1")
    table = next(one for one in section.blocks if isinstance(one, Table))

    assert sum(one.kind == "quote" for one in section.blocks) == 2
    assert [row[0].text for row in table.rows] == [f"reader{number}@example.com" for number in range(1, 41)]


def test_many_different_letters_go_on_in_the_appendix_and_none_is_lost(campaign: Campaign) -> None:
    campaign.add(*(letter(number, body=f"Body of {number}.") for number in range(1, MOST_IN_FRONT + 4)))
    report = _told(campaign)
    front, back = _section(report, "said-1"), _section(report, "more-1")

    assert "3 further texts are in the appendix." in json.dumps([report_as_json(report)])
    said = [text for one in (*front.blocks, *back.blocks) if one.kind == "quote" for text in _quoted(one)]
    assert sorted(said) == sorted(f"Body of {number}." for number in range(1, MOST_IN_FRONT + 4))


def test_what_was_left_out_is_not_told_as_approved(campaign: Campaign) -> None:
    campaign.add(
        letter(1, body="Kept."),
        {"operation": "email_send", "key": "bad", "params": {"to": ["nobody"], "body": "Lost."}},
    )
    campaign.app.projects.leave_out_problems(campaign.author, campaign.id)
    report = _told(campaign)

    assert "Lost." not in json.dumps([report_as_json(report)])
    assert {row[1].text: row[5].text for row in _table(report, "items").rows}["bad"] == ""


def test_decisions_on_the_card_are_told_with_who_and_its_version(sent: Campaign) -> None:
    report = _told(sent)
    found = [one for block in report.blocks() if isinstance(block, Approvals) for one in block.approvals]

    view = sent.app.projects_queries.project(sent.admin, sent.id)
    card = sent.app.actions_queries.card(sent.admin, view.row.card_id)  # type: ignore[arg-type]
    assert [(one.digest, one.result, [vote.who for vote in one.votes]) for one in found] == [
        (card.row.plan_digest, "approved", [sent.admin.name])
    ]
    assert {line.subject for line in report.audit} == {f"project:{sent.id}", f"action:{view.row.card_id}"}


def test_events_are_told_in_their_order(sent: Campaign) -> None:
    timeline = _section(_told(sent), "timeline").blocks[0]

    assert timeline.kind == "timeline"
    titles = [one.title for one in timeline.moments]
    assert titles[:2] == ["Created", "Items were added"] and titles[-1] == "Execution was completed"


def test_a_project_that_was_not_started_says_so(campaign: Campaign) -> None:
    assert _told(campaign).sections[0].lead == "This project has no items yet."
    campaign.add(letter(1))
    assert _told(campaign).sections[0].lead.startswith("Nothing was sent yet")


def test_what_nobody_approved_is_not_told_as_approved(campaign: Campaign) -> None:
    campaign.add(letter(1), letter(2, body="Other."))
    campaign.propose()

    planned = _told(campaign)
    assert _section(planned, "contents").title == "What is planned"
    assert _section(planned, "contents").lead == "2 different texts, each as it is planned now."
    assert "decided on" not in _table(planned, "items").note
    text = json.dumps(report_as_json(planned))
    assert "as it was approved" not in text


def test_the_same_project_has_the_same_digest_until_it_changes(campaign: Campaign) -> None:
    campaign.add(letter(1))
    before = _told(campaign).sources[0]
    assert _told(campaign).sources[0] == before
    campaign.add(letter(2))
    assert _told(campaign).sources[0].digest != before.digest


@pytest.mark.parametrize("role", [Role.USER, Role.ANALYST])
def test_projects_of_others_are_not_found(sent: Campaign, person: Callable[..., Actor], role: Role) -> None:
    with pytest.raises(NotFound):
        _told(sent, person(role))


def test_a_project_that_is_none_is_not_found_and_no_id_is_refused(app: Application, admin: Actor) -> None:
    with pytest.raises(NotFound):
        read(app, admin, "project", project_id=uuid4())
    with pytest.raises(ValidationError):
        find_sources()["project"].params.model_validate({"project_id": "../1"})


def test_hostile_letters_stay_text_in_every_format(campaign: Campaign) -> None:
    campaign.add(letter(1, subject=HOSTILE[:100].replace("\n", " "), body=HOSTILE))
    report = _told(campaign)

    assert _quoted(next(one for one in _section(report, "said-1").blocks if one.kind == "quote")) == [HOSTILE]
    assert report_from_json(json.loads(json.dumps(report_as_json(report)))) == report
    for one in find_formats().values():
        assert one.render(report, Look("Meridian Advisory")).data


def test_a_thousand_items_stay_readable(campaign: Campaign) -> None:
    campaign.add(*(letter(number, subject="News") for number in range(1, 1001)))
    report = _told(campaign, language="hi")

    assert len(_table(report, "items").rows) == 1000
    assert sum(one.kind == "quote" for one in report.blocks()) == 1
