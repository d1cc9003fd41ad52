"""The form that logs an outcome: what was measured, in which unit, with which proof, and what it will count as."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from core.catalog.currencies import currencies, currency_of
from core.executions.queries import RunRow
from core.identifiers import new_id
from core.outcomes.proofs import ACCEPTED
from core.outcomes.rules import CUSTOMER_UNIT, MOST_NOTE, MOST_UNIT, TIME_UNITS, MetricType, ProofType
from pages.components.page import Screen, perform, show_messages
from pages.components.upload_role import name_drop_zones
from pages.components.words import moment, number, plain, sentence

FORM = "outcome-form"
LOGGED = "_outcome_logged"
_ID = "_outcome_id"
_COMMON = ("USD", "EUR", "INR", "GBP", "NGN", "BRL", "PKR", "BDT", "IDR", "PHP")
_METRICS = {
    MetricType.REVENUE: "Revenue",
    MetricType.TIME_SAVED: "Time saved",
    MetricType.CUSTOMERS: "Customers",
    MetricType.CUSTOM: "Other",
}
_PROOFS = (ProofType.SCREENSHOT, ProofType.INVOICE, ProofType.TEXT)


def outcome_form(screen: Screen, runs: Sequence[RunRow], chosen: UUID | None) -> None:
    """Draws the form for one of the person's runs; nothing typed is lost when the service refuses."""
    outcome_id: UUID = st.session_state.setdefault(_ID, new_id())
    key = f"outcome-{outcome_id}"
    titles = {run.id: f"{run.title} · {moment(run.created_at, screen.zone)}" for run in runs}
    first = list(titles).index(chosen) if chosen in titles else 0
    run_id = st.selectbox("Run", list(titles), index=first, format_func=titles.__getitem__, key=f"{key}-run")
    metric = st.segmented_control(
        "What did it bring?", list(MetricType), default=MetricType.REVENUE, required=True,
        format_func=_METRICS.__getitem__, key=f"{key}-metric",
    )  # fmt: skip
    metric = MetricType(metric or MetricType.REVENUE)
    left, right = st.columns([3, 2])
    value = left.text_input("Value", key=f"{key}-value", placeholder="120.50", max_chars=24)
    with right:
        unit = _unit(screen, metric, f"{key}-{metric.value}-unit")
    note = st.text_area("Note", key=f"{key}-note", max_chars=MOST_NOTE, height=80, placeholder="Where it came from")
    files = proof_field(key)
    proof_type = _proof_type(files, key)
    show_messages(FORM)
    st.caption(
        "Counts as **measured** when you log it, and as **proven** when somebody else has verified the proof."
        if files
        else "Counts as **measured** when you log it. With a proof it can become **proven**; you can add one later."
    )

    def log() -> None:
        uploads = [(file.name, file.getvalue()) for file in files]
        logged = perform(
            lambda actor: screen.app.outcomes.log(
                actor, run_id, metric_type=metric, value=value, unit=unit, note=note,
                uploads=uploads, proof_type=proof_type, outcome_id=outcome_id,
            ),
            done="Outcome logged.", place=FORM,
        )  # fmt: skip
        if logged is not None:
            st.session_state.pop(_ID, None)
            st.session_state[LOGGED] = True

    st.button("Log outcome", type="primary", icon=":material/check:", key="log-outcome", on_click=log)


def proof_field(key: str) -> list[UploadedFile]:
    """The drop zone and a preview of each file; a file is removed by the cross beside its name."""
    files: list[UploadedFile] = st.file_uploader(
        "Proof", type=list(ACCEPTED), accept_multiple_files=True, key=f"{key}-proof", max_upload_size=5,
        help="Screenshot, invoice or text; up to 5 files of at most 5 MB. Only you and reviewers can open them.",
    )  # fmt: skip
    name_drop_zones(key=f"{key}-zones")
    for file in files:
        _preview(file.name, file.getvalue())
    return files


def size_words(size: int) -> str:
    return f"{number(size / 1024 / 1024)} MB" if size >= 1024 * 1024 else f"{max(1, round(size / 1024))} kB"


def _preview(name: str, data: bytes) -> None:
    with st.container(border=True, horizontal=True, vertical_alignment="center", gap="small"):
        ending = name.lower().rsplit(".", 1)[-1]
        if ending in {"png", "jpg", "jpeg", "webp", "gif"}:
            _picture(name, data)
        st.markdown(f"**{plain(name)}**  \n:gray[{size_words(len(data))}]", width="stretch")
        if ending == "txt":
            st.text(data[:200].decode("utf-8", errors="replace"), width="stretch")


def _picture(name: str, data: bytes) -> None:
    try:
        st.image(data, width=120)
    except Exception:  # Pillow raises whatever a broken picture leads it into; the service says the same when logging
        st.markdown(f":material/broken_image: {plain(name)} cannot be shown.")


def _unit(screen: Screen, metric: MetricType, key: str) -> str:
    match metric:
        case MetricType.REVENUE:
            codes = [*_COMMON, *sorted(currencies() - set(_COMMON))]
            own = _own_currency(screen)
            return st.selectbox("Currency", codes, index=codes.index(own) if own in codes else 0, key=key)
        case MetricType.TIME_SAVED:
            return st.selectbox("Unit", TIME_UNITS, index=1, key=key)
        case MetricType.CUSTOMERS:
            return st.text_input("Unit", CUSTOMER_UNIT, disabled=True, key=key)
        case MetricType.CUSTOM:
            return st.text_input("Unit", key=key, max_chars=MOST_UNIT, placeholder="listings")


def _own_currency(screen: Screen) -> str | None:
    user_id = screen.actor.user_id
    profile = screen.app.identity_queries.profile(user_id) if user_id else None
    return currency_of(profile.country) if profile else None


def _proof_type(files: Sequence[UploadedFile], key: str) -> ProofType | None:
    if not files:
        return None
    likely = ProofType.TEXT if all(file.name.lower().endswith(".txt") for file in files) else ProofType.SCREENSHOT
    if any(file.name.lower().endswith(".pdf") for file in files):
        likely = ProofType.INVOICE
    chosen: Any = st.segmented_control(
        "Kind of proof", _PROOFS, default=likely, required=True, format_func=lambda one: sentence(one.value),
        key=f"{key}-kind-{likely}",
    )  # fmt: skip
    return ProofType(chosen) if chosen else None
