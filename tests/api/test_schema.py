"""The API keeps what its OpenAPI document says, for requests nobody thought of (schemathesis)."""

from __future__ import annotations

from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given
from hypothesis import settings as hypothesis_settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from starlette.applications import Starlette

from core.actor import Actor
from core.bootstrap import Application
from core.identity.rules import Scope

EXAMPLES = 12
CHECKS = [not_a_server_error, content_type_conformance, response_schema_conformance, status_code_conformance]


@pytest.mark.timeout(180)
def test_any_request_is_answered_as_documented(app: Application, asgi: Starlette, admin: Actor) -> None:
    token = app.tokens.issue_token(admin, label="schemathesis", scopes=frozenset(Scope))
    headers = {"authorization": f"Bearer {token}"}
    schema = schemathesis.openapi.from_asgi("/api/openapi.json", asgi)
    seen = 0

    found: Any
    for found in schema.get_all_operations():
        operation: Any = found.ok()

        @given(case=operation.as_strategy())
        @hypothesis_settings(
            max_examples=EXAMPLES, deadline=None, database=None, derandomize=True,
            phases=[Phase.explicit, Phase.generate], suppress_health_check=list(HealthCheck),
        )  # fmt: skip
        def answered(case: Any) -> None:
            case.call_and_validate(headers=headers, checks=CHECKS)

        answered()
        seen += 1

    assert seen >= 20
