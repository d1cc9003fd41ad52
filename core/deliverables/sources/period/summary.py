"""The first section of a report on a period: its main figures, and what each of the parts found in one sentence."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from core.deliverables.content import Block, ItemList, Metric, Metrics, Section, paragraph
from core.deliverables.sources.period.asked import Asked
from core.deliverables.sources.period.savings import main_tiles


def summary(asked: Asked, parts: Sequence[Section]) -> Section:
    say = asked.words.say
    blocks: list[Block] = [Metrics((*_tiles(asked), *main_tiles(asked)))]
    findings = [asked.words.sentence(part.lead) for part in parts if part.lead]
    blocks.append(ItemList(tuple((paragraph(finding),) for finding in findings)))
    return Section("summary", say("Summary"), tuple(blocks), lead=runs_sentence(asked))


def nothing(asked: Asked) -> Section:
    """A period without a run has a report too: that nothing ran is a finding."""
    said = asked.words.say("No run was started in this period, so there is nothing to count.")
    hint = asked.words.say("Choose other days, or remove what narrows the report.")
    return Section("summary", asked.words.say("Summary"), (paragraph(f"{said} {hint}"),), lead=said)


def runs_sentence(asked: Asked) -> str:
    say, now, before = asked.words.say, asked.summary, asked.summary_before
    said = say("{n} runs were started.", n=now.runs)
    if before is None or not before.runs:
        return said
    return f"{said} {say('In the period before, of equal length, {n} were.', n=before.runs)}"


def _tiles(asked: Asked) -> tuple[Metric, ...]:
    say, telling, found = asked.words.say, asked.telling, asked.summary
    share, times = telling.share(found.rate), found.durations
    tiles = [
        Metric("runs", say("Runs started"), asked.words.number(found.runs), Decimal(found.runs)),
        Metric(
            "success", say("Success rate"), share.text, share.value if isinstance(share.value, Decimal) else None,
            note=telling.rests_on(found.rate),
        ),
    ]  # fmt: skip
    for key, label, half, most in (
        ("work", say("Median work"), times.work_p50, times.work_p90),
        ("duration", say("Median duration"), times.p50, times.p90),
    ):
        if half is not None:
            note = say("nine in ten below {most}, n = {n}", most=telling.time(most), n=times.n)
            value = Decimal(str(half / 3600)).quantize(Decimal("0.01"))
            tiles.append(Metric(key, label, telling.time(half), value, "h", note))
    return tuple(tiles)
