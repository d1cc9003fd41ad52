"""Asking a model over real HTTP: each way a call can end, once, in time, and without the key in anybody's words."""

from __future__ import annotations

import json
import logging
import time
import traceback
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from pydantic import BaseModel

from core.connections.rules import ConnectionDisabled, ConnectionUnreadable
from core.connectors.plan import AttemptOutcome, Receipt
from core.connectors.protocol import Account
from core.connectors.registry import find_systems
from core.errors import CountersignError
from core.language_models.bounded import MOST_BYTES
from core.language_models.service import Answer, LanguageModels, Message, ModelRefused, ModelUnavailable, Question
from core.settings import Settings
from tests.doubles import language_model as double_of
from tests.doubles.language_model import KEY, LanguageModelDouble, Reply, good, running_language_model

QUESTION = Question("You write.", (Message("user", "Write the brief."),))
ROADS = {"openai_compatible": "tiny-model", "openai": "gpt-5-mini", "anthropic": "claude-haiku-5-5"}


class OneAccount:
    """An installation with at most one language model, or with trouble finding it."""

    def __init__(self, account: Account[Any] | None, trouble: CountersignError | None = None) -> None:
        self._account, self._trouble = account, trouble
        self.noted: list[tuple[str | None, Receipt]] = []

    def find(self, family: str, name: str | None) -> Account[Any] | None:
        assert (family, name) == ("model", None)
        if self._trouble is not None:
            raise self._trouble
        return self._account

    def all(self, family: str) -> Sequence[Account[Any]]:
        return ()

    def names(self, family: str) -> Sequence[str]:
        return ()

    def used(self, name: str | None, receipt: Receipt) -> None:
        self.noted.append((name, receipt))


def account(double: LanguageModelDouble, system: str = "openai_compatible", **more: Any) -> Account[BaseModel]:
    base = double.url if system == "anthropic" else f"{double.url}/v1"
    values = {"base_url": base, "model": ROADS[system], "api_key": KEY, **more}
    return Account("main", system, find_systems()[system].account.model_validate(values), revision="1")


def models(found: Account[Any] | None, settings: Settings) -> LanguageModels:
    return LanguageModels(OneAccount(found), settings)


@pytest.fixture
def double() -> Iterator[LanguageModelDouble]:
    with running_language_model() as running:
        yield running


