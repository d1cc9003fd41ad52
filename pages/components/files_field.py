"""Files that an operation sends: those named so far, new ones, kept as soon as they are chosen, and looking into them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import streamlit as st

from core.connectors.plan import Plan
from core.errors import CountersignError
from core.files.contents import ENDINGS
from core.files.rules import MOST_FILE_BYTES
from core.files.service import KeptFile
from pages.components.page import Screen, perform
from pages.components.upload_role import name_drop_zones
from pages.components.words import plain

PICTURES = ["jpg", "jpeg", "png"]

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
    name_drop_zones(key=f"{key}-zone")
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


def picture_field(
    label: str, given: Mapping[str, Any], key: str, keep: Keep
) -> tuple[dict[str, Any] | None, str | None]:
    """One picture with what it shows, uploaded or at a public address; None where there is none."""
    upload = st.file_uploader(
        label, type=PICTURES, key=key, help="JPEG or PNG. Each network has a limit of its own.",
        max_upload_size=MOST_FILE_BYTES // 1_000_000,
    )  # fmt: skip
    name_drop_zones(key=f"{key}-zone")
    stays = bool(given.get("sha256")) and st.checkbox("Keep the picture it has", value=True, key=f"{key}-stays")
    url = st.text_input(
        "Or the picture's public address", str(given.get("url") or ""), key=f"{key}-url",
        help="Instagram fetches it from there; the other networks take an upload.",
    )  # fmt: skip
    alt = st.text_input(
        "What the picture shows", str(given.get("alt_text") or ""), key=f"{key}-alt", max_chars=5_000,
        help="Read out to those who cannot see it.",
    )  # fmt: skip
    said = {"alt_text": alt} if alt else {}
    if upload is not None:
        kept: dict[str, KeptFile] = st.session_state.setdefault(f"{key}-kept", {})
        if upload.file_id not in kept:
            made = keep(upload.name, upload.getvalue())
            if made is None:
                return None, plain(f"{upload.name} was not taken; the reason stands at the button.")
            kept[upload.file_id] = made
        return {"sha256": kept[upload.file_id].sha256, **said}, None
    if url:
        return {"url": url, **said}, None
    return ({"sha256": given["sha256"], **said}, None) if stays else (None, None)


def offer_files(screen: Screen, plan: Plan, *, key: str) -> None:
    """The picture that the plan publishes, and a button for each file that it sends: whoever decides can look at it."""
    picture = plan.request.get("media")
    if isinstance(picture, Mapping) and picture.get("sha256"):
        _show_picture(screen, str(picture["sha256"]), str(picture.get("alt_text") or ""))
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


def _show_picture(screen: Screen, sha256: str, alt: str) -> None:
    try:
        said = plain(alt) if alt else "No description of it is published."
        st.image(_bytes(screen, sha256), caption=said, alt=alt or "The picture that is published", width=360)
    except CountersignError as problem:
        st.warning(plain(str(problem)), icon=":material/broken_image:")


def _bytes(screen: Screen, sha256: str) -> bytes:
    """Read when the button is pressed."""
    return screen.app.files_queries.content(screen.actor, sha256).data
