"""Scheduled posts in the browser: from a table to receipts, past a council's vote and an approval of each card."""

from __future__ import annotations

from urllib.parse import quote
from uuid import UUID

import httpx2
import pytest
from playwright.sync_api import Browser, Page, expect

from core.actor import Role, Tier
from core.decisions.councils import Terms
from core.decisions.policy import Policy, Rule
from core.identity.rules import Scope
from tests.browser.conftest import DESKTOP, settle
from tests.browser.test_connectors import RUNNING, Live, approve
from tests.browser.test_connectors import live as live  # the fixture: an installation that executes for real
from tests.browser.test_sites import PATIENCE, begun, typed
from tests.conftest import PASSWORD
from tests.waiting import until

TABLE = """at,network,text,link
2026-01-05T09:00Z,mastodon,The oven is hot,https://example.com/oven
2026-01-05T10:00Z,mastodon,Half price for all,https://example.com/half"""


def signed_in(browser: Browser, live: Live, name: str, role: Role) -> Page:
    email = f"{name.lower()}.posts@example.com"
    live.inside.identity.add_user(
        live.admin, email=email, name=name, password=PASSWORD, roles=frozenset({role}), tier=Tier.SCALE
    )
    page = browser.new_context(viewport=DESKTOP).new_page()
    page.goto(f"{live.url}/auth/sign-in?next={quote('/', safe='')}")
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(lambda url: "/auth/" not in url)
    return page


@pytest.mark.timeout(240)
def test_approved_posts_of_a_table_go_to_where_they_stand_and_rejected_ones_nowhere(
    browser: Browser, live: Live
) -> None:
    author, member = (signed_in(browser, live, *one) for one in (("Ravi", Role.OPERATOR), ("Mira", Role.COUNCIL)))
    seat = live.inside.identity_queries.people(text="mira.posts@example.com")[0][0].user.id
    terms = Terms("Posts council", Policy(council="posts", rule=Rule.MAJORITY), domains=("media",))
    live.inside.councils.create(live.admin, "posts", terms, [seat])
    with RUNNING["mastodon"]() as counterpart:
        live.connect(counterpart, "our-mastodon")
        begun(author, "content.schedule_social_posts")
        typed(author, {"Posts *": TABLE})
        author.get_by_role("button", name="Start", exact=True).click()
        author.wait_for_url("**/runs?run=*", timeout=PATIENCE)

        member.goto(author.url)
        member.get_by_text("The oven is hot").first.wait_for(timeout=PATIENCE)
        settle(member)
        member.get_by_text("Met", exact=True).first.click()
        settle(member)
        member.get_by_role("button", name="Approve").click()
        member.get_by_text("Your vote is counted").first.wait_for(timeout=PATIENCE)
        assert counterpart.effects() == 0

        def card(text: str) -> UUID | None:
            rows = live.inside.actions_queries.inbox(live.admin).rows
            return next((one.id for one in rows if text in one.title), None)

        refused = until(lambda: card("Half price"), seconds=60, what="the card of the other post")
        live.inside.actions.reject(live.admin, refused, "There is no sale.")
        approve(live, until(lambda: card("The oven is hot"), seconds=60, what="the card of the post"))
        expect(author.get_by_text("Completed", exact=True).first).to_be_visible(timeout=PATIENCE)
        assert counterpart.effects() == 1

        token = live.inside.tokens.issue_token(live.admin, label="posts", scopes=frozenset(Scope))
        run = author.url.partition("run=")[2].partition("&")[0]
        told = httpx2.get(f"{live.url}/api/workflows/{run}", headers={"authorization": f"Bearer {token}"}).json()
        (post,) = told["outputs"]["posts"]
        assert "The oven is hot" in httpx2.get(post).text
        expect(author.get_by_role("link", name=post)).to_be_visible(timeout=PATIENCE)
    for page in (author, member):
        page.context.close()
