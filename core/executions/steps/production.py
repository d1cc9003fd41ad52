"""A document written by a language model, or by a person where no model is connected (SPEC W4, W5)."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta

from core.canonical import canonical_json
from core.catalog.automated import DocumentType, Production
from core.executions.automated.panels import answer_panels
from core.executions.automated.quality import check, errors
from core.executions.automated.rules import MOST_ATTEMPTS, MOST_CLARIFICATIONS, CallOutcome, GateKind
from core.executions.automated.work import Again, Call, ClosedGate, Done, Fail, GateSpec, Outcome, Tools, Wait, Work
from core.language_models.dialogue import Answers, Findings, NamedInput, Rejected, Turn, question_for
from core.language_models.findings import Finding, error
from core.language_models.output import parse_output
from core.language_models.prompts import DocumentFacts, Prompt
from core.language_models.questions import MalformedQuestions, QuestionSet, parse_questions
from core.language_models.service import ModelRefused, ModelUnavailable, Question
from core.text import in_sentence

RETRIES = (
    timedelta(seconds=1),
    timedelta(seconds=5),
    timedelta(seconds=30),
    timedelta(minutes=2),
    timedelta(minutes=10),
)
"""How long it waits before it asks a model again that could not answer."""

_PATIENCE = timedelta(seconds=2)
"""For what is shorter the worker waits itself; for longer the run is parked."""


@dataclass(frozen=True)
class Asking:
    """A call that is to be made, and for which nothing more needs to be read."""

    work: Work
    model: str
    role: Prompt
    task: Prompt
    facts: DocumentFacts


def prepare(work: Work, tools: Tools) -> Outcome | Asking:
    """The next thing to do for the step's document: a call of the model, or what its last call means. Only reads.

    Everything follows from the calls that were kept and the gates that were closed, so it may be asked again.
    """
    assert isinstance(work.step, Production) and work.produces is not None
    written = _last(work, GateKind.FORM)
    if written is not None:
        return Done(written.answer["content"], made_by=written.answered_by, made_by_user=written.answered_by_user)
    last = work.calls[-1] if work.calls else None
    if last is not None:
        match last.outcome:
            case CallOutcome.DOCUMENT:
                return Done(parse_output(last.response), made_by=last.model)
            case CallOutcome.QUESTIONS if len(_answered(work)) < _count(work, CallOutcome.QUESTIONS):
                return _clarify(work, last)
            case CallOutcome.SENT_BACK if _count(work, CallOutcome.SENT_BACK) > MOST_ATTEMPTS:
                return Fail(_words_for(work, last))
            case CallOutcome.FAILED if _failures(work) > len(RETRIES):
                return Fail(last.response)
            case _:
                pass
    model, facts = tools.models.configured(), _facts(work.produces)
    if model is None:
        return _form(work)
    return Asking(work, model, *_prompts(work, tools, facts), facts)


def ask(asking: Asking, tools: Tools) -> Outcome:
    """One call, and what it gave; outside of any transaction."""
    work, role, task = asking.work, asking.role, asking.task
    question = question_for(role, task, list(_inputs(work)), asking.facts, _turns(work))
    call = Call(
        number=len(work.calls) + 1, model=asking.model, response="", outcome=CallOutcome.RECEIVED,
        prompts={
            "role": {"name": role.name, "digest": role.digest}, "task": {"name": task.name, "digest": task.digest}
        },
        request=question.to_json(),
    )  # fmt: skip
    try:
        answered = _answer(tools, question, call)
    except ModelUnavailable as problem:
        return _later(work, replace(call, response=str(problem), outcome=CallOutcome.FAILED), problem.retry_after)
    except ModelRefused as problem:
        return Fail(str(problem), replace(call, response=str(problem), outcome=CallOutcome.FAILED))
    return _judge(work, answered)


def _answer(tools: Tools, question: Question, call: Call) -> Call:
    answer = tools.models.ask(question)
    cut = (error("$", "It was cut short at the model's limit of tokens. Write less.", "CUT_SHORT"),)
    return replace(
        call, model=answer.model, response=answer.text, tokens_in=answer.tokens_in, tokens_out=answer.tokens_out,
        cost=answer.cost, currency=answer.currency if answer.cost is not None else None, latency_ms=answer.latency_ms,
        findings=cut if answer.cut_short else (),
    )  # fmt: skip


def _judge(work: Work, call: Call) -> Outcome:
    """What the model wrote: a document, questions, or something that is sent back with what is wrong."""
    assert work.produces is not None
    value = parse_output(call.response)
    if isinstance(value, Finding):
        return _send_back(work, call, (*call.findings, value))
    try:
        asked = parse_questions(value)
    except MalformedQuestions as malformed:
        return _send_back(work, call, malformed.findings)
    if asked is not None:
        if _count(work, CallOutcome.QUESTIONS) >= MOST_CLARIFICATIONS:
            words = f"It asked {MOST_CLARIFICATIONS} times and wrote nothing. Mend its prompt, or write the document."
            return Fail(words, replace(call, outcome=CallOutcome.QUESTIONS))
        return _clarify(work, replace(call, outcome=CallOutcome.QUESTIONS), keep=True)
    found = check(value, work.produces)
    if errors(found):
        return _send_back(work, call, found)
    return Done(value, made_by=call.model, call=replace(call, outcome=CallOutcome.DOCUMENT, findings=found))


def _send_back(work: Work, call: Call, found: tuple[Finding, ...]) -> Outcome:
    call = replace(call, outcome=CallOutcome.SENT_BACK, findings=found)
    if _count(work, CallOutcome.SENT_BACK) >= MOST_ATTEMPTS:
        return Fail(_words_for(work, call), call)
    return Again(call)


def _words_for(work: Work, call: Call) -> str:
    assert work.produces is not None
    said = " ".join(str(one) for one in call.findings[:3])
    return f"{call.model} wrote no {work.produces.name} that can be used, in {MOST_ATTEMPTS + 1} attempts. {said}"


def _later(work: Work, call: Call, retry_after: timedelta | None) -> Outcome:
    """Another try after a while; a person sees why nothing goes on."""
    tried = _failures(work)
    if tried >= len(RETRIES):
        return Fail(call.response, call)
    wait = max(RETRIES[tried], min(retry_after or timedelta(0), timedelta(hours=24)))
    if wait <= _PATIENCE:
        time.sleep(wait.total_seconds())
        return Again(call)
    content = {"text": call.response}
    return Wait(GateSpec(GateKind.TIME, f"Ask {call.model} again", content, due_at=work.now + wait), call)


def _clarify(work: Work, call: Call, *, keep: bool = False) -> Outcome:
    asked = parse_questions(call.response)
    assert asked is not None
    number = len(asked.questions)
    title = f"{work.title}: {number} question{'s' if number != 1 else ''}"
    content = {"questions": asked.to_json()}
    gate = GateSpec(GateKind.CLARIFICATION, title, content, panels=answer_panels(work.run, work.step))
    return Wait(gate, call if keep else None)


def _form(work: Work) -> Outcome:
    assert isinstance(work.step, Production) and work.produces is not None
    document = work.produces
    content = {
        "doc_type": work.step.produces, "name": document.name, "description": work.step.description or document.description,
        "schema": document.json_schema, "collection_field": document.collection_field,
        "draft": work.revision.content if work.revision else None,
        **({"comment": work.revision.comment} if work.revision else {}),
    }  # fmt: skip
    title = f"Write the {in_sentence(document.name)}"
    return Wait(GateSpec(GateKind.FORM, title, content, panels=answer_panels(work.run, work.step)))


def _prompts(work: Work, tools: Tools, facts: DocumentFacts) -> tuple[Prompt, Prompt]:
    assert isinstance(work.step, Production)
    with tools.database.reading() as session:
        names = [one.title for one in work.inputs]
        return tools.prompts.for_call(session, work.step.role, work.step.task_prompt, document=facts, inputs=names)


def _facts(document: DocumentType) -> DocumentFacts:
    return DocumentFacts(
        name=document.name, json_schema=document.json_schema, collection_field=document.collection_field,
        acceptance_required=document.acceptance_required, accepted_by=tuple(document.accepted_by),
    )  # fmt: skip


def _inputs(work: Work) -> Iterator[NamedInput]:
    """What the run was started with, then what the step asks for."""
    if work.run.inputs:
        yield NamedInput("What the run was started with", dict(work.run.inputs))
    for one in work.inputs:
        yield NamedInput(one.title, one.content)


def _turns(work: Work) -> list[Turn]:
    """What was said before, in the order in which it was said."""
    turns = []
    if work.revision is not None:
        turns.append(Turn(canonical_json(work.revision.content), Rejected(work.revision.comment)))
    answers = iter(_answered(work))
    for call in work.calls:
        if call.outcome is CallOutcome.SENT_BACK:
            turns.append(Turn(call.response, Findings(call.findings)))
        elif call.outcome is CallOutcome.QUESTIONS and (gate := next(answers, None)) is not None:
            asked = parse_questions(call.response)
            assert isinstance(asked, QuestionSet)
            turns.append(Turn(call.response, Answers(asked, gate.answer)))
    return turns


def _answered(work: Work) -> list[ClosedGate]:
    return [gate for gate in work.gates if gate.kind is GateKind.CLARIFICATION]


def _last(work: Work, kind: GateKind) -> ClosedGate | None:
    return next((gate for gate in reversed(work.gates) if gate.kind is kind), None)


def _count(work: Work, outcome: CallOutcome) -> int:
    return sum(call.outcome is outcome for call in work.calls)


def _failures(work: Work) -> int:
    """Calls in a row, the latest among them, to which no answer came."""
    count = 0
    for call in reversed(work.calls):
        if call.outcome is not CallOutcome.FAILED:
            break
        count += 1
    return count
