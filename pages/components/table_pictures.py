"""Pictures that a table names as people do, by the names of their files: kept when they are chosen, put in by their SHA-256."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from core.files.rules import MOST_FILE_BYTES
from core.files.service import KeptFile
from core.websites.tables_of_text import pictures_named, with_pictures
from pages.components.files_field import PICTURES, Keep
from pages.components.words import count, plain

_MOST_NAMED = 5


def pictures_field(table: list[list[str]], key: str, keep: Keep | None) -> None:
    """A place for the files that the table names, while it names pictures; `keep` is None for those who may not."""
    named = pictures_named(table)
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


def with_chosen_pictures(text: str, key: str) -> str:
    """The table as it is sent: what was chosen stands in it by its SHA-256."""
    return with_pictures(text, _chosen(key))


def _chosen(key: str) -> Mapping[str, str]:
    """SHA-256 by name, in small letters, of what is in the field now and was kept."""
    kept: Mapping[str, KeptFile] = st.session_state.get(f"{key}-pictures-kept", {})
    uploads = st.session_state.get(f"{key}-pictures") or []
    return {one.name.casefold(): kept[one.file_id].sha256 for one in uploads if one.file_id in kept}
