"""A site's versions and where each was published: back to an earlier one, or the same once more."""

from __future__ import annotations

from uuid import UUID

import streamlit as st

from core.actor import Role
from core.websites.hosting import Deployment
from core.websites.queries import SiteView, VersionView
from core.websites.rules import DeploymentState
from pages.components.page import Screen, perform, say
from pages.components.row_table import Cell, Column, Row, row_table
from pages.components.site_words import deployment_words, site_state, target_words
from pages.components.words import ago, count, moment, plain

PLACE = "site"
_COLUMNS = (
    Column("What", wide=True), Column("State"), Column("Served by"), Column("By"), Column("When"), Column("Problem"),
)  # fmt: skip


def site_versions(screen: Screen, view: SiteView) -> None:
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
        _tell(done, version.number)


def _tell(done: Deployment, number: int) -> None:
    if done.state is DeploymentState.LIVE:
        say("done", f"Version {number:,} answers at {done.address}.", place=PLACE)
    else:
        say("error", done.error or "It was not published; the version before answers as it did.", place=PLACE)


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
