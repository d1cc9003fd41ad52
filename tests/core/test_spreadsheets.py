"""CSV that is safe to open in a spreadsheet."""

import csv
from decimal import Decimal
from io import StringIO

import pytest

from core.spreadsheets import csv_bytes


def read(data: bytes) -> list[list[str]]:
    return list(csv.reader(StringIO(data.decode("utf-8-sig"), newline="")))


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"])
def test_no_text_begins_a_formula_in_a_cell_or_a_title(start: str) -> None:
    held = read(csv_bytes([f"{start}title"], [[f"{start}1+1"]]))
    assert held == [[f"'{start}title"], [f"'{start}1+1"]]


def test_numbers_stay_numbers_and_quotes_and_line_ends_survive() -> None:
    rows = [[Decimal("-1.50"), Decimal("1E+6"), 'a "b", c', "one\r\ntwo", None, "中文"]]
    data = csv_bytes(["a", "b", "c", "d", "e", "f"], rows)
    assert data.startswith(b"\xef\xbb\xbf") and data.endswith(b"\r\n")
    assert read(data)[1] == ["-1.50", "1000000", 'a "b", c', "one\r\ntwo", "", "中文"]


def test_half_a_character_does_not_stop_an_export() -> None:
    assert read(csv_bytes(["a"], [["x\ud83dy"]]))[1] == ["x?y"]
