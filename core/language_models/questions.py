"""Questions that a model asks before it writes, and the answers of people: both checked before they are used (SPEC W5)."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any
from uuid import UUID

from core.errors import CountersignError
from core.language_models.findings import Finding, error
from core.language_models.output import LARGEST, check_value, parse_output
from core.language_models.question_set import (
    MODE,
    MOST_QUESTIONS,
    QUESTION_SET_SCHEMA,
    SETTLES,
    AnswerType,
    Asked,
    Priority,
    QuestionSet,
    Resolution,
)  # fmt: skip
from core.language_models.storable import storable

__all__ = [
    "MODE", "MOST_ANSWER", "MOST_CHOICES", "MOST_QUESTIONS", "QUESTION_SET_SCHEMA", "SETTLES", "AnswerType", "Asked",
    "CheckedAnswers", "MalformedQuestions", "Priority", "QuestionSet", "Resolution", "check_answers", "is_question_set",
    "parse_questions",
]  # fmt: skip

MOST_CHOICES = 50
MOST_ANSWER = 10_000
_ID = re.compile(r"[A-Z0-9_\-]{3,64}")


class MalformedQuestions(CountersignError):
    """The questions of the model cannot be asked: {first}"""

    http_status = 422

    def __init__(self, findings: tuple[Finding, ...]) -> None:
        super().__init__(first=findings[0].message)
        self.findings = findings


@dataclass(frozen=True)
class CheckedAnswers:
    """Use `answers` only where there are no `findings`."""

    answers: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """By the question's id: {resolution, value}, every question of the set."""
    findings: tuple[Finding, ...] = ()


def parse_questions(said: str | Mapping[str, Any] | list[Any]) -> QuestionSet | None:
    """The question set that `said` is, text or value; None where it is none at all, so perhaps a document.

    Raises MalformedQuestions, with every finding, for one that breaks W5's rules.
    """
    value = parse_output(said) if isinstance(said, str) else said
    if not isinstance(value, Mapping) or not is_question_set(value):
        return None
    asked, findings = _Reading(), value.get("questions")
    if value["mode"] != MODE:
        asked.wrong("$.mode", f"must be {MODE}.")
    if not isinstance(findings, list) or not 1 <= len(findings) <= MOST_QUESTIONS:
        asked.wrong("$.questions", f"must be a list of 1 to {MOST_QUESTIONS} questions.")
        findings = []
    read = [asked.question(f"$.questions[{place}]", one) for place, one in enumerate(findings)]
    found = [one for one in read if one is not None]
    for place, one in enumerate(read):
        if one is not None and one.id in {other.id for other in read[:place] if other is not None}:
            asked.wrong(f"$.questions[{place}].id", f"{one.id} stands twice.")
    if (unfit := check_value(dict(value))) is not None:
        asked.findings.append(unfit)
    if asked.findings:
        raise MalformedQuestions(tuple(asked.findings))
    return QuestionSet(tuple(found))


def is_question_set(value: Mapping[str, Any]) -> bool:
    """Whether it means to be one, well formed or not."""
    mode = value.get("mode")
    return isinstance(mode, str) and mode.strip().lower() == MODE


class _Reading:
    """Reads a set and keeps every finding, so that the model is told all of them at once."""

    def __init__(self) -> None:
        self.findings: list[Finding] = []

    def wrong(self, path: str, problem: str) -> None:
        self.findings.append(error(path, f"{path} {problem}", "QUESTION_SET"))

    def question(self, path: str, given: Any) -> Asked | None:
        if not isinstance(given, Mapping):
            self.wrong(path, "must be an object.")
            return None
        before = len(self.findings)
        name = self._text(path, given, "id", 64)
        if name and not _ID.fullmatch(name):
            self.wrong(f"{path}.id", "must be 3 to 64 capital letters, digits, _ or -.")
        text = self._text(path, given, "text", 1000)
        if text and not text.rstrip().endswith("?"):
            self.wrong(f"{path}.text", "must end with a question mark.")
        why = self._text(path, given, "why_it_matters", 2000)
        priority = self._one_of(path, given, "priority", Priority)
        kind = self._text(path, given, "constraint_kind", 100)
        answer = self._one_of(path, given, "answer_type", AnswerType)
        choices = self._choices(f"{path}.choices", given.get("choices"), answer)
        blocking = given.get("blocking", True)
        if not isinstance(blocking, bool):
            self.wrong(f"{path}.blocking", "must be true or false.")
        if len(self.findings) > before or priority is None or answer is None:
            return None
        return Asked(name, text.strip(), why.strip(), priority, kind.strip(), answer, choices, blocking)

    def _text(self, path: str, given: Mapping[str, Any], key: str, most: int) -> str:
        value = given.get(key)
        if not isinstance(value, str) or not value.strip() or len(value) > most:
            self.wrong(f"{path}.{key}", f"must be text of 1 to {most:,} characters.")
            return ""
        return value

    def _one_of(self, path: str, given: Mapping[str, Any], key: str, kind: type[StrEnum]) -> Any:
        value = given.get(key)
        if isinstance(value, str) and value in {one.value for one in kind}:
            return kind(value)
        self.wrong(f"{path}.{key}", f"must be one of {', '.join(one.value for one in kind)}.")
        return None

    def _choices(self, path: str, given: Any, answer: AnswerType | None) -> tuple[str, ...]:
        if answer is None or not answer.chooses:
            if given not in (None, []):
                self.wrong(path, "belong to single_choice and multi_choice only.")
            return ()
        good = isinstance(given, list) and all(isinstance(one, str) and 0 < len(one.strip()) <= 200 for one in given)
        if not good or not 1 <= len(given) <= MOST_CHOICES or len(set(given)) != len(given):
            self.wrong(path, f"must be 1 to {MOST_CHOICES} different texts of at most 200 characters.")
            return ()
        return tuple(given)


