"""Names of pictures in a table become what the store knows them by, and nothing else of it changes."""

from __future__ import annotations

import csv
import io

import pytest

from core.websites.tables_of_text import cells_of, with_pictures

RYE = "1f" * 32


@pytest.mark.parametrize("mark", [",", ";", "\t"])
def test_names_become_digests_and_every_other_cell_stays(mark: str) -> None:
    rows = [
        ["name", "Picture ", "text"],
        ["Rye", " RYE.png ", "Slow\ndough"],
        ["Roll", "", 'It is "round"'],
        ["Seed", RYE, f"a{mark}b"],
        ["Plain", "other.jpg", ""],
        ["Short"],
    ]
    written = io.StringIO()
    csv.writer(written, delimiter=mark).writerows(rows)

    wanted = [list(row) for row in rows]
    wanted[1][1] = RYE
    assert cells_of(with_pictures(written.getvalue(), {"rye.png": RYE})) == wanted


@pytest.mark.parametrize("text", ["", "name,price\nRye,4.50", 'name,picture\n"never closed,rye.png\0', "\n\n"])
def test_without_such_a_column_the_text_stays_as_it_is(text: str) -> None:
    assert with_pictures(text, {"rye.png": RYE}) == text


def test_without_pictures_the_text_stays_as_it_is() -> None:
    assert with_pictures("name;picture\r\nRye;rye.png", {}) == "name;picture\r\nRye;rye.png"
