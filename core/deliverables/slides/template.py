"""The deck without slides: theme, master and layouts made of a look, so that whoever edits it stays on brand.

Made here instead of kept as a file, because nearly all of it follows from the look: colours and fonts stand in the theme
once, the master and its layouts only name their places. Written as an OPC package (ECMA-376, part 2) that python-pptx opens.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping

from babel.core import Locale, get_global

from core.deliverables.look import Look
from core.deliverables.slides.drawing import DECORATIVE, RELATIONSHIPS, colour, escaped, frame
from core.deliverables.slides.shapes import (
    BODY,
    CLOSING_TEXT,
    COVER_FACTS,
    COVER_SUBTITLE,
    COVER_TITLE,
    EDGE,
    EYEBROW,
    FOOT,
    HEIGHT,
    LEFT,
    LOGO,
    RIGHT,
    SECTION_LEAD,
    SECTION_NUMBER,
    SECTION_TITLE,
    TITLE,
    WIDTH,
    Box,
    Layout,
)
from core.deliverables.slides.text import LINE

SPACES = (
    'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" '
    f'xmlns:r="{RELATIONSHIPS}" xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main"'
)
DECLARATION = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'

_TYPE = "application/vnd.openxmlformats-officedocument.presentationml"
_EAST = {"ja": "Yu Gothic", "ko": "Malgun Gothic", "zh": "Microsoft YaHei"}
_SCRIPTS = (
    ("Jpan", "Yu Gothic"), ("Hang", "Malgun Gothic"), ("Hans", "Microsoft YaHei"), ("Hant", "Microsoft JhengHei"),
    ("Arab", "Arial"), ("Hebr", "Arial"), ("Thai", "Leelawadee UI"), ("Deva", "Nirmala UI"), ("Beng", "Nirmala UI"),
    ("Taml", "Nirmala UI"), ("Telu", "Nirmala UI"), ("Gujr", "Nirmala UI"), ("Guru", "Nirmala UI"),
)  # fmt: skip
"""Fonts that come with Office, by script: what the theme's own family lacks is drawn in these."""


def with_region(language: str) -> str:
    """The tag with the region it is most spoken in, as Office wants it: "en" is "en-US"."""
    locale = Locale.parse(language, sep="-")
    if locale.territory:
        return f"{locale.language}-{locale.territory}"
    likely = get_global("likely_subtags").get(locale.language, "")
    region = likely.rpartition("_")[2]
    return f"{locale.language}-{region}" if len(region) == 2 else locale.language


def template(look: Look, language: str, footer: str, *, right_to_left: bool) -> bytes:
    """A presentation of no slides with the layouts of `Layout`, in their order."""
    logo = look.logo
    image = f"media/logo.{'png' if logo and logo.media_type == 'image/png' else 'jpeg'}"
    names = [f"slideLayouts/slideLayout{number}.xml" for number in range(1, len(Layout) + 1)]
    parts: dict[str, str | bytes] = {
        "[Content_Types].xml": _content_types(names),
        "_rels/.rels": _relationships({"rId1": ("officeDocument", "ppt/presentation.xml")}),
        "ppt/presentation.xml": _presentation(language, right_to_left),
        "ppt/_rels/presentation.xml.rels": _relationships(
            {"rId1": ("slideMaster", "slideMasters/slideMaster1.xml"), "rId2": ("theme", "theme/theme1.xml")}
        ),
        "ppt/theme/theme1.xml": _theme(look, language),
        "ppt/slideMasters/slideMaster1.xml": _master(len(names), footer, language, right_to_left),
        "ppt/slideMasters/_rels/slideMaster1.xml.rels": _relationships(
            {f"rId{number}": ("slideLayout", f"../{name}") for number, name in enumerate(names, start=1)}
            | {f"rId{len(names) + 1}": ("theme", "../theme/theme1.xml")}
        ),
    }
    for name, layout in zip(names, Layout, strict=True):
        with_logo = logo is not None and layout is Layout.COVER
        parts[f"ppt/{name}"] = _layout(layout, look, footer, right_to_left)
        parts[f"ppt/{name.replace('/', '/_rels/')}.rels"] = _relationships(
            {"rId1": ("slideMaster", "../slideMasters/slideMaster1.xml")}
            | ({"rId2": ("image", f"../{image}")} if with_logo else {})
        )
    if logo is not None:
        parts[f"ppt/{image}"] = logo.data
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as package:
        for name, data in parts.items():
            package.writestr(name, data)
    return held.getvalue()


