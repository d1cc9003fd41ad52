"""What a person reads about the API: its introduction, its groups, and the page at `/api/docs`, served from here alone."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI, Request
from fastapi.openapi.docs import get_swagger_ui_html
from fastapi.responses import HTMLResponse

from api.contract import complete
from api.edge_docs import describe_edge

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

**Repeats.** Send `Idempotency-Key` with a POST, and the same request (method, address, query, body) is done once however
often it is sent, and answered as the first was, with `Idempotency-Replayed: true`, for 7 days. Another request with the same
key is refused (422); one under way says when to ask again (409, `Retry-After`). What is refused for who calls or how often
(401, 403, 429) or fails (5xx) may be sent again with its key, and after any other refusal the corrected request may have it.
Answers that hold a secret are kept nowhere: their repeat is told so (409 `AnswerNotKept`).

**Limits.** A JSON body may have 1 MB, an upload 6 MB in all and 5 MB a file, an event log 200 MB. A token has 600 calls a
minute unless the installation says otherwise; `RateLimit` says how many are left, 429 with `Retry-After` that none is. GET and
HEAD never change anything; answers are what the address says they are, whatever `Accept` says. Methods that an
address does not answer are refused with 405 and `Allow`, addresses over 8 KB with 414, headers over 32 KB with 431, bodies
of media types that nothing reads with 415.
"""

TAGS: list[dict[str, Any]] = [
    {"name": "Workflows", "description": "Runs of workflows, as programs read them."},
    {"name": "Workflow types", "description": "Definitions of workflows: read them, check them, import them."},
    {"name": "Gates", "description": "Where runs wait for people: questions, forms, guides; votes are decisions."},
    {"name": "Executions", "description": "Run a guided workflow step by step."},
    {"name": "Outcomes", "description": "What came of a run, and its proof."},
    {
        "name": "Agents",
        "description": "Instruct in words; AI agents find the same and more at `/mcp` (see docs/API.md).",
    },
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
    {"name": "Tokens", "description": "What programs sign in with: make, see the last use of, revoke."},
    {"name": "Profile", "description": "Who you are: goal, market, skill level, country."},
    {"name": "Imports", "description": "Past runs from event logs (CSV, XES): handed in, followed, taken back as one."},
    {"name": "Results", "description": "What works for whom, and what to do next."},
    {"name": "Live status", "description": "Server-sent events: how a run, an action or an inbox stands."},
    {"name": "Decisions", "description": "Whatever people decide: panels, ballots, who may vote and why not."},
    {"name": "Councils", "description": "Who decides what, by which rule; seats given away until a date."},
    {"name": "Guardrails", "description": "What the installation allows, the kill switch, and every judgement."},
    {"name": "Savings", "description": "The calculator, rate cards, scenarios, exchange rates, and evidence."},
    {"name": "Operator brain", "description": "Rules that watch and propose, what they noticed, tasks for the team."},
    {"name": "Prompts", "description": "What language models are told, with every edit."},
    {"name": "People", "description": "Accounts, roles and tiers; for admins."},
    {"name": "Jobs", "description": "What runs by itself, and sample data; for admins."},
    {"name": "Audit", "description": "The append-only chain of who did what; for admins."},
    {"name": "Health", "description": "Whether the installation is well; needs no token."},
]


_LOOK = """
<meta name="color-scheme" content="light dark">
<style>
html.dark-mode body { background: #1c2022; }
.swagger-ui .opblock .opblock-summary, .swagger-ui .opblock .opblock-summary-control { min-width: 0; }
.swagger-ui .opblock-summary-path, .swagger-ui .opblock-description-wrapper { overflow-wrap: anywhere; }
</style>
<script>
const dark = matchMedia("(prefers-color-scheme: dark)");
const follow = () => document.documentElement.classList.toggle("dark-mode", dark.matches);
dark.addEventListener("change", follow);
follow();
</script>
"""
"""What Swagger UI does not do by itself: it follows the reader's light or dark, and long addresses break on a phone."""


def add_docs(api: FastAPI) -> None:
    """Serves `/docs`, and says in `/openapi.json` what FastAPI cannot know of our errors."""
    generated = api.openapi

    def openapi() -> dict[str, Any]:
        if api.openapi_schema is None:
            complete(generated(), api)  # which FastAPI keeps
            describe_edge(generated())
        return generated()

    api.openapi = openapi  # type: ignore[method-assign]

    @api.get("/docs", include_in_schema=False)
    async def docs(request: Request) -> HTMLResponse:
        root = str(request.scope.get("root_path", "")).rstrip("/")
        page = get_swagger_ui_html(
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
        return HTMLResponse(bytes(page.body).decode().replace("</head>", f"{_LOOK}</head>", 1))
