"""Puts the API together: routers found by their place, one shape of error, one edge around it all."""

from __future__ import annotations

import pkgutil
import re
from collections.abc import Callable
from functools import cache
from importlib import import_module
from typing import Any

from fastapi import APIRouter, FastAPI
from fastapi.staticfiles import StaticFiles
from starlette.routing import Mount
from starlette.types import ASGIApp

from api import routes
from api.branches import Branch
from api.callers import Callers
from api.docs import DESCRIPTION, TAGS, add_docs
from api.edge import Edge
from api.methods import Methods
from api.origins import Origins
from api.problems import PROBLEMS, answer_problems
from api.repeats import Repeats, answer_repeats
from api.turns import Turns
from core.bootstrap import Application


def create_api(get_app: Callable[[], Application]) -> ASGIApp:
    """The API to be mounted at `/api`; `get_app` answers this process's application."""
    api = create_fastapi(get_app)
    return Origins(Edge(Callers(Turns(Methods(Repeats(api, get_app), api.routes)), get_app)), get_app)


class ApiMount(Mount):
    """`/api` and everything below it, addresses with a line break in them too: what a Mount is made of matches none."""

    def __init__(self, get_app: Callable[[], Application]) -> None:
        super().__init__("/api", app=create_api(get_app))
        self.path_regex = re.compile(self.path_regex.pattern, re.DOTALL)


def create_fastapi(get_app: Callable[[], Application]) -> FastAPI:
    api = FastAPI(
        title="Countersign",
        version="1",
        description=DESCRIPTION,
        openapi_tags=TAGS,
        docs_url=None,
        redoc_url=None,
        swagger_ui_oauth2_redirect_url=None,
        responses=PROBLEMS,
        generate_unique_id_function=lambda route: route.name,
        separate_input_output_schemas=False,
    )
    api.state.get_app = get_app
    answer_problems(api)
    answer_repeats(api)
    for router in _routers():
        api.include_router(Branch(router.routes))
    api.mount("/docs/assets", StaticFiles(packages=[("fastapi_swagger", "resources")]), name="docs assets")
    add_docs(api)
    return api


@cache
def openapi_document() -> dict[str, Any]:
    """What `/api/openapi.json` answers, without an application: for clients that are made from it, and for tests."""

    def no_application() -> Application:
        raise AssertionError("the document needs no application")

    return create_fastapi(no_application).openapi()


def _routers() -> list[APIRouter]:
    # What is watched first: /decisions/events would otherwise be taken for the decision called events.
    modules = sorted(
        (module.name for module in pkgutil.iter_modules(routes.__path__)), key=lambda name: (name != "events", name)
    )
    found = [import_module(f"{routes.__name__}.{name}").router for name in modules]
    return [router for router in found if isinstance(router, APIRouter)]
