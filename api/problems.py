"""Every error as a problem document (RFC 9457): a sentence for people, a code for programs, no traceback."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any, Literal

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException

from core.canonical import jsonable
from core.catalog.service import DefinitionsRefused
from core.errors import Conflict, CountersignError, InvalidInput
from core.executions.automated.answers import AnswersRefused, DocumentRefused
from core.idempotency.rules import RequestUnderWay

MEDIA_TYPE = "application/problem+json"
MOST_ERRORS = 100
"""Of the fields of one request: a body of many wrong ones is not answered with a longer one."""


class FieldProblem(BaseModel):
    field: str = Field(description="Where: names and indexes joined by dots.", examples=["value"])
    problem: str = Field(examples=["Input should be a valid decimal"])


class DefinitionProblem(BaseModel):
    """One thing that is wrong with a workflow definition, or could be better."""

    model_config = ConfigDict(from_attributes=True)

    code: str = Field(examples=["FORBIDDEN_SIBLING_REFERENCE"])
    path: str = Field(description="JSON path in the body.", examples=["$.steps[2].inputs[0]"])
    message: str
    remedy: str = Field(description="What to do.")
    severity: Literal["error", "warning"] = Field(description="A warning never keeps a definition out.")


class Problem(BaseModel):
    """RFC 9457."""

    model_config = ConfigDict(title="Problem")

    type: str = Field(default="about:blank", description="Always `about:blank`: `status` and `code` say what it is.")
    title: str = Field(description="The status in words.", examples=["Conflict"])
    status: int = Field(examples=[409])
    detail: str = Field(description="What happened, what was not lost, what to do.")
    code: str = Field(description="Stable, for programs.", examples=["ActionAlreadyDecided"])
    errors: list[FieldProblem] | None = Field(default=None, description="The fields that were refused (status 422).")
    problems: list[DefinitionProblem] | None = Field(
        default=None, description="Every problem of a definition that was refused (status 422)."
    )


def _documented(description: str) -> dict[str, Any]:
    return {"description": description, "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}}


PROBLEMS: dict[int | str, dict[str, Any]] = {
    422: _documented("A value was refused; `errors` says which and why."),
    "default": {**_documented("A problem."), "model": Problem},
}
"""For every route; routes add their own where a status means something particular."""


def problem_response(
    status: int,
    detail: str,
    *,
    code: str,
    errors: Sequence[FieldProblem] | None = None,
    problems: Sequence[DefinitionProblem] | None = None,
    headers: Mapping[str, str] | None = None,
) -> JSONResponse:
    body = Problem(
        title=HTTPStatus(status).phrase, status=status, detail=detail, code=code, errors=errors, problems=problems
    )
    return JSONResponse(
        body.model_dump(exclude_none=True), status_code=status, media_type=MEDIA_TYPE, headers=dict(headers or {})
    )


def internal_error(request_id: str) -> JSONResponse:
    said = f"Something went wrong here, not with the request. Give an admin the reference {request_id}."
    return problem_response(500, said, code="InternalError")


def answer_problems(api: FastAPI) -> None:
    """Makes every refusal of `api` a problem document; the edge logs what nobody foresaw."""

    @api.exception_handler(CountersignError)
    async def refused(request: Request, error: CountersignError) -> JSONResponse:
        field = jsonable(error.facts.get("field")) if isinstance(error, InvalidInput) else None
        errors = [FieldProblem(field=str(field), problem=str(error.facts["problem"]))] if field else None
        if isinstance(error, DocumentRefused | AnswersRefused):
            found = error.facts["findings"]
            errors = [FieldProblem(field=str(one["path"]), problem=str(one["message"])) for one in found]
        # Whoever sent If-Match asked for 412 (RFC 9110, 15.5.13) where others are told of a conflict.
        stale = isinstance(error, Conflict) and "if-match" in request.headers
        told = error.problems if isinstance(error, DefinitionsRefused) else None
        problems = [DefinitionProblem.model_validate(one) for one in told] if told else None
        status = 412 if stale else error.http_status
        again = {"Retry-After": "1"} if isinstance(error, RequestUnderWay) else None
        return problem_response(status, str(error), code=error.code, errors=errors, problems=problems, headers=again)

    @api.exception_handler(RequestValidationError)
    async def invalid(_request: Request, error: RequestValidationError) -> JSONResponse:
        if any(found["type"] == "json_invalid" for found in error.errors()):
            return problem_response(400, "The body is not valid JSON. Nothing was changed.", code="InvalidJson")
        found_first = error.errors()[:MOST_ERRORS]
        errors = [FieldProblem(field=_place(found["loc"]), problem=_sentence(found)) for found in found_first]
        said = "; ".join(f"{found.field}: {found.problem}" for found in errors[:3])
        return problem_response(422, f"{said}. Nothing was changed.", code="InvalidInput", errors=errors)

    @api.exception_handler(HTTPException)
    async def http(request: Request, error: HTTPException) -> JSONResponse:
        detail = _DETAILS.get(error.status_code, str(error.detail)).format(
            method=request.method, path=request.url.path[:200]
        )
        code = HTTPStatus(error.status_code).name.title().replace("_", "")
        return problem_response(error.status_code, detail, code=code, headers=error.headers)

    @api.exception_handler(Exception)
    async def crashed(request: Request, _error: Exception) -> JSONResponse:
        request.state.crashed = True  # so that nobody keeps this as the answer
        return internal_error(request.state.request_id)


_DETAILS = {
    400: "The body could not be read. Nothing was changed.",
    404: "There is nothing at this address. See /api/docs for what there is.",
    405: "This address does not answer {method}. See /api/docs for what it answers.",
}


def _place(location: Sequence[Any]) -> str:
    """`("body", "steps", 0, "title")` as `steps.0.title`; the part of the request only if there is nothing else."""
    parts = [str(part) for part in location if part not in {"body", "query", "path", "header", "form"}]
    return ".".join(parts)[:200] or str(location[0] if location else "body")


def _sentence(found: Mapping[str, Any]) -> str:
    return str(found["msg"]).removeprefix("Value error, ")[:300]
