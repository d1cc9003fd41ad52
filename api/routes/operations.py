"""Operations: what can be proposed here, and what each asks for."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path
from pydantic import Field

from api.auth import App, Reader
from api.models import Answer
from api.paging import Cursor, Limit, page_of
from core.connectors.plan import Effect
from core.errors import NotFound

router = APIRouter(prefix="/operations", tags=["Actions"])

OperationName = Annotated[str, Path(pattern=r"^[a-z0-9_.-]{2,80}$", examples=["email.send"])]


class OperationAnswer(Answer):
    name: str = Field(description="As `operation` of a proposal takes it.", examples=["email.send"])
    title: str
    channel: str = Field(description="Guardrails open and close channels.")
    effect: Effect = Field(description="What it does to the world, at worst.")


class OperationDetail(OperationAnswer):
    form: dict[str, Any] = Field(description="JSON Schema of `params`.")


class OperationPage(Answer):
    operations: list[OperationAnswer]
    total: int
    next_cursor: str | None


@router.get("", summary="List the operations that can be proposed")
def list_operations(app: App, actor: Reader, limit: Limit = 100, cursor: Cursor = None) -> OperationPage:
    page = page_of(app.actions_queries.offers(), lambda one: one.name, limit, cursor)
    found = [OperationAnswer.model_validate(one) for one in page.rows]
    return OperationPage(operations=found, total=page.total, next_cursor=page.next)


@router.get("/{name}", summary="Read what an operation asks for")
def read_operation(app: App, actor: Reader, name: OperationName) -> OperationDetail:
    found = next((one for one in app.actions_queries.offers() if one.name == name), None)
    if found is None:
        raise NotFound(kind="operation", id=name)
    form = dict(app.actions_queries.edit_form(name))
    return OperationDetail(**OperationAnswer.model_validate(found).model_dump(), form=form)
