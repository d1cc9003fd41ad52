"""A new person goes from sign-in to a proven outcome, on a phone and at a desk, as people do it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from io import BytesIO
from itertools import count

import pytest
from axe_playwright_python.sync_playwright import Axe
from PIL import Image
from playwright.sync_api import FilePayload, Page, expect

from core.actor import Role, Tier
from core.bootstrap import Application, build
from core.identity.rules import Goal, Market, SkillLevel
from core.identity.service import ProfileForm
from core.settings import Settings
from tests.browser.conftest import ADMIN, settle
from tests.browser.product import Product

SignIn = Callable[..., Page]
Account = tuple[str, str]
_number = count(1)


@pytest.fixture
def behind(product: Product) -> Iterator[Application]:
    """The running product's own services, to prepare what a test is not about."""
    app = build(Settings(_env_file=None, var_dir=product.var))
    yield app
    app.close()


@pytest.fixture
def newcomer(behind: Application) -> Callable[..., Account]:
    """Makes an account: `newcomer(Role.COUNCIL)`; with `profile=True` Discover knows the person already."""

    def make(*roles: Role, profile: bool = False) -> Account:
        admin = behind.identity_queries.actor_of_session(
            behind.identity.sign_in(email=ADMIN[0], password=ADMIN[1], address="test")
        )
        assert admin is not None
        email, number = f"loop{next(_number)}@example.com", next(_number)
        behind.identity.add_user(
            admin, email=email, name=f"Ravi {number}", password=ADMIN[1], roles=frozenset(roles or {Role.USER}),
            tier=Tier.STARTER,
        )  # fmt: skip
        if profile:
            cookie = behind.identity.sign_in(email=email, password=ADMIN[1], address="test")
            actor = behind.identity_queries.actor_of_session(cookie)
            assert actor is not None
            form = ProfileForm(Goal.EARN_MONEY, Market.FREELANCER, SkillLevel.BEGINNER, "IN")
            behind.identity.save_profile(actor, form)
        return email, ADMIN[1]

    return make


def start_a_run(page: Page) -> None:
    page.locator(".st-key-start-resume_generator button").click()
    expect(page.get_by_text("Step 1 of 5")).to_be_visible(timeout=15_000)
    settle(page)


def go_on(page: Page, to: int) -> None:
    page.get_by_role("button", name="Next").click()
    expect(page.get_by_text(f"Step {to} of 5")).to_be_visible()
    settle(page)


def clock(page: Page) -> int:
    """The seconds the timer shows."""
    hours, minutes, seconds = page.get_by_role("timer").inner_text().split(":")
    return int(hours) * 3600 + int(minutes) * 60 + int(seconds)


def test_new_person_is_at_the_first_step_in_four_taps(sign_in: SignIn, newcomer: Callable[..., Account]) -> None:
    page = sign_in(phone=True, account=newcomer(), path="/discover")
    page.get_by_text("Save time", exact=True).tap()
    page.get_by_text("Student", exact=True).tap()
    settle(page)
    page.get_by_role("button", name="Show my workflow").tap()
    page.get_by_role("button", name="Start").first.tap()
    expect(page.get_by_text("Step 1 of 5")).to_be_visible(timeout=15_000)

    way_on = page.get_by_role("button", name="Next").bounding_box()
    assert way_on is not None
    assert way_on["y"] + way_on["height"] <= 844, "Next stays under the thumb"
    assert way_on["height"] >= 44


def test_timer_ticks_without_the_server_and_survives_a_reload(
    sign_in: SignIn, newcomer: Callable[..., Account]
) -> None:
    page = sign_in(account=newcomer(profile=True), path="/discover")
    sent: list[object] = []
    page.on("websocket", lambda socket: socket.on("framesent", lambda frame: sent.append(frame)))
    page.reload()
    start_a_run(page)
    before = len(sent)
    expect(page.get_by_role("timer")).to_have_text(re.compile(r"00:00:0[3-9]"), timeout=10_000)
    assert len(sent) == before, "the clock asked the server"

    shown = clock(page)
    page.reload()
    expect(page.get_by_text("Step 1 of 5")).to_be_visible()
    assert clock(page) >= shown

    page.get_by_role("button", name="Pause").click()
    expect(page.get_by_role("button", name="Resume")).to_be_visible()
    expect(page.get_by_text("paused")).to_be_visible()


