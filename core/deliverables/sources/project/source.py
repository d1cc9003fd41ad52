"""A project as a report: what was approved, by whom, what was sent word for word, what failed and why."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict
from sqlalchemy import select

from core.decisions.closing import Closing
from core.decisions.tables import Decision
from core.deliverables.content import Approvals, Block, Fact, Metric, Metrics, Report, Section, SourceRecord, paragraph
from core.deliverables.gathering.approvals import approvals_of, decisions_on
from core.deliverables.gathering.audit_lines import audit_lines_of, left_out
from core.deliverables.source import Reading, Source
from core.deliverables.sources.project.contents import contents
from core.deliverables.sources.project.events import timeline
from core.deliverables.sources.project.items import Item, channel_name, channels_table, every_item, items_of, problems
from core.deliverables.sources.project.results import results
from core.deliverables.words import Words, term
from core.projects.items import items_digest
from core.projects.queries import ProjectQueries, ProjectView
from core.projects.rules import ItemState, RunState
from core.projects.tables import ProjectRun

_RUNS = {
    RunState.RUNNING: term("Execution is under way"), RunState.PAUSED: term("Execution is paused"),
    RunState.CANCELLED: term("Execution was cancelled"), RunState.COMPLETED: term("Execution was completed"),
}  # fmt: skip


class ProjectParams(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    project_id: UUID


class ProjectSource(Source[ProjectParams]):
    name = "project"
    title = "A project"
    params = ProjectParams
    order = 10

    def subject(self, params: ProjectParams) -> str:
        return f"project:{params.project_id}"

    def label(self, reading: Reading, params: ProjectParams) -> str:
        return _queries(reading).project(reading.reader, params.project_id).row.name

    def read(self, reading: Reading, params: ProjectParams) -> Report:
        queries, words = _queries(reading), reading.words
        view = queries.project(reading.reader, params.project_id)
        items = items_of(reading, params.project_id)
        cards = _cards(reading, view)
        found = results(reading, cards[-1] if cards else None)
        started = view.row.run_state is not None
        body, more = contents(words, items, approved=started)
        subjects = [f"project:{params.project_id}", *(f"action:{one}" for one in cards)]
        sections = (
            _summary(words, view, items), body, found.documents, found.outcomes,
            timeline(words, queries.events(reading.reader, params.project_id)), _approvals(reading, cards, items), more,
            _appendix(reading, items, subjects, approved=started),
        )  # fmt: skip
        row, now = view.row, reading.database.clock.now()
        facts = [
            Fact(words.say("Made by"), row.created_by), Fact(words.say("Made on"), words.day(row.created_at)),
            Fact(words.say("Items"), words.number(len(items))), Fact(words.say("State"), _state(words, view)),
            Fact(words.say("Prepared for"), reading.reader.name),
        ]  # fmt: skip
        return Report(
            title=row.name, subtitle=words.say("What was approved, sent and answered"), language=words.language,
            read_at=now, read_text=words.moment(now), zone=words.zone, facts=tuple(facts),
            sections=tuple(one for one in sections if one is not None),
            sources=(_items_record(reading, params.project_id, view), *found.sources),
            audit=audit_lines_of(reading, subjects), sample=row.sample,
        )  # fmt: skip


def _queries(reading: Reading) -> ProjectQueries:
    return ProjectQueries(reading.database, reading.settings)


def _summary(words: Words, view: ProjectView, items: Sequence[Item]) -> Section:
    say = words.say
    lead = _lead(words, view)
    blocks: list[Block] = [] if items else [paragraph(lead)]
    if items:
        blocks.extend((Metrics(_tiles(words, view)), channels_table(words, items)))
        if view.row.run_state is not None:
            blocks.extend(problems(words, items))
    return Section("summary", say("Summary"), tuple(blocks), lead=lead)


def _lead(words: Words, view: ProjectView) -> str:
    say = words.say
    if not view.row.items:
        return say("This project has no items yet.")
    if view.row.run_state is None:
        return say("Nothing was sent yet: the project has {n} items and was not started.", n=view.row.items)
    return say(
        "{state}: of {n} items {sent} were sent, {failed} failed and {skipped} were skipped.", n=view.row.items,
        state=_state(words, view), sent=view.count(ItemState.SENT), failed=view.count(ItemState.FAILED),
        skipped=view.count(ItemState.SKIPPED),
    )  # fmt: skip


def _state(words: Words, view: ProjectView) -> str:
    return words.say(_RUNS[view.row.run_state]) if view.row.run_state else words.say("Not started")


def _tiles(words: Words, view: ProjectView) -> tuple[Metric, ...]:
    say = words.say

    def tile(key: str, label: str, n: int, note: str = "") -> Metric:
        return Metric(key, label, words.number(n), Decimal(n), note=note)

    over = [view.count(state) for state in (ItemState.SENT, ItemState.FAILED, ItemState.SKIPPED)]
    tiles = [tile("items", say("Items"), view.row.items)]
    names = (("sent", say("Sent")), ("failed", say("Failed")), ("skipped", say("Skipped")))
    tiles.extend(tile(key, label, n) for (key, label), n in zip(names, over, strict=True))
    if left := view.row.items - sum(over):
        tiles.append(tile("left", say("Not over"), left))
    channels = words.listed([channel_name(words, one.kind) for one in view.channels])
    tiles.append(tile("channels", say("Channels"), len(view.channels), channels))
    return tuple(tiles)


def _cards(reading: Reading, view: ProjectView) -> list[UUID]:
    """The cards by which it was put to people: the one that was executed, and the last."""
    run = reading.session.scalar(select(ProjectRun.card_action_id).where(ProjectRun.project_id == view.row.id))
    return list(dict.fromkeys(one for one in (run, view.row.card_id) if one is not None))


def _approvals(reading: Reading, cards: Sequence[UUID], items: Sequence[Item]) -> Section | None:
    """The decisions on the whole, and on items that came back to people on cards of their own."""
    on_cards = decisions_on(reading, "action", [str(one) for one in cards])
    asked = {one.decision_id for one in items if one.decision_id is not None}
    own: Any = select(Decision.id).where(
        Decision.id.in_(asked), Decision.outcome["by"].astext.is_distinct_from(Closing.PART.value)
    )
    found = approvals_of(reading, [*on_cards, *(reading.session.scalars(own) if asked else ())], bare=True)
    if not found:
        return None
    say = reading.words.say
    said = say("Approval binds to one version: whatever changed afterwards went back to people on a card of its own.")
    return Section("approvals", say("Approvals"), (paragraph(said), Approvals(found)))


def _appendix(reading: Reading, items: Sequence[Item], subjects: Sequence[str], *, approved: bool) -> Section | None:
    if not items:
        return None
    blocks = (every_item(reading.words, items, approved=approved), *left_out(reading, subjects))
    return Section("items", reading.words.say("Every item"), blocks, appendix=True)


def _items_record(reading: Reading, project_id: UUID, view: ProjectView) -> SourceRecord:
    what = reading.words.say("Items of the project {name}, in their order", name=view.row.name)
    return SourceRecord(what, f"project:{project_id}", items_digest(reading.session, project_id))


SOURCE = ProjectSource()
