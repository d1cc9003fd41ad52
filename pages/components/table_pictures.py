"""Pictures that a table names as people do, by the names of their files: kept when they are chosen, put in by their SHA-256."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping

import streamlit as st

from core.files.rules import MOST_FILE_BYTES
from core.files.service import KeptFile
from pages.components.files_field import PICTURES, Keep
from pages.components.words import count, plain

_COLUMN = "picture"
_DIGEST = re.compile(r"[0-9a-f]{64}")
_MOST_NAMED = 5


def read_table(text: str) -> list[list[str]]:
    """Its lines as cells, the heading first; commas, semicolons and tabs part them. Empty where it cannot be read."""
    try:
        found = csv.reader(io.StringIO(text), delimiter=_delimiter(text), strict=True)
        return [row for row in found if any(map(str.strip, row))]
    except csv.Error:
        return []


def pictures_field(table: list[list[str]], key: str, keep: Keep | None) -> None:
    """A place for the files that the column `picture` names, while there is one; `keep` is None for those who may not."""
    named = _named(table)
    if named is None:
        return
    if keep is None:
        st.caption("Operators and admins can choose pictures here. Anybody can write the SHA-256 of a kept file.")
        return
    uploads = st.file_uploader(
        "Pictures", type=PICTURES, accept_multiple_files=True, key=f"{key}-pictures",
        help="JPEG or PNG. The column picture names each by its file name.", max_upload_size=MOST_FILE_BYTES // 1_000_000,
    )  # fmt: skip
    kept: dict[str, KeptFile] = st.session_state.setdefault(f"{key}-pictures-kept", {})
    for upload in uploads:
        if upload.file_id not in kept and (made := keep(upload.name, upload.getvalue())) is not None:
            kept[upload.file_id] = made
    here = _chosen(key)
    missing = [name for name in named if name.casefold() not in here]
    if missing:
        more = f" and {len(missing) - _MOST_NAMED} more" if len(missing) > _MOST_NAMED else ""
        st.caption(f"Still to be chosen: {plain(', '.join(missing[:_MOST_NAMED]))}{more}.")
    elif named:
        st.caption(f"{count(len(named), 'picture')} of the table {'is' if len(named) == 1 else 'are'} here.")


def with_pictures(text: str, key: str) -> str:
    """The table with the SHA-256 of each chosen picture where its name stands."""
    return put_in(text, _chosen(key))


def put_in(text: str, here: Mapping[str, str]) -> str:
    """`here` has SHA-256 by name in small letters; any other cell of the table stays as it is."""
    table = read_table(text)
    place = _place(table)
    if place is None or not here:
        return text
    for row in table[1:]:
        if len(row) > place:
            row[place] = here.get(row[place].strip().casefold(), row[place])
    written = io.StringIO()
    csv.writer(written, delimiter=_delimiter(text), lineterminator="\n").writerows(table)
    return written.getvalue()


def _chosen(key: str) -> Mapping[str, str]:
    """SHA-256 by name, in small letters, of what is in the field now and was kept."""
    kept: Mapping[str, KeptFile] = st.session_state.get(f"{key}-pictures-kept", {})
    uploads = st.session_state.get(f"{key}-pictures") or []
    return {one.name.casefold(): kept[one.file_id].sha256 for one in uploads if one.file_id in kept}


def _named(table: list[list[str]]) -> list[str] | None:
    """Names of files in the column, each once; None without the column."""
    place = _place(table)
    if place is None:
        return None
    cells = (row[place].strip() for row in table[1:] if len(row) > place)
    return list(dict.fromkeys(cell for cell in cells if cell and not _DIGEST.fullmatch(cell)))


def _place(table: list[list[str]]) -> int | None:
    heading = [one.strip().casefold() for one in table[0]] if table else []
    return heading.index(_COLUMN) if _COLUMN in heading else None


def _delimiter(text: str) -> str:
    heading = text.lstrip("\ufeff").lstrip().split("\n", 1)[0]
    return max(",;\t", key=heading.count)
