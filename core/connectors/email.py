"""E-mail: one operation, sent by the mail server that is set, or written to the outbox folder where none is."""

from __future__ import annotations

from collections.abc import Iterable
from html.parser import HTMLParser
from typing import Annotated, Any, Protocol

from email_validator import EmailNotValidError, validate_email
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from core.clock import Clock
from core.connectors.plan import Change, DriftFound, Effect, Message, Plan, Receipt, rejected
from core.connectors.protocol import ConnectorContext, Operation
from core.connectors.transports.mime import message_id
from core.connectors.transports.outbox import Outbox
from core.connectors.transports.smtp import Smtp, SmtpServer
from core.settings import Settings
from core.text import OVERRIDES, can_be_seen, has_controls, turns

MAX_ADDRESSES = 100

_PLAIN_TAGS = frozenset(
    ("a", "b", "blockquote", "body", "br", "code", "div", "em", "h1", "h2", "h3", "head", "hr", "html", "i", "li",
     "ol", "p", "pre", "small", "strong", "u", "ul")
)  # fmt: skip
_HTML_DIFFERS = "The HTML version may say something else than the text, and most recipients see the HTML: read it too"


class Transport(Protocol):
    leaves_machine: bool
    repeatable: bool

    @property
    def account(self) -> str: ...

    def send(self, message: Message, key: str) -> Receipt: ...

    def find(self, message: Message, key: str) -> Receipt | None: ...


def _addresses(value: list[str]) -> list[str]:
    """Each address once, spelled one way; what is not an address is refused by name."""
    found: dict[str, str] = {}
    for text in value:
        try:
            checked = validate_email(text.strip(), check_deliverability=False, test_environment=True)
        except EmailNotValidError as problem:
            raise ValueError(f"“{text}” is not an e-mail address: {problem}") from None
        # A domain in ASCII (punycode) is understood everywhere; only the part before the @ may need SMTPUTF8.
        address = checked.ascii_email or f"{checked.local_part}@{checked.ascii_domain}"
        found.setdefault(address.casefold(), address)
    return list(found.values())


def _one_line(value: str) -> str:
    if has_controls(value):
        raise ValueError("use one line without control characters")
    if turns(value):
        raise ValueError("leave out the characters that turn the direction of text")
    if not can_be_seen(value):
        raise ValueError("write something that can be seen")
    return value.strip()


def _unix_lines(value: str) -> str:
    if not OVERRIDES.isdisjoint(value):
        raise ValueError("leave out the characters that turn the direction of text")
    return value.replace("\r\n", "\n").replace("\r", "\n")


class _Reading(HTMLParser):
    """What an HTML version says; `plain` while nothing in it can hide words, or show others than it holds."""

    def __init__(self, html: str, text: str) -> None:
        super().__init__()
        self._named, self.plain, self.said = frozenset(text.split()), True, ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        links = [value for name, value in attrs if (tag, name) == ("a", "href")]
        self.plain &= tag in _PLAIN_TAGS and len(links) == len(attrs) and self._named.issuperset(links)

    def handle_data(self, data: str) -> None:
        self.said += data

    def handle_decl(self, decl: str) -> None:
        self.plain &= decl.casefold() == "doctype html"

    def _hidden(self, data: str) -> None:
        self.plain = False  # some mail programs read conditions in comments

    handle_comment = handle_pi = unknown_decl = _hidden


def _says_the_same(html: str, text: str) -> bool:
    """Whether whoever sees the HTML certainly reads what the text says: the same letters, links that it names."""
    reading = _Reading(html, text)
    return reading.plain and "".join(reading.said.split()) == "".join(text.split())


def _split(value: Any) -> Any:
    """A form gives one text, a program a list."""
    if isinstance(value, str):
        return [part for part in value.replace(";", ",").replace("\n", ",").split(",") if part.strip()]
    return value


class EmailParams(BaseModel):
    model_config = ConfigDict(extra="forbid")

    to: Annotated[list[str], BeforeValidator(_split), AfterValidator(_addresses)] = Field(
        title="To", description="Who gets it, one address a line.", min_length=1, max_length=MAX_ADDRESSES
    )
    subject: Annotated[str, AfterValidator(_one_line)] = Field(title="Subject", min_length=1, max_length=250)
    body: Annotated[str, AfterValidator(_unix_lines)] = Field(
        title="Message", description="The text, word for word.", min_length=1, max_length=100_000
    )
    html: Annotated[str, AfterValidator(_unix_lines)] | None = Field(
        default=None, title="HTML", description="The same message with formatting; optional.", max_length=500_000
    )


class EmailSend(Operation[EmailParams]):
    name = "email_send"
    title = "Send an e-mail"
    channel = "email"
    effect = Effect.IRREVERSIBLE
    params = EmailParams

    def __init__(self, transport: Transport, sender: str) -> None:
        self._transport, self._sender = transport, sender

    @property
    def repeatable(self) -> bool:
        return self._transport.repeatable

    def plan(self, params: EmailParams) -> Plan:
        first, others = params.to[0], len(params.to) - 1
        to = first if not others else f"{first} and {others} other{'s' if others > 1 else ''}"
        return Plan(
            operation=self.name,
            account=self._transport.account,
            summary=f"Send “{params.subject}” to {to}",
            request=params.model_dump(mode="json"),
            message=Message(self._sender, tuple(params.to), params.subject, params.body, params.html),
            leaves_machine=self._transport.leaves_machine,
            reversible=False,
            warnings=(_HTML_DIFFERS,) if params.html and not _says_the_same(params.html, params.body) else (),
        )

    def drift(self, plan: Plan) -> DriftFound | None:
        """The road out and the sender are part of what was approved."""
        assert plan.message is not None
        now = (("account", "Sent by", plan.account, self._transport.account),
               ("sender", "From", plan.message.sender, self._sender))  # fmt: skip
        moved = tuple(Change(*one) for one in now if one[2] != one[3])
        return DriftFound(moved) if moved else None

    def execute(self, plan: Plan, key: str) -> Receipt:
        if plan.message is None:
            return rejected("The plan holds no message. Nothing was sent.")
        return self._transport.send(plan.message, key)

    def where_to_look(self, plan: Plan, key: str) -> str:
        sender = plan.message.sender if plan.message else self._sender
        name = message_id(key, sender)
        return f"Look for the Message-ID {name} in the log of the mail server ({plan.account}), or ask a recipient."

    def verify(self, plan: Plan, key: str) -> Receipt | None:
        return self._transport.find(plan.message, key) if plan.message is not None else None


def operations(context: ConnectorContext) -> Iterable[Operation[Any]]:
    yield EmailSend(mail_road(context.settings, context.clock), context.settings.email_from)


def mail_road(settings: Settings, clock: Clock) -> Transport:
    """The road e-mail takes from here: the mail server that is set, or the outbox folder."""
    if not settings.smtp_host:
        return Outbox(settings.outbox_dir, clock)
    password = settings.smtp_password.get_secret_value() if settings.smtp_password else None
    server = SmtpServer(
        settings.smtp_host, settings.smtp_port, settings.smtp_security,
        settings.smtp_username, password, settings.call_timeout_seconds,
    )  # fmt: skip
    return Smtp(server, clock)
