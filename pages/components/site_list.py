"""Every site with its address and how it is, newest first."""

from __future__ import annotations

import streamlit as st

from core.actor import Role
from core.websites.views import SitePage, SiteSummary
from pages.components.empty import empty_state
from pages.components.older import older_pages, page_of
from pages.components.page import Screen
from pages.components.row_table import Cell, Column, Row, row_table
from pages.components.site_words import site_state, target_words
from pages.components.words import ago, count, moment, plain

PER_PAGE = 20
_COLUMNS = (
    Column("Site", wide=True), Column("Address"), Column("State"), Column("Served by"), Column("Versions", number=True),
    Column("Messages", number=True), Column("Begun"),
)  # fmt: skip


def site_list(screen: Screen) -> None:
    page = _page(screen)
    live = sum(one.address is not None for one in page.rows)
    st.markdown(
        plain(_lead(page.total, live, len(page.rows)) if page.total
              else "A site is made by a workflow: from a form to a published, measured address.")
    )  # fmt: skip
    if not page.rows:
        may_start = screen.actor.has(Role.OPERATOR, Role.ADMIN)
        empty_state(
            "No site yet. Start the workflow “Basic website”: it asks for a name, a description and an e-mail address.",
            icon=":material/language:", page="pages/workflows.py" if may_start else None, label="See workflows",
        )  # fmt: skip
        return
    row_table(_COLUMNS, [_row(screen, one) for one in page.rows], label="Sites", key="sites", on_open=_open)
    older_pages(page.next_cursor)


def _lead(total: int, live: int, shown: int) -> str:
    where = "" if shown == total else " of those shown"
    return f"{count(total, 'site')}, {'all' if live == shown == total and total > 1 else f'{live:,}'}{where} published."


def _row(screen: Screen, site: SiteSummary) -> Row:
    word, tone = site_state(site.state)
    cells = (
        Cell(site.name, site.slug), Cell(site.address or "–"), Cell(word, "", tone),
        Cell(target_words(site.target) if site.address else "–"), Cell(f"{site.versions:,}"), Cell(f"{site.messages:,}"),
        Cell(ago(site.created_at, screen.app.clock.now()), moment(site.created_at, screen.zone)),
    )  # fmt: skip
    return Row(str(site.id), cells, f"/sites?site={site.id}")


def _page(screen: Screen) -> SitePage:
    return page_of(lambda cursor: screen.app.sites_queries.page(screen.actor, cursor=cursor, limit=PER_PAGE))


def _open(site_id: str) -> None:
    st.query_params["site"] = site_id
