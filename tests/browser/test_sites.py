"""Sites in the browser: from the form to an address that answers, with the texts edited, a council's vote, and the way back."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from urllib.parse import urljoin

import httpx2
import pytest
from playwright.sync_api import Browser, Page, expect

from core.actor import Actor, Role
from core.bootstrap import Application
from core.decisions.councils import Terms
from core.decisions.policy import Policy, Rule
from core.identity.service import actor_of
from tests.browser.conftest import settle
from tests.browser.test_guided_loop import picture
from tests.conftest import PASSWORD
from tests.waiting import until

PATIENCE = 120_000
"""A worker builds, publishes and measures, with a browser of its own."""
VOTER = ("mira.sites@example.com", Role.COUNCIL)


@pytest.fixture
def council(inside: Application, account: Callable[..., tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """A council that oversees media while a test runs; answers its member's e-mail and password."""
    people, _ = inside.identity_queries.people(text=VOTER[0])
    found = (VOTER[0], PASSWORD) if people else account(*VOTER)
    admin = actor_of(inside.identity_queries.people(text="asha@example.com")[0][0].user)
    member = inside.identity_queries.people(text=VOTER[0])[0][0].user.id
    terms = Terms("Sites council", Policy(council="sites", rule=Rule.MAJORITY), domains=("media",))
    if all(one.id != "sites" for one in inside.councils_queries.all(admin)):
        inside.councils.create(admin, "sites", terms, [member])
    switched(inside, admin, "sites", active=True)
    yield found
    switched(inside, admin, "sites", active=False)


def switched(inside: Application, admin: Actor, council: str, *, active: bool) -> None:
    there = inside.councils_queries.read(admin, council)
    if there.active is not active:
        inside.councils.set_active(admin, council, active, expected_version=there.version)


@pytest.fixture
def no_council(inside: Application) -> Iterator[None]:
    """None oversees media while a test runs, whatever tests before it made."""
    admin = actor_of(inside.identity_queries.people(text="asha@example.com")[0][0].user)
    found = [one.id for one in inside.councils_queries.overseers(["media"])]
    for one in found:
        switched(inside, admin, one, active=False)
    yield
    for one in found:
        switched(inside, admin, one, active=True)


def typed(page: Page, texts: Mapping[str, str]) -> None:
    """Fills fields by their labels; what follows is drawn once the page knows what was typed."""
    for label, text in texts.items():
        field = page.get_by_role("textbox", name=label).first
        field.fill(text)
        field.press("Tab")
        settle(page)


def begun(page: Page, workflow: str) -> None:
    page.goto(urljoin(page.url, f"/discover?start={workflow}"))
    page.get_by_role("button", name="Start", exact=True).wait_for()
    settle(page)


def handed_in(page: Page) -> str:
    """From the form past its texts; answers the address of the run."""
    page.get_by_role("button", name="Start", exact=True).click()
    page.get_by_role("heading", name="Edit the texts").wait_for(timeout=PATIENCE)
    settle(page)
    return page.url


def published(page: Page, voter: Page) -> str:
    """From the filled form to the address, with the texts as they were drafted."""
    run = handed_in(page)
    page.get_by_role("button", name="Hand in").click()
    page.get_by_text("Built; nobody outside sees it").wait_for(timeout=PATIENCE)
    voted(voter, run)
    address = address_of(page, run)
    assert httpx2.get(address).status_code == 200
    return address


def written(browser: Browser, address: str) -> None:
    """A visitor without JavaScript sends the form of the site; who is asked to confirm does it."""
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(address)
    page.get_by_role("link", name="Order a loaf").first.click()
    page.locator("input[name=name]").first.fill("Noor")
    page.locator("input[name=email]").first.fill("noor@example.org")
    page.locator("textarea[name=message]").first.fill("Is there rye on Mondays?")
    page.locator("form button[type=submit]").first.click()
    expect(page.locator("form textarea[name=message]")).to_have_count(0)
    context.close()


def opened(page: Page, site: str, view: str) -> None:
    """From the list of sites to one of them, and what is known of it."""
    page.get_by_text(site).first.click()
    page.get_by_role("heading", name=site).wait_for(timeout=30_000)
    settle(page)
    page.get_by_text(view, exact=True).first.click()
    settle(page)