def check_answers(asked: QuestionSet, answers: Mapping[str, Any]) -> CheckedAnswers:
    """What people answered, {id: {resolution, value}}, checked by the question's type; all findings at once.

    A question that does not block may be left out: it is deferred.
    """
    findings: list[Finding] = []
    known = {one.id: one for one in asked.questions}
    for name in sorted(set(answers) - set(known), key=str):
        findings.append(error(_place(storable(str(name))[:64]), "There is no such question.", "UNKNOWN_QUESTION"))
    settled: dict[str, Mapping[str, Any]] = {}
    for one in asked.questions:
        default = None if one.blocking else {"resolution": Resolution.DEFERRED.value}
        outcome = _answer(one, answers.get(one.id, default))
        if isinstance(outcome, Finding):
            findings.append(outcome)
        else:
            settled[one.id] = outcome
    return CheckedAnswers({}, tuple(findings)) if findings else CheckedAnswers(settled)


def _answer(one: Asked, given: Any) -> Mapping[str, Any] | Finding:
    said = given.get("resolution") if isinstance(given, Mapping) else None
    if not isinstance(given, Mapping) or not isinstance(said, str) or said not in set(Resolution):
        return _unanswered(one, "Answer it, or say that there is none.")
    resolution = Resolution(said)
    if one.blocking and resolution not in SETTLES:
        return _unanswered(one, "It must be answered before the work goes on: answer it, or say that there is none.")
    if resolution is not Resolution.ANSWERED:
        if given.get("value") is not None:
            return _unanswered(one, "Leave the value out, or answer with it.")
        return {"resolution": resolution.value, "value": None}
    try:
        return {"resolution": resolution.value, "value": _value(one, given.get("value"))}
    except ValueError as problem:
        return error(_place(one.id), str(problem), "ANSWER_TYPE")


def _value(one: Asked, value: Any) -> Any:
    """The value as it is kept; ValueError in words for one that does not fit."""
    match one.answer_type:
        case AnswerType.FREE_TEXT:
            if isinstance(value, str) and 0 < len(value.strip()) <= MOST_ANSWER and storable(value) == value:
                return value.strip()
            raise ValueError(f"Write 1 to {MOST_ANSWER:,} characters.")
        case AnswerType.SINGLE_CHOICE:
            if isinstance(value, str) and value in one.choices:
                return value
            raise ValueError("Choose one of the choices.")
        case AnswerType.MULTI_CHOICE:
            if (
                isinstance(value, list)
                and value
                and all(isinstance(part, str) and part in one.choices for part in value)
            ):
                return [choice for choice in one.choices if choice in value]
            raise ValueError("Choose one or more of the choices.")
        case AnswerType.YES_NO:
            if isinstance(value, bool):
                return value
            raise ValueError("Answer yes or no.")
        case AnswerType.NUMBER:
            if isinstance(value, int | float) and not isinstance(value, bool) and _is_plain(value):
                return value
            raise ValueError(f"Write a number between ±{LARGEST:,}.")
        case AnswerType.DATE:
            return _date(value)
        case AnswerType.UUID:
            return _uuid(value)
        case AnswerType.JSON_OBJECT:
            if isinstance(value, dict) and (unfit := check_value(value)) is None:
                return value
            raise ValueError(unfit.message if isinstance(value, dict) and unfit else "Write a JSON object: {…}.")


def _is_plain(value: float) -> bool:
    return math.isfinite(value) and abs(value) <= LARGEST


def _date(value: Any) -> str:
    try:
        if isinstance(value, str) and re.fullmatch(r"\d{4}-\d\d-\d\d", value, re.ASCII):
            return date.fromisoformat(value).isoformat()
    except ValueError:
        pass
    raise ValueError("Write the date as 2026-01-31.")


def _uuid(value: Any) -> str:
    try:
        if isinstance(value, str) and len(value) == 36:
            return str(UUID(value))
    except ValueError:
        pass
    raise ValueError("Write the UUID with its hyphens, 36 characters.")


def _unanswered(one: Asked, message: str) -> Finding:
    return error(_place(one.id), message, "UNANSWERED")


def _place(name: str) -> str:
    return f"$.{name}"
