from __future__ import annotations

from core.deliverables.content import Cell, Column, Table
from core.deliverables.typesetting.columns import shares


def table_of(*columns: tuple[str, ...], wide: int | None = None) -> Table:
    heads = tuple(Column("Head", wide=at == wide) for at in range(len(columns)))
    return Table("T", heads, tuple(tuple(map(Cell, row)) for row in zip(*columns, strict=True)))


def test_columns_that_fit_are_as_wide_as_their_content_and_one_takes_the_rest() -> None:
    assert shares(table_of(("a",), ("b",), ("c",), wide=1), 450, 9) == [0, 1, 0]


def test_without_a_wide_column_the_first_one_takes_the_rest() -> None:
    assert shares(table_of(("a",), ("b",)), 450, 9) == [1, 0]


def test_sentences_share_what_is_left_by_how_long_they_are() -> None:
    short, long = shares(table_of(("word " * 12,), ("word " * 24,)), 450, 9)
    assert 0 < short < long


def test_no_sentence_squeezes_a_word_out_of_its_column() -> None:
    found = shares(table_of(*([("word " * 100,), ("Completed",)] * 6)), 450, 6)
    room = 450 / (6 * 0.56)
    width = room / sum(found)
    assert all(share == 0 or share * width >= 9 for share in found)


def test_parts_of_a_long_table_have_the_same_columns_whatever_is_in_them() -> None:
    assert 0 not in shares(table_of(("a",), ("b",)), 450, 9, fixed=True)


def test_a_table_without_columns_has_no_shares_to_give() -> None:
    assert shares(Table("T", (Column(""),), ()), 450, 9) == [1]