def voted(page: Page, run: str) -> None:
    """The council's member looks at the built site and approves it."""
    page.goto(run)
    page.get_by_text("What your council looks at").wait_for(timeout=PATIENCE)
    settle(page)
    expect(page.frame_locator("iframe[src*='/preview/']").get_by_role("heading", level=1)).to_be_visible(timeout=30_000)
    page.get_by_text("Met", exact=True).first.click()
    settle(page)
    page.get_by_role("button", name="Approve").click()
    page.get_by_text("Your vote is counted").first.wait_for(timeout=30_000)


def address_of(page: Page, run: str) -> str:
    """Where the run says that the site answers."""
    page.goto(run)
    link = page.get_by_role("link", name="Open the site")
    link.wait_for(timeout=PATIENCE)
    ended = page.get_by_text(re.compile("^(Completed|Failed)$")).locator("visible=true").first
    ended.wait_for(timeout=PATIENCE)
    assert ended.inner_text() == "Completed", page.get_by_test_id("stMain").inner_text()
    return str(link.get_attribute("href"))


def test_basic_site_from_form_to_address_and_back(
    sign_in: Callable[..., Page], council: tuple[str, str], inside: Application
) -> None:
    page = sign_in()
    begun(page, "website.create_basic_site")
    expect(page.get_by_text("“Sites council” decides before it goes on")).to_be_visible()
    typed(
        page,
        {"Name *": "Quay Bakery", "What it is about *": "Bread by the quay.", "E-mail address *": "hello@example.com"},
    )
    run = handed_in(page)
    title = page.get_by_role("textbox", name="Top: title", exact=True).first
    title.fill("Bread worth the walk")
    title.press("Tab")
    page.get_by_role("button", name="Hand in").click()
    page.get_by_text("Built; nobody outside sees it").wait_for(timeout=PATIENCE)
    voted(sign_in(account=council), run)
    address = address_of(page, run)
    answer = httpx2.get(address)
    assert answer.status_code == 200
    assert "Bread worth the walk" in answer.text

    page.goto(urljoin(run, "/sites"))
    opened(page, "Quay Bakery", "Report")
    expect(page.get_by_text("passed").first).to_be_visible(timeout=30_000)
    page.get_by_text("Versions", exact=True).first.click()
    settle(page)
    page.get_by_role("button", name="Publish again").click()
    page.get_by_text("Published again version 1").first.wait_for(timeout=PATIENCE)
    until(lambda: httpx2.get(address).status_code == 200, seconds=30, what="the site after it was published again")


def test_store_from_a_table_in_a_file_past_a_field_that_does_not_fit_to_its_checkout(
    sign_in: Callable[..., Page], council: tuple[str, str]
) -> None:
    page = sign_in()
    begun(page, "website.create_ecommerce_store")
    typed(
        page,
        {"Name *": "Quay Store", "What it is about *": "Bread to take away.", "E-mail address *": "hello@example.com"},
    )
    page.locator("input[type=file]").first.set_input_files(
        {
            "name": "products.csv",
            "mimeType": "text/csv",
            "buffer": b"name,price,sku,text,picture\nRye bread,4.50,RYE-1,Slow dough,Rye.png\n",
        }
    )
    page.get_by_text("1 row below the names of the columns").wait_for(timeout=30_000)
    page.get_by_text("Still to be chosen: Rye.png").wait_for(timeout=30_000)
    page.locator("input[type=file]").nth(1).set_input_files(
        {"name": "rye.png", "mimeType": "image/png", "buffer": picture()}
    )
    page.get_by_text("1 picture of the table is here").wait_for(timeout=30_000)
    typed(page, {"Checkout *": "http://pay.example.com/buy"})
    page.get_by_role("button", name="Start", exact=True).click()
    expect(page.get_by_text("Begin it with https:// and the provider's own host.")).to_be_visible(timeout=30_000)
    settle(page)
    typed(page, {"Checkout *": "https://pay.example.com/buy?item={sku}"})
    run = handed_in(page)
    page.locator("summary").filter(has_text=re.compile("Products$")).click()
    expect(page.get_by_test_id("stDataFrame").first).to_be_visible()
    page.get_by_role("button", name="Hand in").click()
    page.get_by_text("Built; nobody outside sees it").wait_for(timeout=PATIENCE)
    voted(sign_in(account=council), run)
    address = address_of(page, run)
    page.goto(address)
    page.get_by_role("link", name="Rye bread", exact=True).click()
    expect(page.get_by_text("Slow dough").first).to_be_visible()
    expect(page.get_by_role("img", name="Rye bread")).to_be_visible()
    buy = page.locator("a[href^='https://pay.example.com/']").first
    expect(buy).to_have_attribute("href", "https://pay.example.com/buy?item=RYE-1")


