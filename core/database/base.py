"""The declarative base, and the few column types every table shares."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from enum import Enum
from typing import Annotated, Any
from uuid import UUID

from sqlalchemy import JSON, DateTime, Dialect, MetaData, Numeric, TypeDecorator, Uuid
from sqlalchemy import Enum as EnumType
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, mapped_column

from core.identifiers import new_id

Id = Annotated[UUID, mapped_column(Uuid, primary_key=True, default=new_id)]
Ref = Annotated[UUID, mapped_column(Uuid)]
Timestamp = Annotated[datetime, mapped_column(DateTime(timezone=True))]
Json = Annotated[dict[str, Any], mapped_column(JSONB)]
JsonList = Annotated[list[Any], mapped_column(JSONB)]
Amount = Annotated[Decimal, mapped_column(Numeric(20, 4))]


class AsWritten(TypeDecorator[Any]):
    """JSON in the order of its keys; everywhere else they are sorted, so that the same is spelled the same.

    None is JSON's null, but with `none_as_null` nothing at all.
    """

    impl = JSON
    cache_ok = True

    def bind_processor(self, dialect: Dialect) -> Callable[[Any], str | None]:
        assert isinstance(self.impl_instance, JSON)
        nothing = self.impl_instance.none_as_null

        def bound(value: Any) -> str | None:
            return None if value is None and nothing else json.dumps(value, ensure_ascii=False, allow_nan=False)

        return bound


def closed_set(enum: type[Enum]) -> EnumType:
    """A text column that holds one of `enum`'s values, kept by a CHECK: a new value is one migration, no new type."""
    return EnumType(
        enum,
        native_enum=False,
        create_constraint=True,
        length=32,
        values_callable=lambda members: [member.value for member in members],
    )


class Base(DeclarativeBase):
    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
