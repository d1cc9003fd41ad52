"""One HTTP call to a model's server through pydantic-ai, and every way it ends, told as an answer or one of two errors."""

from __future__ import annotations

import asyncio
import time
from datetime import timedelta
from typing import Any

import httpx2
from anthropic import AsyncAnthropic
from openai import AsyncOpenAI
from pydantic_ai import ModelMessage, ModelRequest, ModelResponse, SystemPromptPart, TextPart, UserPromptPart
from pydantic_ai.direct import model_request
from pydantic_ai.exceptions import (
    AgentRunError,
    ModelAPIError,
    ModelAuthenticationError,
    ModelConnectionError,
    ModelContextWindowExceededError,
    ModelHTTPError,
    ModelNotFoundError,
    ModelQuotaExceededError,
    ModelRateLimitError,
    ModelServerError,
    ModelTimeoutError,
    ModelUnavailableError,
    UserError,
)
from pydantic_ai.models import Model, ModelRequestParameters
from pydantic_ai.models.anthropic import AnthropicModel
from pydantic_ai.models.openai import OpenAIChatModel
from pydantic_ai.output import OutputObjectDefinition
from pydantic_ai.providers.anthropic import AnthropicProvider
from pydantic_ai.providers.openai import OpenAIProvider
from pydantic_ai.providers.openai_compatible import OpenAICompatibleProvider
from pydantic_ai.settings import ModelSettings

from core.connectors.transports.model_systems import (
    AnthropicAccount,
    AnyModelAccount,
    CompatibleAccount,
    OpenAIAccount,
    error_words,
    secret_of,
    without_key,
)
from core.language_models.bounded import Encoded, TooLarge, client
from core.language_models.model import Answer, ModelRefused, ModelUnavailable, Question
from core.language_models.prices import CURRENCY, cost_of
from core.language_models.storable import storable

_ANTHROPIC_TOKENS = 16_000
"""Anthropic wants a limit named; this is a long document, and short enough to be answered in one piece."""
_LONGEST_WAIT = 24 * 3600.0
_AGAIN = frozenset({408, 425})
"""Statuses that ask to try again, beside 429 and 5xx."""
_CONNECTIONS = "Look under Connections, then try again."


def call(account: AnyModelAccount, question: Question, *, name: str) -> Answer:
    """Asks once, within the account's time limit from the first byte to the last."""
    started = time.monotonic()
    try:
        response = asyncio.run(_asked(account, question))
    except (ModelUnavailable, ModelRefused):
        raise
    except Exception as problem:
        # None of the libraries' errors goes on: they hold the request with its key.
        told = _told(problem, account, name)
    else:
        return _answer(response, account, name, started)
    raise told


async def _asked(account: AnyModelAccount, question: Question) -> ModelResponse:
    async with client(timeout=account.timeout_seconds, key=secret_of(account)) as http:
        async with asyncio.timeout(account.timeout_seconds):
            return await model_request(
                _model(account, http),
                _messages(question),
                model_settings=_settings(account),
                model_request_parameters=_parameters(account, question),
                instrument=False,
            )


def _model(account: AnyModelAccount, http: httpx2.AsyncClient) -> Model:
    """Everything the environment could tell these libraries is told here, and nothing is tried twice."""
    key, url, wait = secret_of(account), account.base_url, float(account.timeout_seconds)
    if isinstance(account, AnthropicAccount):
        anthropic = AsyncAnthropic(api_key=key, base_url=url, max_retries=0, timeout=wait, http_client=http)
        return AnthropicModel(account.model, provider=AnthropicProvider(anthropic_client=anthropic))
    openai = AsyncOpenAI(api_key=key or "none", base_url=url, max_retries=0, timeout=wait, http_client=http)
    if isinstance(account, OpenAIAccount):
        return OpenAIChatModel(account.model, provider=OpenAIProvider(openai_client=openai))
    return OpenAIChatModel(account.model, provider=OpenAICompatibleProvider("compatible", openai_client=openai))


def _messages(question: Question) -> list[ModelMessage]:
    found: list[ModelMessage] = []
    system = [SystemPromptPart(question.system)]
    for message in question.messages:
        if message.role == "assistant":
            found.append(ModelResponse(parts=[TextPart(message.text)]))
        else:
            found.append(ModelRequest(parts=[*system, UserPromptPart(message.text)]))
            system = []
    return found


def _settings(account: AnyModelAccount) -> ModelSettings:
    most = account.max_tokens or (_ANTHROPIC_TOKENS if isinstance(account, AnthropicAccount) else None)
    return ModelSettings(max_tokens=most) if most else ModelSettings()


