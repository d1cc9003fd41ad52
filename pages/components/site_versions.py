"""A site's versions and where each was published: back to an earlier one, or the same once more."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

import streamlit as st

from core.actor import Role
from core.websites.rules import UNDER_WAY, DeploymentState
from core.websites.views import SiteView, VersionView
from pages.components.dialogs import dialog_is_open
from pages.components.page import Screen, perform
from pages.components.row_table import Cell, Column, Row, row_table
from pages.components.site_words import deployment_words, site_state, target_words
from pages.components.words import ago, count, moment, plain

PLACE = "site"
LOOK_EVERY_SECONDS = 1.0
_ASKED = "deployment asked for"
_COLUMNS = (
    Column("What", wide=True), Column("State"), Column("Served by"), Column("By"), Column("When"), Column("Problem"),
)  # fmt: skip


def site_versions(screen: Screen, view: SiteView) -> None:
    _progress(screen, view)
    for version in view.versions:
        _version(screen, view, version)
    if view.deployments:
        st.subheader("Where it was published", anchor=False)
        row_table(_COLUMNS, _deployments(screen, view), label="Deployments", key="deployments", on_open=None)


def _version(screen: Screen, view: SiteView, version: VersionView) -> None:
    published = {one.version_id for one in view.deployments if one.state is not DeploymentState.FAILED}
    with st.container(border=True, key=f"version-{version.number}", horizontal=True, vertical_alignment="center"):
        with st.container(width="stretch"):
            live = " :green-badge[Live]" if version.is_live else ""
            st.markdown(f"**Version {version.number:,}**{live}")
            st.caption(
                plain(f"{count(len(version.pages), 'page')}, {count(version.files, 'file')}, {version.size / 1e6:,.1f} MB, built "
                      f"{ago(version.created_at, screen.app.clock.now())} · version approved {version.digest[:12]}"),
                help=f"{moment(version.created_at, screen.zone)}. SHA-256 of all its files: {version.digest}",
            )  # fmt: skip
        if screen.actor.has(Role.OPERATOR, Role.ADMIN) and version.id in published:
            st.button(
                "Publish again" if version.is_live else "Go back to this", key=f"again-{version.number}",
                icon=":material/replay:" if version.is_live else ":material/undo:",
                on_click=_publish, args=(screen, view.summary.id, version),
                help="Only versions that were published before: what is new goes through its run and its review.",
            )  # fmt: skip


def _publish(screen: Screen, site_id: UUID, version: VersionView) -> None:
    done = perform(lambda actor: screen.app.sites.redeploy(actor, site_id, version.id), place=PLACE)
    if done is not None:
        st.session_state[_ASKED] = done.id


def _progress(screen: Screen, view: SiteView) -> None:
    """What was asked for here, told when it is over; until then the page looks by itself."""
    going = [one for one in view.deployments if one.state in UNDER_WAY]
    asked = next((one for one in view.deployments if one.id == st.session_state.get(_ASKED)), None)
    if asked is not None and asked.state not in UNDER_WAY:
        del st.session_state[_ASKED]
        if asked.state is DeploymentState.LIVE:
            st.success(plain(f"Version {asked.version_number:,} answers at {asked.address}."), icon=":material/check:")
        else:
            said = asked.error or "It was not published; the version before answers as it did."
            st.error(plain(said), icon=":material/error:")
    if not going:
        return
    for one in reversed(going):
        behind = " after the one before it" if one.state is DeploymentState.WAITING and one is not going[-1] else ""
        st.info(
            plain(f"Version {one.version_number:,} is being published{behind}, asked for by {one.by} "
                  f"{ago(one.begun_at, screen.app.clock.now())}."),
            icon=":material/progress_activity:",
        )  # fmt: skip
    st.fragment(_look, run_every=LOOK_EVERY_SECONDS)(screen, view.summary.id, {one.id: one.state for one in going})


def _look(screen: Screen, site_id: UUID, drawn: Mapping[UUID, DeploymentState]) -> None:
    if dialog_is_open():
        return
    if any(screen.app.sites_queries.state_of(one) is not state for one, state in drawn.items()):
        st.rerun()


def _deployments(screen: Screen, view: SiteView) -> list[Row]:
    rows = []
    for one in view.deployments:
        word, tone = site_state(one.state)
        cells = (
            Cell(deployment_words(one.kind, one.version_number), one.address), Cell(word, "", tone),
            Cell(target_words(one.target)), Cell(one.by),
            Cell(ago(one.begun_at, screen.app.clock.now()), moment(one.begun_at, screen.zone)), Cell(one.error),
        )  # fmt: skip
        rows.append(Row(str(one.id), cells, one.address or f"/sites?site={view.summary.id}&view=Versions"))
    return rows
