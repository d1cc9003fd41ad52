"""A dashboard's public side as a real server on loopback, for tests of what is published there."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import select
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Mount, Route

from core.bootstrap import Application
from core.engine.steps import InlineSteps
from core.websites.deployments import Deployment
from core.websites.generating import generate
from core.websites.rules import UNDER_WAY
from core.websites.tables import SiteDeploymentRow, SiteRow, SiteVersionRow
from tests.core.websites.sites import site
from tests.doubles.serving import serve
from web.gate import Gate
from web.sites import create_previews, create_sites, robots


@dataclass
class Dashboard:
    """`app` is set once the application is built; its PUBLIC_URL is `url`."""

    url: str = ""
    apps: list[Application] = field(default_factory=list)

    def app(self) -> Application:
        return self.apps[0]


def as_server(dashboard: Dashboard) -> Starlette:
    async def inside(_request: Request) -> PlainTextResponse:
        return PlainTextResponse("inside")

    return Starlette(
        routes=[
            Mount("/sites", app=create_sites(dashboard.app)),
            Mount("/preview", app=create_previews(dashboard.app)),
            Route("/robots.txt", robots),
            Route("/{path:path}", inside),
        ],
        middleware=[Middleware(Gate, get_app=dashboard.app)],
    )


@contextmanager
def dashboard() -> Iterator[Dashboard]:
    made = Dashboard()
    with serve(as_server(made)) as url:
        made.url = url
        yield made


def kept(
    app: Application, *, name: str = "Harbour Bakery", said: str = "", run_id: UUID | None = None, row: SiteRow | None = None,
    target: str = "here",
) -> tuple[SiteRow, SiteVersionRow]:  # fmt: skip
    """A site of every kind of block with one more version; `said` makes its files differ."""
    told = site(name=name)
    told = told.model_copy(
        update={
            "organisation": (*told.organisation, ("email", "owner@example.com")),
            "description": f"A bakery. {said}",
        }
    )
    with app.database.begin() as uow:
        row = row or app.sites.reserve(uow, name=name, run_id=run_id)
    address = app.sites.address_on(target, row.slug)
    built = generate(told, address=address, form_action=app.sites.form_address(row.slug, target))
    return row, app.sites.keep(row.id, built, told)


def carried_out(app: Application) -> None:
    """What workers do for the deployments that were asked for, one after the other."""
    waiting = select(SiteDeploymentRow.id).where(SiteDeploymentRow.state.in_(UNDER_WAY))
    with app.database.reading() as session:
        found = session.scalars(waiting.order_by(SiteDeploymentRow.number)).all()
    for one in found:
        app.sites.publish_asked(InlineSteps(), str(one))


def published(app: Application, *, name: str = "Harbour Bakery") -> tuple[SiteRow, SiteVersionRow, Deployment]:
    row, version = kept(app, name=name)
    return row, version, app.sites.deploy(row.id, version.id, key=f"test:{version.id}")
