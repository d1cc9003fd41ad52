"""Files as they come: written in many ways, some of them to do harm."""

from __future__ import annotations

import gzip
import tracemalloc
from collections.abc import Sequence
from datetime import UTC, datetime
from io import BytesIO

import pytest

from core.actor import Actor
from core.bootstrap import Application
from core.imports import file as files
from core.imports.file import layout_of, open_log
from core.imports.looking import look_at
from core.imports.refusals import Reason, Refused
from core.imports.row import Row
from core.imports.rules import MOST_CELL, MOST_LINE, Dates, NoEventLog
from tests.core.imports.logs import HEADER, csv_bytes, loans, xes_bytes

PLAIN = "case,activity,time\n1,Öffnen,2025-01-01 10:00\n1,Schließen,2025-01-01 11:00\n"


def read(data: bytes, name: str = "log.csv") -> list[Row | Refused]:
    file = BytesIO(data)
    with open_log(file, layout_of(file, name), name) as log:
        return list(log.rows())


def cells(rows: Sequence[Row | Refused]) -> list[list[str]]:
    return [list(row.cells.values()) for row in rows if isinstance(row, Row)]


@pytest.mark.parametrize(
    ("encoding", "found"),
    [("utf-8", "utf-8-sig"), ("utf-8-sig", "utf-8-sig"), ("utf-16", "utf-16"), ("utf-16-le", "utf-16-le"),
     ("utf-16-be", "utf-16-be"), ("cp1252", "cp1252")],
)  # fmt: skip
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_encoding_and_separator_are_found(encoding: str, found: str, delimiter: str) -> None:
    layout, seen = look_at(BytesIO(PLAIN.replace(",", delimiter).encode(encoding)), "log.csv")

    assert (layout.encoding, layout.delimiter, layout.header) == (found, delimiter, True)
    assert seen.columns == ("case", "activity", "time") and seen.rows == 2
    assert list(seen.examples["activity"]) == ["Öffnen", "Schließen"]
    assert bool(seen.notes) == (encoding not in ("utf-8", "utf-8-sig"))


def test_bytes_that_are_no_windows_text_are_read_as_latin_1_and_said() -> None:
    layout, seen = look_at(BytesIO(PLAIN.encode("cp1252") + b"2,\x81,2025-01-01\n"), "log.csv")
    assert layout.encoding == "latin-1" and "Latin-1" in seen.notes[0]


def test_quoted_line_ends_separators_and_quotes_belong_to_their_cell() -> None:
    rows = read(b'case,activity,time\r\n1,"Call\nthe ""client"", twice",2025-01-01\r\n2,End,2025-01-02\r\n')
    assert cells(rows) == [["1", 'Call\nthe "client", twice', "2025-01-01"], ["2", "End", "2025-01-02"]]
    assert [row.line for row in rows] == [2, 4]


def test_file_without_a_header_has_numbered_columns() -> None:
    layout, seen = look_at(BytesIO(b"1,Open,2025-01-01 10:00\n1,Close,2025-01-01 11:00\n"), "log.csv")
    assert not layout.header
    assert seen.columns == ("Column 1", "Column 2", "Column 3") and seen.rows == 2


def test_columns_of_one_name_are_told_apart() -> None:
    _, seen = look_at(BytesIO(b"case,time,time,,activity\n1,2025-01-01,2025-01-02,x,Open\n"), "log.csv")
    assert seen.columns == ("case", "time", "time (2)", "Column 4", "activity")


def test_line_of_ten_megabytes_is_refused_and_the_rest_goes_on() -> None:
    data = b"case,activity,time\n1,Open,2025-01-01\n2," + b"x" * 10_000_000 + b",2025-01-01\n3,Open,2025-01-02\n"
    tracemalloc.start()
    rows = read(data)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    refused = [row for row in rows if isinstance(row, Refused)]
    assert [(one.line, one.reason) for one in refused] == [(3, Reason.TOO_LONG)]
    assert cells(rows) == [["1", "Open", "2025-01-01"], ["3", "Open", "2025-01-02"]]
    assert most < len(data) + 8 * MOST_LINE


def test_quote_that_is_never_closed_takes_no_more_than_a_cell() -> None:
    after = b"".join(b"%d,Open,2025-01-01\n" % number for number in range(20_000))
    rows = read(b'case,activity,time\n1,"Open,2025-01-01\n' + after)
    refused = [row for row in rows if isinstance(row, Refused)]
    assert refused[0].line == 2 and refused[0].reason is Reason.BROKEN_ROW
    assert len(cells(rows)) > 20_000 - MOST_CELL / 17 - 2


def test_row_with_nul_is_refused_and_formulas_are_text() -> None:
    rows = read(b'case,activity,time\n1,Op\0en,2025-01-01\n"=cmd|x",+1,2025-01-01\n')
    assert isinstance(rows[0], Refused) and rows[0].reason is Reason.CONTROLS
    assert cells(rows) == [["=cmd|x", "+1", "2025-01-01"]]


