"""Language models as accounts: any server that speaks OpenAI's protocol, OpenAI itself, and Anthropic."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable
from decimal import Decimal
from typing import Annotated, TypeVar
from urllib.parse import quote, urlsplit

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, SecretStr, model_validator

from core.connectors.protocol import System
from core.connectors.transports.calls import Missing, Refused, sentence
from core.connectors.transports.http import Answer, HttpApi, Means
from core.connectors.transports.keys import HeaderKey
from core.connectors.transports.mail_systems import api_address
from core.connectors.transports.typed import one_line
from core.settings import Settings

FAMILY = "model"
OPENAI_API = "https://api.openai.com/v1"
ANTHROPIC_API = "https://api.anthropic.com"
_ANSWERS = {404: Means.MISSING, 405: Means.MISSING}
"""A server that has no list of models says one of these."""
ANTHROPIC_VERSION = "2026-10-21"
"""The same that the library asks for."""


def _none_if_empty(value: object) -> object:
    return None if value == "" else value


ModelName = Annotated[str, AfterValidator(one_line), Field(min_length=1, max_length=150)]
Price = Annotated[Decimal | None, BeforeValidator(_none_if_empty), Field(ge=0, le=100_000)]


class ModelAccount(BaseModel):
    """What all of them have. A price is asked for where the public lists do not know the model."""

    model_config = ConfigDict(extra="forbid", protected_namespaces=())

    model: ModelName = Field(title="Model", description="As the provider spells it.")
    timeout_seconds: int = Field(
        default=120, title="Time limit", ge=5, le=600, description="Seconds for one whole answer."
    )
    max_tokens: int | None = Field(
        default=None, title="Longest answer", ge=16, le=64_000,
        description="In tokens; empty for the provider's own limit.",
    )  # fmt: skip
    price_in: Price = Field(
        default=None, title="Price of a million tokens read",
        description="In US dollars; empty: the public price, where it is known.",
    )  # fmt: skip
    price_out: Price = Field(
        default=None, title="Price of a million tokens written", description="In US dollars; together with the other."
    )

    @model_validator(mode="after")
    def _both_prices(self) -> ModelAccount:
        if (self.price_in is None) != (self.price_out is None):
            raise ValueError("write both prices, or none")
        return self


class CompatibleAccount(ModelAccount):
    base_url: Annotated[str, AfterValidator(api_address)] = Field(
        title="Address of the API", max_length=300, description="For example http://localhost:11434/v1."
    )
    api_key: Annotated[HeaderKey | None, BeforeValidator(_none_if_empty)] = Field(
        default=None, title="Key", max_length=500, description="Empty: the server asks for none."
    )
    json_schema: bool = Field(
        default=False, title="It can be held to a JSON Schema",
        description="Servers such as vLLM and llama.cpp can; one that cannot may refuse the request.",
    )  # fmt: skip


class OpenAIAccount(ModelAccount):
    api_key: HeaderKey = Field(title="Key", max_length=500)
    base_url: Annotated[str, AfterValidator(api_address)] = Field(
        default=OPENAI_API, title="Address of the API", max_length=300, description="Another one only for a proxy."
    )


class AnthropicAccount(ModelAccount):
    api_key: HeaderKey = Field(title="Key", max_length=500)
    base_url: Annotated[str, AfterValidator(api_address)] = Field(
        default=ANTHROPIC_API, title="Address of the API", max_length=300, description="Another one only for a proxy."
    )


AnyModelAccount = CompatibleAccount | OpenAIAccount | AnthropicAccount
M = TypeVar("M", bound=AnyModelAccount)


def secret_of(account: AnyModelAccount) -> str:
    """The key in clear; empty where there is none."""
    return account.api_key.get_secret_value() if account.api_key is not None else ""


class _ModelSystem(System[M]):
    family = FAMILY
    prefix: str
    """What LANGUAGE_MODEL begins with."""

    def identity(self, account: M) -> str:
        return f"{account.model} at {urlsplit(account.base_url).netloc}"

    def test(self, account: M, *, timeout: float) -> str:
        key = secret_of(account)
        api = HttpApi(
            account.base_url, headers=self._headers(key), timeout=timeout, words=_words_without(key), answers=_ANSWERS
        )
        with api:
            return self._found(api, account)

    def environment(self, settings: Settings) -> M | None:
        prefix, _, model = (settings.language_model or "").partition(":")
        if prefix != self.prefix or not model.strip():
            return None
        return self._from_environment(
            model.strip(), (settings.language_model_url or "").strip().rstrip("/"), settings.language_model_key,
            int(settings.language_model_timeout_seconds),
        )  # fmt: skip

    @abstractmethod
    def _from_environment(self, model: str, url: str, key: SecretStr | None, timeout: int) -> M | None: ...

    @abstractmethod
    def _headers(self, key: str) -> dict[str, str]: ...

    def _found(self, api: HttpApi, account: M) -> str:
        """Reads what is said about the model: it costs nothing, and proves the key and the model."""
        try:
            api.ask(self._model_path(account))
        except Missing:
            raise Refused(f"the key is accepted, and there is no model {account.model} for it.") from None
        return f"The key is accepted, and {account.model} can be used."

    def _model_path(self, account: M) -> str:
        return f"models/{quote(account.model, safe='')}"


class CompatibleSystem(_ModelSystem[CompatibleAccount]):
    name, title, prefix = "openai_compatible", "Language model (OpenAI-compatible server)", "compatible"
    account = CompatibleAccount
    where = "Ollama, vLLM, llama.cpp, LM Studio, LiteLLM and most providers name this address in their documentation."

    def _from_environment(self, model: str, url: str, key: SecretStr | None, timeout: int) -> CompatibleAccount | None:
        if not url:
            return None
        return CompatibleAccount(model=model, base_url=url, api_key=key, timeout_seconds=timeout)

    def _headers(self, key: str) -> dict[str, str]:
        return {"authorization": f"Bearer {key}"} if key else {}

    def _found(self, api: HttpApi, account: CompatibleAccount) -> str:
        """The list of models where it names ours; else the shortest completion there is: lists are optional here."""
        if account.model in _listed(api):
            return f"The server answers, and {account.model} can be used."
        body = {"model": account.model, "messages": [{"role": "user", "content": "Say yes."}], "max_tokens": 1}
        answer = api.ask("chat/completions", method="POST", json=body).object()
        if not answer.get("choices"):
            raise Refused("the server answers, and not as OpenAI's protocol has it.")
        return f"The server answers, and {account.model} wrote a first word."


class OpenAISystem(_ModelSystem[OpenAIAccount]):
    name, title, prefix = "openai", "Language model (OpenAI)", "openai"
    account = OpenAIAccount
    where = "On platform.openai.com under API keys; one that may use models is enough."

    def _from_environment(self, model: str, url: str, key: SecretStr | None, timeout: int) -> OpenAIAccount | None:
        if key is None:
            return None
        return OpenAIAccount(model=model, base_url=url or OPENAI_API, api_key=key, timeout_seconds=timeout)

    def _headers(self, key: str) -> dict[str, str]:
        return {"authorization": f"Bearer {key}"}


class AnthropicSystem(_ModelSystem[AnthropicAccount]):
    name, title, prefix = "anthropic", "Language model (Anthropic)", "anthropic"
    account = AnthropicAccount
    where = "On the Claude console under API keys."

    def _from_environment(self, model: str, url: str, key: SecretStr | None, timeout: int) -> AnthropicAccount | None:
        if key is None:
            return None
        return AnthropicAccount(model=model, base_url=url or ANTHROPIC_API, api_key=key, timeout_seconds=timeout)

    def _headers(self, key: str) -> dict[str, str]:
        return {"authorization": f"Bearer {key}", "anthropic-version": ANTHROPIC_VERSION}

    def _model_path(self, account: AnthropicAccount) -> str:
        return f"v1/{super()._model_path(account)}"


def _listed(api: HttpApi) -> frozenset[str]:
    """The names that the server lists; none where it has no list."""
    try:
        models = api.ask("models").object().get("data")
    except Missing:
        return frozenset()
    except Refused as refused:
        if not refused.signed_in:
            raise
        return frozenset()
    return frozenset(
        str(one["id"]) for one in (models if isinstance(models, list) else ()) if isinstance(one, dict) and "id" in one
    )


def error_words(body: object) -> str:
    """What OpenAI's and Anthropic's errors say, and those that follow them; empty for any other shape."""
    error = body.get("error", body.get("detail", body)) if isinstance(body, dict) else body
    said = error.get("message") if isinstance(error, dict) else error
    return said if isinstance(said, str) else ""


def without_key(words: str, key: str) -> str:
    """What a server said, for people: some repeat the key that they refuse."""
    return sentence(words.replace(key, "…") if key else words)


def _words_without(key: str) -> Callable[[Answer], str]:
    def words(answer: Answer) -> str:
        said = error_words(answer.object())
        return without_key(f"it answered {answer.status}{f' ({said})' if said else ''}", key)

    return words
