"""Number formats write what the report wrote, or are none."""

from __future__ import annotations

from decimal import Decimal

import pytest

from core.deliverables.slides.figures import number_format


@pytest.mark.parametrize(
    ("values", "texts", "wanted"),
    [
        (["1234.5", "2"], ["1,234.50", "2.00"], "#,##0.00"),
        (["0.61"], ["61 %"], '#,##0" "%'),
        (["61"], ["61 %"], '#,##0" %"'),
        (["11700"], ["€11,700.00"], '"€"#,##0.00'),
        (["1234.5"], ["1.234,50"], ""),
        (["3"], ["three"], ""),
        (["3600"], ["1 h"], ""),
    ],
)
def test_a_format_is_found_only_where_it_gives_the_very_texts(values: list[str], texts: list[str], wanted: str) -> None:
    assert number_format([Decimal(one) for one in values], texts) == wanted
