"""The figures of a report as CSV."""

from __future__ import annotations

import csv
import time
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from io import BytesIO, StringIO
from zipfile import ZipFile

import pytest

from core.deliverables.content import Cell, Column, Section, Table
from core.deliverables.format import find_formats
from core.deliverables.formats.data import csv_of, render
from core.deliverables.look import Look
from tests.core.deliverables.reports import HOSTILE, MIXED, hostile_report, report, table

LOOK = Look("Meridian Advisory")


def files(data: bytes) -> dict[str, str]:
    with ZipFile(BytesIO(data)) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name).decode("utf-8-sig") for name in archive.namelist()}


def rows(text: str) -> list[list[str]]:
    return list(csv.reader(StringIO(text, newline=""), strict=True))


def named(*keys: str) -> dict[str, str]:
    tables = tuple(replace(table(1), key=key) for key in keys)
    return files(render(replace(report(Section("s", "S", ())), data=tables), LOOK).data)


def test_every_table_has_a_file_with_its_values_and_the_readme_names_them() -> None:
    told = report()
    rendered = render(told, LOOK)
    held = files(rendered.data)
    assert set(held) == {"README.txt", *(f"{one.key}.csv" for one in told.tables())}
    assert rendered.facts == {"files": len(held), "rows": sum(len(one.rows) for one in told.tables())}
    for one in told.tables():
        read = rows(held[f"{one.key}.csv"])
        assert read[0] == [column.title for column in one.columns]
        assert read[1:] == [
            [cell.text if cell.value is None else f"{cell.value:f}" for cell in row] for row in one.rows
        ]
        assert f"{one.key}.csv\r\n  {one.title}\r\n" in held["README.txt"]


def test_values_are_as_programs_read_them() -> None:
    india = timezone(timedelta(hours=5, minutes=30))
    cells = (
        Cell("€1.234,56", Decimal("1234.56")), Cell("1 Mio.", Decimal("1E+6")), Cell("−7", Decimal("-7")),
        Cell("20 Nov", datetime(2026, 11, 20, 15, 0, tzinfo=india)), Cell("gap"), Cell("shown", "raw"), Cell(MIXED),
    )  # fmt: skip
    read = rows(csv_of(Table("t", tuple(Column(str(at)) for at in range(7)), (cells,), "t")).decode("utf-8-sig"))
    assert read[1] == ["1234.56", "1000000", "-7", "2026-11-20T09:30:00+00:00", "gap", "raw", MIXED]


def test_no_text_of_a_report_begins_a_formula_in_any_file() -> None:
    evil = Table(HOSTILE, (Column("=1+1"),), ((Cell("=1+1"),), (Cell("x", "@SUM(A1)"),), (Cell("+1"),)), "evil")
    held = files(render(replace(hostile_report(), data=(evil,)), LOOK).data)
    cells = [cell for name, text in held.items() if name.endswith(".csv") for row in rows(text) for cell in row]
    assert "'=1+1" in cells and "'@SUM(A1)" in cells
    assert not [cell for cell in cells if cell[:1] in set("=+-@\t\r")]
    assert HOSTILE in cells


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        (("../../etc/passwd",), {"etc-passwd.csv"}),
        (("a", "A", "a!"), {"a.csv", "a-2.csv", "a-3.csv"}),
        (("a", "a-2", "a"), {"a.csv", "a-2.csv", "a-3.csv"}),
        (("", "中文", "/"), {"table.csv", "table-2.csv"}),
        (("CON", "lpt1"), {"con-table.csv", "lpt1-table.csv"}),
        (("x" * 500,), {"x" * 60 + ".csv"}),
        (("README",), {"README.txt", "readme.csv"}),
    ],
)
def test_names_of_files_are_safe_and_none_is_there_twice(keys: tuple[str, ...], expected: set[str]) -> None:
    held = named(*keys)
    assert expected <= set(held) and len(held) == len(keys) + 1


def test_the_same_report_is_the_same_bytes() -> None:
    assert render(report(), LOOK).data == render(report(), LOOK).data
    with ZipFile(BytesIO(render(report(), LOOK).data)) as archive:
        assert {one.date_time for one in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}


def test_the_readme_says_when_it_is_sample_data() -> None:
    said = "Made of sample data: no figure in it is real."
    assert said in files(render(replace(report(), sample=True), LOOK).data)["README.txt"]
    assert said not in files(render(report(), LOOK).data)["README.txt"]


def test_a_hundred_thousand_rows_take_a_few_seconds() -> None:
    many = replace(table(1_000), key="many")
    big = replace(many, rows=many.rows * 100)
    begun = time.perf_counter()
    rendered = render(replace(report(), data=(big,)), LOOK)
    assert time.perf_counter() - begun < 60
    assert files(rendered.data)["many.csv"].count("\r\n") == 100_001


def test_the_format_is_found() -> None:
    assert find_formats()["data"].file_name == "data.zip"
