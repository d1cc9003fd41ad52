"""What a call cost: at the prices that the account names, else at the public ones of genai-prices."""

from __future__ import annotations

from decimal import Decimal

from genai_prices import calc_price
from pydantic_ai.usage import RequestUsage

from core.connectors.transports.model_systems import AnthropicAccount, AnyModelAccount, OpenAIAccount

CURRENCY = "USD"
_MILLION = Decimal(1_000_000)
_SMALLEST = Decimal("0.00000001")
_MOST = Decimal(10) ** 9


def cost_of(account: AnyModelAccount, usage: RequestUsage, model: str) -> Decimal | None:
    """US dollars; None where nobody knows the price, never a guess: a server of one's own may call its model anything."""
    if not usage.input_tokens:
        return None  # nothing is answered to nothing: the server does not count
    if account.price_in is not None and account.price_out is not None:
        read, written = max(usage.input_tokens, 0), max(usage.output_tokens or 0, 0)
        return _rounded((read * account.price_in + written * account.price_out) / _MILLION)
    try:
        if isinstance(account, OpenAIAccount):
            price = calc_price(usage, model, provider_id="openai")
        elif isinstance(account, AnthropicAccount):
            price = calc_price(usage, model, provider_id="anthropic")
        else:
            price = calc_price(usage, model, provider_api_url=account.base_url)
    except (LookupError, ValueError):
        return None
    return _rounded(Decimal(price.total_price))


def _rounded(cost: Decimal) -> Decimal | None:
    return cost.quantize(_SMALLEST) if 0 <= cost < _MOST else None
