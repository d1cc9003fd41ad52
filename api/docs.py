"""What a person reads about the API: its introduction, its groups, and the page at `/api/docs`, served from here alone."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI, Request
from fastapi.openapi.docs import get_swagger_ui_html
from fastapi.responses import HTMLResponse

from api.problems import MEDIA_TYPE

DESCRIPTION = """
Everything a person does in the dashboard, for programs and AI agents.

**Sign in.** Send `Authorization: Bearer cs_…`. An admin makes tokens for agents, and everyone makes their own, on the
page *People* or *My profile*. A token has scopes and an end date, and can be revoked. Who acts is taken from the token
alone; an id of another person in a body is refused.

| scope | allows |
|---|---|
| `read` | every GET |
| `propose` | propose actions |
| `decide` | approve or reject; never given to agents |
| `admin` | change guardrails and webhooks; for admins |
| `execute` | run workflows, log outcomes, keep one's own profile |

**Errors** are problem documents (RFC 9457): `title` and `detail` are for people, `code` is for programs,
`errors` lists the fields that were refused. A refused request changes nothing.

**Limits.** A JSON body may have 1 MB, an upload 6 MB in all and 5 MB a file, an event log 200 MB. GET never changes anything.
"""

TAGS: list[dict[str, Any]] = [
    {"name": "Workflows", "description": "Runs of workflows, as programs read them."},
    {"name": "Workflow types", "description": "Definitions of workflows: read them, check them, import them."},
    {"name": "Gates", "description": "Where runs wait for people: questions, forms, guides; votes are decisions."},
    {"name": "Executions", "description": "Run a guided workflow step by step."},
    {"name": "Outcomes", "description": "What came of a run, and its proof."},
    {"name": "Actions", "description": "Propose an operation, let people decide, read the receipt."},
    {
        "name": "Projects",
        "description": "Many items over several channels: approved once, executed and reported one by one.",
    },
    {
        "name": "Deliverables",
        "description": "Packages to hand over: PDF, slides, web page and data, with a signed manifest.",
    },
    {"name": "Sites", "description": "Published websites: versions, where they answer, what was measured, messages."},
    {"name": "Connections", "description": "The accounts of outside systems through which approved work leaves."},
    {"name": "Files", "description": "What is sent along with actions, kept by its SHA-256."},
    {"name": "Webhooks", "description": "Be called when something happens, signed after Standard Webhooks."},
    {"name": "Profile", "description": "Who you are: goal, market, skill level, country."},
    {"name": "Imports", "description": "Past runs from event logs (CSV, XES): handed in, followed, taken back as one."},
    {"name": "Results", "description": "What works for whom, and what to do next."},
    {"name": "Health", "description": "Whether the installation is well; needs no token."},
]


def add_docs(api: FastAPI) -> None:
    """Serves `/docs`, and says in `/openapi.json` what FastAPI cannot know of our errors."""
    generated = api.openapi

    def openapi() -> dict[str, Any]:
        return _with_our_words(generated())

    api.openapi = openapi  # type: ignore[method-assign]

    @api.get("/docs", include_in_schema=False)
    async def docs(request: Request) -> HTMLResponse:
        root = str(request.scope.get("root_path", "")).rstrip("/")
        return get_swagger_ui_html(
            openapi_url=f"{root}{api.openapi_url}",
            title="Countersign API",
            swagger_js_url=f"{root}/docs/assets/swagger-ui-bundle.js",
            swagger_css_url=f"{root}/docs/assets/swagger-ui.css",
            swagger_favicon_url=f"{root}/docs/assets/favicon-32x32.png",
            # validatorUrl None: no badge, and so no request to anybody else's host. All operations opened at once are more
            # than the page can draw, so it opens with their topics.
            swagger_ui_parameters={
                "persistAuthorization": False,
                "filter": True,
                "validatorUrl": None,
                "docExpansion": "none",
                "defaultModelsExpandDepth": -1,
            },
        )


def _with_our_words(document: dict[str, Any]) -> dict[str, Any]:
    """Problems have their own media type only, and an answer is called one."""
    for path in document["paths"].values():
        for operation in path.values():
            for status, response in operation["responses"].items():
                if status == "default" or status.startswith(("4", "5")):
                    content = response.get("content", {})
                    if MEDIA_TYPE in content:
                        content.pop("application/json", None)
                elif response["description"] == "Successful Response":
                    response["description"] = "The answer."
    return document
