"""An account of one Odoo database: what is needed to sign in, checked, and what it is called in plans."""

from __future__ import annotations

import ipaddress
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, SecretStr

from core.canonical import digest
from core.connectors.transports.addresses import checked_url, origin
from core.errors import InvalidInput
from core.text import has_controls

_HOUSE = (".internal", ".local", ".localhost", ".lan", ".home.arpa", ".test")
"""Names that only a house's own network knows."""


def _address(value: str) -> str:
    try:
        url = checked_url(value)
    except InvalidInput as refused:
        raise ValueError(refused.facts["problem"]) from None
    parts = urlsplit(url)
    if parts.query or parts.fragment:
        raise ValueError("leave out what follows a ? or a #")
    if parts.scheme.lower() == "http" and not in_the_house(url):
        raise ValueError("begin with https://, else the key can be read on its way")
    return f"{origin(url).lower()}{parts.path.rstrip('/')}"


def in_the_house(url: str) -> bool:
    """Whether `url` names this machine or one of its own network, as far as can be told without asking."""
    host = (urlsplit(url).hostname or "").rstrip(".").lower()
    try:
        return ipaddress.ip_address(host).is_private
    except ValueError:
        return "." not in host or host.endswith(_HOUSE)


def on_this_machine(url: str) -> bool:
    host = (urlsplit(url).hostname or "").rstrip(".").lower()
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def _one_line(value: str | None) -> str | None:
    if value and has_controls(value):
        raise ValueError("use one line without control characters")
    return (value or "").strip() or None


def _header_value(value: SecretStr) -> SecretStr:
    """It travels in a header: what does not fit in one would be refused with the key in the error's words."""
    text = value.get_secret_value().strip()
    if not text or not text.isascii() or any(letter <= " " or letter == "\x7f" for letter in text):
        raise ValueError("use the key as Odoo shows it, without spaces")
    return SecretStr(text)


def _automatic(value: object) -> object:
    return value or "auto"


class OdooAccount(BaseModel):
    model_config = ConfigDict(extra="forbid")

    url: Annotated[str, AfterValidator(_address)] = Field(
        title="Address", description="Where Odoo is opened, for example https://example.odoo.com.", max_length=500
    )
    database: Annotated[str | None, AfterValidator(_one_line)] = Field(
        default=None, title="Database", max_length=200,
        description="Its name; needed before version 19, and where a server has several.",
    )  # fmt: skip
    login: Annotated[str | None, AfterValidator(_one_line)] = Field(
        default=None, title="Login", max_length=200,
        description="Whose key it is, usually an e-mail address; needed before version 19.",
    )  # fmt: skip
    api: Annotated[Literal["auto", "json2", "xmlrpc"], BeforeValidator(_automatic)] = Field(
        default="auto", title="API", description="auto finds out: JSON-2 from version 19 on, XML-RPC before."
    )
    key: Annotated[SecretStr, AfterValidator(_header_value)] = Field(title="API key", max_length=500)

    @property
    def place(self) -> str:
        """Which database, whoever signs in and whatever the connection is called: the same for every way to it."""
        return f"odoo/{digest([self.url, self.database])[:32]}"

    @property
    def identity(self) -> str:
        """Which database and as whom; made of what is not secret."""
        who = f" as {self.login}" if self.login else ""
        where = f" ({self.database})" if self.database else ""
        return f"Odoo at {self.url}{where}{who}"
