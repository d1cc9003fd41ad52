"""Texts cut where a line may end, with every character that cannot be drawn written out."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

import regex

from core.deliverables.content import Span, Spans
from core.deliverables.fonts import FALLBACKS, letters_of, without_glyph
from core.deliverables.gathering.legible import counted_whole
from core.text import OVERRIDES

Pieces = str | list[str]
"""A text, or its parts between which a line may end without a hyphen; "\\n" alone is the end of a line."""

PROSE = 24
"""Longer words than that may end a line anywhere, in text as wide as the page."""
_SPACED = re.compile(r"(\s+)")
_AFTER_SIGN = re.compile(r"(?<=[/\\?&=._\-,:;@#)\]}|>+*])(?=\w)")
_MARKED = regex.compile(r"\P{M}[\p{M}--[\uFE00-\uFE0F]]+", flags=regex.VERSION1)
_UNSEEN = regex.compile(r"(?<!\S)(?![\u200b\u2060\ufeff]+(?!\S))\p{Default_Ignorable_Code_Point}+(?!\S)")
"""A word of which nothing is drawn: of thousands of them the typesetter looks for a font again and again, for hours."""
_CLUSTER = regex.compile(r"\X")
_JOINED = regex.compile(r"[\p{Arabic}\p{Syriac}\p{Devanagari}\p{Bengali}\p{Tamil}]")
_ENDS_ANYWHERE = regex.compile(r"([\p{Han}\p{Hiragana}\p{Katakana}\p{Hangul}\u3000-\u303f\uff00-\uff60]+)")
"""Scripts whose lines end by rules of their own, which the typesetter knows."""
_LATIN = re.compile(r"[A-Za-z]")
_FROM_THE_RIGHT = regex.compile(r"[\p{Arabic}\p{Hebrew}\p{Syriac}\p{Thaana}\p{Nko}]")
_ISOLATE, _END = "\u2066", "\u2069"
_RUN = 12
"""The most that is kept together of what has no sign to part it at."""


class Setter:
    """Makes texts ready and remembers what could not be drawn."""

    def __init__(self, refused: Sequence[str] = (), *, right_to_left: bool = False) -> None:
        self.written_out: Counter[str] = Counter()
        self._right_to_left = right_to_left
        self._refused = [one for one in refused if one]

    def pieces(self, text: str, *, longest: int = PROSE) -> Pieces:
        """`text`, cut inside of words of more than `longest` characters."""
        return self._cut(self._isolated(self.drawable(counted_whole(text))), longest)

    def _cut(self, text: str, longest: int) -> Pieces:
        if len(text) <= longest and "\n" not in text:
            return text
        parts: list[str] = [""]
        for word in _SPACED.split(text):
            if "\n" in word:
                for at, line in enumerate(word.split("\n")):
                    parts.extend(["\n", line] if at else [line])
            elif len(word) > longest and not word.isspace() and not (longest >= PROSE and _hyphenated(word)):
                first, *others = _cut(word, longest)
                parts[-1:] = [parts[-1] + first] if parts[-1] != "\n" else ["\n", first]
                parts.extend(others)
            elif parts[-1] == "\n":
                parts.append(word)
            else:
                parts[-1] += word
        parts = [one for one in parts if one]
        return parts[0] if len(parts) == 1 and parts[0] != "\n" else parts

    def lines(self, text: str, *, longest: int = 80) -> list[Pieces]:
        """Each line of a code block, with its spaces."""
        lines = text.expandtabs(4).removesuffix("\n").split("\n")
        return [self._cut(self._isolated(self.drawable(line)), longest) for line in lines]

    def spans(self, spans: Spans, *, longest: int = PROSE) -> list[dict[str, object]]:
        told = [replace(span, text=self.drawable(span.text)) for span in spans if span.text]
        whole = "".join(span.text for span in told)
        if told and self._isolated(whole) != whole:
            told[0] = replace(told[0], text=f"{_ISOLATE}{told[0].text}")
            told[-1] = replace(told[-1], text=f"{told[-1].text}{_END}")
        return [self._span(span, longest) for span in told]

    def line(self, text: str, most: int) -> str:
        """On one line and not longer than `most`, for headers and for what programs show as the title."""
        text = " ".join(self.drawable(text).split())
        return text if len(text) <= most else f"{text[: most - 1].rstrip()}…"

    def drawable(self, text: str) -> str:
        """With U+XXXX in brackets for what no font has a glyph for, and for what would turn the text around it."""
        if text.isascii() and text.isprintable() and not self._refused:
            return text
        text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\u2028", "\n").replace("\u2029", "\n")
        strange = set(without_glyph(text)) | (OVERRIDES & set(text)) | {one for one in set(text) if _control(one)}
        for refused in self._refused:
            if refused in text:
                strange |= {letter for letter in refused if not letter.isascii()}
        strange -= {"\n", "\t"}
        text = _UNSEEN.sub(self._spelled, text)
        if _MARKED.search(text):
            text = _MARKED.sub(self._joined, text)
        if strange:
            self.written_out.update({letter: text.count(letter) for letter in strange})
            text = text.translate({ord(letter): f"[U+{ord(letter):04X}]" for letter in strange})
        return text

    def _isolated(self, text: str) -> str:
        """A text of Latin letters among others that are read from the right keeps its own order (UAX #9)."""
        if self._right_to_left and _LATIN.search(text) and not _FROM_THE_RIGHT.search(text):
            return f"{_ISOLATE}{text}{_END}"
        return text

    def _spelled(self, found: regex.Match[str]) -> str:
        self.written_out.update(found[0])
        return "".join(f"[U+{ord(one):04X}]" for one in found[0])

    def _joined(self, found: regex.Match[str]) -> str:
        """A letter with its marks, the marks as codes where no font has all of them: it would show none of them."""
        letter, marks = found[0][0], found[0][1:]
        forms = (unicodedata.normalize("NFC", found[0]), found[0])
        if any(all(ord(one) in letters_of(family) for one in form) for form in forms for family in FALLBACKS):
            return found[0]
        drawn = [one for one in marks if not without_glyph(one)]
        self.written_out.update(drawn)
        return letter + "".join(f"[U+{ord(one):04X}]" if one in drawn else one for one in marks)

    def _span(self, span: Span, longest: int) -> dict[str, object]:
        told: dict[str, object] = {"t": self._cut(span.text, longest)}
        for name, is_so in (("b", span.bold), ("i", span.italic), ("c", span.code), ("s", span.struck)):
            if is_so:
                told[name] = True
        if span.link.lower().startswith(("https:", "http:", "mailto:")):
            told["l"] = self.line(span.link, 2000).replace(" ", "%20")
        return told


def _hyphenated(word: str) -> bool:
    """A word of a language, which is parted by syllables and is not longer than a line: "Geschäftsprozessoptimierung"."""
    return len(word) <= 45 and word.strip(".,;:!?()»«„“”\"'").isalpha()


def _control(letter: str) -> bool:
    """Controls, surrogates without their other half, code points that are no characters."""
    return (
        unicodedata.category(letter) in ("Cc", "Cs")
        or ord(letter) & 0xFFFE == 0xFFFE
        or 0xFDD0 <= ord(letter) <= 0xFDEF
    )


def _cut(word: str, longest: int) -> list[str]:
    """At signs first; what is still long, at letters, but where cutting would unjoin them only if no line could hold it."""
    parts = [""]
    for stretch in _ENDS_ANYWHERE.split(word):
        if len(stretch) <= longest or _ENDS_ANYWHERE.match(stretch):
            parts[-1] += stretch
            continue
        run = 40 if _JOINED.search(stretch) else max(4, min(_RUN, longest))
        for part in _AFTER_SIGN.split(stretch):
            letters = [part] if len(part) <= run else _CLUSTER.findall(part)
            step = len(part) if len(part) <= run else run
            parts.extend("".join(letters[at : at + step]) for at in range(0, len(letters), max(1, step)))
    return [one for one in parts if one] or [word]