def fitted(box: Box, width: int, height: int, *, end: bool = False) -> Box:
    """The largest box of these proportions inside of `box`, never larger than 1 pixel a point; at its start and top."""
    scale = min(box.width / width, box.height / height, 1.0)
    wide, high = width * scale, height * scale
    return Box(box.x + (box.width - wide if end else 0), box.y, wide, high)


def _relationships(targets: Mapping[str, tuple[str, str]]) -> str:
    inner = "".join(
        f'<Relationship Id="{key}" Type="{RELATIONSHIPS}/{kind}" Target="{target}"/>'
        for key, (kind, target) in targets.items()
    )
    return f'{DECLARATION}<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{inner}</Relationships>'


def _content_types(layouts: list[str]) -> str:
    parts = {
        "/ppt/presentation.xml": f"{_TYPE}.presentation.main+xml",
        "/ppt/slideMasters/slideMaster1.xml": f"{_TYPE}.slideMaster+xml",
        "/ppt/theme/theme1.xml": "application/vnd.openxmlformats-officedocument.theme+xml",
    } | {f"/ppt/{name}": f"{_TYPE}.slideLayout+xml" for name in layouts}
    overrides = "".join(f'<Override PartName="{name}" ContentType="{kind}"/>' for name, kind in parts.items())
    return (
        f'{DECLARATION}<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/><Default Extension="png" ContentType="image/png"/>'
        f'<Default Extension="jpeg" ContentType="image/jpeg"/>{overrides}</Types>'
    )


def _presentation(language: str, turned: bool) -> str:
    """With the manner of text that is in no placeholder: boxes and tables."""
    levels = "".join(_level(number, 14, "r" if turned else "l") for number in range(1, 10))
    size = frame(Box(0, 0, WIDTH, HEIGHT)).partition("<a:ext ")[2].partition("/>")[0]
    return (
        f'{DECLARATION}<p:presentation {SPACES} saveSubsetFonts="1"><p:sldMasterIdLst>'
        '<p:sldMasterId id="2147483648" r:id="rId1"/></p:sldMasterIdLst>'
        f'<p:sldSz {size}/><p:notesSz cx="6858000" cy="9144000"/><p:defaultTextStyle><a:defPPr><a:defRPr '
        f'lang="{with_region(language)}"/></a:defPPr>{levels}</p:defaultTextStyle></p:presentation>'
    )


def _theme(look: Look, language: str) -> str:
    def srgb(name: str, value: str) -> str:
        return f'<a:{name}><a:srgbClr val="{value.lstrip("#").upper()}"/></a:{name}>'

    def fonts(tag: str, family: str) -> str:
        scripts = "".join(f'<a:font script="{script}" typeface="{name}"/>' for script, name in _SCRIPTS)
        east = _EAST.get(language.partition("-")[0], "")
        return (
            f'<a:{tag}><a:latin typeface="{escaped(family)}" panose="020B0604020202020204"/><a:ea typeface="{east}"/>'
            f'<a:cs typeface="Arial"/>{scripts}</a:{tag}>'
        )

    series = [look.series[at % len(look.series)] for at in range(6)]
    colours = "".join(srgb(f"accent{at + 1}", value) for at, value in enumerate([look.accent, *series[1:]]))
    plain = '<a:solidFill><a:schemeClr val="phClr"/></a:solidFill>'
    line = f'<a:ln w="6350">{plain}</a:ln>'
    effect = "<a:effectStyle><a:effectLst/></a:effectStyle>"
    return (
        f'{DECLARATION}<a:theme xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" name="{escaped(look.name)}">'
        f'<a:themeElements><a:clrScheme name="{escaped(look.name)}">{srgb("dk1", look.ink)}{srgb("lt1", "#FFFFFF")}'
        f"{srgb('dk2', look.ink)}{srgb('lt2', '#F2F4F8')}{colours}{srgb('hlink', look.accent)}{srgb('folHlink', look.accent)}"
        f'</a:clrScheme><a:fontScheme name="{escaped(look.name)}">{fonts("majorFont", look.heading_font)}'
        f'{fonts("minorFont", look.body_font)}</a:fontScheme><a:fmtScheme name="Plain"><a:fillStyleLst>{plain * 3}'
        f"</a:fillStyleLst><a:lnStyleLst>{line * 3}</a:lnStyleLst><a:effectStyleLst>{effect * 3}</a:effectStyleLst>"
        f"<a:bgFillStyleLst>{plain * 3}</a:bgFillStyleLst></a:fmtScheme></a:themeElements></a:theme>"
    )


