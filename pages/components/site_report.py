"""What was measured of a site, each criterion with what it rests on; what was not checked never looks passed."""

from __future__ import annotations

import streamlit as st

from core.errors import NotFound
from core.websites.rules import CheckState
from core.websites.views import CheckView, SiteView
from pages.components.empty import empty_state
from pages.components.page import Screen
from pages.components.site_words import CHECKS, check_title
from pages.components.words import ago, count, plain

_SHOWN = 20


def site_report(screen: Screen, view: SiteView) -> None:
    if not view.report:
        empty_state(
            "Nothing is measured yet. The run measures the site at its last step.", icon=":material/fact_check:"
        )
        return
    number = {state: sum(one.state is state for one in view.report) for state in CheckState}
    measured = max(one.measured_at for one in view.report)
    st.markdown(
        f"**{number[CheckState.PASS]:,} passed**, {number[CheckState.FAIL]:,} failed, "
        f"{number[CheckState.NOT_CHECKED]:,} not checked, measured {ago(measured, screen.app.clock.now())}."
    )
    for one in sorted(view.report, key=lambda one: list(_FIRST).index(one.state)):
        _check(screen, view, one)


_FIRST = (CheckState.FAIL, CheckState.NOT_CHECKED, CheckState.PASS)


def _check(screen: Screen, view: SiteView, check: CheckView) -> None:
    icon, word = CHECKS[check.state]
    with st.container(border=True, key=f"check-{check.name}"):
        st.markdown(f"{icon} **{plain(check_title(check.name))}** · {word}")
        st.caption(plain(check.evidence))
        for finding in check.findings[:_SHOWN]:
            st.markdown(f"- {plain(finding)}")
        if len(check.findings) > _SHOWN:
            st.caption(f"And {count(len(check.findings) - _SHOWN, 'more finding')}.")
        if check.has_picture:
            with st.expander("Picture", icon=":material/image:"):
                _picture(screen, view, check)


def _picture(screen: Screen, view: SiteView, check: CheckView) -> None:
    try:
        data = screen.app.sites_queries.picture(screen.actor, view.summary.id, check.version_id, check.name)
    except NotFound:
        st.caption("This picture is not kept any more.")
        return
    st.image(data, alt=f"{check_title(check.name)}: {view.summary.name}")
