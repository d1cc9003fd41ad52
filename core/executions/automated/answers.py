"""What a person may answer at a gate, by its kind; anything else is refused with everything that is wrong."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, assert_never

from core.canonical import jsonable
from core.catalog.automated import DocumentType
from core.errors import CountersignError, InvalidInput
from core.executions.automated import quality
from core.executions.automated.rules import ANSWERED, GateKind
from core.executions.notes import checked_text
from core.executions.rules import MOST_NOTES
from core.language_models.findings import finding_json
from core.language_models.questions import check_answers, parse_questions


class DocumentRefused(CountersignError):
    """This is no such document yet: {words} Nothing was saved."""

    http_status = 422


class AnswersRefused(CountersignError):
    """Not every question is answered so that the work can go on. {words} Nothing was saved."""

    http_status = 422


class NothingToAnswer(CountersignError):
    """{what} Nothing was changed."""

    http_status = 409


HOW_IT_OPENS: Mapping[GateKind, str] = {
    GateKind.START: "This is started, not voted on: start it on the page of its run.",
    GateKind.CLARIFICATION: "These questions are answered, not voted on: answer them on the page of the run.",
    GateKind.FORM: "This document is written, not voted on: write it on the page of the run.",
    GateKind.GUIDE: "A person does this and says so, on the page of the run; it is not voted on.",
    GateKind.ACCEPTANCE: "A document is accepted or rejected by a vote.",
    GateKind.APPROVAL: "This is approved or rejected by a vote.",
    GateKind.VOTE: "A council votes on this.",
    GateKind.ACTION: "The action's own card decides this. Open it in the inbox.",
    GateKind.TIME: "This goes on by itself when its time has come.",
}
"""For whoever tries it another way."""


def must_be_answered(kind: GateKind) -> None:
    """Refuses a gate that no answer opens."""
    if kind not in ANSWERED:
        raise NothingToAnswer(what=HOW_IT_OPENS[kind])


def checked_answer(kind: GateKind, content: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """The answer as it is kept; `content` is what the gate asked."""
    match kind:
        case GateKind.START:
            return _only(given)
        case GateKind.FORM:
            return {"content": _document(content, _only(given, "content"))}
        case GateKind.GUIDE:
            return _guide(content, given)
        case GateKind.CLARIFICATION:
            return _clarification(content, given)
        case GateKind.ACCEPTANCE | GateKind.APPROVAL | GateKind.VOTE | GateKind.ACTION | GateKind.TIME:
            raise NothingToAnswer(what=HOW_IT_OPENS[kind])
        case _:
            assert_never(kind)


def _guide(content: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    wanted = ("notes", "content") if content.get("produces") else ("notes",)
    answer = _only(given, *wanted)
    notes = answer.get("notes") or ""
    if not isinstance(notes, str):
        raise InvalidInput(field="Notes", problem="use text.")
    kept: dict[str, Any] = {"notes": checked_text("Notes", notes, MOST_NOTES)}
    if content.get("produces"):
        kept["content"] = _document(content, answer)
    return kept


def _clarification(content: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    asked = parse_questions(content["questions"])
    if asked is None:
        raise NothingToAnswer(what="These questions cannot be read any more. Retry the step.")
    checked = check_answers(asked, given)
    if checked.findings:
        words = " ".join(f"{one.path.removeprefix('$.')}: {one.message}" for one in checked.findings)
        raise AnswersRefused(words=words, findings=[finding_json(one) for one in checked.findings])
    return {name: dict(one) for name, one in checked.answers.items()}


def _document(content: Mapping[str, Any], answer: Mapping[str, Any]) -> Any:
    """The content, if quality assurance finds no error in it as a document of the type that was asked for."""
    if "content" not in answer:
        raise InvalidInput(field="Document", problem="write it first.")
    asked = DocumentType(
        name=str(content.get("name") or "document"), scope="asked", json_schema=content.get("schema"),
        collection_field=content.get("collection_field"),
    )  # fmt: skip
    found = quality.errors(quality.check(answer["content"], asked))
    if found:
        raise DocumentRefused(words=" ".join(map(str, found)), findings=quality.as_json(found))
    return jsonable(answer["content"])


def _only(given: Mapping[str, Any], *wanted: str) -> dict[str, Any]:
    unknown = sorted(set(given) - set(wanted))
    if unknown:
        raise InvalidInput(field="Answer", problem=f"“{unknown[0][:80]}” was not asked for.")
    return dict(given)
