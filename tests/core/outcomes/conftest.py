"""Runs to log outcomes on, and files as people upload them."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from uuid import UUID

import pytest
from PIL import Image

from core.actor import Actor, Role
from core.bootstrap import Application
from core.settings import ROOT

PDF = b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog >>\nendobj\ntrailer\n<< /Root 1 0 R >>\n%%EOF\n"
TEXT = "Paid by Meridian Ltd — 120 €".encode()


def picture(kind: str = "PNG", *, size: tuple[int, int] = (8, 8)) -> bytes:
    buffer = BytesIO()
    Image.new("RGB", size, "navy").save(buffer, kind)
    return buffer.getvalue()


@pytest.fixture
def ravi(app: Application, person: Callable[..., Actor]) -> Actor:
    assert not app.catalog.sync(ROOT / "workflows.json").problems
    return person(Role.USER, name="Ravi")


@pytest.fixture
def reviewer(person: Callable[..., Actor]) -> Actor:
    return person(Role.COUNCIL, name="Mei")


@pytest.fixture
def run(app: Application, ravi: Actor) -> UUID:
    """A completed run of Ravi's."""
    run = app.executions.start(ravi, "resume_generator")
    app.executions.record_progress(ravi, run, 5)
    app.executions.complete(ravi, run)
    return run
