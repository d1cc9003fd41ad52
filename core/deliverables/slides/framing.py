"""The slides that hold a talk together: cover, agenda, openings of sections, closing, and the title of each slide."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from core.deliverables.content import Report, Section
from core.deliverables.look import Look
from core.deliverables.slides.fitting import Fitting
from core.deliverables.slides.packing import headed
from core.deliverables.slides.prose import columns_of
from core.deliverables.slides.shapes import (
    BODY,
    CLOSING_TEXT,
    COVER_FACTS,
    COVER_NAME,
    COVER_SUBTITLE,
    COVER_TITLE,
    EYEBROW,
    LEFT,
    RIGHT,
    SECTION_LEAD,
    SECTION_NUMBER,
    SECTION_TITLE,
    TITLE,
    Box,
    Grid,
    Layout,
    Shape,
    Slide,
    Text,
)
from core.deliverables.slides.text import Para, Run, one_line, para
from core.deliverables.words import Words

_SIZES = (25.0, 20.0)
"""Of titles; a title longer than two lines of the smaller one is shortened, and whole in the notes."""


class Framing:
    def __init__(self, report: Report, look: Look, words: Words) -> None:
        self._report, self._look, self._words = report, look, words
        self._heads, self._body = Fitting(look.heading_font), Fitting(look.body_font)

    def side(self, number: int) -> Box:
        return (LEFT, RIGHT)[number]

    def titled(
        self,
        layout: Layout,
        title: str,
        shapes: tuple[Shape, ...],
        notes: tuple[str, ...],
        eyebrow: str = "",
        number: int = 1,
        count: int = 1,
    ) -> Slide:
        """A slide with its title, which says which of several it is."""
        mark = "" if count == 1 else " " + self._words.say("({part} of {parts})", part=number, parts=count)
        shown, size, whole = self._short(title, mark, TITLE, _SIZES)
        if one_line(eyebrow) == one_line(title):
            eyebrow = ""
        above, _, section = self._short(eyebrow, "", EYEBROW, (11.0,), bold=False)
        notes = tuple(text for text in (whole, section if section != whole else "", *notes) if text)
        return Slide(layout, shown, shapes, notes, above, title_size=size)

    def cover(self) -> Slide:
        say, report = self._words.say, self._report
        title, size, whole = self._short(report.title, "", COVER_TITLE, (40.0, 32.0, 24.0))
        subtitle, small, more = self._short(report.subtitle, "", COVER_SUBTITLE, (20.0, 16.0), bold=False)
        facts = [f"{one_line(one.label)}: {one_line(one.text)}" for one in report.facts]
        facts.append(say("Figures as of {moment}", moment=f"{one_line(report.read_text)} ({one_line(report.zone)})"))
        told = [Para((Run(text, bold=number < 0),), 13, before=4) for number, text in enumerate(facts)]
        if report.sample:
            told.insert(0, para(say("Made of sample data"), 13, bold=True))
        column, _ = next(columns_of(told, self._body, COVER_FACTS.width, COVER_FACTS.height))
        shapes: tuple[Shape, ...] = (
            Text(COVER_SUBTITLE, (para(subtitle, small),), "Subtitle", place=10),
            Text(COVER_FACTS, column, "Facts", place=11),
        )
        if self._look.logo is None:
            name = self._body.shortened(one_line(self._look.name), 15, COVER_NAME.width, 1, bold=True)
            shapes += (Text(COVER_NAME, (para(name, 15, bold=True, colour="bg1"),), "House"),)
        notes = tuple(text for text in (one_line(self._look.name), whole, more, *facts) if text)
        return Slide(Layout.COVER, title, shapes, notes, title_size=size)

    def agenda(self, sections: Sequence[Section], *, annexed: bool) -> list[Slide]:
        """What the talk is about; where there is only one section, its opening says so."""
        if len(sections) < 2:
            return []
        titles = [(one_line(one.title), one_line(one.lead)) for one in sections]
        if annexed:
            titles.append((self._words.say("Appendix"), ""))
        for size, lead in ((20.0, True), (20.0, False), (16.0, False), (14.0, False)):
            paras: list[Para] = []
            for number, (title, text) in enumerate(titles, start=1):
                last = annexed and number == len(titles)
                shown = self._body.shortened(title, size, BODY.width - 2 * size, 2, bold=True)
                bullet = "" if last else f"#{number}"
                told = Para((Run(shown, bold=True),), size, 2 * size, bullet, before=size * 0.7)
                paras.append(told)
                if lead and text:
                    short = self._body.shortened(text, 14, BODY.width - 2 * size, 2)
                    paras.append(replace(para(short, 14, colour="muted"), indent=2 * size, before=2))
                    paras[-2] = replace(told, keep=True)
            if self._body.height(paras, BODY.width) <= BODY.height:
                break
        columns = [column for column, _ in columns_of(paras, self._body, BODY.width, BODY.height)]
        notes = tuple(title for title, _ in titles)
        return [
            self.titled(
                Layout.CONTENT,
                self._words.say("Agenda"),
                (Text(BODY, column, "Agenda", place=11),),
                notes,
                "",
                number,
                len(columns),
            )
            for number, column in enumerate(columns, start=1)
        ]

    def opened(self, section: Section, number: str, slides: list[Slide], *, annexed: bool) -> list[Slide]:
        """The section with a slide before it, unless its only slide says all that one would."""
        if len(slides) == 1 and not (section.lead and annexed):
            (only,) = slides
            lead = one_line(section.lead)
            table = only.shapes[0] if only.shapes and isinstance(only.shapes[0], Grid) else None
            if table is not None and table.title == only.title != one_line(section.title):
                only = replace(only, title=one_line(section.title), shapes=headed(only, self._body))
            if (
                lead
                and only.title == one_line(section.title)
                and self._heads.lines(para(lead, 20, bold=True), TITLE.width) <= 2
            ):
                # The finding makes a better title than the name of the section, which stands above it.
                told = self.titled(only.layout, lead, only.shapes, only.notes, section.title)
                return [replace(told, group=only.group)]
            return slides
        if not section.lead and not annexed and 0 < len(slides) <= 2:
            return slides
        title, size, whole = self._short(section.title, "", SECTION_TITLE, (34.0, 26.0))
        lead, small, more = self._short(section.lead, "", SECTION_LEAD, (20.0, 16.0), bold=False)
        paras: tuple[Para, ...] = (para(lead, small, colour="muted"),) if lead else ()
        if annexed:
            paras += (para(self._words.say("In full in the appendix"), 13, colour="accent1", before=14),)
        shapes: tuple[Shape, ...] = (
            Text(SECTION_NUMBER, (para(number, 44, bold=True, colour="accent1"),), "Number", place=10),
        )
        if paras:
            shapes += (Text(SECTION_LEAD, paras, "Lead", place=11),)
        notes = tuple(text for text in (whole, more, one_line(section.lead)) if text)
        return [Slide(Layout.SECTION, title, shapes, notes, group=section.title, title_size=size), *slides]

    def annex(self, slides: Sequence[Slide]) -> Slide:
        shapes: tuple[Shape, ...] = ()
        text = self._words.say("What the talk sums up, in full")
        shapes += (Text(SECTION_LEAD, (para(text, 20, colour="muted"),), "Lead", place=11),)
        title = self._words.say("Appendix")
        return Slide(Layout.SECTION, title, shapes, (text,), group=title)

    def closing(self, sections: Sequence[Section]) -> Slide:
        """What is to be remembered: the sections in a sentence each."""
        leads = [one_line(one.lead) for one in sections if one.lead]
        group = self._words.say("Closing")
        as_of = self._words.say("Figures as of {moment}", moment=one_line(self._report.read_text))
        if len(leads) < 2:
            title, size, whole = self._short(self._report.title, "", TITLE, (34.0, 25.0, 20.0))
            told = [self._body.shortened(text, 18, CLOSING_TEXT.width, 4) for text in (*leads, self._look.name)]
            paras = (*(para(text, 18, before=10) for text in told), para(as_of, 14, colour="muted", before=10))
            notes = tuple(text for text in (whole, *leads, as_of) if text)
            return Slide(
                Layout.CLOSING,
                title,
                (Text(CLOSING_TEXT, paras, "Text", place=11),),
                notes,
                group=group,
                title_size=size,
            )
        shown = [*leads]
        while True:
            for size in (22.0, 18.0, 15.0):
                lines = [self._body.shortened(one, size, CLOSING_TEXT.width - size * 1.5, 3) for one in shown]
                paras = tuple(para(one, size, indent=size * 1.2, bullet="•", before=size * 0.7) for one in lines)
                if self._body.height(paras, CLOSING_TEXT.width) <= CLOSING_TEXT.height:
                    shapes = (Text(CLOSING_TEXT, paras, "Text", place=11),)
                    return Slide(Layout.CLOSING, self._words.say("Key points"), shapes, (*leads, as_of), group=group)
            shown.pop()

    def _short(
        self, text: str, mark: str, box: Box, sizes: Sequence[float], *, bold: bool = True
    ) -> tuple[str, float, str]:
        """What stands in the box with its size, and the whole of it where it had to be shortened."""
        text = one_line(text)
        fitting = self._heads if bold else self._body
        for size in sizes:
            lines = int((box.height + 0.01) / round(size * 1.3, 1))
            if fitting.lines(para(text + mark, size, bold=bold), box.width) <= lines:
                return text + mark, size, ""
        room = box.width - fitting.width("  ", size, bold=bold)
        short = fitting.shortened(text, size, room, lines, bold=bold)
        while mark and fitting.lines(para(short + mark, size, bold=bold), room) > lines:
            short = short.removesuffix("…")[:-4].rstrip() + "…"
        return short + mark, size, text
