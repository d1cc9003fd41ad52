"""A table that is pasted as CSV, or taken from a file and then edited like what was pasted."""

from __future__ import annotations

import streamlit as st

from core.catalog.inputs import MOST_TEXT
from core.websites.tables_of_text import cells_of
from pages.components.files_field import Keep
from pages.components.table_pictures import pictures_field, with_chosen_pictures
from pages.components.upload_role import name_drop_zones
from pages.components.words import count, plain

_ROWS_SHOWN = 5


def table_field(
    label: str,
    hint: str | None,
    example: str | None,
    key: str,
    keep: Keep | None,
    default: str = "",
    most: int = MOST_TEXT,
) -> None:
    """Draws a place for a file above the text; what is in the text counts, and its first rows are shown as they are read.

    Below it a place for pictures, while the table names some; `keep` keeps them, and is None for those who may not.
    """
    st.file_uploader(
        f"{label.removesuffix(' *')}, from a file", type=["csv", "txt"], key=f"{key}-file", max_upload_size=1, help=hint,
        on_change=_take, args=(key, most),
    )  # fmt: skip
    name_drop_zones(key=f"{key}-zone")
    st.session_state.setdefault(key, default)  # and not the field's own default: a file sets it too
    problem = st.session_state.get(f"{key}-problem")
    if problem:
        st.error(plain(problem), icon=":material/error:")
    typed = st.text_area(label, key=key, help=hint, placeholder=example, max_chars=most, height=180)
    rows = _rows(typed or "")
    if len(rows) > 1:
        head, body = rows[0], rows[1:]
        width = len(head)
        st.caption(f"{count(len(body), 'row')} below the names of the columns.")
        shown = [dict(zip(head, (*row, *[""] * width), strict=False)) for row in body[:_ROWS_SHOWN]]
        st.dataframe(shown, hide_index=True, width="stretch")  # plain text: a table would read Markdown
    pictures_field(rows, key, keep)


def table_text(key: str) -> str:
    """What the field holds, pictures by their SHA-256."""
    return with_chosen_pictures(st.session_state.get(key) or "", key)


def _take(key: str, most: int) -> None:
    """The file's text becomes what is typed."""
    st.session_state.pop(f"{key}-problem", None)
    upload = st.session_state.get(f"{key}-file")
    if upload is None:
        return
    try:
        text = upload.getvalue().decode("utf-8-sig")
    except UnicodeDecodeError:
        st.session_state[f"{key}-problem"] = (
            "This file is not UTF-8. Save the table as CSV UTF-8, then choose it again."
        )
        return
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if len(text) > most or "\0" in text:
        st.session_state[f"{key}-problem"] = (
            f"This file has more than {most:,} characters. Leave out rows, then choose it again."
            if len(text) > most
            else "This file is no text. Save the table as CSV UTF-8, then choose it again."
        )
        return
    st.session_state[key] = text


def _rows(text: str) -> list[list[str]]:
    """As far as they can be shown; what is wrong with them is said when the form is sent."""
    found = cells_of(text)
    return found if found and len(set(found[0])) == len(found[0]) and all(found[0]) else []
