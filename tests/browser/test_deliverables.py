"""Deliverables in a browser: preview a period of sample data, make its package, check what was downloaded, hand it on."""

from __future__ import annotations

import re
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

from axe_playwright_python.sync_playwright import Axe
from PIL import Image
from playwright.sync_api import Page, expect

from core.actor import Role
from core.bootstrap import Application
from core.identity.service import actor_of
from core.settings import ROOT
from tests.browser.conftest import settle

SECONDS = 1_000
ADDRESS = "/deliverables?new=1&source=period&period=13+weeks&dataset=Sample"


def violations(page: Page) -> list[str]:
    page.mouse.move(0, 0)  # Streamlit draws the hint of a button outside of every landmark
    expect(page.get_by_role("tooltip")).to_have_count(0)
    found = Axe().run(page).response["violations"]
    return [f"{one['id']}: {one['nodes'][0]['html'][:200]}" for one in found]


def total(app: Application) -> int:
    found, _ = app.identity_queries.people(text="asha@example.com")
    return app.packages_queries.page(actor_of(found[0].user)).total


def test_a_period_is_previewed_made_downloaded_and_verified(
    sign_in: Callable[..., Page], inside: Application, tmp_path: Path
) -> None:
    before = total(inside)
    page = sign_in(path=ADDRESS)
    settle(page)
    expect(page.get_by_role("radio", name="A period")).to_be_checked()
    page.get_by_role("button", name="Preview").click()
    preview = page.locator(".st-key-package-preview")
    expect(preview.get_by_role("img").first).to_be_visible(timeout=60 * SECONDS)
    expect(preview.get_by_role("img", name="Page 1 of")).to_be_visible()
    settle(page)
    assert violations(page) == []
    assert total(inside) == before

    page.get_by_role("button", name="Make package").dblclick()
    page.wait_for_url(re.compile(r"\?package="))
    expect(page.get_by_role("button", name="Download all")).to_be_visible(timeout=90 * SECONDS)
    settle(page)
    assert total(inside) == before + 1
    expect(page.get_by_text("number 1", exact=False).first).to_be_visible()
    for name in ("report.pdf", "manifest.json"):
        expect(page.get_by_role("button", name=name)).to_be_visible()
    assert violations(page) == []

    with page.expect_download() as download:
        page.get_by_role("button", name="Download all").click()
    saved = tmp_path / "package.zip"
    download.value.save_as(saved)
    assert download.value.suggested_filename.endswith("-1-package.zip")
    with zipfile.ZipFile(saved) as archive:
        assert archive.testzip() is None
        assert {"manifest.json", "report.pdf"} <= set(archive.namelist())
    checked = subprocess.run(
        [sys.executable, "-m", "core.deliverables", "verify", "--offline", str(saved)], cwd=ROOT, capture_output=True, text=True
    )  # fmt: skip
    assert checked.returncode == 0, checked.stdout + checked.stderr

    page.get_by_role("button", name="All packages").click()
    page.wait_for_url(lambda url: "package=" not in url)
    settle(page)
    expect(page.get_by_role("link", name=", number 1").first).to_be_visible()
    page.go_back()
    expect(page.get_by_role("button", name="Download all")).to_be_visible()


def test_a_package_goes_with_an_e_mail_that_is_proposed(sign_in: Callable[..., Page], inside: Application) -> None:
    found, _ = inside.identity_queries.people(text="asha@example.com")
    asha = actor_of(found[0].user)
    project = inside.projects.create(asha, "Handed on")
    page = sign_in(path=f"/projects?project={project}")
    settle(page)
    page.get_by_role("link", name="Make a package").click()
    page.wait_for_url(re.compile("source=project"))
    settle(page)
    page.get_by_role("button", name="Make package").click()
    expect(page.get_by_role("button", name="Attach to an e-mail")).to_be_visible(timeout=90 * SECONDS)
    settle(page)
    page.get_by_role("button", name="Attach to an e-mail").click()
    page.get_by_role("button", name="Write the e-mail").click()
    page.wait_for_url(re.compile("/propose"))
    settle(page)
    expect(page.get_by_text("Handed on v1.pdf")).to_be_visible()


def test_an_admin_gives_packages_a_look(sign_in: Callable[..., Page], inside: Application, tmp_path: Path) -> None:
    logo = tmp_path / "logo.png"
    Image.new("RGB", (300, 90), "#0F766E").save(logo)
    page = sign_in(path="/deliverables?tab=Themes")
    settle(page)
    page.get_by_role("button", name="New theme…").click()
    dialog = page.get_by_role("dialog")
    for label, value in {
        "Title": "Meridian",
        "Handed over by": "Meridian <b>Advisory</b>",
        "Footer": "Confidential",
    }.items():
        field = dialog.get_by_role("textbox", name=label, exact=True)
        field.fill(value)
        field.press("Tab")
    dialog.locator("input[type=file]").set_input_files(logo)
    expect(dialog.get_by_text("logo.png")).to_be_visible()
    settle(page)
    assert violations(page) == []
    dialog.get_by_role("button", name="Add the theme").click()
    expect(dialog).to_be_hidden()
    expect(page.get_by_role("heading", name="Meridian")).to_be_visible()
    expect(page.get_by_role("img", name="A page of Meridian")).to_be_visible()

    page.get_by_role("button", name="Change…").click()
    footer = page.get_by_role("dialog").get_by_role("textbox", name="Footer", exact=True)
    footer.fill("For Acme")
    footer.press("Tab")
    settle(page)
    page.get_by_role("dialog").get_by_role("button", name="Save").click()
    expect(page.get_by_role("dialog")).to_be_hidden()
    found, _ = inside.identity_queries.people(text="asha@example.com")
    look = inside.themes_queries.default(actor_of(found[0].user))
    assert (look.name, look.footer) == ("Meridian <b>Advisory</b>", "For Acme")
    assert look.logo is not None

    page.get_by_role("button", name="Remove…").click()
    page.get_by_role("dialog").get_by_role("button", name="Remove").click()
    expect(page.get_by_text("Packages look as Countersign does")).to_be_visible()


def test_a_reader_on_a_phone_finds_the_history_and_no_themes(
    sign_in: Callable[..., Page], account: Callable[..., tuple[str, str]]
) -> None:
    page = sign_in(
        phone=True, dark=True, account=account("reads.packages@example.com", Role.ANALYST), path="/deliverables"
    )
    settle(page)
    expect(page.get_by_role("heading", level=1, name="Deliverables")).to_be_visible()
    expect(page.get_by_role("radio", name="Themes")).to_be_hidden()
    page.get_by_role("button", name="New package").click()
    settle(page)
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 1
