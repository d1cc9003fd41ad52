"""The package of the README's pictures: half a year of sample data, and its first pages beside each other."""

from __future__ import annotations

from datetime import timedelta
from io import BytesIO
from pathlib import Path
from uuid import UUID

from PIL import Image

from core import bootstrap
from core.database.embedded import start_embedded_server
from core.deliverables.rules import PackageState
from core.identity.service import actor_of
from core.settings import Settings
from tests.waiting import until

PAGES, GAP, GREY = (1, 2, 3), 24, "#E8EAF0"
_DAYS = 182
_HIGH = 760


def half_a_year(var: Path, picture: Path) -> UUID:
    """Made by the running product's worker; `picture` becomes its first pages."""
    app = bootstrap.build(Settings(_env_file=None, var_dir=var), url=start_embedded_server(var))
    try:
        (found,), _ = app.identity_queries.people(text="asha@example.com")
        asha, today = actor_of(found.user), app.clock.now().date()
        params = {"first": str(today - timedelta(days=_DAYS)), "last": str(today), "dataset": "sample"}
        made = app.packages.request(asha, "period", params)
        over = (PackageState.DONE, PackageState.FAILED)
        until(lambda: app.packages_queries.one(asha, made).row.state in over, seconds=60, what="the package")
        _beside([app.packages_queries.preview(asha, made, page) for page in PAGES], picture)
        return made
    finally:
        app.close()


def _beside(pages: list[bytes], picture: Path) -> None:
    shown = [Image.open(BytesIO(one)).convert("RGB") for one in pages]
    shown = [one.resize((round(one.width * _HIGH / one.height), _HIGH), Image.Resampling.LANCZOS) for one in shown]
    wide = sum(one.width for one in shown) + GAP * (len(shown) + 1)
    sheet, at = Image.new("RGB", (wide, _HIGH + 2 * GAP), GREY), GAP
    for one in shown:
        sheet.paste(one, (at, GAP))
        at += one.width + GAP
    sheet.quantize(128).save(picture, optimize=True)
