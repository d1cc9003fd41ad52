"""Draws charts natively (ECMA-376, part 1, clause 21.2), so that whoever gets the deck can edit them and their figures.

Written as a whole: python-pptx makes a chart of its defaults, and nearly all of them would have to be taken out again. Its
workbook would take a category that begins with "=" for a formula.
"""

from __future__ import annotations

import io
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import TypeVar

from pptx.opc.constants import CONTENT_TYPE
from pptx.opc.package import Part
from pptx.opc.packuri import PackURI
from pptx.package import Package
from pptx.parts.chart import ChartPart
from pptx.parts.embeddedpackage import EmbeddedXlsxPart
from xlsxwriter import Workbook
from xlsxwriter.utility import xl_col_to_name

from core.deliverables.content import ChartKind, Series
from core.deliverables.slides.drawing import RELATIONSHIPS, colour, escaped
from core.deliverables.slides.figures import number_format
from core.deliverables.slides.shapes import Plot
from core.deliverables.slides.text import one_line

LABELLED = 26
"""So many values have room for their figures beside them; the others stand in the notes, as all do."""
NAME = 44
"""Letters of a category's name on an axis; longer ones are shortened there and whole in the notes."""
SIZE = 12

T = TypeVar("T")
_SHEET = "Sheet1"
_LEVEL = '"0"'
_UNBENT = '<c:smooth val="0"/>'
_UPRIGHT = '<a:bodyPr rot="-5400000"/>'


def chart_part(plot: Plot, number: int, package: Package, created: datetime, *, right_to_left: bool) -> Part:
    """The chart with its workbook, as parts of the package; `number` tells it from the others."""
    drawn = _Drawn(plot, right_to_left)
    name = PackURI(f"/ppt/charts/chart{number}.xml")
    part: ChartPart = ChartPart.load(name, CONTENT_TYPE.DML_CHART, package, drawn.xml().encode())
    # Named here: python-pptx looks for a free name among parts that are already related, which these are only at the end.
    book = PackURI(f"/ppt/embeddings/Microsoft_Excel_Sheet{number}.xlsx")
    part.chart_workbook.xlsx_part = EmbeddedXlsxPart(book, CONTENT_TYPE.SML_SHEET, package, drawn.workbook(created))
    return part


