"""The content model survives being kept, and tells what is in it."""

from __future__ import annotations

import json

from core.deliverables.content import report_as_json, report_from_json
from tests.core.deliverables.reports import hostile_report, report


def test_a_report_is_the_same_after_it_was_kept() -> None:
    for one in (report(), hostile_report()):
        assert report_from_json(json.loads(json.dumps(report_as_json(one)))) == one


def test_every_table_and_chart_with_a_key_goes_into_the_data_once() -> None:
    keys = [table.key for table in report().tables()]

    assert sorted(keys) == ["all-runs", "bars", "columns", "lines", "runs", "stacked"]


def test_appendices_come_last_whatever_their_place() -> None:
    sections = report().sections
    mixed = report(sections[-1], *sections[:-1])

    assert [section.key for _, section in mixed.walk()][-1] == "sources"
