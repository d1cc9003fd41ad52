"""Outcomes in a list: the figure, where it came from, its proofs, and how its review stands."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import streamlit as st

from core.errors import CountersignError
from core.outcomes.queries import OutcomeRow, ProofRow
from core.outcomes.rules import MOST_NOTE, AlreadyReviewed, ProofType, ReviewState
from pages.components.outcome_form import proof_field, size_words
from pages.components.page import Screen, carried_out, show_messages
from pages.components.status import state_badge
from pages.components.words import ago, plain, quantity, sentence


def outcome_list(screen: Screen, rows: Sequence[OutcomeRow], *, reviewing: bool = False) -> None:
    """One block an outcome; with `reviewing` the proof is open and the verdict is one click."""
    for row in rows:
        with st.container(border=True, key=f"outcome-{row.id}"):
            _head(screen, row)
            if row.note:
                st.markdown(plain(row.note))
            if reviewing:
                _pictures(screen, row)
            if row.review_state is not ReviewState.PENDING:
                reason = f": {plain(row.review_reason)}" if row.review_reason else ""
                st.caption(f"{sentence(row.review_state.value)} by {plain(row.reviewed_by or 'a reviewer')}{reason}")
            with st.container(horizontal=True, gap="medium", vertical_alignment="center"):
                _proofs(screen, row)
                if row.mine and row.review_state is not ReviewState.VERIFIED:
                    _more_proof(screen, row)
            if reviewing and row.reviewable:
                _verdict(screen, row)


def _head(screen: Screen, row: OutcomeRow) -> None:
    who = "" if row.mine else f"{plain(row.author_name or 'an agent')}, "
    when = ago(row.logged_at, screen.app.clock.now())
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        st.markdown(
            f"**{plain(quantity(row.value, row.unit))}**  \n"
            f":gray[{sentence(row.metric_type.value)} · {plain(row.workflow_title)} · {who}{when}]",
            width="stretch",
        )
        waits = row.review_state is ReviewState.PENDING
        without = waits and row.proof_type is ProofType.NONE
        words = "Measured, no proof" if without else "Waits for review" if waits else None
        state_badge(row.review_state.value, words=words)


def _proofs(screen: Screen, row: OutcomeRow) -> None:
    for proof in row.proofs:
        st.download_button(
            f"{plain(proof.name)} · {size_words(proof.size)}", icon=":material/download:", type="tertiary",
            data=partial(_bytes, screen, proof), file_name=proof.name, mime=proof.content_type,
            key=f"proof-{proof.id}", on_click="ignore",
        )  # fmt: skip


def _pictures(screen: Screen, row: OutcomeRow) -> None:
    for proof in row.proofs:
        if proof.content_type.startswith("image/"):
            _picture(screen, proof)


def _bytes(screen: Screen, proof: ProofRow) -> bytes:
    return screen.app.outcomes_queries.proof(screen.actor, proof.id).data


def _picture(screen: Screen, proof: ProofRow) -> None:
    try:
        st.image(_bytes(screen, proof), width=480, caption=plain(proof.name))
    except CountersignError as refusal:
        st.warning(plain(str(refusal)), icon=":material/broken_image:")


def _verdict(screen: Screen, row: OutcomeRow) -> None:
    with st.container(horizontal=True, gap="small"):
        st.button(
            "Verify", icon=":material/verified:", type="primary", key=f"verify-{row.id}",
            disabled=row.proof_type is ProofType.NONE, on_click=_verify, args=(screen, row),
        )  # fmt: skip
        if st.button("Reject…", icon=":material/close:", key=f"reject-{row.id}"):
            _reject_dialog(screen, row)


def _verify(screen: Screen, row: OutcomeRow) -> None:
    carried_out(
        lambda actor: screen.app.outcomes.review(actor, row.id, ReviewState.VERIFIED),
        done="Verified. It counts as proven now.", gently=(AlreadyReviewed,),
    )  # fmt: skip


@st.dialog("Reject this outcome")
def _reject_dialog(screen: Screen, row: OutcomeRow) -> None:
    st.write(f"{plain(quantity(row.value, row.unit))} from {plain(row.author_name or 'an agent')}")
    reason = st.text_area("Reason", key=f"why-{row.id}", max_chars=MOST_NOTE, help="The author reads it.")
    if st.button("Reject", type="primary", key="confirm-reject"):
        if carried_out(
            lambda actor: screen.app.outcomes.review(actor, row.id, ReviewState.REJECTED, reason), place="dialog"
        ):
            st.rerun()
        show_messages("dialog")


def _more_proof(screen: Screen, row: OutcomeRow) -> None:
    if st.button("Add proof…", icon=":material/attach_file:", type="tertiary", key=f"add-{row.id}"):
        _proof_dialog(screen, row)


@st.dialog("Add proof")
def _proof_dialog(screen: Screen, row: OutcomeRow) -> None:
    st.write(f"For {plain(quantity(row.value, row.unit))}. It then waits for a review by somebody else.")
    files = proof_field(f"more-{row.id}")
    if st.button("Add", type="primary", key="confirm-proof", disabled=not files):
        uploads = [(file.name, file.getvalue()) for file in files]
        if carried_out(
            lambda actor: screen.app.outcomes.add_proof(actor, row.id, uploads), done="Proof added.", place="dialog"
        ):
            st.rerun()
        show_messages("dialog")