def test_row_with_too_many_cells_is_refused() -> None:
    rows = read(b"case,activity,time\n1,Open,2025-01-01,extra\n1,Open,2025-01-01,\n")
    assert isinstance(rows[0], Refused) and rows[0].reason is Reason.CELLS
    assert len(cells(rows)) == 1


@pytest.mark.parametrize(
    "data",
    [b"", b"   \n", b"PK\x03\x04zip", b"%PDF-1.7", b"case,activity,time\n", b"one,two\n1,2\n", b"\x1f\x8bnot gzip",
     gzip.compress(b"case,activity,time\n1,Open,2025-01-01\n"), b"<html></html>", b"<log><trace>", b"<log/>",
     b"<log>" + b"<list>" * 200],
    ids=range(12),
)  # fmt: skip
def test_what_is_no_event_log_is_refused_with_a_reason(data: bytes) -> None:
    with pytest.raises(NoEventLog):
        look_at(BytesIO(data), "log")


BOMBS = {
    "entities": b'<!DOCTYPE log [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]><log><trace>&b;</trace></log>',
    "external": b'<!DOCTYPE log [<!ENTITY x SYSTEM "file:///etc/passwd">]><log><trace>&x;</trace></log>',
    "parameter": b'<!DOCTYPE log [<!ENTITY % x SYSTEM "http://127.0.0.1:9/x.dtd"> %x;]><log/>',
    "elsewhere": b'<!DOCTYPE log SYSTEM "http://127.0.0.1:9/x.dtd"><log/>',
}


@pytest.mark.parametrize("name", BOMBS)
def test_document_type_is_refused_before_anything_is_expanded_or_fetched(name: str) -> None:
    with pytest.raises(NoEventLog, match="document type"):
        look_at(BytesIO(b'<?xml version="1.0"?>' + BOMBS[name]), "log.xes")


def test_packed_log_that_unpacks_to_too_much_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "MOST_UNPACKED", 1_000_000)
    bomb = gzip.compress(b"<log>" + b"<!-- nothing -->" * 500_000 + b"</log>")
    assert len(bomb) < 100_000
    with pytest.raises(NoEventLog, match="unpacks to more"):
        look_at(BytesIO(bomb), "log.xes.gz")


@pytest.mark.parametrize("encoding", ["shift_jis", "gb2312", "utf-32", "nonsense", "rot13", "undefined"])
def test_log_in_an_encoding_that_cannot_be_read_is_refused_in_words(encoding: str) -> None:
    with pytest.raises(NoEventLog, match="UTF-8"):
        read(f'<?xml version="1.0" encoding="{encoding}"?><log></log>'.encode(), "log.xes")


def test_value_without_an_end_is_not_kept_whole() -> None:
    data = b'<log><trace><string key="concept:name" value="' + b"x" * 12_000_000
    with pytest.raises(NoEventLog, match="more than a million"):
        look_at(BytesIO(data), "log.xes")


def test_xes_gives_events_with_what_their_case_says() -> None:
    at = datetime(2025, 6, 2, 8, tzinfo=UTC)
    data = xes_bytes([("A-1", [("Open", at, "start"), ("Open", at, "complete")])])
    for packed in (data, gzip.compress(data)):
        layout, seen = look_at(BytesIO(packed), "log.xes")
        assert layout.kind == "xes" and layout.packed is (packed is not data)
        assert seen.guess["case"] == "case:concept:name" and seen.guess["lifecycle"] == "lifecycle:transition"
        assert seen.dates is Dates.ISO and seen.zoned and seen.cases == 1 and seen.first == at


def test_log_with_dates_of_both_orders_is_guessed_and_ambiguous_ones_are_not() -> None:
    def dates(*texts: str) -> Dates | None:
        body = "".join(f"1,Open,{text}\n" for text in texts)
        return look_at(BytesIO(f"case,activity,time\n{body}".encode()), "log.csv")[1].dates

    assert dates("03/04/2026 10:00", "13/04/2026 10:00") is Dates.DAY_FIRST
    assert dates("03/04/2026 10:00", "04/13/2026 10:00") is Dates.MONTH_FIRST
    assert dates("03/04/2026 10:00", "05/06/2026 10:00") is None
    assert dates("13/04/2026 10:00", "04/13/2026 10:00") is None
    assert dates(*["2026-04-03"] * 30, "yesterday") is Dates.ISO
    assert dates("2026-04-03", "yesterday") is None
    assert dates("1750000000") is Dates.SECONDS
    assert dates("1750000000000") is Dates.MILLISECONDS


def test_refused_upload_leaves_no_file(app: Application, admin: Actor) -> None:
    with pytest.raises(NoEventLog):
        app.imports.upload(admin, "log.csv", BytesIO(b"only\none\ncolumn\n"))
    assert not [path for path in app.settings.imports_dir.rglob("*") if path.is_file()]


def test_many_rows_are_looked_at_in_little_memory() -> None:
    data = csv_bytes(list(loans(200)) * 60, HEADER)
    tracemalloc.start()
    _, seen = look_at(BytesIO(data), "loans.csv")
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert seen.rows > 45_000 and seen.cases == 200
    assert most < 6_000_000 + len(data)
