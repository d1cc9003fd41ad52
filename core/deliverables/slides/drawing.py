"""Draws text, tables and frames as DrawingML (ECMA-376, part 1, clause 21.1), as strings.

python-pptx reads a slide's whole tree for each shape it adds and lays out a table cell by cell. Here each slide is written
once, and no text comes into it but through `escaped` or `clean` and `escape`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape

from core.deliverables.slides.shapes import Box, Grid, GridCell, Text
from core.deliverables.slides.text import LINE, Para, Run, clean, leads_right_to_left

MONO = "Consolas"
"""Comes with every Office; elsewhere some font of equal widths takes its place."""
BESIDE = 8.0
"""From the sides of a table's cell to its text, in points."""
DECORATIVE = (
    '<a:extLst><a:ext uri="{C183D7F6-B498-43B3-948B-1728B52AA6E4}"><adec:decorative '
    'xmlns:adec="http://schemas.microsoft.com/office/drawing/2017/decorative" val="1"/></a:ext></a:extLst>'
)


def escaped(text: str) -> str:
    return escape(clean(text), {'"': "&quot;", "\n": "&#10;", "\t": "&#9;"})


def emu(points: float) -> int:
    return round(points * 12700)


def colour(place: str) -> str:
    """A fill of a place of the theme."""
    if place == "muted":
        return '<a:solidFill><a:schemeClr val="tx1"><a:lumMod val="65000"/><a:lumOff val="35000"/></a:schemeClr></a:solidFill>'
    if place == "hairline":
        return '<a:solidFill><a:schemeClr val="tx1"><a:lumMod val="15000"/><a:lumOff val="85000"/></a:schemeClr></a:solidFill>'
    return f'<a:solidFill><a:schemeClr val="{place}"/></a:solidFill>'


def frame(box: Box, tag: str = "a:xfrm") -> str:
    return f'<{tag}><a:off x="{emu(box.x)}" y="{emu(box.y)}"/><a:ext cx="{emu(box.width)}" cy="{emu(box.height)}"/></{tag}>'


