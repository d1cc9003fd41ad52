"""A period's analytics as a report: what was saved, what succeeded, where runs wait, and how all of it was counted."""

from __future__ import annotations

from dataclasses import asdict

from core.canonical import digest
from core.deliverables.audit_lines import audit_lines_of
from core.deliverables.content import Fact, Report, Section, SourceRecord
from core.deliverables.source import Reading, Source
from core.deliverables.sources.period_agents import agents
from core.deliverables.sources.period_appendix import definitions, reckoned_by
from core.deliverables.sources.period_asked import Asked, PeriodParams, asked
from core.deliverables.sources.period_decisions import decisions
from core.deliverables.sources.period_rows import rows_of
from core.deliverables.sources.period_savings import savings
from core.deliverables.sources.period_success import success
from core.deliverables.sources.period_summary import nothing, summary
from core.deliverables.sources.period_waits import waits
from core.deliverables.sources.period_workflows import workflows


class PeriodSource(Source[PeriodParams]):
    name = "period"
    title = "A period"
    params = PeriodParams
    order = 30

    def subject(self, params: PeriodParams) -> str:
        narrowed = f":{digest(params.narrowed)[:16]}" if params.narrowed else ""
        return f"period:{params.first}:{params.last}:{params.dataset}{narrowed}"

    def label(self, reading: Reading, params: PeriodParams) -> str:
        found = asked(reading, params)
        return " · ".join(part for part in (found.period, found.narrowed_to()) if part)

    def read(self, reading: Reading, params: PeriodParams) -> Report:
        found = asked(reading, params)
        narrowed = found.narrowed_to()
        body, sources = _sections(found) if found.summary.runs else ((nothing(found), definitions(found)), ())
        now, words = reading.database.clock.now(), reading.words
        facts = [
            Fact(words.say("Period"), found.period), Fact(words.say("Prepared for"), reading.reader.name),
            Fact(words.say("Data"), words.say("Sample data") if params.dataset == "sample" else words.say("Own runs")),
        ]  # fmt: skip
        if narrowed:
            facts.insert(1, Fact(words.say("Narrowed to"), narrowed))
        return Report(
            title=words.say("What workflows brought"), subtitle=" · ".join(filter(None, (found.period, narrowed))),
            language=words.language, read_at=now, read_text=words.moment(now), zone=words.zone, facts=tuple(facts),
            sections=body, sources=(_figures(found), *sources), audit=audit_lines_of(reading, _subjects(sources)),
            data=rows_of(found) if found.summary.runs else (), sample=params.dataset == "sample",
        )  # fmt: skip


def _sections(found: Asked) -> tuple[tuple[Section, ...], tuple[SourceRecord, ...]]:
    parts = tuple(
        part
        for part in (savings(found), success(found), workflows(found), waits(found), agents(found), decisions(found))
        if part is not None
    )
    reckoned, sources = reckoned_by(found)
    appendix = tuple(part for part in (definitions(found), reckoned) if part is not None)
    return (summary(found, parts), *parts, *appendix), sources


def _figures(found: Asked) -> SourceRecord:
    """The main figures as they were read: whoever asks again for the same moment gets the same digest."""
    told = {
        "params": found.params.model_dump(mode="json"), "summary": asdict(found.summary), "savings": asdict(found.savings),
        "workflows": [asdict(one) for one in found.workflows],
    }  # fmt: skip
    what = found.words.say("Figures of the runs of {period}", period=found.period)
    return SourceRecord(what, SOURCE.subject(found.params), digest(told))


def _subjects(sources: tuple[SourceRecord, ...]) -> list[str]:
    return [f"rate_card:{one.id}" for one in sources]


SOURCE = PeriodSource()