def _level(number: int, size: float, align: str, place: str = "tx1", *, bold: bool = False, font: str = "mn") -> str:
    heavy = ' b="1"' if bold else ""
    return (
        f'<a:lvl{number}pPr marL="0" indent="0" algn="{align}"><a:lnSpc><a:spcPts val="{round(size * LINE * 100)}"/></a:lnSpc>'
        f'<a:spcBef><a:spcPts val="0"/></a:spcBef><a:buNone/><a:defRPr sz="{round(size * 100)}"{heavy}>{colour(place)}'
        f'<a:latin typeface="+{font}-lt"/><a:ea typeface="+{font}-ea"/><a:cs typeface="+{font}-cs"/>'
        f"</a:defRPr></a:lvl{number}pPr>"
    )


def _holder(
    number: int,
    kind: str,
    name: str,
    box: Box,
    style: str,
    prompt: str,
    *,
    index: int = 0,
    anchor: str = "t",
    field: str = "",
) -> str:
    """A placeholder; `field` for a number that counts."""
    place = f' idx="{index}"' if index else ""
    small = ' sz="quarter"' if kind in ("body", "ftr", "sldNum") else ""
    told = f'<a:fld id="{{B6F15528-21DE-4FAA-801E-634DDDAF4B2B}}" type="{field}"><a:rPr/><a:t>‹#›</a:t></a:fld>'
    return (
        f'<p:sp><p:nvSpPr><p:cNvPr id="{number}" name="{name}"/><p:cNvSpPr><a:spLocks noGrp="1"/></p:cNvSpPr>'
        f'<p:nvPr><p:ph type="{kind}"{small}{place}/></p:nvPr></p:nvSpPr><p:spPr>{frame(box)}'
        '<a:prstGeom prst="rect"><a:avLst/></a:prstGeom></p:spPr><p:txBody>'
        f'<a:bodyPr vert="horz" wrap="square" lIns="0" tIns="0" rIns="0" bIns="0" anchor="{anchor}"><a:normAutofit/></a:bodyPr>'
        f"<a:lstStyle>{style}</a:lstStyle><a:p>{told if field else f'<a:r><a:t>{escaped(prompt)}</a:t></a:r>'}</a:p>"
        "</p:txBody></p:sp>"
    )


def _plate(number: int, name: str, box: Box, place: str) -> str:
    return (
        f'<p:sp><p:nvSpPr><p:cNvPr id="{number}" name="{name}">{DECORATIVE}</p:cNvPr><p:cNvSpPr/>'
        '<p:nvPr userDrawn="1"/></p:nvSpPr>'
        f'<p:spPr>{frame(box)}<a:prstGeom prst="rect"><a:avLst/></a:prstGeom>{colour(place)}<a:ln><a:noFill/></a:ln></p:spPr>'
        "<p:txBody><a:bodyPr/><a:lstStyle/><a:p/></p:txBody></p:sp>"
    )


def _tree(shapes: str, background: str, name: str = "") -> str:
    named = f' name="{name}"' if name else ""
    return (
        f"<p:cSld{named}><p:bg><p:bgPr>{colour(background)}<a:effectLst/></p:bgPr></p:bg><p:spTree><p:nvGrpSpPr>"
        '<p:cNvPr id="1" name=""/><p:cNvGrpSpPr/><p:nvPr/></p:nvGrpSpPr><p:grpSpPr><a:xfrm><a:off x="0" y="0"/>'
        '<a:ext cx="0" cy="0"/><a:chOff x="0" y="0"/><a:chExt cx="0" cy="0"/></a:xfrm></p:grpSpPr>'
        f"{shapes}</p:spTree></p:cSld>"
    )


def _feet(footer: str, start: str, end: str, place: str) -> str:
    number = Box(FOOT.x + FOOT.width - 60, FOOT.y, 60, FOOT.height)
    line = Box(FOOT.x, FOOT.y, FOOT.width - 84, FOOT.height)
    if start == "r":
        number, line = number.mirrored(), line.mirrored()
    return _holder(20, "ftr", "Footer", line, _level(1, 10, start, place), footer, index=20) + _holder(
        21, "sldNum", "Slide number", number, _level(1, 10, end, place), "", index=21, field="slidenum"
    )


