"""A worker is killed while it reads, and another while it writes: each case becomes one run all the same."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO

import pytest

from core.imports.rules import ImportState
from tests.core.imports.logs import MAPPING, csv_bytes, loans
from tests.integrity.conftest import Installation
from tests.waiting import until

CASES = 6_000


@pytest.mark.timeout(300)
def test_import_goes_on_in_another_worker_when_its_own_is_killed(install: Callable[..., Installation]) -> None:
    here = install()
    queries = here.app.imports_queries
    import_id = here.app.imports.upload(here.admin, "loans.csv", BytesIO(csv_bytes(loans(CASES))))
    here.app.imports.check(here.admin, import_id, MAPPING, then_write=True)

    first = here.start_worker()
    until(lambda: queries.one(here.admin, import_id).rows_read > 0, seconds=60, what="the first rows")
    first.kill()
    first.wait()
    second = here.start_worker()
    until(lambda: queries.one(here.admin, import_id).written.total > 0, seconds=120, what="the first runs")
    second.kill()
    second.wait()
    here.start_worker()
    over = (ImportState.DONE, ImportState.FAILED)
    until(lambda: queries.one(here.admin, import_id).row.state in over, seconds=150, what="the end of the import")

    view = queries.one(here.admin, import_id)
    assert view.row.state is ImportState.DONE, view.error
    assert view.written.total == CASES == here.app.executions_queries.page(here.admin, limit=1).total
    assert view.rows_read == view.found.rows
