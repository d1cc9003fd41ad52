"""Reads a source as packages do: in one transaction, on behalf of somebody, in a language."""

from __future__ import annotations

from typing import Any

from core.actor import Actor
from core.bootstrap import Application
from core.deliverables.content import Report
from core.deliverables.source import Reading, find_sources
from core.deliverables.words import Words
from core.files.stores import file_store


def read(app: Application, reader: Actor, source: str, *, language: str = "en", **params: Any) -> Report:
    found = find_sources()[source]
    store = file_store(app.settings, app.settings.files_dir, prefix=app.settings.files_s3_prefix)
    with app.database.reading() as session:
        reading = Reading(session, app.database, app.settings, store, reader, Words(language, "Asia/Kolkata"))
        asked = found.params.model_validate(params)
        assert found.label(reading, asked) and found.subject(asked)
        return found.read(reading, asked)