@dataclass(frozen=True)
class _Drawn:
    plot: Plot
    turned: bool

    @property
    def names(self) -> list[str]:
        return [_short(one) for one in self.plot.chart.categories[self.plot.first : self.plot.last]]

    @property
    def formats(self) -> list[str]:
        """Of each series; empty where none gives its texts."""
        return [number_format(one.values, one.texts) for one in self.plot.chart.series]

    @property
    def lying(self) -> bool:
        return self.plot.chart.chart is ChartKind.BARS

    @property
    def labelled(self) -> bool:
        series = len(self.plot.chart.series)
        lines = self.plot.chart.chart is ChartKind.LINES
        return len(self.names) * series <= LABELLED and not (lines and series > 1)

    def workbook(self, created: datetime) -> bytes:
        """Where the chart's references point to. No text is ever taken for a formula or an address."""
        held = io.BytesIO()
        options = {
            "in_memory": True,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
        }
        with Workbook(held, options) as book:
            book.set_properties({"created": created.astimezone(UTC).replace(tzinfo=None)})
            sheet = book.add_worksheet(_SHEET)
            sheet.set_column(0, 0, 30)
            sheet.write_string(0, 0, _short(self.plot.chart.heading))
            for row, name in enumerate(self.names, start=1):
                sheet.write_string(row, 0, name)
            for column, (series, form) in enumerate(zip(self.plot.chart.series, self.formats, strict=True), start=1):
                manner = book.add_format({"num_format": form or "General"})
                sheet.write_string(0, column, _short(series.name))
                for row, value in enumerate(self._of(series.values), start=1):
                    if value is not None:
                        sheet.write_number(row, column, float(value), manner)
        return held.getvalue()

    def xml(self) -> str:
        chart = self.plot.chart
        several = len(chart.series) > 1
        series = "".join(self._series(at) for at in range(len(chart.series)))
        ids = '<c:axId val="1001"/><c:axId val="1002"/>'
        if chart.chart is ChartKind.LINES:
            kind = (
                '<c:lineChart><c:grouping val="standard"/><c:varyColors val="0"/>'
                f'{series}<c:marker val="1"/>{ids}</c:lineChart>'
            )
        else:
            stacked = chart.chart is ChartKind.STACKED
            kind = (
                f'<c:barChart><c:barDir val="{"bar" if self.lying else "col"}"/>'
                f'<c:grouping val="{"stacked" if stacked else "clustered"}"/><c:varyColors val="0"/>{series}'
                f'<c:gapWidth val="{55 if self.lying else 70}"/><c:overlap val="{100 if stacked else -5}"/>{ids}</c:barChart>'
            )
        legend = '<c:legend><c:legendPos val="t"/><c:overlay val="0"/></c:legend>' if several else ""
        return (
            '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
            '<c:chartSpace xmlns:c="http://schemas.openxmlformats.org/drawingml/2006/chart" '
            f'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" xmlns:r="{RELATIONSHIPS}">'
            '<c:date1904 val="0"/><c:roundedCorners val="0"/><c:chart><c:autoTitleDeleted val="1"/>'
            f"<c:plotArea>{self._place()}{kind}{self._categories_axis()}{self._values_axis()}</c:plotArea>{legend}"
            '<c:plotVisOnly val="1"/><c:dispBlanksAs val="gap"/></c:chart>'
            f"<c:spPr><a:noFill/><a:ln><a:noFill/></a:ln></c:spPr><c:txPr>{_type(SIZE)}</c:txPr></c:chartSpace>"
        )

    def _place(self) -> str:
        """Of lying bars: with room for the longest name, of which programs otherwise cut what needs more than a third."""
        if not self.lying:
            return "<c:layout/>"
        box = self.plot.box
        names = min(max((len(one) for one in self.names), default=1) * SIZE * 0.6 / box.width + 0.02, 0.44)
        above = 30 / box.height if len(self.plot.chart.series) > 1 else 0.01
        below = 30 / box.height if self.plot.chart.unit else 0.01
        if not self.labelled:
            below += 20 / box.height
        left = 0.11 if self.turned else names
        told = (("x", left), ("y", above), ("w", 1 - names - 0.11), ("h", max(1 - above - below, 0.2)))
        parts = "".join(f'<c:{name} val="{value:.4f}"/>' for name, value in told)
        edges = '<c:layoutTarget val="inner"/><c:xMode val="edge"/><c:yMode val="edge"/>'
        return f"<c:layout><c:manualLayout>{edges}{parts}</c:manualLayout></c:layout>"

    def _of(self, values: Sequence[T]) -> Sequence[T]:
        return values[self.plot.first : self.plot.last]

    def _series(self, at: int) -> str:
        series, column = self.plot.chart.series[at], xl_col_to_name(at + 1)
        form, count, place = self.formats[at], len(self.names), f"accent{at % 6 + 1}"
        lines = self.plot.chart.chart is ChartKind.LINES
        if lines:
            paint = (
                f'<c:spPr><a:ln w="28575" cap="rnd">{colour(place)}<a:round/></a:ln></c:spPr><c:marker><c:symbol val="circle"/>'
                f'<c:size val="6"/><c:spPr>{colour(place)}<a:ln><a:noFill/></a:ln></c:spPr></c:marker>'
            )
        else:
            paint = f'<c:spPr>{colour(place)}</c:spPr><c:invertIfNegative val="0"/>'
        names = "".join(
            f'<c:pt idx="{number}"><c:v>{escaped(name)}</c:v></c:pt>' for number, name in enumerate(self.names)
        )
        values = "".join(
            f'<c:pt idx="{number}"><c:v>{float(value)!r}</c:v></c:pt>'
            for number, value in enumerate(self._of(series.values))
            if value is not None
        )
        return (
            f'<c:ser><c:idx val="{at}"/><c:order val="{at}"/><c:tx><c:strRef><c:f>{_SHEET}!${column}$1</c:f><c:strCache>'
            f'<c:ptCount val="1"/><c:pt idx="0"><c:v>{escaped(_short(series.name))}</c:v></c:pt></c:strCache></c:strRef></c:tx>'
            f"{paint}{self._labels(series, form) if self.labelled else ''}{self._intervals(series)}"
            f'<c:cat><c:strRef><c:f>{_SHEET}!$A$2:$A${count + 1}</c:f><c:strCache><c:ptCount val="{count}"/>{names}'
            f"</c:strCache></c:strRef></c:cat><c:val><c:numRef><c:f>{_SHEET}!${column}$2:${column}${count + 1}</c:f><c:numCache>"
            f'<c:formatCode>{escaped(form or "General")}</c:formatCode><c:ptCount val="{count}"/>{values}</c:numCache></c:numRef>'
            f"</c:val>{_UNBENT if lines else ''}</c:ser>"
        )

    def _labels(self, series: Series, form: str) -> str:
        """By a number format, so that they follow when figures are edited; letter by letter where none gives the texts."""
        stacked, lines = self.plot.chart.chart is ChartKind.STACKED, self.plot.chart.chart is ChartKind.LINES
        inside = bool(series.low and series.high) and not lines  # whiskers would run through figures at the end of bars
        place = "ctr" if stacked else "t" if lines else "inBase" if inside else "outEnd"
        flags = "".join(
            f'<c:show{name} val="{int(name == "Val")}"/>'
            for name in ("LegendKey", "Val", "CatName", "SerName", "Percent", "BubbleSize")
        )
        ink = "bg1" if stacked or inside else "tx1"
        exact = ""
        for at, (value, text) in enumerate(zip(self._of(series.values), self._of(series.texts), strict=True)):
            if value is not None and not form:
                exact += (
                    f'<c:dLbl><c:idx val="{at}"/><c:tx><c:rich><a:bodyPr/><a:p><a:r><a:rPr lang="en-US" sz="{(SIZE - 1) * 100}">'
                    f"{colour(ink)}</a:rPr><a:t>{escaped(_short(text))}</a:t></a:r></a:p></c:rich></c:tx>"
                    f'<c:dLblPos val="{place}"/>{flags}</c:dLbl>'
                )
        return (
            f'<c:dLbls>{exact}<c:numFmt formatCode="{escaped(form or "General")}" sourceLinked="0"/><c:spPr><a:noFill/><a:ln>'
            f'<a:noFill/></a:ln></c:spPr><c:txPr>{_type(SIZE - 1, ink)}</c:txPr><c:dLblPos val="{place}"/>{flags}</c:dLbls>'
        )

    def _intervals(self, series: Series) -> str:
        """The interval around each value, as far as it has one."""
        if not (series.low and series.high):
            return ""

        def ends(tag: str, far: Sequence[Decimal | None], sign: int) -> str:
            points = "".join(
                f'<c:pt idx="{at}"><c:v>{float(max((end - value) * sign, Decimal(0)))!r}</c:v></c:pt>'
                for at, (value, end) in enumerate(zip(self._of(series.values), self._of(far), strict=True))
                if value is not None and end is not None
            )
            return (
                f"<c:{tag}><c:numLit><c:formatCode>General</c:formatCode>"
                f'<c:ptCount val="{len(self.names)}"/>{points}</c:numLit></c:{tag}>'
            )

        return (
            '<c:errBars><c:errBarType val="both"/><c:errValType val="cust"/><c:noEndCap val="0"/>'
            f"{ends('plus', series.high, 1)}{ends('minus', series.low, -1)}"
            f'<c:spPr><a:ln w="12700">{colour("muted")}</a:ln></c:spPr></c:errBars>'
        )

    def _categories_axis(self) -> str:
        # Bars are drawn from below; people read names from above.
        order = "maxMin" if self.lying or self.turned else "minMax"
        # LibreOffice breaks level names letter by letter, where others leave out those that have no room.
        skipped = self._skip()
        return (
            f'<c:catAx><c:axId val="1001"/><c:scaling><c:orientation val="{order}"/></c:scaling><c:delete val="0"/>'
            f'<c:axPos val="{"l" if self.lying else "b"}"/><c:numFmt formatCode="General" sourceLinked="0"/>'
            '<c:majorTickMark val="none"/><c:minorTickMark val="none"/><c:tickLblPos val="low"/>'
            f'<c:spPr><a:ln w="9525">{colour("muted")}</a:ln></c:spPr><c:txPr>{_type(SIZE, level=not skipped)}</c:txPr>'
            '<c:crossAx val="1002"/>'
            '<c:crosses val="autoZero"/><c:auto val="0"/><c:lblAlgn val="ctr"/><c:lblOffset val="100"/>'
            f'{skipped}<c:noMultiLvlLbl val="0"/></c:catAx>'
        )

    def _skip(self) -> str:
        """Where names stand side by side, as many as have room there; those of a trend follow from each other."""
        if self.plot.chart.chart is not ChartKind.LINES:
            return ""
        longest = max(map(len, self.names), default=1)
        room = max(int(self.plot.box.width / (longest * SIZE * 0.62 + 12)), 1)
        return f'<c:tickLblSkip val="{-(-len(self.names) // room)}"/>'

    def _values_axis(self) -> str:
        chart, scale, title = self.plot.chart, "", ""
        if not self.plot.whole:
            held = [value for one in chart.series for value in one.values if value is not None]
            low, high = min((*held, Decimal(0))), max((*held, Decimal(0)))
            scale = f'<c:max val="{float(high) * 1.15 or 1.0!r}"/><c:min val="{float(low) * 1.15!r}"/>'
        texts = [text for one in chart.series for text in one.texts if text]
        # Figures beside the bars that say "57%" or "$5" themselves need no unit at the axis.
        told = self.labelled and all(any(c == "%" or unicodedata.category(c) == "Sc" for c in text) for text in texts)
        if chart.unit and not told:
            title = (
                f"<c:title><c:tx><c:rich>{'<a:bodyPr/>' if self.lying else _UPRIGHT}<a:p><a:r>"
                f'<a:rPr lang="en-US" sz="1100" b="0">{colour("muted")}</a:rPr>'
                f"<a:t>{escaped(_short(chart.unit))}</a:t></a:r></a:p>"
                '</c:rich></c:tx><c:overlay val="0"/></c:title>'
            )
        form = next((one for one in self.formats if one), "General")
        grid = f'<c:majorGridlines><c:spPr><a:ln w="6350">{colour("hairline")}</a:ln></c:spPr></c:majorGridlines>'
        order = "maxMin" if self.lying and self.turned else "minMax"
        return (
            f'<c:valAx><c:axId val="1002"/><c:scaling><c:orientation val="{order}"/>{scale}</c:scaling><c:delete val="0"/>'
            # With figures beside each value, lines and numbers of an axis would only say them again.
            f'<c:axPos val="{"b" if self.lying else "l"}"/>{"" if self.labelled else grid}{title}'
            f'<c:numFmt formatCode="{escaped(form)}" sourceLinked="0"/><c:majorTickMark val="none"/><c:minorTickMark val="none"/>'
            f'<c:tickLblPos val="{"none" if self.labelled else "nextTo"}"/><c:spPr><a:ln><a:noFill/></a:ln></c:spPr>'
            f'<c:txPr>{_type(SIZE - 1, "muted")}</c:txPr><c:crossAx val="1001"/>'
            f'<c:crosses val="{"max" if self.lying else "autoZero"}"/><c:crossBetween val="between"/></c:valAx>'
        )


def _type(size: float, place: str = "tx1", *, level: bool = False) -> str:
    return (
        f"<a:bodyPr{' rot=' + _LEVEL if level else ''}/><a:lstStyle/>"
        f'<a:p><a:pPr><a:defRPr sz="{round(size * 100)}" b="0">{colour(place)}'
        "</a:defRPr></a:pPr>"
        '<a:endParaRPr lang="en-US"/></a:p>'
    )


def _short(text: str) -> str:
    text = one_line(text)
    return text if len(text) <= NAME else f"{text[: NAME - 1].rstrip()}…"