@dataclass(frozen=True)
class Pen:
    """Writes in one language; `link` answers the relationship of an address."""

    language: str
    """With a region, as Office wants it: "en-US"."""
    right_to_left: bool
    link: Callable[[str], str]

    def paragraphs(self, paras: Sequence[Para]) -> str:
        return "".join(self.paragraph(one, first=not number) for number, one in enumerate(paras)) or "<a:p/>"

    def paragraph(self, one: Para, *, first: bool = False) -> str:
        code = bool(one.runs) and all(run.code for run in one.runs)
        read = not code and leads_right_to_left(one.text, self.right_to_left)
        turned = not code and (self.right_to_left or read)
        align = {"start": "r" if turned else "l", "end": "l" if turned else "r", "centre": "ctr"}[one.align]
        counted = one.bullet.startswith("#")
        hang = 0.0
        if one.bullet:
            hang = -min(one.indent, one.size * (2 if counted else 1.2))
        if counted:
            bullet = f'<a:buFont typeface="+mj-lt"/><a:buAutoNum type="arabicPeriod" startAt="{one.bullet[1:]}"/>'
        else:
            bullet = f'<a:buFont typeface="Arial"/><a:buChar char="{one.bullet}"/>' if one.bullet else "<a:buNone/>"
        before = 0 if first else one.before
        return (
            f'<a:p><a:pPr marL="{emu(one.indent)}" indent="{emu(hang)}" algn="{align}" rtl="{int(read)}">'
            f'<a:lnSpc><a:spcPts val="{round(one.line * 100)}"/></a:lnSpc>'
            f'<a:spcBef><a:spcPts val="{round(before * 100)}"/></a:spcBef><a:spcAft><a:spcPts val="0"/></a:spcAft>'
            f"{bullet}</a:pPr>{''.join(self.run(run, one.size) for run in one.runs)}</a:p>"
        )

    def run(self, one: Run, size: float) -> str:
        """With a line break for each line end."""
        flags = "".join(
            name
            for held, name in ((one.bold, ' b="1"'), (one.italic, ' i="1"'), (one.struck, ' strike="sngStrike"'))
            if held
        )
        inner = colour(one.colour) if one.colour else ""
        if one.code:
            inner += f'<a:latin typeface="{MONO}"/><a:cs typeface="{MONO}"/>'
        relationship = self.link(one.link) if one.link else ""
        if relationship:
            inner += f'<a:hlinkClick r:id="{relationship}"/>'
        told = f'lang="{self.language}" sz="{round((one.size or size) * 100)}"{flags} dirty="0"'
        return f"<a:br><a:rPr {told}/></a:br>".join(
            f"<a:r><a:rPr {told}>{inner}</a:rPr><a:t>{escape(clean(piece))}</a:t></a:r>" if piece else ""
            for piece in one.text.split("\n")
        )

    def text(self, number: int, one: Text) -> str:
        """A box of text, or the placeholder it fills."""
        box = one.box.mirrored() if self.right_to_left else one.box
        anchor = "ctr" if one.middle else "t"
        inset = emu(one.inset)
        place = f'<p:ph type="body" sz="quarter" idx="{one.place}"/>' if one.place else ""
        kind = '<p:cNvSpPr><a:spLocks noGrp="1"/></p:cNvSpPr>' if one.place else '<p:cNvSpPr txBox="1"/>'
        return (
            f'<p:sp><p:nvSpPr><p:cNvPr id="{number}" name="{escaped(one.name)} {number}"/>{kind}<p:nvPr>{place}</p:nvPr>'
            f"</p:nvSpPr><p:spPr>{frame(box)}"
            f'<a:prstGeom prst="rect"><a:avLst/></a:prstGeom>{colour(one.fill) if one.fill else "<a:noFill/>"}</p:spPr>'
            f'<p:txBody><a:bodyPr wrap="square" lIns="{inset}" tIns="{inset}" rIns="{inset}" bIns="{inset}" '
            f'anchor="{anchor}"><a:noAutofit/></a:bodyPr><a:lstStyle/>{self.paragraphs(one.paras)}</p:txBody></p:sp>'
        )

    def table(self, number: int, one: Grid) -> str:
        columns = "".join(f'<a:gridCol w="{emu(width)}"/>' for width in one.widths)
        rows = [self._row(one.head, one.heights[0], one, head=True)]
        rows += [self._row(row, high, one) for row, high in zip(one.rows, one.heights[1:], strict=True)]
        box = one.box.mirrored() if self.right_to_left else one.box
        turned = ' rtl="1"' if self.right_to_left else ""
        return (
            f'<p:graphicFrame><p:nvGraphicFramePr><p:cNvPr id="{number}" name="Table {number}" descr="{escaped(one.title)}"/>'
            '<p:cNvGraphicFramePr><a:graphicFrameLocks noGrp="1"/></p:cNvGraphicFramePr><p:nvPr/></p:nvGraphicFramePr>'
            f'{frame(box, "p:xfrm")}<a:graphic><a:graphicData uri="http://schemas.openxmlformats.org/drawingml/2006/table">'
            f'<a:tbl><a:tblPr firstRow="1"{turned}><a:tableStyleId>{{2D5ABB26-0587-4C30-8999-92F81FD0307C}}</a:tableStyleId>'
            f"</a:tblPr><a:tblGrid>{columns}</a:tblGrid>{''.join(rows)}</a:tbl></a:graphicData></a:graphic></p:graphicFrame>"
        )

    def _row(self, cells: Sequence[GridCell], height: float, grid: Grid, *, head: bool = False) -> str:
        return f'<a:tr h="{emu(height)}">{"".join(self._cell(one, grid, head=head) for one in cells)}</a:tr>'

    def _cell(self, one: GridCell, grid: Grid, *, head: bool) -> str:
        size = grid.size
        read = leads_right_to_left(one.text, self.right_to_left)
        align = "r" if (self.right_to_left or read) != one.number else "l"
        line = f'<a:lnSpc><a:spcPts val="{round(size * LINE * 100)}"/></a:lnSpc>'
        run = self.run(Run(one.text, bold=head or one.bold, colour="muted" if head else ""), size)
        beside, above = emu(BESIDE), emu(grid.above)
        border = f'<a:lnB w="{19050 if head else 6350}">{colour("tx1" if head else "hairline")}</a:lnB>'
        none = "".join(f'<a:{side} w="0"><a:noFill/></a:{side}>' for side in ("lnL", "lnR", "lnT"))
        return (
            f'<a:tc><a:txBody><a:bodyPr/><a:lstStyle/><a:p><a:pPr algn="{align}" rtl="{int(read)}">{line}</a:pPr>{run}'
            f'<a:endParaRPr lang="{self.language}" sz="{round(size * 100)}"/></a:p></a:txBody>'
            f'<a:tcPr marL="{beside}" marR="{beside}" marT="{above}" marB="{above}" anchor="{"b" if head else "t"}">'
            f"{none}{border}<a:noFill/></a:tcPr></a:tc>"
        )


RELATIONSHIPS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
