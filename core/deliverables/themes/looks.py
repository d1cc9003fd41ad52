"""A theme as renderers need it, and as a package keeps it for good."""

from __future__ import annotations

from typing import Any, cast
from uuid import UUID

from pydantic import TypeAdapter, ValidationError
from sqlalchemy import select
from sqlalchemy.orm import Session

from core.deliverables.content import Picture
from core.deliverables.look import Look
from core.deliverables.themes.rules import series_of
from core.deliverables.themes.tables import Theme
from core.errors import NotFound

BUILT_IN = Look(name="Countersign")
"""The default until an admin makes one."""


def look_of(session: Session, theme_id: UUID | None) -> Look:
    """The theme as it is now; without an id the default. NotFound where somebody removed it."""
    query = select(Theme).where(Theme.is_default if theme_id is None else Theme.id == theme_id)
    theme = session.scalar(query)
    if theme is None and theme_id is not None:
        raise NotFound(kind="theme", id=theme_id)
    return look_from(theme) if theme else BUILT_IN


def look_from(theme: Theme) -> Look:
    return Look(
        name=theme.house, accent=theme.accent, ink=theme.ink, series=series_of(theme.accent),
        heading_font=theme.heading_font, body_font=theme.body_font, logo=_logo(theme), footer=theme.footer,
        paper=cast(Any, theme.paper.value),
    )  # fmt: skip


def theme_snapshot(look: Look) -> dict[str, Any]:
    """What a package keeps of it, logo and all; `look_from_json` answers the same look again."""
    return _ADAPTER.dump_python(look, mode="json")  # type: ignore[no-any-return]


def look_from_json(told: Any) -> Look:
    """Raises ValueError for what is no look."""
    try:
        return _ADAPTER.validate_python(told)
    except ValidationError as error:
        raise ValueError("this is no theme of a package") from error


def _logo(theme: Theme) -> Picture | None:
    if theme.logo is None:
        return None
    width, height = theme.logo_width or 1, theme.logo_height or 1
    return Picture(theme.logo, "image/png", width, height, theme.logo_alt)


_ADAPTER = TypeAdapter(Look)
