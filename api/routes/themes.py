"""Themes: what packages look like, for whoever asks for one; admins change them on the page."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from fastapi import APIRouter
from pydantic import Field

from api.auth import App, Reader
from api.models import Answer

router = APIRouter(prefix="/themes", tags=["Deliverables"])


class ThemeAnswer(Answer):
    id: UUID = Field(description="What `theme` of a package takes.")
    title: str
    default: bool = Field(description="Taken where a package names none.")
    house: str = Field(description="Who hands it over: stands on covers and in headers.")
    accent: str
    paper: str
    has_logo: bool
    changed_at: datetime


class ThemesAnswer(Answer):
    themes: list[ThemeAnswer]


@router.get("", summary="List themes, the default first")
def list_themes(app: App, actor: Reader) -> ThemesAnswer:
    """For those who may make packages. Without any, packages look as the installation came."""
    return ThemesAnswer(
        themes=[
            ThemeAnswer(
                id=one.id, title=one.title, default=one.is_default, house=one.look.name, accent=one.look.accent,
                paper=one.look.paper, has_logo=one.look.logo is not None, changed_at=one.changed_at,
            )
            for one in app.themes_queries.all(actor)
        ]
    )  # fmt: skip