def test_notes_typed_up_to_the_click_are_kept_and_a_double_click_moves_once(
    sign_in: SignIn, newcomer: Callable[..., Account]
) -> None:
    account = newcomer(profile=True)
    page = sign_in(account=account, path="/discover")
    start_a_run(page)
    notes = page.get_by_label("Notes")
    notes.fill("First thought.")
    expect(page.get_by_text("Saved", exact=True)).to_be_visible()
    notes.press_sequentially(" Second thought.")
    page.get_by_role("button", name="Next").dblclick()
    expect(page.get_by_text("Step 2 of 5")).to_be_visible()
    settle(page)
    expect(page.get_by_text("Step 2 of 5")).to_be_visible()
    expect(notes).to_have_value("")

    elsewhere = sign_in(account=account, phone=True, path="/run")
    expect(elsewhere.get_by_text("Step 2 of 5")).to_be_visible()
    elsewhere.get_by_role("button", name="Previous").tap()
    expect(elsewhere.get_by_label("Notes")).to_have_value("First thought. Second thought.")


def test_what_another_device_writes_never_replaces_what_is_being_typed(
    sign_in: SignIn, newcomer: Callable[..., Account]
) -> None:
    account = newcomer(profile=True)
    desk = sign_in(account=account, path="/discover")
    start_a_run(desk)
    phone = sign_in(account=account, phone=True, path="/run")
    expect(phone.get_by_text("Step 1 of 5")).to_be_visible()
    phone.get_by_label("Notes").fill("From the phone")
    expect(phone.get_by_text("Saved", exact=True)).to_be_visible()
    desk.get_by_label("Notes").press_sequentially("From the desk", delay=5)
    desk.get_by_role("button", name="Pause").click()
    expect(desk.get_by_role("button", name="Resume")).to_be_visible()
    expect(desk.get_by_label("Notes")).to_have_value("From the desk")


def test_from_the_last_step_to_a_proven_outcome(sign_in: SignIn, newcomer: Callable[..., Account]) -> None:
    page = sign_in(account=newcomer(profile=True), path="/discover")
    start_a_run(page)
    for step in range(2, 6):
        go_on(page, step)
    page.get_by_role("button", name="Complete").click()
    page.get_by_role("button", name="Log an outcome").click()
    page.locator("input[type=file]").set_input_files(
        FilePayload(name="payout.png", mimeType="image/png", buffer=picture())
    )
    expect(page.get_by_text("Kind of proof")).to_be_visible()
    page.get_by_label("Value").fill("2500.75")
    page.get_by_label("Value").press("Tab")
    settle(page)
    page.get_by_role("button", name="Log outcome").click()
    expect(page.get_by_text("Waits for review")).to_be_visible()
    expect(page.get_by_text("₹2,500.75").first).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("button", name="payout.png").click()
    assert download.value.suggested_filename == "payout.png"
    assert download.value.path().read_bytes() == picture()

    reviewer = sign_in(account=newcomer(Role.COUNCIL), path="/outcomes?view=review")
    reviewer.get_by_role("button", name="Verify").first.click()
    expect(reviewer.get_by_text("Verified. It counts as proven now.")).to_be_visible()
    page.reload()
    expect(page.get_by_text("Verified by")).to_be_visible()


@pytest.mark.parametrize("look", [{}, {"dark": True}, {"phone": True}], ids=["light", "dark", "phone"])
def test_an_open_run_and_the_outcome_form_pass_axe(
    sign_in: SignIn, newcomer: Callable[..., Account], look: dict[str, bool]
) -> None:
    page = sign_in(account=newcomer(profile=True), path="/discover", **look)
    start_a_run(page)
    go_on(page, 2)
    problems = violations(page)
    page.get_by_role("button", name="Abandon").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    problems += violations(page)
    page.keyboard.press("Escape")
    page.goto(page.url.replace("/run?", "/outcomes?view=log&"))
    expect(page.get_by_role("button", name="Log outcome")).to_be_visible()
    settle(page)
    problems += violations(page)
    assert problems == []
    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 1


def violations(page: Page) -> list[str]:
    found = Axe().run(page).response["violations"]
    return [f"{page.url}: {one['id']}: {one['nodes'][0]['html'][:200]}" for one in found]


def picture() -> bytes:
    buffer = BytesIO()
    Image.new("RGB", (320, 200), "#2B47B8").save(buffer, "PNG")
    return buffer.getvalue()
