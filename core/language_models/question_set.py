"""A set of questions as values, and its shape as models are told it (SPEC W5)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

MODE = "questions_only"
MOST_QUESTIONS = 12


class Priority(StrEnum):
    MUST = "must"
    SHOULD = "should"
    COULD = "could"


class AnswerType(StrEnum):
    FREE_TEXT = "free_text"
    SINGLE_CHOICE = "single_choice"
    MULTI_CHOICE = "multi_choice"
    YES_NO = "yes_no"
    NUMBER = "number"
    DATE = "date"
    UUID = "uuid"
    JSON_OBJECT = "json_object"

    @property
    def chooses(self) -> bool:
        return self in (AnswerType.SINGLE_CHOICE, AnswerType.MULTI_CHOICE)


class Resolution(StrEnum):
    ANSWERED = "answered"
    EXPLICIT_NONE = "explicit_none"
    """There is none: the model decides, and writes down what it decided."""
    DEFERRED = "deferred"
    NOT_APPLICABLE = "not_applicable"


SETTLES = frozenset({Resolution.ANSWERED, Resolution.EXPLICIT_NONE})
"""What a blocking question must come to."""


@dataclass(frozen=True)
class Asked:
    """One question of a set."""

    id: str
    text: str
    why_it_matters: str
    priority: Priority
    constraint_kind: str
    answer_type: AnswerType
    choices: tuple[str, ...] = ()
    blocking: bool = True

    def to_json(self) -> dict[str, Any]:
        return {
            "id": self.id, "text": self.text, "why_it_matters": self.why_it_matters, "priority": self.priority.value,
            "constraint_kind": self.constraint_kind, "answer_type": self.answer_type.value,
            **({"choices": list(self.choices)} if self.choices else {}), "blocking": self.blocking,
        }  # fmt: skip


@dataclass(frozen=True)
class QuestionSet:
    questions: tuple[Asked, ...]

    def to_json(self) -> dict[str, Any]:
        return {"mode": MODE, "questions": [one.to_json() for one in self.questions]}


QUESTION_SET_SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "required": ["mode", "questions"],
    "additionalProperties": False,
    "properties": {
        "mode": {"const": MODE},
        "questions": {
            "type": "array",
            "minItems": 1,
            "maxItems": MOST_QUESTIONS,
            "items": {
                "type": "object",
                "required": ["id", "text", "why_it_matters", "priority", "constraint_kind", "answer_type", "blocking"],
                "additionalProperties": False,
                "properties": {
                    "id": {"type": "string", "pattern": r"^[A-Z0-9_\-]{3,64}$"},
                    "text": {"type": "string", "pattern": r"\?$", "maxLength": 1000},
                    "why_it_matters": {"type": "string", "minLength": 1, "maxLength": 2000},
                    "priority": {"enum": [one.value for one in Priority]},
                    "constraint_kind": {"type": "string", "minLength": 1, "maxLength": 100},
                    "answer_type": {"enum": [one.value for one in AnswerType]},
                    "choices": {"type": "array", "items": {"type": "string"}},
                    "blocking": {"type": "boolean"},
                },
            },
        },
    },
}
"""What a model is told of the shape; `parse_questions` is what counts."""
