"""A run as a report: what was done, the documents it made, who decided what, what it did elsewhere and what came of it."""

from __future__ import annotations

from uuid import UUID

from pydantic import BaseModel, ConfigDict

from core.canonical import digest
from core.deliverables.content import (
    Approval,
    Approvals,
    Block,
    Heading,
    Note,
    Report,
    Section,
    SourceRecord,
    Tone,
    paragraph,
    plain,
)
from core.deliverables.documents.structured import document_blocks
from core.deliverables.gathering.approvals import approvals_of, decisions_on
from core.deliverables.gathering.audit_lines import audit_lines_of, left_out
from core.deliverables.gathering.legible import line
from core.deliverables.gathering.outcomes import outcomes_section, proof_records
from core.deliverables.source import Reading, Source
from core.deliverables.sources.execution.actions import actions_section, plan_records
from core.deliverables.sources.execution.documents import document_records, document_sections
from core.deliverables.sources.execution.events import timeline
from core.deliverables.sources.execution.read import RunRead, read_run
from core.deliverables.sources.execution.steps import steps_section
from core.deliverables.sources.execution.summary import cover_facts, state_text, summary
from core.executions.automated.run_rows import run_of


class ExecutionParams(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    execution_id: UUID


class ExecutionSource(Source[ExecutionParams]):
    name = "execution"
    title = "A run with its documents"
    params = ExecutionParams
    order = 20

    def subject(self, params: ExecutionParams) -> str:
        return f"execution:{params.execution_id}"

    def label(self, reading: Reading, params: ExecutionParams) -> str:
        _, (title, *_) = run_of(reading.session, reading.reader, params.execution_id)
        return line(title)

    def read(self, reading: Reading, params: ExecutionParams) -> Report:
        read, words = read_run(reading, params.execution_id), reading.words
        approvals = _approvals(read)
        sections = (
            summary(read), steps_section(read), *document_sections(read), outcomes_section(reading, read.detail.outcomes),
            actions_section(read), timeline(read), _approvals_section(read, approvals), _inputs(read), _excerpt(read, approvals),
        )  # fmt: skip
        subtitle = state_text(read)
        if not read.ended:
            subtitle = words.say("Still going on: {state}", state=subtitle)
        return Report(
            title=line(read.detail.row.title), subtitle=subtitle, language=words.language, read_at=read.now,
            read_text=words.moment(read.now), zone=words.zone, facts=cover_facts(read),
            sections=tuple(one for one in sections if one is not None), sources=_records(read),
            audit=audit_lines_of(reading, _subjects(read, approvals)), sample=read.run.sample,
        )  # fmt: skip


def _approvals(read: RunRead) -> tuple[Approval, ...]:
    """Every decision of its gates and actions, and the one it was started by; what the run shows, though not the votes."""
    of_run = {gate.decision_id for gate in read.gates if gate.decision_id is not None}
    if read.run.decision_id is not None:
        of_run.add(read.run.decision_id)
    of_actions = decisions_on(read.reading, "action", [str(one.id) for one in read.actions])
    shown = approvals_of(read.reading, of_run, bare=True)
    seen = {one.id for one in shown}
    more = approvals_of(read.reading, [one for one in of_actions if str(one) not in seen])
    both = (*shown, *more)
    return tuple(sorted(both, key=lambda one: (one.decided_at is None, one.decided_at or read.now)))


def _approvals_section(read: RunRead, approvals: tuple[Approval, ...]) -> Section:
    say = read.words.say
    if not approvals:
        return Section("approvals", say("Approvals"), (paragraph(say("Nothing was put to anybody for a decision.")),))
    said = say("Each decision is about one version, which is named with it; a later version needs another one.")
    blocks: list[Block] = [paragraph(said)]
    if not read.reads_votes:
        blocks.append(Note(plain(say("Votes that you may not read are left out.")), Tone.WARNING))
    lead = say("{n} decisions were asked for.", n=len(approvals))
    return Section("approvals", say("Approvals"), (*blocks, Approvals(approvals)), lead=lead)


def _inputs(read: RunRead) -> Section:
    say, run = read.words.say, read.run
    titles = (
        {name: {"title": one.title} for name, one in read.tree.workflow.inputs.items()} if read.tree.workflow else {}
    )
    blocks: list[Block] = []
    if run.inputs:
        blocks.extend(document_blocks(run.inputs, read.words, schema={"properties": titles}, literal=True))
    else:
        blocks.append(paragraph(say("The run was started without inputs.")))
    if run.outputs and not run.automated:  # those of an automated run name its documents, which are there
        blocks.append(Heading(1, plain(say("Outputs"))))
        blocks.extend(document_blocks(run.outputs, read.words, literal=True))
    return Section("inputs", say("Inputs as given"), tuple(blocks), appendix=True)


def _excerpt(read: RunRead, approvals: tuple[Approval, ...]) -> Section | None:
    """A remark where the audit excerpt has not all entries."""
    remarks = left_out(read.reading, _subjects(read, approvals))
    return Section("excerpt", read.words.say("About the audit excerpt"), remarks, appendix=True) if remarks else None


def _records(read: RunRead) -> tuple[SourceRecord, ...]:
    say, run = read.words.say, read.run
    title = line(read.detail.row.title)
    return (
        SourceRecord(say("Definition of the workflow {title}", title=title), run.workflow_id, run.revision),
        SourceRecord(say("Inputs as given"), f"run:{run.id}", digest(run.inputs)),
        *document_records(read), *plan_records(read), *proof_records(read.words, read.detail.outcomes),
    )  # fmt: skip


def _subjects(read: RunRead, approvals: tuple[Approval, ...]) -> list[str]:
    """What the excerpt is about: the run with its gates, its outcomes, and the actions and decisions the reader may read."""
    decisions = [f"decision:{one.id}" for one in approvals] if read.reads_votes else []
    actions = [f"action:{one.id}" for one in read.actions]
    outcomes = [f"outcome:{one.outcome.id}" for one in read.detail.outcomes]
    return [f"run:{read.run.id}", *actions, *decisions, *outcomes]


SOURCE = ExecutionSource()
