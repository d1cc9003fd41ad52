"""Takes the README's pictures from a fresh installation with sample data: `make screenshots`."""

from __future__ import annotations

import tempfile
from contextlib import ExitStack
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from urllib.parse import quote

from PIL import Image
from playwright.sync_api import Browser, sync_playwright

from docs.a_look import look
from docs.a_package import half_a_year
from docs.a_run import SCRIPT, waiting_run
from docs.a_site import reviewed_site
from tests.browser.conftest import ADMIN, CHROMIUM_FLAGS, DESKTOP, PHONE, settle
from tests.browser.find import find_browser
from tests.browser.product import Product
from tests.doubles.language_model import language_model_process

FOLDER = Path(__file__).parent / "images"
COLOURS = 128


@dataclass(frozen=True)
class Shot:
    name: str
    path: str
    phone: bool = False
    dark: bool = False
    at: str = ""
    """The heading that stands at the top."""


SHOTS = (
    Shot("inbox", "/inbox"),
    Shot("inbox-dark", "/inbox", dark=True),
    Shot("inbox-phone", "/inbox", phone=True),
    Shot("analytics", "/analytics"),
    Shot("savings", "/savings"),
    Shot("home", "/"),
    Shot("discover", "/discover"),
)


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright, ExitStack() as stack:
        browser = playwright.chromium.launch(executable_path=find_browser(), args=CHROMIUM_FLAGS)
        model = stack.enter_context(language_model_process(SCRIPT))
        named = {
            "LANGUAGE_MODEL": "compatible:model-1",
            "LANGUAGE_MODEL_URL": f"{model.url}/v1",
            "LANGUAGE_MODEL_KEY": model.key,
        }
        product = Product(Path(folder) / "var", environment=named).start()
        try:
            _set_up(browser, product.url)
            for shot in SHOTS:
                _take(browser, product.url, shot)
            _take(browser, product.url, Shot("run", f"/runs?run={waiting_run(product.var)}"))
            site = f"/runs?run={reviewed_site(product.var, product.url)}"
            _take(browser, product.url, Shot("site", site, at="Review by the council"))
            package = half_a_year(product.var, FOLDER / "report.png")
            _take(browser, product.url, Shot("deliverables", f"/deliverables?package={package}"))
            look(product.var)
            _take(browser, product.url, Shot("brain", "/brain"))
        finally:
            product.stop()
            browser.close()


def _set_up(browser: Browser, url: str) -> None:
    page = browser.new_context().new_page()
    page.goto(url)
    page.get_by_label("Your name").fill("Asha Rao")
    page.get_by_label("E-mail").fill(ADMIN[0])
    page.get_by_label("Password").fill(ADMIN[1])
    page.get_by_role("button", name="Create the admin account").click()
    page.get_by_text("Remove sample data").wait_for(timeout=60_000)


def _take(browser: Browser, url: str, shot: Shot) -> None:
    page = browser.new_context(
        viewport=PHONE if shot.phone else DESKTOP, color_scheme="dark" if shot.dark else "light"
    ).new_page()
    page.goto(f"{url}/auth/sign-in?next={quote(shot.path, safe='')}")
    page.get_by_label("E-mail").fill(ADMIN[0])
    page.get_by_label("Password").fill(ADMIN[1])
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("heading", level=1).wait_for()
    settle(page)
    if shot.at:
        page.get_by_role("heading", name=shot.at).evaluate("heading => heading.scrollIntoView()")
    page.wait_for_timeout(1000)
    picture = Image.open(BytesIO(page.screenshot())).convert("RGB").quantize(COLOURS)
    picture.save(FOLDER / f"{shot.name}.png", optimize=True)


if __name__ == "__main__":
    main()
