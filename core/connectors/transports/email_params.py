"""What an e-mail may say and to whom: addresses, lines and links, each checked before a person is asked."""

from __future__ import annotations

from email.utils import parseaddr
from typing import Annotated, Any
from urllib.parse import urlsplit

from email_validator import EmailNotValidError, validate_email
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from core.connectors.transports.connected import AccountParams
from core.connectors.transports.typed import one_line
from core.files.contents import ENDINGS, shown_name
from core.text import OVERRIDES, in_short, turns

MAX_ADDRESSES = 100
MAX_ATTACHMENTS = 10

_NOT_IN_LINKS = frozenset('<>,"\\^`{|}')


def spelled(text: str) -> str:
    """The address, spelled one way; ValueError names what is wrong with it."""
    try:
        checked = validate_email(text.strip(), check_deliverability=False, test_environment=True)
    except EmailNotValidError as problem:
        raise ValueError(f"{in_short(text, most=320)} is not an e-mail address: {problem}") from None
    # A domain in ASCII (punycode) is understood everywhere; only the part before the @ may need SMTPUTF8.
    return checked.ascii_email or f"{checked.local_part}@{checked.ascii_domain}"


def sender_of(text: str) -> str:
    """`Asha <asha@example.com>` or the address alone; nothing that would begin another header."""
    line = one_line(text)
    display, address = parseaddr(line)
    if not address or (address not in (line, line.strip("<>")) and not line.endswith(f"<{address}>")):
        raise ValueError("write an address, or a name and the address in < >")
    return f"{display} <{spelled(address)}>" if display else spelled(address)


def _addresses(value: list[str]) -> list[str]:
    """Each address once; what is not an address is refused by name."""
    found: dict[str, str] = {}
    for text in value:
        address = spelled(text)
        found.setdefault(address.casefold(), address)
    return list(found.values())


def _unix_lines(value: str) -> str:
    if not OVERRIDES.isdisjoint(value):
        raise ValueError("leave out the characters that turn the direction of text")
    return value.replace("\r\n", "\n").replace("\r", "\n")


def _split(value: Any) -> Any:
    """A form gives one text, a program a list."""
    if isinstance(value, str):
        return [part for part in value.replace(";", ",").replace("\n", ",").split(",") if part.strip()]
    return value


def _nothing(value: Any) -> Any:
    return None if isinstance(value, str) and not value.strip() else value


def _link(value: str) -> str:
    """Where somebody leaves a list; it becomes a header, so it is spelled in the letters of one."""
    value = value.strip()
    if not value.isascii() or any(ord(letter) <= 32 or ord(letter) == 127 for letter in value):
        raise ValueError("use one word in ASCII, without spaces or line ends")
    if not _NOT_IN_LINKS.isdisjoint(value):
        raise ValueError("spell < > , quotes and braces as %…")
    parts = urlsplit(value)
    if value.startswith("mailto:"):
        spelled(parts.path)
        return value
    if not value.startswith("https://") or not parts.hostname or "@" in parts.netloc:
        raise ValueError("use an https:// address, or mailto: and an address")
    return value


def _file_name(value: str) -> str:
    if value != shown_name(value) or turns(value) or any(letter in value for letter in '"<>|*?:'):
        raise ValueError("use a plain file name, without a folder, quotes or control characters")
    if not value.lower().endswith(ENDINGS):
        raise ValueError(f"{in_short(value)} is none of {', '.join(ending[1:] for ending in ENDINGS)}")
    return value


def _distinct(value: list[AttachmentParams]) -> list[AttachmentParams]:
    if len({one.name.casefold() for one in value}) < len(value):
        raise ValueError("give each file a name of its own")
    return value


class AttachmentParams(BaseModel):
    """A file that was kept before, by the SHA-256 of its content."""

    model_config = ConfigDict(extra="forbid")

    name: Annotated[str, AfterValidator(_file_name)] = Field(
        title="Name", description="As its reader sees it, with its ending.", min_length=1, max_length=200
    )
    sha256: str = Field(title="SHA-256", pattern=r"^[0-9a-f]{64}$")


class EmailParams(AccountParams):
    to: Annotated[list[str], BeforeValidator(_split), AfterValidator(_addresses)] = Field(
        title="To", description="Who gets it, one address a line.", min_length=1, max_length=MAX_ADDRESSES
    )
    subject: Annotated[str, AfterValidator(one_line)] = Field(title="Subject", min_length=1, max_length=250)
    body: Annotated[str, AfterValidator(_unix_lines)] = Field(
        title="Message", description="The text, word for word.", min_length=1, max_length=100_000
    )
    html: Annotated[str, AfterValidator(_unix_lines)] | None = Field(
        default=None, title="HTML", description="The same message with formatting; optional.", max_length=500_000
    )
    attachments: Annotated[list[AttachmentParams], AfterValidator(_distinct)] = Field(
        default_factory=list, title="Attachments", max_length=MAX_ATTACHMENTS, json_schema_extra={"files": True},
        description="Files that were kept before, each with the name its reader sees.",
    )  # fmt: skip
    reply_to: Annotated[str | None, BeforeValidator(_nothing), AfterValidator(lambda v: v and spelled(v))] = Field(
        default=None, title="Answers to", description="Where answers go; empty: to the sender.", max_length=254
    )
    bulk: bool = Field(default=False, title="It is for many", description="Mail to many names a way to leave the list.")
    unsubscribe: Annotated[str | None, BeforeValidator(_nothing), AfterValidator(lambda v: v and _link(v))] = Field(
        default=None, title="To leave the list", max_length=500,
        description="An https:// address that takes its reader off the list by one click, or mailto: and an address.",
    )  # fmt: skip

    @model_validator(mode="after")
    def _leaves_a_way_out(self) -> EmailParams:
        if self.bulk and not self.unsubscribe:
            raise ValueError("mail to many needs a way to leave the list")
        if self.unsubscribe and not self.bulk:
            raise ValueError("a way to leave the list belongs to mail for many")
        return self
