"""Reading XES event logs (IEEE 1849) as a stream: no document type, no entities, nothing from elsewhere, no tree.

Expat alone, because nothing is kept of the document but the event that is being read: a document type is refused where
it begins, and without one there are no entities to expand. (defusedxml does the same on the same parser.)
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO
from xml.parsers import expat

from core.imports.refusals import Reason, Refused
from core.imports.row import Columns, Row
from core.imports.rules import MOST_CELL, MOST_COLUMNS, MOST_LINE, NoEventLog

CASE = "case:"
"""Stands before the names of what a log says of a case."""

_CHUNK = 64 * 1024
_MOST_DEPTH = 100
_VALUES = frozenset({"string", "date", "int", "float", "boolean", "id"})


class XesLog:
    def __init__(self, file: BinaryIO, name: str) -> None:
        self._file, self._name = file, name
        self.columns = Columns()
        self._ready: list[Row | Refused] = []
        self._depth = 0
        self._inside: list[str] = []
        self._case: dict[str, str] = {}
        self._event: dict[str, str] | None = None
        self._too_long = ""
        self._classed = False
        self._parser = expat.ParserCreate()
        self._parser.buffer_text = True
        self._parser.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_NEVER)
        self._parser.StartDoctypeDeclHandler = self._refuse_doctype
        self._parser.StartElementHandler = self._begin
        self._parser.EndElementHandler = self._end

    def rows(self) -> Iterator[Row | Refused]:
        """Every event with what its case says; NoEventLog where the document ends before its end."""
        fed = 0
        try:
            while chunk := self._file.read(_CHUNK):
                self._parser.Parse(chunk, False)
                fed += len(chunk)
                # A value without an end would be kept whole: the parser answers only at the end of a tag.
                if fed - self._parser.CurrentByteIndex > MOST_LINE * 4:
                    raise NoEventLog(name=self._name, problem="a value has more than a million characters.")
                yield from self._take()
            self._parser.Parse(b"", True)
        except expat.ExpatError as problem:
            line = self._parser.ErrorLineNumber
            words = expat.ErrorString(problem.code)
            yield from self._take()
            raise NoEventLog(name=self._name, problem=f"line {line} is not XML ({words}).") from None
        except (LookupError, ValueError):  # expat asks Python for what it does not know, of one byte a letter at most
            raise NoEventLog(name=self._name, problem="its encoding cannot be read. Save it as UTF-8.") from None
        yield from self._take()

    def _take(self) -> list[Row | Refused]:
        taken, self._ready = self._ready, []
        return taken

    def _refuse_doctype(self, *_: object) -> None:
        raise NoEventLog(name=self._name, problem="it has a document type, and an event log needs none.")

    def _begin(self, tag: str, attributes: dict[str, str]) -> None:
        tag = tag.rpartition(":")[2]
        self._depth += 1
        if self._depth > _MOST_DEPTH:
            raise NoEventLog(name=self._name, problem=f"it is nested more than {_MOST_DEPTH} deep.")
        if self._depth == 1 and tag != "log":
            raise NoEventLog(name=self._name, problem=f"it begins with <{tag[:40]}>, not with <log>.")
        parent = self._inside[-1] if self._inside else ""
        self._inside.append(tag)
        if tag == "trace" and parent == "log":
            self._case = {}
        elif tag == "event" and parent in ("trace", "log"):
            self._event, self._too_long = {}, ""
        elif tag in _VALUES and parent in ("trace", "event"):
            self._value(parent, attributes.get("key", ""), attributes.get("value", ""))

    def _value(self, parent: str, key: str, value: str) -> None:
        """One attribute; what is nested in attributes says things about things, and no column does."""
        key = (CASE if parent == "trace" else "") + " ".join(key.split())[:60]
        into = self._case if parent == "trace" else self._event
        if into is None or len(into) >= MOST_COLUMNS:
            return
        if len(value) > MOST_CELL:
            self._too_long = key
        elif value := value.strip():
            if len(self.columns.names) < MOST_COLUMNS:
                self.columns.add(key)
            into[key] = value

    def _end(self, tag: str) -> None:
        self._depth -= 1
        self._inside.pop()
        tag = tag.rpartition(":")[2]
        if tag == "trace":
            self._case = {}
        if tag == "event" and self._event is not None:
            line = self._parser.CurrentLineNumber
            cells = {**self._case, **self._event}
            if self._too_long:
                detail = f"{self._too_long} has more than {MOST_CELL:,} characters"
                self._ready.append(Refused(line, Reason.TOO_LONG, detail, cells.get(CASE + "concept:name", "")[:200]))
            else:
                self._ready.append(Row(line, cells))
            self._event = None
