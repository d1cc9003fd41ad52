"""Themes: what packages look like; everybody who may ask for one reads them, admins change them."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, File, Form, Response, UploadFile
from pydantic import Field, StringConstraints

from api.auth import Administrator, App, Reader
from api.etag import IfMatch, etag, needed_version, stated_version
from api.models import Answer, Body
from api.paging import Cursor, Limit, page_of
from core.actor import Actor
from core.bootstrap import Application
from core.deliverables.themes.queries import ThemeView
from core.deliverables.themes.rules import Paper
from core.deliverables.themes.service import LogoFile, ThemeInput

router = APIRouter(prefix="/themes", tags=["Deliverables"])

Colour = Annotated[str, StringConstraints(pattern=r"^#[0-9A-Fa-f]{6}$")]
Words = Annotated[str, StringConstraints(min_length=1, max_length=80)]


class ThemeBody(Body):
    title: Words = Field(examples=["Meridian"])
    house: Words = Field(description="Who hands it over: on covers and in headers.", examples=["Meridian Advisory"])
    accent: Colour = Field(default="#2B47B8", description="Kept as the lightest shade of it that can be read on white.")
    ink: Colour = "#14171F"
    heading_font: Words = "Inter"
    body_font: Words = "Inter"
    footer: Annotated[str, StringConstraints(max_length=120)] = Field(default="", examples=["Confidential"])
    paper: Paper = Paper.A4
    logo_alt: Annotated[str, StringConstraints(max_length=200)] = Field(
        default="", description="What the logo shows, for who cannot see it."
    )

    def said(self) -> ThemeInput:
        return ThemeInput(**self.model_dump())


class ThemeAnswer(Answer):
    id: UUID = Field(description="What `theme` of a package takes.")
    title: str
    default: bool = Field(description="Taken where a package names none.")
    house: str = Field(description="Who hands it over: stands on covers and in headers.")
    accent: str = Field(examples=["#2B47B8"])
    ink: str = Field(examples=["#14171F"])
    heading_font: str
    body_font: str
    footer: str
    paper: str
    has_logo: bool
    logo_alt: str
    changed_by: str
    changed_at: datetime
    version: int = Field(description="The ETag says the same.")


class ThemesAnswer(Answer):
    themes: list[ThemeAnswer]
    total: int
    next_cursor: str | None


@router.get("", summary="List themes, the default first")
def list_themes(app: App, actor: Reader, limit: Limit = 100, cursor: Cursor = None) -> ThemesAnswer:
    """For those who may make packages. Without any, packages look as the installation came."""
    page = page_of(app.themes_queries.all(actor), lambda one: one.id, limit, cursor)
    return ThemesAnswer(themes=[_answer(one) for one in page.rows], total=page.total, next_cursor=page.next)


@router.post("", status_code=201, summary="Add a theme")
def add_theme(app: App, actor: Administrator, body: ThemeBody, response: Response) -> ThemeAnswer:
    """For admins. The first one becomes the default; a logo is sent afterwards."""
    made = app.themes.add(actor, body.said())
    response.headers["Location"] = f"/api/themes/{made}"
    return _read(app, actor, made, response)


@router.get("/{theme_id}", summary="Read a theme")
def read_theme(app: App, actor: Reader, theme_id: UUID, response: Response) -> ThemeAnswer:
    """For those who may make packages."""
    return _read(app, actor, theme_id, response)


@router.put("/{theme_id}", summary="Change a theme")
def change_theme(
    app: App, actor: Administrator, theme_id: UUID, body: ThemeBody, response: Response, if_match: IfMatch = None
) -> ThemeAnswer:
    """For admins; `If-Match` is needed. Its logo stays; packages that were made keep the look they were made in."""
    version = needed_version(if_match)
    present = app.themes_queries.theme(actor, theme_id).version
    app.themes.change(actor, theme_id, body.said(), version=present if version is None else version)
    return _read(app, actor, theme_id, response)


@router.delete("/{theme_id}", status_code=204, summary="Remove a theme")
def remove_theme(app: App, actor: Administrator, theme_id: UUID, if_match: IfMatch = None) -> None:
    """For admins; packages that were made in it keep its look. With `If-Match`, only that version of it."""
    app.themes.remove(actor, theme_id, version=stated_version(if_match))


@router.post("/{theme_id}/default", summary="Make a theme the default")
def make_theme_default(app: App, actor: Administrator, theme_id: UUID, response: Response) -> ThemeAnswer:
    """For admins. Packages get it from now on, unless another one is chosen."""
    app.themes.make_default(actor, theme_id)
    return _read(app, actor, theme_id, response)


@router.put("/{theme_id}/logo", summary="Give a theme its logo")
def set_theme_logo(
    app: App,
    actor: Administrator,
    theme_id: UUID,
    file: Annotated[UploadFile, File(description="PNG, JPEG or WebP of at most 2 MB.")],
    response: Response,
    alt: Annotated[str, Form(max_length=200, description="What it shows; default: the name of the house.")] = "",
    if_match: IfMatch = None,
) -> ThemeAnswer:
    """For admins; `If-Match` is needed."""
    version, view = needed_version(if_match), app.themes_queries.theme(actor, theme_id)
    app.themes.change(
        actor, theme_id, replace(_said(view), logo_alt=alt), version=view.version if version is None else version,
        logo=LogoFile(file.filename or "logo", file.file.read()),
    )  # fmt: skip
    return _read(app, actor, theme_id, response)


@router.delete("/{theme_id}/logo", summary="Take the logo of a theme away")
def remove_theme_logo(
    app: App, actor: Administrator, theme_id: UUID, response: Response, if_match: IfMatch = None
) -> ThemeAnswer:
    """For admins; `If-Match` is needed."""
    version, view = needed_version(if_match), app.themes_queries.theme(actor, theme_id)
    version = view.version if version is None else version
    app.themes.change(actor, theme_id, _said(view), version=version, without_logo=True)
    return _read(app, actor, theme_id, response)


def _said(view: ThemeView) -> ThemeInput:
    look = view.look
    return ThemeInput(
        title=view.title, house=look.name, accent=look.accent, ink=look.ink, heading_font=look.heading_font,
        body_font=look.body_font, footer=look.footer, paper=Paper(look.paper), logo_alt=look.logo.alt if look.logo else "",
    )  # fmt: skip


def _read(app: Application, actor: Actor, theme_id: UUID, response: Response) -> ThemeAnswer:
    view = app.themes_queries.theme(actor, theme_id)
    response.headers["ETag"] = etag(view.version)
    return _answer(view)


def _answer(one: ThemeView) -> ThemeAnswer:
    said = _said(one)
    return ThemeAnswer(
        id=one.id, title=one.title, default=one.is_default, house=said.house, accent=said.accent, ink=said.ink,
        heading_font=said.heading_font, body_font=said.body_font, footer=said.footer, paper=said.paper,
        has_logo=one.look.logo is not None, logo_alt=said.logo_alt, changed_by=one.changed_by,
        changed_at=one.changed_at, version=one.version,
    )  # fmt: skip
