"""The texts that drafts begin with, by language and manner; every one is true of any business, and a person edits it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from core.websites.layout import layout_for

_FOLDER = Path(__file__).parent
_ENGLISH = "en"


@dataclass(frozen=True)
class Wording:
    texts: Mapping[str, Any]
    manner: str
    """The layout that the tone chose: a text may have a version for each."""

    def say(self, key: str, **facts: str) -> str:
        """Facts are put in as they are, braces among them."""
        found = self.texts[key]
        said = str(found.get(self.manner, found["calm"]) if isinstance(found, Mapping) else found)
        parts = said.split("{")
        out = [parts[0]]
        for part in parts[1:]:
            name, _, rest = part.partition("}")
            out.append(facts[name] + rest)
        return "".join(out)


def wording(language: str, tone: str) -> Wording:
    main = language.split("-")[0].lower()
    return Wording(_texts(main if (_FOLDER / f"{main}.json").is_file() else _ENGLISH), layout_for(tone).name)


@cache
def _texts(language: str) -> Mapping[str, Any]:
    texts: dict[str, Any] = json.loads((_FOLDER / f"{language}.json").read_text("utf-8"))
    return texts
