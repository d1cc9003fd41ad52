"""What a voter's council looks at, to be ticked one by one beside a ballot, and what was ticked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st

from core.decisions.checklist import Finding
from core.decisions.views import DecisionView
from pages.components.words import count, plain

FINDINGS: Mapping[Finding, str] = {
    Finding.MET: "Met",
    Finding.NOT_MET: "Not met",
    Finding.NOT_APPLICABLE: "Does not apply",
}


def criteria_of(decision: DecisionView) -> list[str]:
    """What the voter looks at: the criteria of every panel where their seat sits, each once."""
    return list(dict.fromkeys(one for panel in decision.panels if panel.mine for one in panel.criteria))


def show_checklist(criteria: Sequence[str], mark: str) -> None:
    if not criteria:
        return
    answered = sum(bool(st.session_state.get(f"criterion-{mark}-{place}")) for place in range(len(criteria)))
    st.markdown(
        f"**What your council looks at** :gray[· {answered} of {count(len(criteria), 'criterion', 'criteria')}]"
    )
    for place, criterion in enumerate(criteria):
        st.segmented_control(
            plain(criterion), list(Finding), format_func=FINDINGS.__getitem__, key=f"criterion-{mark}-{place}"
        )


def ticked(criteria: Sequence[str], mark: str) -> dict[str, str]:
    """{criterion: finding}, of those that were answered."""
    return {
        criterion: Finding(said).value
        for place, criterion in enumerate(criteria)
        if (said := st.session_state.get(f"criterion-{mark}-{place}"))
    }
