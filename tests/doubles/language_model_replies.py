"""What a double of a language model is asked and what it may be told to answer, well and badly."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal


@dataclass(frozen=True)
class Reply:
    """What one call is answered; `raw` takes the place of a well-formed answer with `text`."""

    text: str = ""
    finish: Literal["stop", "length", "content_filter"] = "stop"
    status: int = 200
    error: str | None = None
    code: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    raw: str | None = None
    hold: float = 0.0
    """Seconds of silence before the answer."""
    drip: float = 0.0
    """Seconds between its letters."""
    drop: Literal["", "before", "after"] = ""
    """The connection is cut before the call is counted as answered, or in the middle of the answer."""
    zipped: bool = False
    tokens_in: int = 120
    tokens_out: int = 40
    refusal: str | None = None
    model: str | None = None
    """What the answer calls the model; None: as it was asked."""


def good(value: Any, **more: Any) -> Reply:
    return Reply(text=json.dumps(value), **more)


def fenced(value: Any) -> Reply:
    return Reply(text=f"Here it is:\n```json\n{json.dumps(value, indent=2)}\n```\nTell me what to change.")


def malformed() -> Reply:
    return Reply(text='{"title": "Half a docu')


def cut_short() -> Reply:
    return Reply(text='{"epics": [{"id": "E1"}', finish="length")


def clarification(*questions: Mapping[str, Any]) -> Reply:
    """A question set; without arguments one free question."""
    asked = questions or (
        {
            "id": "TARGET_MARKET", "text": "Which market is it for?", "why_it_matters": "Prices differ.",
            "priority": "must", "constraint_kind": "scope", "answer_type": "free_text", "blocking": True,
        },
    )  # fmt: skip
    return good({"mode": "questions_only", "questions": list(asked)})


def slow(seconds: float) -> Reply:
    return Reply(text="{}", hold=seconds)


def dripping(seconds: float = 0.2) -> Reply:
    return Reply(text="{}", drip=seconds)


def throttled(retry_after: int | None = 7) -> Reply:
    headers = {} if retry_after is None else {"retry-after": str(retry_after)}
    return Reply(status=429, error="Rate limit reached", code="rate_limit_exceeded", headers=headers)


def out_of_credit() -> Reply:
    return Reply(status=429, error="You exceeded your current quota", code="insufficient_quota")


def server_error(status: int = 500) -> Reply:
    return Reply(status=status, error="The server had an error", code="server_error")


def overflow() -> Reply:
    words = "This model's maximum context length is 8192 tokens; your messages are 9000 tokens long"
    return Reply(status=400, error=words, code="context_length_exceeded")


def dropped(when: Literal["before", "after"]) -> Reply:
    return Reply(text="{}", drop=when)


@dataclass(frozen=True)
class Asked:
    """One call as it came in."""

    path: str
    headers: Mapping[str, str]
    body: Mapping[str, Any]

    @property
    def turns(self) -> list[tuple[str, str]]:
        """(role, text) of each message, the system's left out."""
        return [(one["role"], _text(one["content"])) for one in self.body["messages"] if one["role"] in _TALKING]

    @property
    def system(self) -> str:
        said = [_text(one["content"]) for one in self.body["messages"] if one["role"] not in _TALKING]
        return "\n".join([*said, _text(self.body.get("system", ""))]).strip()

    @property
    def document(self) -> str:
        """The document that is asked for, as `core.language_models.dialogue` words it."""
        found = re.search(r"^Write the document: (.+?)\.(?: |\n|$)", self.turns[0][1], re.MULTILINE)
        return found[1] if found else ""

    @property
    def number(self) -> int:
        """How many answers of the model the conversation holds already."""
        return sum(role == "assistant" for role, _ in self.turns)

    @property
    def digest(self) -> str:
        return hashlib.sha256(json.dumps([self.system, self.turns]).encode()).hexdigest()

    @property
    def mark(self) -> str:
        return hashlib.sha256(self.turns[0][1].encode()).hexdigest()[:8]


_TALKING = ("user", "assistant")


def _text(content: Any) -> str:
    return content if isinstance(content, str) else "".join(str(part.get("text", "")) for part in content)
