"""Accounts of language models: what the environment and the form make of them, and what testing one costs and says."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import anthropic._constants
import pytest
from pydantic import SecretStr, ValidationError

from core.connections.accounts import EnvironmentAccounts
from core.connectors.registry import find_systems
from core.connectors.transports.calls import NotReached, Refused, Throttled
from core.connectors.transports.model_systems import (
    ANTHROPIC_API,
    ANTHROPIC_VERSION,
    FAMILY,
    OPENAI_API,
    AnthropicAccount,
    CompatibleAccount,
    CompatibleSystem,
    OpenAIAccount,
    OpenAISystem,
)
from core.settings import Settings
from tests.doubles.language_model import KEY, LanguageModelDouble, Reply, running_language_model, throttled


@pytest.fixture
def double() -> Iterator[LanguageModelDouble]:
    with running_language_model() as running:
        yield running


def given(settings: Settings, **more: Any) -> Any:
    """The environment's account of a language model."""
    found = EnvironmentAccounts(Settings(_env_file=None, var_dir=settings.var_dir, **more), find_systems())
    account = found.find(FAMILY, None)
    return account.values if account else None


def compatible(double: LanguageModelDouble, **more: Any) -> CompatibleAccount:
    return CompatibleAccount.model_validate(
        {"base_url": f"{double.url}/v1", "model": "tiny-model", "api_key": KEY, **more}
    )


def test_the_environment_names_one_of_three_kinds(settings: Settings) -> None:
    key = SecretStr("sk-1")

    local = given(settings, language_model="compatible:llama3.3", language_model_url="http://localhost:11434/v1/")
    assert isinstance(local, CompatibleAccount)
    assert (local.model, local.base_url, local.api_key) == ("llama3.3", "http://localhost:11434/v1", None)
    openai = given(settings, language_model="openai:gpt-5-mini", language_model_key=key)
    assert isinstance(openai, OpenAIAccount) and openai.base_url == OPENAI_API
    claude = given(
        settings, language_model="anthropic:claude-haiku-5-5", language_model_key=key, language_model_timeout_seconds=30
    )
    assert isinstance(claude, AnthropicAccount) and claude.base_url == ANTHROPIC_API and claude.timeout_seconds == 30
    assert given(settings, language_model="compatible:org/model:free", language_model_url="http://h/v1").model == (
        "org/model:free"
    )


@pytest.mark.parametrize(
    "more",
    [
        {}, {"language_model": "openai:gpt-5-mini"}, {"language_model": "compatible:llama3.3"},
        {"language_model_key": SecretStr("sk-1"), "language_model_url": "http://h/v1"},
    ],
)  # fmt: skip
def test_half_an_account_is_none(settings: Settings, more: dict[str, Any]) -> None:
    assert given(settings, **more) is None


@pytest.mark.parametrize("said", ["gpt-5-mini", "bard:x", "openai:", "openai: ", "OPENAI:x"])
def test_a_model_of_no_known_kind_is_refused_at_the_start(said: str) -> None:
    with pytest.raises(ValidationError, match="compatible:MODEL"):
        Settings(_env_file=None, language_model=said)


@pytest.mark.parametrize(
    "values",
    [
        {"base_url": "http://models.example.com/v1"}, {"base_url": "http://169.254.169.254/v1"},
        {"base_url": "ftp://h/v1"}, {"base_url": "http://user:word@localhost/v1"}, {"base_url": "http://localhost/v1?k=1"},
        {"model": ""}, {"model": "a\nb"}, {"model": "x" * 151}, {"api_key": "two words"}, {"api_key": "schlüssel"},
        {"timeout_seconds": 601}, {"max_tokens": 0}, {"price_in": "1"}, {"price_out": "1"},
        {"price_in": "-1", "price_out": "1"}, {"price_in": "NaN", "price_out": "1"}, {"unknown": 1},
    ],
)  # fmt: skip
def test_what_cannot_be_an_account_is_refused(values: dict[str, Any]) -> None:
    good = {"base_url": "http://localhost:11434/v1", "model": "llama3.3"}
    assert CompatibleAccount.model_validate(good)

    with pytest.raises(ValidationError):
        CompatibleAccount.model_validate({**good, **values})


def test_what_the_form_gives_is_kept_and_read_again() -> None:
    filled = {"base_url": "http://localhost/v1", "model": "m", "api_key": "", "price_in": "0.15", "price_out": "0.60"}

    account = CompatibleAccount.model_validate(filled)

    assert account.api_key is None and account.price_in == Decimal("0.15")
    assert CompatibleAccount.model_validate(account.model_dump(mode="json")) == account


def test_a_listed_model_is_proven_without_asking_it(double: LanguageModelDouble) -> None:
    assert "tiny-model can be used" in CompatibleSystem().test(compatible(double), timeout=2)
    assert not double.asked


def test_a_model_that_is_not_listed_writes_one_word(double: LanguageModelDouble) -> None:
    said = CompatibleSystem().test(compatible(double, model="other"), timeout=2)

    assert "other wrote a first word" in said
    assert [one.body["max_tokens"] for one in double.asked] == [1]


def test_a_server_that_speaks_otherwise_is_said_so(double: LanguageModelDouble) -> None:
    double.replies.append(Reply(raw="<html>A shop</html>"))

    with pytest.raises(Refused, match="not as OpenAI's protocol"):
        CompatibleSystem().test(compatible(double, model="other"), timeout=2)


def test_trouble_of_the_test_is_told_as_of_any_system(double: LanguageModelDouble) -> None:
    double.replies.append(throttled(7))
    with pytest.raises(Throttled) as refused:
        CompatibleSystem().test(compatible(double, model="other"), timeout=2)
    assert refused.value.retry_after == 7
    with running_language_model() as gone:
        account = compatible(gone)
    with pytest.raises(NotReached):
        CompatibleSystem().test(account, timeout=2)


def test_an_unknown_model_of_a_provider_is_told_from_a_wrong_key(double: LanguageModelDouble) -> None:
    account = OpenAIAccount(base_url=f"{double.url}/v1", model="gpt-none", api_key=SecretStr(KEY))

    with pytest.raises(Refused, match="key is accepted, and there is no model gpt-none"):
        OpenAISystem().test(account, timeout=2)
    assert not double.asked


def test_the_test_asks_for_the_version_that_the_library_asks_for() -> None:
    assert anthropic._constants.ANTHROPIC_API_VERSION == ANTHROPIC_VERSION