@pytest.fixture(params=sorted(ROADS))
def road(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def hasty(found: Account[Any], seconds: float = 1) -> Account[Any]:
    """With a shorter time limit than the form allows, so that the test is short too."""
    object.__setattr__(found.values, "timeout_seconds", seconds)
    return found


def test_a_good_answer_comes_with_what_it_took(double: LanguageModelDouble, road: str, settings: Settings) -> None:
    double.replies.append(good({"title": "Brief"}, tokens_in=1000, tokens_out=500))

    answer = models(account(double, road), settings).ask(QUESTION)

    assert json.loads(answer.text) == {"title": "Brief"}
    assert (answer.model, answer.tokens_in, answer.tokens_out) == (ROADS[road], 1000, 500)
    assert answer.latency_ms >= 0 and not answer.cut_short and answer.currency == "USD"


def test_system_and_turns_arrive_in_their_roles(double: LanguageModelDouble, road: str, settings: Settings) -> None:
    said = (Message("user", "Write."), Message("assistant", "{}"), Message("user", "Again."))

    models(account(double, road), settings).ask(Question("You write.", said))

    (asked,) = double.asked
    assert asked.system == "You write."
    assert asked.turns == [("user", "Write."), ("assistant", "{}"), ("user", "Again.")]
    assert asked.path == ("/v1/messages" if road == "anthropic" else "/v1/chat/completions")


def test_nothing_goes_out_that_is_not_named(
    double: LanguageModelDouble, road: str, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The libraries take keys, addresses, headers and proxies from the environment, and tell of this machine."""
    for name in ("OPENAI_API_KEY", "ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN"):
        monkeypatch.setenv(name, "sk-of-the-environment")
    for name in ("OPENAI_BASE_URL", "ANTHROPIC_BASE_URL", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.setenv("OPENAI_ORG_ID", "org-of-the-environment")
    for name in ("OPENAI_CUSTOM_HEADERS", "ANTHROPIC_CUSTOM_HEADERS"):
        monkeypatch.setenv(name, "x-stranger: yes")

    models(account(double, road), settings).ask(QUESTION)

    (asked,) = double.asked
    expected = {"host", "content-type", "content-length", "accept", "authorization", "user-agent", "accept-encoding"}
    assert set(asked.headers) == expected | ({"anthropic-version"} if road == "anthropic" else set())
    assert asked.headers["authorization"] == f"Bearer {KEY}" and asked.headers["user-agent"] == "Countersign/1"
    assert "environment" not in str(asked)


def test_without_a_key_none_is_sent(double: LanguageModelDouble, settings: Settings) -> None:
    double.key = None
    models(account(double, api_key=""), settings).ask(QUESTION)

    assert "authorization" not in double.asked[0].headers


def test_the_schema_goes_along_only_where_the_server_is_said_to_hold_to_it(
    double: LanguageModelDouble, road: str, settings: Settings
) -> None:
    schema = {"type": "object", "properties": {"title": {"type": "string"}}}
    question = Question("You write.", QUESTION.messages, schema=schema)

    models(account(double, road), settings).ask(question)
    assert "response_format" not in double.asked[0].body
    if road == "openai_compatible":
        models(account(double, road, json_schema=True), settings).ask(question)
        sent = double.asked[1].body["response_format"]
        assert sent["type"] == "json_schema" and sent["json_schema"]["schema"] == schema


def test_a_limit_of_tokens_is_sent_and_an_answer_that_met_it_says_so(
    double: LanguageModelDouble, road: str, settings: Settings
) -> None:
    double.replies.append(double_of.cut_short())

    assert models(account(double, road, max_tokens=60_000), settings).ask(QUESTION).cut_short
    body = double.asked[0].body
    assert body.get("max_completion_tokens", body.get("max_tokens")) == 60_000 and not body.get("stream")


UNAVAILABLE: dict[str, tuple[Reply, str, timedelta | None]] = {
    "throttled": (double_of.throttled(7), "too often", timedelta(seconds=7)),
    "throttled without a time": (double_of.throttled(None), "too often", None),
    "throttled for a year": (double_of.throttled(31_536_000), "too often", timedelta(days=1)),
    "error": (double_of.server_error(500), "500", None),
    "gateway": (Reply(status=502, raw="<html>Bad gateway</html>"), "502", None),
    "overloaded": (double_of.server_error(529), "529", None),
    "timed out there": (Reply(status=408, error="Request timeout"), "408", None),
    "dropped before": (double_of.dropped("before"), "hung up", None),
    "dropped after": (double_of.dropped("after"), "", None),
    "silent": (double_of.slow(30), "no answer within 1 seconds", None),
    "dripping": (double_of.dripping(0.1), "no answer within 1 seconds", None),
    "a web page": (Reply(raw="<html>Sign in to the hotel's network</html>"), "shape", None),
    "no object": (Reply(raw="[1, 2]", headers={"content-type": "application/json"}), "shape", None),
    "an empty object": (Reply(raw="{}", headers={"content-type": "application/json"}), "shape", None),
}


@pytest.mark.parametrize("name", sorted(UNAVAILABLE))
def test_what_may_work_later_is_unavailable_and_is_asked_once(
    double: LanguageModelDouble, road: str, settings: Settings, name: str
) -> None:
    reply, words, wait = UNAVAILABLE[name]
    double.replies.append(reply)
    started = time.monotonic()

    with pytest.raises(ModelUnavailable) as refused:
        models(hasty(account(double, road)), settings).ask(QUESTION)

    assert words in str(refused.value) and refused.value.retry_after == wait
    assert len(double.asked) == 1 and time.monotonic() - started < 5


REFUSED: dict[str, tuple[Reply, str, str]] = {
    "overflow": (double_of.overflow(), "longer than it can read", "Shorten the inputs"),
    "bad request": (Reply(status=400, error="Unsupported value: temperature"), "Unsupported value", "says there"),
    "out of credit": (double_of.out_of_credit(), "credit or limit", "Pay or raise it"),
    "forbidden": (Reply(status=403, error="Not for your country"), "Not for your country", "Connections"),
    "no such address": (Reply(status=404, raw="<html>Not found</html>"), "no such model or address", "Connections"),
    "moved": (Reply(status=307, raw="", headers={"location": "http://127.0.0.1:9/"}), "another address", "Connections"),
    "too large": (Reply(text="x" * (MOST_BYTES + 1)), "larger than 4 MB", "less in one document"),
    "compressed": (Reply(text="x" * 1000, zipped=True), "compresses", "Connections"),
    "filtered": (Reply(finish="content_filter"), "does not let it write", "write it yourself"),
}  # fmt: skip


IN_ANTHROPICS_WORDS = {
    "overflow": "prompt is too long: 9000 tokens > 8192 maximum",
    "out of credit": "Your credit balance is too low to access the Anthropic API",
}
"""Its errors of these kinds are told by their words alone."""


@pytest.mark.parametrize("name", sorted(REFUSED))
def test_what_will_not_work_again_is_refused_in_words_that_say_what_to_do(
    double: LanguageModelDouble, road: str, settings: Settings, name: str
) -> None:
    reply, problem, remedy = REFUSED[name]
    if road == "anthropic" and name in IN_ANTHROPICS_WORDS:
        reply = Reply(status=400, error=IN_ANTHROPICS_WORDS[name], code="invalid_request_error")
    double.replies.append(reply)

    with pytest.raises(ModelRefused) as refused:
        models(account(double, road), settings).ask(QUESTION)

    assert problem in str(refused.value) and remedy in str(refused.value)
    assert len(double.asked) == 1


def test_a_model_that_declines_is_refused(double: LanguageModelDouble, settings: Settings) -> None:
    double.replies.append(Reply(refusal="I cannot help with that."))

    with pytest.raises(ModelRefused, match="does not let it write"):
        models(account(double, "openai"), settings).ask(QUESTION)


def test_nobody_listening_is_unavailable(settings: Settings) -> None:
    with running_language_model() as gone:
        found = account(gone)

    with pytest.raises(ModelUnavailable, match="cannot be reached"):
        models(found, settings).ask(QUESTION)


def test_the_key_is_in_no_word_log_or_traceback(
    double: LanguageModelDouble, road: str, settings: Settings, caplog: pytest.LogCaptureFixture,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    """A server that repeats the key it refuses, and libraries that keep the request in their errors."""
    caplog.set_level(logging.DEBUG)
    wrong = "sk-wrong-93ab6c7d2e"
    found = account(double, road, api_key=wrong)
    accounts = OneAccount(found)

    with pytest.raises(ModelRefused, match="key is not accepted") as refused:
        LanguageModels(accounts, settings).ask(QUESTION)
    double.replies.append(Reply(status=500, error=f"while handling {KEY} of you"))
    with pytest.raises(ModelUnavailable) as later:
        models(account(double, road), settings).ask(QUESTION)

    told = [str(refused.value), repr(refused.value), str(refused.value.facts), str(later.value), repr(found)]
    told += ["".join(traceback.format_exception(one.value)) for one in (refused, later)]
    told += [caplog.text, *capsys.readouterr(), str(accounts.noted)]
    for one in told:
        assert wrong not in one and KEY not in one
    for raised in (refused.value, later.value):
        assert raised.__cause__ is None and raised.__context__ is None
    assert "Connections" in str(refused.value)


def test_an_answer_that_cannot_be_stored_shows_where(double: LanguageModelDouble, settings: Settings) -> None:
    double.replies.append(Reply(text="a\0b\ud800c😀", model="m\0" + "x" * 500))

    answer = models(account(double), settings).ask(QUESTION)

    assert answer.text == "a\ufffdb\ufffdc😀" and len(answer.model) <= 200 and "\0" not in answer.model


def test_many_ask_at_once_and_each_gets_its_own_answer(double: LanguageModelDouble, settings: Settings) -> None:
    double.answering = lambda asked: good({"said": asked.turns[0][1]}, hold=0.1)
    asking = models(account(double), settings)

    def ask(number: int) -> str:
        return asking.ask(Question("s", (Message("user", str(number)),))).text

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(ask, range(16)))

    assert [json.loads(one)["said"] for one in answers] == [str(number) for number in range(16)]


# -- cost ---------------------------------------------------------------------------------------------------------------


def test_named_prices_count(double: LanguageModelDouble, road: str, settings: Settings) -> None:
    double.replies.append(good({}, tokens_in=1_000_000, tokens_out=300_000))

    answer = models(account(double, road, price_in="0.5", price_out="2"), settings).ask(QUESTION)

    assert answer.cost == Decimal("1.1")


def test_public_prices_count_where_none_is_named(double: LanguageModelDouble, settings: Settings) -> None:
    def asked(system: str) -> Answer:
        double.replies.append(good({}, tokens_in=1_000_000, tokens_out=1_000_000))
        return models(account(double, system), settings).ask(QUESTION)

    assert asked("openai").cost == Decimal("2.25")  # gpt-5-mini: 0.25 and 2.00 for a million
    assert (asked("anthropic").cost or 0) > 0
    assert asked("openai_compatible").cost is None


def test_a_server_of_ones_own_is_not_billed_at_anothers_price(double: LanguageModelDouble, settings: Settings) -> None:
    double.replies.append(good({}, model="gpt-5-mini"))

    assert models(account(double, model="gpt-5-mini"), settings).ask(QUESTION).cost is None


@pytest.mark.filterwarnings("ignore")  # the library warns of such counts, and goes on
@pytest.mark.parametrize(("read", "written", "kept"), [(-5, 7, (0, 0)), (3, 10**15, (3, 2**31 - 1)), (0, 0, (0, 0))])
def test_strange_counts_of_tokens_are_kept_in_bounds_and_cost_nothing_that_nobody_knows(
    double: LanguageModelDouble, settings: Settings, read: int, written: int, kept: tuple[int, int]
) -> None:
    double.replies.append(good({}, tokens_in=read, tokens_out=written))

    answer = models(account(double, price_in="1", price_out="1"), settings).ask(QUESTION)

    assert (answer.tokens_in, answer.tokens_out) == kept and answer.cost is None


# -- which model --------------------------------------------------------------------------------------------------------


def test_the_model_is_named_for_people(double: LanguageModelDouble, settings: Settings) -> None:
    host = double.url.removeprefix("http://")

    assert models(account(double), settings).configured() == f"tiny-model at {host}"
    assert models(None, settings).configured() is None


def test_what_a_preview_lets_out_is_named_and_a_model_on_this_machine_is_not(
    double: LanguageModelDouble, settings: Settings
) -> None:
    elsewhere = account(double, base_url="https://models.example.com/v1")
    assert models(elsewhere, settings).outside() == "tiny-model"
    assert models(account(double), settings).outside() is None
    assert models(None, settings).outside() is None


def test_without_a_model_asking_says_what_to_do(settings: Settings) -> None:
    with pytest.raises(ModelRefused, match=r"none is connected.*Connections"):
        models(None, settings).ask(QUESTION)


def test_switched_off_is_none_and_unreadable_is_trouble(settings: Settings) -> None:
    off = LanguageModels(OneAccount(None, ConnectionDisabled(name="main", because="Asha switched it off.")), settings)
    unreadable = LanguageModels(OneAccount(None, ConnectionUnreadable(name="main", problem="gone.")), settings)

    assert off.configured() is None
    assert unreadable.configured() is not None
    for one in (off, unreadable):
        with pytest.raises(ModelRefused, match="Connections"):
            one.ask(QUESTION)


def test_each_use_is_noted_on_the_connection(double: LanguageModelDouble, settings: Settings) -> None:
    accounts = OneAccount(account(double))
    asking = LanguageModels(accounts, settings)
    double.replies.extend([good({}), double_of.throttled(), double_of.overflow()])

    asking.ask(QUESTION)
    for problem in (ModelUnavailable, ModelRefused):
        with pytest.raises(problem):
            asking.ask(QUESTION)

    outcomes = [receipt.outcome for _, receipt in accounts.noted]
    assert outcomes == [AttemptOutcome.CONFIRMED, AttemptOutcome.DEFERRED, AttemptOutcome.REJECTED]


def test_what_is_kept_of_a_question_is_json() -> None:
    kept = Question("s", (Message("user", "u"),), schema={"type": "object"}).to_json()

    assert json.loads(json.dumps(kept)) == {
        "system": "s", "messages": [{"role": "user", "text": "u"}], "schema": {"type": "object"},
        "schema_name": "document",
    }  # fmt: skip
