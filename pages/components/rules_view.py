"""What the guardrails say of one card: what stops it or makes it wait, what passes, and what they said before."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import tzinfo
from html import escape

import streamlit as st

from core.guardrails.queries import RecordRow
from core.guardrails.rules import Evaluation, Judgement, Stage, Verdict
from pages.components.words import count, moment

RULE_NAMES = {
    "policy": "Guardrails",
    "mode": "Execution",
    "channel": "Channel",
    "operation": "Operation",
    "model": "Model",
    "amounts": "Amounts",
    "recipients": "Number of recipients",
    "recipient_lists": "Allowed recipients",
    "channel_rate": "Rate on the channel",
    "recipient_rate": "Rate per recipient",
    "hours": "Business hours",
    "duplicate": "Repeats",
    "expiry": "Expiry",
    "reviews": "Reviews",
    "automatic": "Who decides",
}
STAGE_NAMES = {
    Stage.PROPOSAL: "When proposed",
    Stage.EDIT: "When edited",
    Stage.APPROVAL: "When approved",
    Stage.RETRY: "When retried",
    Stage.EXECUTION: "Right before it ran",
}
_MARKS = {
    Judgement.STOP: ("✕", "Stops"),
    Judgement.WAIT: ("◷", "Waits"),
    Judgement.PASS: ("✓", "Passes"),
}


def show_rules(
    evaluation_now: Evaluation | Sequence[Verdict] | None, records: Sequence[RecordRow], zone: tzinfo
) -> None:
    """Draws what the rules say now (None: no rule can be asked any more) and, folded, each evaluation on record.

    `evaluation_now` is what `look` or `Card` answered, `records` what `GuardrailQueries.records` did, oldest first;
    times are shown in `zone`. One block of HTML without widgets: it can stand in an expander, a fragment or a dialog.
    """
    verdicts = evaluation_now.verdicts if isinstance(evaluation_now, Evaluation) else tuple(evaluation_now or ())
    parts = [_now(verdicts, zone)] if verdicts else ['<p class="quiet">Its operation is not installed any more.</p>']
    if records:
        folded = "".join(_record(one, zone) for one in reversed(records))
        parts.append(f'<p class="before">Checked {count(len(records), "time")} before</p>{folded}')
    st.html(f'<div class="rules">{"".join(parts)}</div>')


def verdict_words(verdict: Verdict, zone: tzinfo) -> str:
    """The sentence of a verdict, with the time until which it waits as the reader's clock shows it."""
    return f"{verdict.words} Until {moment(verdict.until, zone)}." if verdict.until else verdict.words


def summary(verdicts: Iterable[Verdict], zone: tzinfo) -> str:
    """One line: stopped by what, waits until when, or passes."""
    found = list(verdicts)
    if stops := [one for one in found if one.stops]:
        return "Stopped by " + " and ".join(RULE_NAMES.get(one.rule, one.rule).lower() for one in stops)
    if until := max((one.until for one in found if one.until), default=None):
        return f"Waits until {moment(until, zone)}"
    return f"Passes {count(len(found), 'rule')}"


def _now(verdicts: Sequence[Verdict], zone: tzinfo) -> str:
    """What needs attention in full; what passes behind one line."""
    telling = [one for one in verdicts if one.judgement is not Judgement.PASS]
    passing = [one for one in verdicts if one.judgement is Judgement.PASS]
    words = f"{count(len(passing), 'rule')} {'passes' if len(passing) == 1 else 'pass'}"
    if not telling:
        words = f"Nothing stops it: {words}"
    folded = f"<details><summary>{_mark(Judgement.PASS)} {words}</summary>{_list(passing, zone)}</details>"
    return (_list(telling, zone) if telling else "") + (folded if passing else "")


def _record(record: RecordRow, zone: tzinfo) -> str:
    line = (
        f"{_mark(record.outcome)} <b>{escape(STAGE_NAMES[record.stage])}</b>: "
        f"{escape(_lower(summary(record.verdicts, zone)))}"
        f'<span class="when">{escape(moment(record.at, zone))} · {escape(record.actor)} · '
        f"revision {record.revision}</span>"
    )
    return f"<details><summary>{line}</summary>{_list(record.verdicts, zone)}</details>"


def _list(verdicts: Iterable[Verdict], zone: tzinfo) -> str:
    rows = "".join(
        f"<li>{_mark(one.judgement)}<span><b>{escape(RULE_NAMES.get(one.rule, one.rule))}</b> "
        f"{escape(verdict_words(one, zone))}</span></li>"
        for one in verdicts
    )
    return f"<ul>{rows}</ul>"


def _mark(judgement: Judgement) -> str:
    sign, word = _MARKS[judgement]
    return f'<span class="mark {judgement.value}"><span aria-hidden="true">{sign}</span> {word}</span>'


def _lower(words: str) -> str:
    return words[:1].lower() + words[1:]