def test_further_types_answer_at_their_addresses_and_visitors_write_without_a_script(
    sign_in: Callable[..., Page], council: tuple[str, str], browser: Browser
) -> None:
    page, voter = sign_in(), sign_in(account=council)
    common = {"What it is about *": "Bread by the quay.", "E-mail address *": "hello@example.com"}
    begun(page, "website.create_affiliate_site")
    table = "group,name,link,text\nKnives,Bread knife,https://shop.example.com/k?tag=me,Long enough"
    typed(page, {"Name *": "Knife Notes", **common, "Recommendations *": table})
    address = published(page, voter)
    page.goto(address)
    page.get_by_role("link", name="Knives").first.click()
    paid = page.locator("a[href='https://shop.example.com/k?tag=me']").first
    assert "sponsored" in str(paid.get_attribute("rel")).split()
    expect(page.get_by_text("paid").first).to_be_visible()

    page.goto(urljoin(voter.url, "/"))
    begun(page, "website.create_landing_page")
    typed(page, {"Name *": "Early Loaf", **common, "Headline *": "Bread by seven", "What to do *": "Order a loaf"})
    address = published(page, voter)
    assert "Order a loaf" in httpx2.get(address).text
    written(browser, address)
    page.goto(urljoin(voter.url, "/sites"))
    opened(page, "Early Loaf", "Messages")
    expect(page.get_by_text("Is there rye on Mondays?")).to_be_visible(timeout=30_000)

    begun(page, "content.create_blog_post")
    site = page.get_by_role("combobox", name="Site *")
    site.click()
    page.get_by_role("option", name="Early Loaf (early-loaf)").click()
    settle(page)
    typed(page, {"Title *": "A new oven", "Text *": "It is *hot*."})
    address = published(page, voter)
    assert "<em>hot</em>" in httpx2.get(urljoin(address, "blog/a-new-oven/")).text

    page.goto(urljoin(voter.url, "/sites"))
    opened(page, "Early Loaf", "Versions")
    page.get_by_role("button", name="Go back to this").click()
    page.get_by_text("Version 1 answers at").first.wait_for(timeout=PATIENCE)
    until(lambda: httpx2.get(urljoin(address, "blog/a-new-oven/")).status_code == 404, seconds=30, what="version 1")
    assert httpx2.get(address).status_code == 200


def test_rejected_site_is_not_published_and_starts_again_with_its_inputs(
    sign_in: Callable[..., Page], council: tuple[str, str]
) -> None:
    page, voter = sign_in(), sign_in(account=council)
    common = {"What it is about *": "Bread by the quay.", "E-mail address *": "hello@example.com"}
    begun(page, "website.create_landing_page")
    typed(page, {"Name *": "Late Loaf", **common, "Headline *": "Bread by noon", "What to do *": "Order a loaf"})
    run = handed_in(page)
    page.get_by_role("button", name="Hand in").click()
    voter.goto(run)
    voter.get_by_text("What your council looks at").wait_for(timeout=PATIENCE)
    settle(voter)
    reason = voter.get_by_role("textbox", name="Reason")
    reason.fill("Nobody wants bread by noon.")
    reason.press("Tab")
    settle(voter)
    voter.get_by_role("button", name="Reject").click()
    voter.get_by_text("Your vote is counted").first.wait_for(timeout=30_000)

    page.get_by_role("button", name="Start again with these inputs").click(timeout=PATIENCE)
    page.get_by_text("Filled with what the earlier run was started with").wait_for(timeout=30_000)
    settle(page)
    assert httpx2.get(urljoin(run, "/sites/late-loaf/")).status_code == 404
    expect(page.get_by_role("textbox", name="Name *").first).to_have_value("Late Loaf")
    typed(page, {"Headline *": "Bread by seven"})
    assert handed_in(page) != run
    expect(page.get_by_role("textbox", name="Top: title", exact=True).first).to_have_value("Bread by seven")


@pytest.mark.usefixtures("no_council")
def test_where_no_council_oversees_media_the_form_leads_to_one(sign_in: Callable[..., Page]) -> None:
    page = sign_in()
    begun(page, "website.create_landing_page")
    expect(page.get_by_text("No council oversees media yet")).to_be_visible()
    way = page.get_by_role("link", name="Make the council")
    expect(way).to_have_attribute("href", "/councils?new=yes&domains=media")
