"""What a web request may hold, and the addresses that an admin allows, checked before anything is asked."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal
from urllib.parse import unquote, urlsplit

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from core.connectors.transports.addresses import checked_url, origin
from core.connectors.transports.keys import HeaderValue
from core.connectors.transports.typed import from_json
from core.errors import InvalidInput
from core.text import has_controls

_HEADER = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,80}")
_NOT_OURS = frozenset(
    ("authorization", "connection", "content-length", "cookie", "expect", "host", "idempotency-key", "keep-alive",
     "proxy-authorization", "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade")
)  # fmt: skip
"""Headers that sign in (they belong into the connection) or that say how the message itself is to be read."""
_METHODS = frozenset(("x-http-method", "x-http-method-override", "x-method-override"))
"""Many frameworks take them for the method: a request that is shown as reading would delete."""


def _in_pydantic(check: Any, value: str) -> str:
    try:
        return str(check(value))
    except InvalidInput as refused:
        raise ValueError(refused.facts["problem"]) from None


def _base(value: str) -> str:
    url = _in_pydantic(checked_url, value)
    parts = urlsplit(url)
    if parts.query or parts.fragment:
        raise ValueError("leave out what follows a ? or a #")
    return f"{origin(url).lower()}{parts.path.rstrip('/')}"


def _header_name(value: str) -> str:
    if not _HEADER.fullmatch(value):
        raise ValueError("use the name of an HTTP header")
    return value


class HttpAccount(BaseModel):
    model_config = ConfigDict(extra="forbid")

    base_url: Annotated[str, AfterValidator(_base)] = Field(
        title="Address", description="Everything below it may be asked, for example https://api.example.com/v1."
    )
    header: Annotated[str, AfterValidator(_header_name)] = Field(
        default="Authorization", title="Header", description="The header that signs in."
    )
    secret: HeaderValue | None = Field(
        default=None, title="Its value", description="For example Bearer and the key; empty: no header is sent."
    )
    reading: bool = Field(
        default=False, title="GET only reads there",
        description="Then a GET counts as reading. Otherwise it is held to the rules of what cannot be undone.",
    )  # fmt: skip
    private: bool = Field(
        default=False, title="It is inside our own network",
        description="Allows addresses that are not the internet's. A cloud's metadata service stays forbidden.",
    )  # fmt: skip


def _url(value: str) -> str:
    url = _in_pydantic(checked_url, value)
    parts = urlsplit(url)
    if parts.fragment:
        raise ValueError("leave out what follows a #")
    steps = unquote(unquote(parts.path)).replace("\\", "/").split("/")
    steps = [step.partition(";")[0] for step in steps]  # some servers take `..;` for `..`
    if ".." in steps or "." in steps:
        raise ValueError("spell the path without . and ..")
    return f"{origin(url).lower()}{parts.path}{f'?{parts.query}' if parts.query else ''}"


def _headers(value: dict[str, str]) -> dict[str, str]:
    for name, text in value.items():
        if not _HEADER.fullmatch(name):
            raise ValueError(f"“{name[:40]}” is not the name of a header")
        if name.lower() in _NOT_OURS:
            raise ValueError(f"leave out {name}: what signs in is kept with the connection")
        if name.lower() in _METHODS:
            raise ValueError(f"leave out {name}: choose the method itself")
        if has_controls(text) or not text.isascii():
            raise ValueError(f"use one line of ASCII for {name}")
    return value


class RequestParams(BaseModel):
    model_config = ConfigDict(extra="forbid")

    method: Literal["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"] = Field(default="GET", title="Method")
    url: Annotated[str, AfterValidator(_url)] = Field(title="Address", description="The whole web address.")
    headers: Annotated[
        dict[str, str],
        BeforeValidator(lambda value: {} if (read := from_json(value)) is None else read),
        AfterValidator(_headers),
    ] = Field(
        default_factory=dict, title="Headers", max_length=50, description='As JSON, for example {"Accept": "text/csv"}.'
    )
    body: str = Field(default="", title="Body", description="Word for word, as it is sent.", max_length=500_000)
    account: str | None = Field(
        default=None, title="Connection", max_length=40,
        description="Through which connection; empty: the one whose address this is below.",
    )  # fmt: skip
