from __future__ import annotations

import pytest

from core.text import in_short


@pytest.mark.parametrize(
    ("value", "said"),
    [("a", "“a”"), ("a" * 60, f"“{'a' * 60}”"), ("a" * 30_000, f"“{'a' * 60}…”"), (["x"], "“['x']”"), (None, "“None”")],
)
def test_refused_value_is_named_by_its_beginning(value: object, said: str) -> None:
    assert in_short(value) == said