def _master(layouts: int, footer: str, language: str, turned: bool) -> str:
    start, end = ("r", "l") if turned else ("l", "r")
    shapes = _holder(2, "title", "Title", TITLE, "", "Title") + _holder(3, "body", "Text", BODY, "", "Text", index=1)
    shapes += _feet(footer, start, end, "muted")
    listed = "".join(f'<p:sldLayoutId id="{2147483649 + at}" r:id="rId{at + 1}"/>' for at in range(layouts))
    levels = "".join(_level(number, 16, start) for number in range(1, 10))
    return (
        f"{DECLARATION}<p:sldMaster {SPACES}>{_tree(shapes, 'bg1')}"
        '<p:clrMap bg1="lt1" tx1="dk1" bg2="lt2" tx2="dk2" accent1="accent1" accent2="accent2" accent3="accent3" '
        'accent4="accent4" accent5="accent5" accent6="accent6" hlink="hlink" folHlink="folHlink"/>'
        f"<p:sldLayoutIdLst>{listed}</p:sldLayoutIdLst><p:txStyles><p:titleStyle>"
        f"{_level(1, 25, start, bold=True, font='mj')}</p:titleStyle><p:bodyStyle>{levels}</p:bodyStyle>"
        f'<p:otherStyle><a:defPPr><a:defRPr lang="{with_region(language)}"/></a:defPPr>{levels}</p:otherStyle>'
        "</p:txStyles></p:sldMaster>"
    )


def _layout(layout: Layout, look: Look, footer: str, turned: bool) -> str:
    start, end = ("r", "l") if turned else ("l", "r")

    def at(box: Box) -> Box:
        return box.mirrored() if turned else box

    def body(index: int, name: str, box: Box, size: float, place: str = "tx1", **more: str) -> str:
        return _holder(9 + index, "body", name, at(box), _level(1, size, start, place), name, index=index, **more)

    def title(box: Box, size: float, place: str = "tx1", anchor: str = "t") -> str:
        style = _level(1, size, start, place, bold=True, font="mj")
        return _holder(2, "title", "Title", at(box), style, "Title", anchor=anchor)

    background = "bg1"
    match layout:
        case Layout.COVER:
            background = "accent1"
            shapes = title(COVER_TITLE, 40, "bg1", "b") + body(10, "Subtitle", COVER_SUBTITLE, 20, "bg1")
            shapes += body(11, "Facts", COVER_FACTS, 12, "bg1") + _logo(look, at)
        case Layout.SECTION:
            background = "bg2"
            shapes = body(10, "Number", SECTION_NUMBER, 44, "accent1") + title(SECTION_TITLE, 34)
            shapes += body(11, "Lead", SECTION_LEAD, 20, "muted")
        case Layout.CONTENT:
            shapes = body(10, "Section", EYEBROW, 11, "accent1") + title(TITLE, 25) + body(11, "Text", BODY, 16)
        case Layout.COLUMNS:
            shapes = body(10, "Section", EYEBROW, 11, "accent1") + title(TITLE, 25)
            shapes += body(11, "Left", LEFT, 14) + body(12, "Right", RIGHT, 14)
        case Layout.BESIDE:
            shapes = body(10, "Section", EYEBROW, 11, "accent1") + title(TITLE, 25) + body(11, "Text", LEFT, 16)
        case Layout.BOARD:
            shapes = body(10, "Section", EYEBROW, 11, "accent1") + title(TITLE, 25)
        case Layout.CLOSING:
            background = "bg2"
            shapes = title(Box(EDGE, 64, BODY.width, 56), 34) + body(11, "Text", CLOSING_TEXT, 18)
    if layout is not Layout.COVER:
        shapes += _feet(footer, start, end, "muted")
    tree = _tree(shapes, background, layout.value)
    return (
        f'{DECLARATION}<p:sldLayout {SPACES} preserve="1" userDrawn="1">{tree}'
        "<p:clrMapOvr><a:masterClrMapping/></p:clrMapOvr></p:sldLayout>"
    )


def _logo(look: Look, at: object) -> str:
    if look.logo is None:
        return ""
    box = fitted(LOGO, look.logo.width, look.logo.height)
    plate = Box(box.x - 12, box.y - 10, box.width + 24, box.height + 20)
    box, plate = (at(box), at(plate)) if callable(at) else (box, plate)
    return _plate(40, "Plate", plate, "bg1") + (
        f'<p:pic><p:nvPicPr><p:cNvPr id="41" name="Logo" descr="{escaped(look.logo.alt)}"/><p:cNvPicPr>'
        '<a:picLocks noChangeAspect="1"/></p:cNvPicPr><p:nvPr userDrawn="1"/></p:nvPicPr><p:blipFill><a:blip r:embed="rId2"/>'
        f"<a:stretch><a:fillRect/></a:stretch></p:blipFill><p:spPr>{frame(box)}"
        '<a:prstGeom prst="rect"><a:avLst/></a:prstGeom></p:spPr></p:pic>'
    )
