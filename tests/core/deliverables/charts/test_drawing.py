"""Charts as SVG: whole, well-formed, with their words as words, for any figures."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from xml.etree import ElementTree

import pytest
import typst
from hypothesis import given
from hypothesis import strategies as st

from core.deliverables.charts.canvas import lines_of, shortened, width_of
from core.deliverables.charts.drawing import chart_svg, drawings_of
from core.deliverables.charts.scale import scale_of
from core.deliverables.content import Chart, ChartKind, Series
from core.deliverables.look import Look
from core.deliverables.words import Words
from tests.core.deliverables.reports import HOSTILE, MIXED, chart

LOOK = Look("Meridian Advisory")
SVG = "{http://www.w3.org/2000/svg}"


def bars(*values: str | None, kind: ChartKind = ChartKind.BARS, name: str = "Alpha") -> Chart:
    known = tuple(None if value is None else Decimal(value) for value in values)
    texts = tuple("" if value is None else f"={value}=" for value in values)
    return Chart(
        "key", "A finding", kind, tuple(f"{name} {at}" for at in range(len(known))), (Series("One", known, texts),)
    )


def words_of(svg: str) -> list[str]:
    """What is drawn, without what only a pointer shows."""
    texts = ElementTree.fromstring(svg).iter(f"{SVG}text")
    return [" ".join("".join(part.text or "" for part in (one, *one.findall(f"{SVG}tspan"))).split()) for one in texts]


def shapes(svg: str, name: str) -> list[dict[str, float]]:
    found = [one.attrib for one in ElementTree.fromstring(svg).iter(f"{SVG}{name}")]
    return [{key: float(value) for key, value in one.items() if key in {"x", "y", "width", "height"}} for one in found]


@pytest.mark.parametrize("kind", ChartKind)
@pytest.mark.parametrize("categories", [0, 1, 6, 100])
@pytest.mark.parametrize("series", [1, 6])
@pytest.mark.parametrize("language", ["en", "ar"])
def test_any_number_of_things_is_drawn_inside_of_the_drawing(
    kind: ChartKind, categories: int, series: int, language: str
) -> None:
    for width in (480, 250):
        svg = chart_svg(chart(kind, "k", categories, series), LOOK, size=(width, 260), language=language)
        root = ElementTree.fromstring(svg)
        height = float(root.attrib["height"])
        for one in shapes(svg, "rect"):
            assert one["x"] >= -0.1 and one["x"] + one["width"] <= width + 0.1
            assert one["y"] >= -0.1 and one["y"] + one["height"] <= height + 0.1
        assert root.attrib["role"] == "img" and root[0].tag == f"{SVG}title" and root[0].text


@pytest.mark.parametrize("kind", ChartKind)
def test_the_same_chart_is_the_same_drawing_and_names_nothing_outside(kind: ChartKind) -> None:
    svg = chart_svg(chart(kind), LOOK)
    assert svg == chart_svg(chart(kind), LOOK)
    assert "http" not in svg.replace("http://www.w3.org/2000/svg", "") and "url(" not in svg and " id=" not in svg


def test_every_value_stands_at_its_bar_and_a_gap_stays_one() -> None:
    drawn = drawings_of(bars("12", None, "0", "-3"), LOOK)[0]
    assert [word for word in words_of(drawn.svg) if word.startswith("=")] == ["=12=", "=0=", "=-3="]
    assert len(shapes(drawn.svg, "rect")) == 3 and drawn.complete


def test_a_bar_begins_at_zero_and_a_negative_one_goes_the_other_way() -> None:
    high, low = shapes(chart_svg(bars("100", "-50"), LOOK), "rect")
    assert low["x"] + low["width"] == pytest.approx(high["x"], abs=0.2)
    assert high["width"] == pytest.approx(2 * low["width"], abs=0.3)
    up, down = shapes(chart_svg(bars("100", "-50", kind=ChartKind.COLUMNS), LOOK), "rect")
    assert up["y"] + up["height"] == pytest.approx(down["y"], abs=0.2)


def test_readers_from_right_to_left_see_the_mirror_image() -> None:
    for one, other in zip(
        shapes(chart_svg(bars("5", "9"), LOOK), "rect"),
        shapes(chart_svg(bars("5", "9"), LOOK, language="ar"), "rect"),
        strict=True,
    ):
        assert one["x"] + one["width"] == pytest.approx(480 - other["x"], abs=0.2)


def test_stacked_columns_stand_on_each_other_and_add_up() -> None:
    values = (
        Series("a", (Decimal(3),), ("3",)),
        Series("b", (Decimal(5),), ("5",)),
        Series("c", (Decimal(-2),), ("-2",)),
    )
    svg = chart_svg(Chart("k", "t", ChartKind.STACKED, ("x",), values), LOOK)
    first, second, third = shapes(svg, "rect")[-3:]
    assert second["y"] + second["height"] == pytest.approx(first["y"], abs=0.2)
    assert third["y"] == pytest.approx(first["y"] + first["height"], abs=0.2)
    assert {"3", "5", "-2"} <= set(words_of(svg))


def test_a_line_is_broken_where_nothing_is_known() -> None:
    svg = chart_svg(bars("1", "2", None, "3", "4", None, "5", kind=ChartKind.LINES), LOOK)
    stretches = [one for one in ElementTree.fromstring(svg).iter(f"{SVG}polyline") if one.attrib["stroke-width"] == "2"]
    assert [len(one.attrib["points"].split()) for one in stretches] == [2, 2]
    assert len(list(ElementTree.fromstring(svg).iter(f"{SVG}circle"))) == 5


def test_an_interval_is_drawn_around_its_value() -> None:
    one = replace(bars("10").series[0], low=(Decimal(8),), high=(Decimal(13),))
    for kind in (ChartKind.BARS, ChartKind.COLUMNS):
        assert chart_svg(replace(bars("10", kind=kind), series=(one,)), LOOK).count('class="whisker"') == 3
    lines = chart_svg(replace(bars("10", kind=ChartKind.LINES), series=(one,)), LOOK)
    assert "polygon" in lines


def test_a_long_chart_of_bars_goes_on_in_further_drawings_on_the_same_scale() -> None:
    whole = bars(*map(str, range(1, 61)))
    parts = drawings_of(whole, LOOK, tallest=400)
    assert len(parts) > 1 and all(one.height <= 400 for one in parts)
    assert [word for one in parts for word in words_of(one.svg) if word[0] == "="] == [f"={at}=" for at in range(1, 61)]
    assert shapes(parts[-1].svg, "rect")[-1]["width"] > 20 * shapes(parts[0].svg, "rect")[0]["width"]


def test_what_is_shortened_is_whole_for_a_pointer_and_the_drawing_says_so() -> None:
    named = bars("1", name=HOSTILE)
    drawn = drawings_of(named, LOOK)[0]
    titles = [one.text for one in ElementTree.fromstring(drawn.svg).iter(f"{SVG}title")]
    assert not drawn.complete and f"{HOSTILE} 0" in titles


@pytest.mark.parametrize("text", [HOSTILE, MIXED, "a\x00b\x1f\ud800\ufffe", "<![CDATA[x]]>", "&lt;", "", "   "])
@pytest.mark.parametrize("kind", ChartKind)
def test_no_text_leaves_its_place(kind: ChartKind, text: str) -> None:
    series = Series(text, (Decimal(1), Decimal(2)), (text, text))
    svg = chart_svg(Chart(text, text, kind, (text, text), (series, series), text, text, text), LOOK)
    names = {one.tag.removeprefix(SVG) for one in ElementTree.fromstring(svg).iter()}
    assert names <= {"svg", "title", "desc", "text", "tspan", "rect", "line", "polyline", "polygon", "circle"}
    svg.encode()


@given(
    st.lists(st.none() | st.decimals(allow_nan=True, allow_infinity=True, places=6), max_size=30),
    st.sampled_from(ChartKind),
)
def test_any_figures_can_be_drawn(values: list[Decimal | None], kind: ChartKind) -> None:
    series = Series("One", tuple(values), tuple("" if value is None else str(value) for value in values))
    svg = chart_svg(Chart("k", "t", kind, tuple(map(str, range(len(values)))), (series,)), LOOK)
    ElementTree.fromstring(svg)


@pytest.mark.parametrize(
    "values", [["1E+300", "2E+300"], ["1E-300", "-2E-300"], ["0", "0"], ["1E+300", "1E-300"], ["-7"]]
)
def test_an_axis_has_a_few_round_steps_whatever_the_magnitude(values: list[str]) -> None:
    numbers = [Decimal(value) for value in values]
    scale = scale_of(numbers, from_zero=True)
    assert 1 <= scale.steps <= 7 and Decimal(0) in scale.ticks()
    assert all(-0.001 <= scale.share(value) <= 1.001 for value in numbers)
    assert all(len(scale.words(tick, Words())) <= 9 for tick in scale.ticks())


def test_a_line_far_from_zero_need_not_show_it() -> None:
    assert scale_of([Decimal(95), Decimal(98)], from_zero=False).low > 0
    assert scale_of([Decimal(95), Decimal(98)], from_zero=True).low == 0


def test_text_is_broken_between_words_and_shortened_at_whole_letters() -> None:
    assert lines_of("one two three", width_of("one two"), 3) == ("one two", "three")
    assert "".join(lines_of("中文報告的名稱很長", 40, 9)) == "中文報告的名稱很長"
    family = "👩‍👩‍👧‍👦"
    assert shortened(family * 9, width_of(family) * 3 + width_of("…")).rstrip("…").replace(family, "") == ""


def test_typst_draws_it_with_its_words_as_words() -> None:
    svg = chart_svg(bars("12", "7", name="Überschrift"), LOOK)
    source = f'#image(bytes("{svg.replace(chr(92), chr(92) * 2).replace(chr(34), chr(92) + chr(34))}"), format: "svg")'
    pdf = typst.compile(source.encode(), format="pdf")
    assert pdf.startswith(b"%PDF") and b"/Font" in pdf


def test_what_a_no_break_space_holds_together_is_not_broken() -> None:
    assert lines_of("Letters (n\u00a0=\u00a054)", width_of("Letters (n"), 2) == ("Letters", "(n\u00a0=\u00a054)")
