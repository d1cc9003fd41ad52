"""The double in a process of its own answers by script, alike for the same question, and counts."""

from __future__ import annotations

import pytest

from core.connectors.registry import find_systems
from core.language_models.calling import call
from core.language_models.dialogue import Findings, Turn, question_for
from core.language_models.model import Answer, Question
from core.language_models.prompts import DocumentFacts, Prompt
from tests.doubles.language_model import KEY, MARK, clarification, good, language_model_process

ROLE, TASK = Prompt("r", "R", "file", "r"), Prompt("t", "T", "file", "t")


@pytest.mark.processes
def test_a_script_answers_by_document_and_turn_and_counts_what_is_asked_twice() -> None:
    system = find_systems()["openai_compatible"]
    first = question_for(ROLE, TASK, (), DocumentFacts("Brief"))
    second = question_for(ROLE, TASK, (), DocumentFacts("Brief"), (Turn("…", Findings(())),))
    other = question_for(ROLE, TASK, (), DocumentFacts("Plan"))

    with language_model_process({"Brief": [clarification(), good({"title": f"B {MARK}"})]}) as remote:
        account = system.account.model_validate({"base_url": f"{remote.url}/v1", "model": "m", "api_key": KEY})

        def ask(question: Question) -> Answer:
            return call(account, question, name="m")

        assert "questions_only" in ask(first).text
        again = ask(second).text
        assert again == ask(second).text and MARK not in again
        assert ask(other).text == '{"document": "Plan"}'
        counts = remote.counts()

    assert counts["calls"] == 4 and counts["by_document"] == {"Brief": 3, "Plan": 1}
    assert sorted(counts["by_request"].values()) == [1, 1, 2]
