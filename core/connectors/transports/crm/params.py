"""What a person or program says to a CRM: whom it is about and what will be held of them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from core.connectors.transports.connected import AccountParams
from core.connectors.transports.email_params import spelled
from core.connectors.transports.typed import from_json

MAX_CONTACTS = 100
"""HubSpot takes that many in one call."""

_NAME = re.compile(r"[a-z][a-z0-9_]{0,99}")
_RECORD = r"^[0-9]{1,20}$"
_MOST_TEXT = 65_536


def _or(empty: Any) -> Any:
    return BeforeValidator(lambda value: empty() if (read := from_json(value)) is None else read)


def _names(value: Mapping[str, Any]) -> Mapping[str, Any]:
    for name, held in value.items():
        if not _NAME.fullmatch(name):
            raise ValueError(f"“{name[:40]}” is not the name of a field")
        if len(str(held)) > _MOST_TEXT:
            raise ValueError(f"“{name}” is longer than {_MOST_TEXT:,} characters")
    return value


def _none_if_empty(value: Any) -> Any:
    return None if isinstance(value, str) and not value.strip() else value


def _address(value: str | None) -> str | None:
    return spelled(value).lower() if value else None


Fields = Annotated[dict[str, Any], _or(dict), AfterValidator(_names)]
Address = Annotated[str | None, BeforeValidator(_none_if_empty), AfterValidator(_address)]
RecordId = Annotated[str, Field(pattern=_RECORD)]


class ContactParams(BaseModel):
    model_config = ConfigDict(extra="forbid")

    email: Annotated[str, AfterValidator(lambda value: spelled(value).lower())] = Field(title="E-mail", max_length=254)
    fields: Fields = Field(title="Values", min_length=1, max_length=100)


class UpsertParams(AccountParams):
    target: Literal["contact", "deal", "lead"] = Field(
        title="What", description="A contact or a deal in HubSpot, or a lead in Odoo."
    )
    email: Address = Field(
        default=None, title="E-mail", max_length=254,
        description="Whom it is about: by this address they are found, or made. A new deal is linked to them.",
    )  # fmt: skip
    id: Annotated[RecordId | None, BeforeValidator(_none_if_empty)] = Field(
        default=None,
        title="Number",
        description="An existing deal or lead; empty: a new one, or the lead of the address.",
    )
    fields: Fields = Field(
        default_factory=dict, title="Values", max_length=100,
        description='What will be held, for example {"phone": "+49 30 1234"}; null empties a field.',
    )  # fmt: skip
    contacts: Annotated[list[ContactParams], _or(list)] = Field(
        default_factory=list, title="Several contacts", max_length=MAX_CONTACTS,
        description='Instead of one: [{"email": "…", "fields": {…}}, …], at most 100.',
    )  # fmt: skip

    @model_validator(mode="after")
    def _one_or_several(self) -> UpsertParams:
        if self.target != "contact" and self.contacts:
            raise ValueError("several at once are only for contacts")
        if self.target == "contact":
            if self.id:
                raise ValueError("contacts are found by their e-mail, not by a number")
            if self.contacts and (self.email or self.fields):
                raise ValueError("give one contact, or several, not both")
            if not self.contacts and not (self.email and self.fields):
                raise ValueError("give the e-mail and the values of the contact")
            if any("email" in one.fields for one in self.people) or "hs_object_id" in self.fields:
                raise ValueError("the e-mail is given by itself and stays as it is")
            if len({one.email for one in self.people}) < len(self.people):
                raise ValueError("name each contact once")
        elif not self.fields:
            raise ValueError("give at least one value")
        if self.target == "deal" and self.id and self.email:
            raise ValueError("a contact is linked only when the deal is made")
        if self.target == "lead" and not (self.email or self.id):
            raise ValueError("give the e-mail of the lead, or its number")
        if self.target == "lead" and self.email and "email_from" in self.fields:
            raise ValueError("the e-mail is given by itself")
        return self

    @property
    def people(self) -> list[ContactParams]:
        """The contacts, however they were given."""
        if self.contacts or not self.email:
            return self.contacts
        return [ContactParams.model_construct(email=self.email, fields=self.fields)]


class PutBackParams(BaseModel):
    model_config = ConfigDict(extra="forbid")

    id: RecordId = Field(title="Number")
    fields: Fields = Field(title="Values", min_length=1, max_length=100)
    expected: Fields = Field(default_factory=dict, title="What it must hold now", max_length=100)


class RestoreParams(AccountParams):
    target: Literal["contact", "deal"] = Field(title="What", description="Contacts or deals in HubSpot.")
    put_back: Annotated[list[PutBackParams], _or(list)] = Field(
        default_factory=list, title="Put back", max_length=MAX_CONTACTS,
        description='Records and their values: [{"id": "51", "fields": {…}, "expected": {…}}].',
    )  # fmt: skip
    archive: list[RecordId] = Field(
        default_factory=list, title="Archive", max_length=MAX_CONTACTS,
        description="Numbers of records; HubSpot keeps archived ones for 90 days.",
    )  # fmt: skip

    @model_validator(mode="after")
    def _something_once(self) -> RestoreParams:
        ids = [one.id for one in self.put_back] + self.archive
        if not ids:
            raise ValueError("name at least one record")
        if len(set(ids)) < len(ids):
            raise ValueError("name each record once")
        if len(ids) > MAX_CONTACTS:
            raise ValueError(f"name at most {MAX_CONTACTS} records in all")
        return self
