"""A source and formats that stand in for the real ones where packages are tested and not what is in them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import UUID

import pytest

from core.bootstrap import Application
from core.deliverables import formats, sources
from core.deliverables.format import find_formats
from core.deliverables.formats import data as data
from core.deliverables.making import PackageMaking
from core.deliverables.rules import PackageState
from core.deliverables.source import find_sources
from core.files.stores import file_store

HERE = Path(__file__).parent


@contextmanager
def pretended() -> Iterator[None]:
    """Instead of the real ones, not beside them: PDF and slides take seconds."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sources, "__path__", [str(HERE / "sources")])
        patch.setattr(formats, "__path__", [str(HERE / "formats")])
        find_sources.cache_clear()
        find_formats.cache_clear()
        yield
    find_sources.cache_clear()
    find_formats.cache_clear()


def made(app: Application, package_id: UUID) -> PackageState:
    """What a worker does, here and now."""
    settings = app.settings
    store = file_store(settings, settings.files_dir, prefix=settings.files_s3_prefix)
    return PackageMaking(app.database, store, settings).make(package_id)
