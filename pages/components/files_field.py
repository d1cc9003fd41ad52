"""Files that an operation sends: those named so far, new ones, kept as soon as they are chosen, and looking into them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import streamlit as st

from core.connectors.plan import Plan
from core.files.contents import ENDINGS
from core.files.rules import MOST_FILE_BYTES
from core.files.service import KeptFile
from pages.components.page import Screen, perform
from pages.components.words import plain

Keep = Callable[[str, bytes], KeptFile | None]
"""Keeps a file; None if it was refused, and the reason is said where the form's button is."""


def keeping(screen: Screen, *, place: str) -> Keep:
    return lambda name, data: perform(lambda actor: screen.app.files.keep(actor, name, data), place=place)


def files_field(
    label: str, given: Sequence[Mapping[str, Any]], key: str, hint: str | None, keep: Keep
) -> tuple[list[dict[str, Any]], str | None]:
    """The files as the operation names them, and what is wrong, if anything."""
    named = {str(one["name"]): dict(one) for one in given}
    stay = named
    if named:
        chosen = st.multiselect(f"{label} so far", list(named), list(named), key=f"{key}-so-far")
        stay = {name: named[name] for name in chosen}
    uploads = st.file_uploader(
        label, type=[ending[1:] for ending in ENDINGS], accept_multiple_files=True, key=key, help=hint,
        max_upload_size=MOST_FILE_BYTES // 1_000_000,
    )  # fmt: skip
    kept: dict[str, KeptFile] = st.session_state.setdefault(f"{key}-kept", {})
    found, refused = dict(stay), []
    for upload in uploads:
        if upload.file_id not in kept:
            made = keep(upload.name, upload.getvalue())
            if made is None:
                refused.append(upload.name)
                continue
            kept[upload.file_id] = made
        one = kept[upload.file_id]
        found[one.name] = {"name": one.name, "sha256": one.sha256}
    problem = f"{', '.join(refused)} was not taken; the reason stands at the button." if refused else None
    return list(found.values()), plain(problem) if problem else None


def offer_files(screen: Screen, plan: Plan, *, key: str) -> None:
    """A button for each file that the plan sends, so that whoever decides can look into it."""
    files = plan.request.get("attachments") or ()
    if not files:
        return
    with st.container(horizontal=True, gap="small"):
        for number, one in enumerate(files):
            name, sha256 = str(one["name"]), str(one["sha256"])
            st.download_button(
                plain(name), icon=":material/download:", type="tertiary", file_name=name,
                data=partial(_bytes, screen, sha256), mime="application/octet-stream",
                key=f"{key}-file-{number}", on_click="ignore",
            )  # fmt: skip


def _bytes(screen: Screen, sha256: str) -> bytes:
    """Read when the button is pressed."""
    return screen.app.files_queries.content(screen.actor, sha256).data
