"""A period's analytics as a report: what was saved, what succeeded, where runs wait, and how all of it was counted."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from core.canonical import digest
from core.deliverables.content import Fact, Report, Section, SourceRecord
from core.deliverables.gathering.audit_lines import audit_lines_of
from core.deliverables.source import Reading, Source
from core.deliverables.sources.period.agents import agents
from core.deliverables.sources.period.appendix import definitions, reckoned_by
from core.deliverables.sources.period.asked import Asked, PeriodParams, asked
from core.deliverables.sources.period.decisions import decisions, subjects_of
from core.deliverables.sources.period.evidence import evidence
from core.deliverables.sources.period.rows import rows_of
from core.deliverables.sources.period.savings import savings
from core.deliverables.sources.period.segments import segments
from core.deliverables.sources.period.success import success
from core.deliverables.sources.period.summary import nothing, summary
from core.deliverables.sources.period.waits import wait_details, waits
from core.deliverables.sources.period.workflows import one_by_one, workflows


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
        title = found.words.say("What workflows brought")
        return " · ".join(part for part in (title, found.period, found.narrowed_to()) if part)

    def read(self, reading: Reading, params: PeriodParams) -> Report:
        found = asked(reading, params)
        narrowed = found.narrowed_to()
        made = _made(found) if found.summary.runs else _Made((nothing(found), definitions(found)), (), ())
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
            sections=made.sections, sources=(_figures(found), *made.sources),
            audit=audit_lines_of(reading, made.subjects), data=rows_of(found) if found.summary.runs else (),
            sample=params.dataset == "sample",
        )  # fmt: skip


@dataclass(frozen=True)
class _Made:
    sections: tuple[Section, ...]
    sources: tuple[SourceRecord, ...]
    subjects: tuple[str, ...]
    """Whose entries of the audit belong to it."""


def _made(found: Asked) -> _Made:
    decided, in_full, told = decisions(found)
    ranked, agents_in_full = agents(found)
    told_first = (savings(found), success(found), workflows(found), waits(found), ranked, decided)
    parts = tuple(part for part in told_first if part is not None)
    reckoned, sources = reckoned_by(found)
    appendix = (
        one_by_one(found), segments(found), wait_details(found), agents_in_full, in_full, evidence(found),
        definitions(found), reckoned,
    )  # fmt: skip
    cards = [f"rate_card:{one.id}" for one in sources]
    data = ["sample:data"] if found.params.dataset == "sample" else []
    return _Made(
        (summary(found, parts), *parts, *(part for part in appendix if part is not None)), sources,
        (*cards, *data, *subjects_of(found, told)),
    )  # fmt: skip


def _figures(found: Asked) -> SourceRecord:
    """The main figures as they were read: whoever asks again for the same moment gets the same digest."""
    told = {
        "params": found.params.model_dump(mode="json"), "summary": asdict(found.summary), "savings": asdict(found.savings),
        "workflows": [asdict(one) for one in found.workflows],
    }  # fmt: skip
    what = found.words.say("Figures of the runs of {period}", period=found.period)
    return SourceRecord(what, SOURCE.subject(found.params), digest(told))


SOURCE = PeriodSource()