def _parameters(account: AnyModelAccount, question: Question) -> ModelRequestParameters:
    """The schema goes along where the server can be held to it; it stands in the prompt for all of them."""
    schema = question.schema
    takes = isinstance(account, CompatibleAccount) and account.json_schema
    if schema is None or not takes:
        return ModelRequestParameters()
    wanted = OutputObjectDefinition(json_schema=dict(schema), name=question.schema_name, strict=False)
    return ModelRequestParameters(output_mode="native", output_object=wanted)


def _answer(response: ModelResponse, account: AnyModelAccount, name: str, started: float) -> Answer:
    if response.finish_reason == "content_filter":
        problem = "its provider does not let it write about this."
        raise ModelRefused(model=name, problem=problem, remedy="Change the prompt or its inputs, or write it yourself.")
    usage, model = response.usage, storable(response.model_name or account.model)[:200]
    return Answer(
        text=storable("".join(part.content for part in response.parts if isinstance(part, TextPart))),
        model=" ".join(model.split()) or account.model,
        tokens_in=_count(usage.input_tokens), tokens_out=_count(usage.output_tokens),
        cost=cost_of(account, usage, model), currency=CURRENCY,
        latency_ms=round((time.monotonic() - started) * 1000), cut_short=response.finish_reason == "length",
    )  # fmt: skip


def _count(tokens: Any) -> int:
    return min(max(int(tokens or 0), 0), 2**31 - 1)


def _told(problem: BaseException, account: AnyModelAccount, name: str) -> ModelUnavailable | ModelRefused:
    """The same trouble in our words; what the server said stands in them, without the key."""
    cause = _inner(problem)
    if isinstance(cause, TooLarge):
        return _refused(name, "its answer is larger than 4 MB.", "Ask for less in one document.")
    if isinstance(cause, Encoded):
        return _refused(name, "its server compresses answers that nobody asked to have compressed.", _CONNECTIONS)
    if 300 <= getattr(problem.__cause__, "status_code", 0) < 400:
        return _refused(name, "its server points to another address, where no key is sent.", _CONNECTIONS)
    said = _said(problem, account)
    match problem:
        case TimeoutError() | ModelTimeoutError():
            return ModelUnavailable(model=name, problem=f"no answer within {account.timeout_seconds} seconds.")
        case ModelConnectionError():
            return ModelUnavailable(model=name, problem="its server cannot be reached, or hung up.")
        case ModelQuotaExceededError():
            return _refused(
                name, f"the account's credit or limit is used up{said}", "Pay or raise it there, then try again."
            )
        case ModelContextWindowExceededError():
            words = "the prompt and its inputs are longer than it can read"
            return _refused(name, f"{words}{said}", "Shorten the inputs, or connect a model that reads more.")
        case ModelAuthenticationError():
            return _refused(name, f"the key is not accepted{said}", _CONNECTIONS)
        case ModelNotFoundError():
            return _refused(name, f"there is no such model or address{said}", _CONNECTIONS)
        case ModelRateLimitError() | ModelServerError() | ModelUnavailableError():
            return ModelUnavailable(model=name, problem=f"{_busy(problem)}{said}", retry_after=_wait(problem))
        case ModelHTTPError(status_code=status) if status in _AGAIN:
            return ModelUnavailable(model=name, problem=f"it answered {status}{said}", retry_after=_wait(problem))
        case ModelHTTPError(status_code=status):
            return _refused(name, f"it answered {status}{said}", "Change what it says there, then try again.")
        case UserError():
            return _refused(name, "the library that calls it does not know how.", _CONNECTIONS)
        case AgentRunError() | ValueError() | TypeError() | KeyError() | AttributeError() | RecursionError():
            return ModelUnavailable(model=name, problem="its answer is not of the shape that was agreed.")
        case _:
            return ModelUnavailable(model=name, problem=f"the call broke off ({type(problem).__name__}).")


def _inner(problem: BaseException) -> BaseException:
    """What came first in the chain of causes."""
    for _ in range(10):
        before = problem.__cause__ or problem.__context__
        if before is None or isinstance(problem, TooLarge | Encoded):
            break
        problem = before
    return problem


def _said(problem: BaseException, account: AnyModelAccount) -> str:
    body = problem.body if isinstance(problem, ModelAPIError) else None
    words = without_key(storable(error_words(body)), secret_of(account)) if error_words(body) else ""
    return f": {words}" if words else "."


def _busy(problem: BaseException) -> str:
    if isinstance(problem, ModelRateLimitError):
        return "it is asked too often"
    return f"its server answered {problem.status_code}" if isinstance(problem, ModelHTTPError) else "its server is busy"


def _wait(problem: ModelAPIError) -> timedelta | None:
    seconds = problem.retry_after
    return None if seconds is None else timedelta(seconds=min(max(seconds, 0.0), _LONGEST_WAIT))


def _refused(name: str, problem: str, remedy: str) -> ModelRefused:
    return ModelRefused(model=name, problem=problem, remedy=remedy)
