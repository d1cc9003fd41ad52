"""What a run measured of its site: a line for each criterion, what it rests on, and the addresses that answered."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from core.websites.rules import CheckState
from pages.components.site_words import CHECKS
from pages.components.words import count, plain

_SHOWN = 20


def is_measured(content: Any) -> bool:
    """Whether it is such a report: definitions of others may name a document the same."""
    results = content.get("results") if isinstance(content, Mapping) else None
    states = set(CheckState)
    return isinstance(results, list) and all(isinstance(one, Mapping) and one.get("state") in states for one in results)


def measured(report: Mapping[str, Any]) -> None:
    """As the document `site_report` has it; its file has every word."""
    st.markdown(plain(f"{report.get('summary', '')} Version {report.get('number', '–')} of the site was measured."))
    for one in report.get("results") or ():
        _check(one)
    pages = [str(one) for one in report.get("pages") or ()]
    if pages:
        with st.expander(f"{count(len(pages), 'page')} answered", icon=":material/link:"):
            for address in pages[:_SHOWN]:
                st.markdown(plain(address))
            if len(pages) > _SHOWN:
                st.caption(f"And {len(pages) - _SHOWN:,} more, in the file.")


def _check(one: Mapping[str, Any]) -> None:
    icon, word = CHECKS[CheckState(one["state"])]
    asked = "" if one.get("required") else " · not required"
    with st.container(gap=None):
        st.markdown(f"{icon} **{plain(str(one.get('title', '')))}** · {word}{asked}")
        st.caption(plain(str(one.get("evidence") or "")))
    for finding in (one.get("findings") or ())[:_SHOWN]:
        st.markdown(f"- {plain(str(finding))}")
