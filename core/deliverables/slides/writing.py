"""Writes slides into a presentation: their parts, notes, pictures and charts, and the file, the same bytes each time."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from datetime import UTC

from lxml import etree
from pptx import Presentation
from pptx.opc.constants import CONTENT_TYPE, RELATIONSHIP_TYPE
from pptx.opc.oxml import CT_Relationships
from pptx.opc.package import Part
from pptx.opc.packuri import PackURI

from core.deliverables.content import Picture, Report
from core.deliverables.look import Look
from core.deliverables.slides.charts import chart_part
from core.deliverables.slides.drawing import DECORATIVE, RELATIONSHIPS, Pen, colour, escaped, frame
from core.deliverables.slides.shapes import Box, Image, Layout, Mark, Plot, Shape, Slide, Text
from core.deliverables.slides.template import DECLARATION, SPACES, template, with_region
from core.deliverables.slides.text import clean, one_line, para
from core.deliverables.words import Words

_ADDRESSES = ("https:", "http:", "mailto:")
_EPOCH = (1980, 1, 1, 0, 0, 0)
_NONE = (
    '<p:nvGrpSpPr><p:cNvPr id="1" name=""/><p:cNvGrpSpPr/><p:nvPr/></p:nvGrpSpPr><p:grpSpPr><a:xfrm><a:off x="0" y="0"/>'
    '<a:ext cx="0" cy="0"/><a:chOff x="0" y="0"/><a:chExt cx="0" cy="0"/></a:xfrm></p:grpSpPr>'
)


def write(slides: Sequence[Slide], report: Report, look: Look) -> bytes:
    """The presentation as a file."""
    return _Writing(slides, report, look).data()


class _Writing:
    def __init__(self, slides: Sequence[Slide], report: Report, look: Look) -> None:
        self._slides, self._report, self._look = slides, report, look
        words = Words(report.language, report.zone)
        self._turned = words.right_to_left
        self._language = with_region(report.language)
        told = [look.footer, words.say("Made of sample data") if report.sample else "", look.name, report.title]
        footer = " · ".join(one_line(text) for text in told if text)
        self._footer = footer if len(footer) <= 110 else f"{footer[:109].rstrip()}…"
        self._deck = Presentation(io.BytesIO(template(look, report.language, self._footer, right_to_left=self._turned)))
        self._package = self._deck.part.package
        self._layouts = {layout: one.part for layout, one in zip(Layout, self._deck.slide_layouts, strict=True)}
        self._notes_master = self._deck.notes_master.part
        self._charts = 0
        self._images: dict[bytes, Part] = {}

    def data(self) -> bytes:
        self._describe()
        listed = etree.SubElement(self._deck.element, _p("sldIdLst"))
        self._deck.element.insert(2, listed)  # after the masters, as the schema wants it
        parts = [self._slide(slide, number) for number, slide in enumerate(self._slides, start=1)]
        for number, key in enumerate(self._relate(parts), start=1):
            one = etree.SubElement(listed, _p("sldId"))
            one.set("id", str(255 + number))
            one.set(f"{{{RELATIONSHIPS}}}id", key)
        self._group([(slide.group, 255 + number) for number, slide in enumerate(self._slides, start=1)])
        held = io.BytesIO()
        self._deck.save(held)
        return _timeless(held)

    def _relate(self, parts: Sequence[Part]) -> list[str]:
        """The relationships of the presentation to its slides, all at once: `relate_to` compares each with all others."""
        owner = self._deck.part
        relations = CT_Relationships.new()
        targets = {}
        for key, one in owner.rels.items():
            relations.add_rel(key, one.reltype, one.target_ref)
            targets[one.target_partname] = one.target_part
        keys = [f"rId{1000 + number}" for number in range(len(parts))]
        for key, part in zip(keys, parts, strict=True):
            relations.add_rel(key, RELATIONSHIP_TYPE.SLIDE, part.partname.relative_ref(owner.partname.baseURI))
            targets[part.partname] = part
        owner.load_rels_from_xml(relations, targets)
        return keys

    def _describe(self) -> None:
        core, report = self._deck.core_properties, self._report
        core.title, core.subject = one_line(report.title)[:255], one_line(report.subtitle)[:255]
        core.author = core.last_modified_by = one_line(self._look.name)[:255]
        core.language = report.language
        core.created = core.modified = report.read_at.astimezone(UTC).replace(tzinfo=None)
        core.revision = 1
        core.comments = core.keywords = core.category = ""

    def _slide(self, slide: Slide, number: int) -> Part:
        part = Part(PackURI(f"/ppt/slides/slide{number}.xml"), CONTENT_TYPE.PML_SLIDE, self._package)
        part.relate_to(self._layouts[slide.layout], RELATIONSHIP_TYPE.SLIDE_LAYOUT)
        pen = Pen(self._language, self._turned, lambda address: self._address(part, address))
        size = f' sz="{round(slide.title_size * 100)}"' if slide.title_size else ""
        space = f'<a:lnSpc><a:spcPts val="{round(slide.title_size * 130)}"/></a:lnSpc>' if slide.title_size else ""
        drawn = [
            '<p:sp><p:nvSpPr><p:cNvPr id="2" name="Title 2"/><p:cNvSpPr><a:spLocks noGrp="1"/></p:cNvSpPr><p:nvPr>'
            '<p:ph type="title"/></p:nvPr></p:nvSpPr><p:spPr/><p:txBody><a:bodyPr><a:noAutofit/></a:bodyPr><a:lstStyle/>'
            f'<a:p><a:pPr rtl="{int(self._turned)}">{space}</a:pPr><a:r><a:rPr lang="{self._language}"{size} dirty="0"/>'
            f"<a:t>{escaped(slide.title)}</a:t></a:r></a:p></p:txBody></p:sp>"
        ]
        if slide.eyebrow:
            drawn.append(
                '<p:sp><p:nvSpPr><p:cNvPr id="3" name="Section 3"/><p:cNvSpPr><a:spLocks noGrp="1"/></p:cNvSpPr><p:nvPr>'
                '<p:ph type="body" sz="quarter" idx="10"/></p:nvPr></p:nvSpPr><p:spPr/><p:txBody><a:bodyPr/><a:lstStyle/>'
                f'<a:p><a:pPr rtl="{int(self._turned)}"/><a:r><a:rPr lang="{self._language}" dirty="0"/>'
                f"<a:t>{escaped(slide.eyebrow)}</a:t></a:r></a:p></p:txBody></p:sp>"
            )
        drawn += [self._shape(one, key, part, pen) for key, one in enumerate(slide.shapes, start=4)]
        if slide.layout is not Layout.COVER:
            drawn.append(self._feet(900))
        part.blob = (
            f"{DECLARATION}<p:sld {SPACES}><p:cSld><p:spTree>{_NONE}{''.join(drawn)}</p:spTree></p:cSld>"
            "<p:clrMapOvr><a:masterClrMapping/></p:clrMapOvr></p:sld>"
        ).encode()
        if slide.notes:
            self._note(part, slide, number)
        return part

    def _shape(self, one: Shape, key: int, part: Part, pen: Pen) -> str:
        box = one.box.mirrored() if self._turned else one.box
        match one:
            case Text():
                return pen.text(key, one)
            case Plot():
                self._charts += 1
                chart = chart_part(one, self._charts, self._package, self._report.read_at, right_to_left=self._turned)
                return _chart(key, box, one, part.relate_to(chart, RELATIONSHIP_TYPE.CHART))
            case Image():
                return _picture(key, box, one, part.relate_to(self._image(one.picture), RELATIONSHIP_TYPE.IMAGE))
            case Mark():
                return _mark(key, box, one)
        return pen.table(key, one)

    def _image(self, picture: Picture) -> Part:
        """The same part for the same picture."""
        if picture.data not in self._images:
            kind = picture.media_type.removeprefix("image/")
            name = PackURI(f"/ppt/media/image{len(self._images) + 1}.{kind}")
            self._images[picture.data] = Part(name, picture.media_type, self._package, picture.data)
        return self._images[picture.data]

    def _address(self, part: Part, address: str) -> str:
        """The relationship of an address; nothing is fetched from it."""
        if not address.lower().startswith(_ADDRESSES) or len(address) > 2000:
            return ""
        return part.relate_to("".join(address.split()), RELATIONSHIP_TYPE.HYPERLINK, is_external=True)

    def _feet(self, key: int) -> str:
        lang = f'<a:rPr lang="{self._language}"/>'

        def holder(at: int, kind: str, name: str, index: int, inner: str) -> str:
            return (
                f'<p:sp><p:nvSpPr><p:cNvPr id="{at}" name="{name} {at}"/><p:cNvSpPr><a:spLocks noGrp="1"/></p:cNvSpPr>'
                f'<p:nvPr><p:ph type="{kind}" sz="quarter" idx="{index}"/></p:nvPr></p:nvSpPr><p:spPr/><p:txBody><a:bodyPr/>'
                f'<a:lstStyle/><a:p><a:pPr rtl="{int(self._turned)}"/>{inner}</a:p></p:txBody></p:sp>'
            )

        number = f'<a:fld id="{{B6F15528-21DE-4FAA-801E-634DDDAF4B2B}}" type="slidenum">{lang}<a:t>‹#›</a:t></a:fld>'
        return holder(key, "ftr", "Footer", 20, f"<a:r>{lang}<a:t>{escaped(self._footer)}</a:t></a:r>") + holder(
            key + 1, "sldNum", "Slide number", 21, number
        )

    def _note(self, slide_part: Part, slide: Slide, number: int) -> None:
        part = Part(PackURI(f"/ppt/notesSlides/notesSlide{number}.xml"), CONTENT_TYPE.PML_NOTES_SLIDE, self._package)
        part.relate_to(self._notes_master, RELATIONSHIP_TYPE.NOTES_MASTER)
        part.relate_to(slide_part, RELATIONSHIP_TYPE.SLIDE)
        slide_part.relate_to(part, RELATIONSHIP_TYPE.NOTES_SLIDE)
        pen = Pen(self._language, self._turned, lambda _: "")
        paras = [para(text, 12, before=6) for text in dict.fromkeys(slide.notes)]
        part.blob = (
            f"{DECLARATION}<p:notes {SPACES}><p:cSld><p:spTree>{_NONE}"
            '<p:sp><p:nvSpPr><p:cNvPr id="2" name="Slide image 2"/><p:cNvSpPr><a:spLocks noGrp="1" noRot="1" noChangeAspect="1"/>'
            '</p:cNvSpPr><p:nvPr><p:ph type="sldImg"/></p:nvPr></p:nvSpPr><p:spPr/></p:sp>'
            '<p:sp><p:nvSpPr><p:cNvPr id="3" name="Notes 3"/><p:cNvSpPr><a:spLocks noGrp="1"/></p:cNvSpPr><p:nvPr>'
            '<p:ph type="body" idx="1"/></p:nvPr></p:nvSpPr><p:spPr/><p:txBody><a:bodyPr/><a:lstStyle/>'
            f"{pen.paragraphs(paras)}</p:txBody></p:sp></p:spTree></p:cSld>"
            "<p:clrMapOvr><a:masterClrMapping/></p:clrMapOvr></p:notes>"
        ).encode()

    def _group(self, ids: Sequence[tuple[str, int]]) -> None:
        """The sections in the list of slides."""
        space = "http://schemas.microsoft.com/office/powerpoint/2010/main"
        groups: list[tuple[str, list[int]]] = []
        for name, slide in ids:
            if not groups or groups[-1][0] != name:
                groups.append((name, []))
            groups[-1][1].append(slide)
        inner = "".join(
            f'<p14:section name="{escaped(one_line(name)[:100] or one_line(self._report.title)[:100])}" '
            f'id="{{{number:08X}-0000-4000-8000-000000000000}}"><p14:sldIdLst>'
            + "".join(f'<p14:sldId id="{slide}"/>' for slide in slides)
            + "</p14:sldIdLst></p14:section>"
            for number, (name, slides) in enumerate(groups, start=1)
        )
        self._deck.element.append(
            etree.fromstring(
                f'<p:extLst {SPACES}><p:ext uri="{{521415D9-36F7-43E2-AB2F-B90AF26B5E84}}">'
                f'<p14:sectionLst xmlns:p14="{space}">{inner}</p14:sectionLst></p:ext></p:extLst>'
            )
        )


def _chart(key: int, box: Box, plot: Plot, relationship: str) -> str:
    told = []
    for at in range(plot.first, plot.last):
        figures = ", ".join(clean(one.texts[at]) or "–" for one in plot.chart.series)
        told.append(f"{clean(plot.chart.categories[at])}: {figures}")
    said = ". ".join(text for text in (clean(plot.chart.title), "; ".join(told)) if text)
    said = said if len(said) <= 1000 else f"{said[:999]}…"
    return (
        f'<p:graphicFrame><p:nvGraphicFramePr><p:cNvPr id="{key}" name="Chart {key}" descr="{escaped(said)}"/>'
        f'<p:cNvGraphicFramePr><a:graphicFrameLocks noGrp="1"/></p:cNvGraphicFramePr><p:nvPr/></p:nvGraphicFramePr>'
        f'{frame(box, "p:xfrm")}<a:graphic><a:graphicData uri="http://schemas.openxmlformats.org/drawingml/2006/chart">'
        '<c:chart xmlns:c="http://schemas.openxmlformats.org/drawingml/2006/chart" '
        f'r:id="{relationship}"/></a:graphicData></a:graphic></p:graphicFrame>'
    )


def _picture(key: int, box: Box, image: Image, relationship: str) -> str:
    return (
        f'<p:pic><p:nvPicPr><p:cNvPr id="{key}" name="Picture {key}" descr="{escaped(image.picture.alt)}"/><p:cNvPicPr>'
        f'<a:picLocks noChangeAspect="1"/></p:cNvPicPr><p:nvPr/></p:nvPicPr><p:blipFill><a:blip r:embed="{relationship}"/>'
        f"<a:stretch><a:fillRect/></a:stretch></p:blipFill><p:spPr>{frame(box)}"
        '<a:prstGeom prst="rect"><a:avLst/></a:prstGeom></p:spPr></p:pic>'
    )


def _mark(key: int, box: Box, one: Mark) -> str:
    return (
        f'<p:sp><p:nvSpPr><p:cNvPr id="{key}" name="Mark {key}">{DECORATIVE}</p:cNvPr><p:cNvSpPr/><p:nvPr/></p:nvSpPr><p:spPr>'
        f'{frame(box)}<a:prstGeom prst="{"ellipse" if one.round else "rect"}"><a:avLst/></a:prstGeom>{colour(one.fill)}'
        "<a:ln><a:noFill/></a:ln></p:spPr><p:txBody><a:bodyPr/><a:lstStyle/><a:p/></p:txBody></p:sp>"
    )


def _timeless(held: io.BytesIO) -> bytes:
    """The same package with the same times in it whenever it is written."""
    out = io.BytesIO()
    with zipfile.ZipFile(held) as written, zipfile.ZipFile(out, "w") as kept:
        for one in written.infolist():
            kept.writestr(zipfile.ZipInfo(one.filename, _EPOCH), written.read(one), zipfile.ZIP_DEFLATED)
    return out.getvalue()


def _p(name: str) -> str:
    return f"{{http://schemas.openxmlformats.org/presentationml/2006/main}}{name}"
