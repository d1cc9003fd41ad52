"""The systems that send e-mail, as accounts: a mail server, and SMTP2GO."""

from __future__ import annotations

import ipaddress
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, SecretStr, model_validator

from core.clock import SystemClock
from core.connectors.protocol import System
from core.connectors.transports.addresses import checked_url
from core.connectors.transports.email_params import sender_of
from core.connectors.transports.keys import HeaderKey
from core.connectors.transports.smtp import Smtp
from core.connectors.transports.smtp2go import PUBLIC_API, Smtp2go
from core.connectors.transports.smtp_pool import SmtpServer
from core.errors import InvalidInput
from core.settings import Settings

FAMILY = "email"


def _host(value: str) -> str:
    value = value.strip().lower()
    if not value or not value.isascii() or any(not (letter.isalnum() or letter in ".-:_") for letter in value):
        raise ValueError("use the name of a server, for example smtp.example.com")
    return value


def api_address(value: str) -> str:
    try:
        url = checked_url(value).rstrip("/")
    except InvalidInput as refused:
        raise ValueError(refused.facts["problem"]) from None
    parts = urlsplit(url)
    if parts.query or parts.fragment:
        raise ValueError("leave out what follows a ? or a #")
    if parts.scheme.lower() != "https" and not is_inside(parts.hostname or ""):
        raise ValueError("begin with https://, so that nobody on the way reads the key")
    return url


def is_inside(host: str) -> bool:
    """Whether `host` is this machine or one of a network that is not the internet's."""
    try:
        return not ipaddress.ip_address(host).is_global
    except ValueError:
        return "." not in host.strip(".") or host.endswith((".localhost", ".internal", ".local", ".lan"))


def _none_if_empty(value: object) -> object:
    return None if value == "" else value


Sender = Annotated[str, AfterValidator(sender_of)]


class SmtpAccount(BaseModel):
    model_config = ConfigDict(extra="forbid")

    host: Annotated[str, AfterValidator(_host)] = Field(
        title="Server", description="For example smtp.example.com.", max_length=253
    )
    port: int = Field(default=587, title="Port", description="587 with STARTTLS, 465 with TLS.", ge=1, le=65535)
    security: Literal["starttls", "tls", "none"] = Field(
        default="starttls", title="Security", description="None only for a server inside your own network."
    )
    username: Annotated[str | None, BeforeValidator(_none_if_empty)] = Field(
        default=None, title="User name", max_length=200, description="Empty: the server asks for none."
    )
    password: SecretStr | None = Field(default=None, title="Password")
    sender: Sender = Field(
        title="From", description="Whom letters come from: an address, or a name and the address in < >.",
        max_length=320,
    )  # fmt: skip

    @model_validator(mode="after")
    def _keeps_the_password_to_itself(self) -> SmtpAccount:
        if self.security == "none" and self.password and not is_inside(self.host):
            raise ValueError("a password needs STARTTLS or TLS, or everybody on the way reads it")
        return self


class SmtpSystem(System[SmtpAccount]):
    name, title, family = "smtp", "Mail server (SMTP)", FAMILY
    account = SmtpAccount
    where = "Your mail provider lists server, port and sign-in under “SMTP” or “outgoing mail”."

    def environment(self, settings: Settings) -> SmtpAccount | None:
        if not settings.smtp_host:
            return None
        return SmtpAccount.model_construct(
            host=settings.smtp_host, port=settings.smtp_port, security=settings.smtp_security,
            username=settings.smtp_username, password=settings.smtp_password, sender=settings.email_from,
        )  # fmt: skip

    def identity(self, account: SmtpAccount) -> str:
        user = f" as {account.username}" if account.username else ""
        return f"the mail server {account.host}:{account.port}{user}"

    def test(self, account: SmtpAccount, *, timeout: float) -> str:
        smtp = Smtp(server_of(account, timeout), account.sender, SystemClock())
        try:
            return smtp.test()
        finally:
            smtp.close()


def server_of(account: SmtpAccount, timeout: float) -> SmtpServer:
    password = account.password.get_secret_value() if account.password else None
    return SmtpServer(account.host, account.port, account.security, account.username, password, timeout)


class Smtp2goAccount(BaseModel):
    model_config = ConfigDict(extra="forbid")

    api_key: HeaderKey = Field(title="API key", max_length=500)
    sender: Sender = Field(
        title="From", description="A sender that SMTP2GO has verified: an address, or a name and the address in < >.",
        max_length=320,
    )  # fmt: skip
    base_url: Annotated[str, AfterValidator(api_address)] = Field(
        default=PUBLIC_API, title="Address of the API", description="Another one only for a region or a proxy."
    )


class Smtp2goSystem(System[Smtp2goAccount]):
    name, title, family = "smtp2go", "SMTP2GO", FAMILY
    account = Smtp2goAccount
    where = "In SMTP2GO under Sending → API keys; it needs the permissions /email/send and /stats/email_cycle."

    def identity(self, account: Smtp2goAccount) -> str:
        return f"SMTP2GO at {account.base_url} for {account.sender}"

    def test(self, account: Smtp2goAccount, *, timeout: float) -> str:
        api = smtp2go_of(account, timeout)
        try:
            return api.test()
        finally:
            api.close()


def smtp2go_of(account: Smtp2goAccount, timeout: float) -> Smtp2go:
    return Smtp2go(account.base_url, account.api_key.get_secret_value(), account.sender, timeout=timeout)
