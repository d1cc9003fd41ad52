"""What a person or program says of a post: checked before any network is asked."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from core.connectors.transports.addresses import checked_url
from core.connectors.transports.connected import AccountParams
from core.connectors.transports.social.posts import Name
from core.connectors.transports.typed import from_json
from core.errors import InvalidInput
from core.text import OVERRIDES, can_be_seen, has_controls, turns


def _text(value: str) -> str:
    value = value.replace("\r\n", "\n").replace("\r", "\n").strip()
    if not OVERRIDES.isdisjoint(value):
        raise ValueError("leave out the characters that turn the direction of text")
    if has_controls(value.replace("\n", "")):
        raise ValueError("leave out control characters")
    if not can_be_seen(value):
        raise ValueError("write something that can be seen")
    return value


def _line(value: str) -> str:
    if has_controls(value) or turns(value):
        raise ValueError("use one line without control characters")
    return value.strip()


def _web_address(value: str) -> str:
    try:
        return checked_url(value)
    except InvalidInput as problem:
        raise ValueError(str(problem.facts["problem"]).rstrip(".")) from None


class Media(BaseModel):
    """One picture."""

    model_config = ConfigDict(extra="forbid")

    sha256: str | None = Field(default=None, title="Stored file", pattern=r"^[0-9a-f]{64}$")
    url: Annotated[str, AfterValidator(_web_address)] | None = Field(default=None, title="Public address")
    alt_text: Annotated[str, AfterValidator(_text)] | None = Field(default=None, title="Description", max_length=5_000)

    @model_validator(mode="after")
    def _one_place(self) -> Media:
        if (self.sha256 is None) == (self.url is None):
            raise ValueError("name either the SHA-256 of a stored file or a public address")
        return self


class PostParams(AccountParams):
    network: Name = Field(title="Network")
    text: Annotated[str, AfterValidator(_text)] = Field(
        title="Text", description="Word for word. Each network has a limit of its own.", min_length=1, max_length=10_000
    )
    media: Annotated[Media | None, BeforeValidator(from_json)] = Field(
        default=None, title="Picture",
        description='One, for example {"sha256": "…", "alt_text": "What it shows"}; for Instagram {"url": "https://…"}.',
        json_schema_extra={"picture": True},
    )  # fmt: skip
    link: Annotated[str, AfterValidator(_web_address)] | None = Field(
        default=None, title="Link", description="Shown as a card where the network has cards, else below the text."
    )
    link_title: Annotated[str, AfterValidator(_line)] | None = Field(
        default=None, title="Title of the link", max_length=300
    )
    link_description: Annotated[str, AfterValidator(_line)] | None = Field(
        default=None, title="Description of the link", max_length=1_000
    )

    @model_validator(mode="after")
    def _words_need_a_link(self) -> PostParams:
        if self.link is None and (self.link_title or self.link_description):
            raise ValueError("give the link that title and description are about")
        return self


class DeleteParams(AccountParams):
    network: Name = Field(title="Network")
    reference: Annotated[str, AfterValidator(_line)] = Field(
        title="Post", description="The network's own name for it, as the receipt says.", min_length=1, max_length=500
    )
