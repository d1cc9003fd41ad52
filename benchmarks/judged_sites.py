"""Sample sites, served by the whole product and judged by tools of others: Lighthouse, axe, the Nu HTML checker, a browser.

`python -m benchmarks.judged_sites TOOLS [--lighthouse 8] [--brands 20] [--parts nu links axe lighthouse]`, where TOOLS is a
folder in which `npm install lighthouse vnu-jar axe-core` was run. Needs node, java and Chromium, none of which is a
requirement of ours.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import ConsoleMessage, Page, Request, sync_playwright

from benchmarks.sample_sites import Sample, sample_sites
from core import bootstrap
from core.bootstrap import Application
from core.settings import Settings
from core.websites.built import BuiltSite
from core.websites.check import CheckSubject
from core.websites.checks.links_resolve import CHECK as LINKS
from core.websites.generating import generate
from tests.browser.product import Product

SCORES = {"performance": 95, "accessibility": 100, "best-practices": 100, "seo": 100}
WIDTHS = (390, 1440)
PARTS = ("nu", "links", "axe", "lighthouse")
_MOST_PAGES = 12
_AXE_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@dataclass(frozen=True)
class Served:
    sample: Sample
    built: BuiltSite
    address: str

    def pages(self, most: int = _MOST_PAGES) -> Sequence[str]:
        """One of each kind first: home, a post, a product, the form, what is not there."""
        paths = [path.removesuffix("index.html") for path in self.built.files if path.endswith("index.html")]
        kinds = (
            [one for one in paths if one == ""],
            [one for one in paths if one.startswith("blog/") and one.count("/") == 2],
            [one for one in paths if one.startswith("products/")],
            [one for one in paths if one == "contact/"],
        )
        first = [next(iter(found), None) for found in kinds]
        return list(dict.fromkeys([*(one for one in first if one is not None), "not/there/", *paths]))[:most]


@contextmanager
def served_sites(samples: Sequence[Sample]) -> Iterator[list[Served]]:
    with tempfile.TemporaryDirectory() as folder:
        product = Product(Path(folder) / "var").start()
        try:
            settings = Settings(_env_file=None, var_dir=product.var, public_url=product.url)
            app = bootstrap.build(settings, url=bootstrap.database_url(settings))
            try:
                yield [publish(app, one) for one in samples]
            finally:
                app.close()
        finally:
            product.stop()


def publish(app: Application, sample: Sample) -> Served:
    with app.database.begin() as uow:
        row = app.sites.reserve(uow, name=sample.name, run_id=None)
    address = app.sites.address_on("here", row.slug)
    built = generate(sample.site, address=address, form_action=app.sites.form_address(row.slug, "here"))
    version = app.sites.keep(row.id, built, sample.site)
    deployed = app.sites.deploy(row.id, version.id, key=f"judged:{version.id}")
    assert deployed.address == address, deployed
    return Served(sample, built, address)


def judge(tools: Path, *, brands: int, lighthouse: int, parts: Sequence[str]) -> int:
    samples = list(sample_sites(brands=brands))
    faults: list[str] = []
    with served_sites(samples) as served:
        if "nu" in parts:
            faults += _nu(tools, served)
        if "links" in parts:
            faults += _links(served)
        if "axe" in parts:
            faults += _browser(tools, served)
        if "lighthouse" in parts:
            faults += _lighthouse(tools, served, lighthouse)
    print(f"\n{len(served)} sites, {len(faults)} faults")
    for said, count in Counter(faults).most_common():
        print(f"  {count} × {said}")
    return len(faults)


def _nu(tools: Path, served: Sequence[Served]) -> list[str]:
    """Every page of every site, errors and warnings."""
    faults, pages = list[str](), 0
    with tempfile.TemporaryDirectory() as folder:
        for site in served:
            for path, file in site.built.files.items():
                if path.endswith((".html", ".css", ".svg")) and (pages < 10_000 and path.count("/") < 3):
                    place = Path(folder) / site.sample.name / path
                    place.parent.mkdir(parents=True, exist_ok=True)
                    place.write_bytes(file.data)
                    pages += 1
        jar = next(tools.rglob("vnu.jar"))
        ran = subprocess.run(
            ["java", "-Xss4m", "-jar", str(jar), "--also-check-css", "--also-check-svg", "--format", "json", folder],
            capture_output=True, check=False,
        )  # fmt: skip
        for one in json.loads(ran.stderr)["messages"]:
            place = Path(one["url"].removeprefix("file:")).relative_to(Path(folder).resolve())
            kind = one.get("subType", one["type"])
            faults.append(f"Nu {kind}: {one['message'][:160]} ({Path(*place.parts[1:])})")
    print(f"Nu HTML checker: {pages} files, {len(faults)} messages", flush=True)
    return faults


def _links(served: Sequence[Served]) -> list[str]:
    faults = []
    for site in served:
        measured = LINKS.measure(CheckSubject(site.sample.site, site.built, site.address))
        faults += [f"links of {site.sample.name}: {one}" for one in measured.findings]
    print(f"Links: {len(faults)} broken", flush=True)
    return faults


def _browser(tools: Path, served: Sequence[Served]) -> list[str]:
    """axe with every rule, requests to others, errors of the console, and what scrolls sideways."""
    script = (tools / "node_modules" / "axe-core" / "axe.min.js").read_text("utf-8")
    faults, looks = list[str](), 0
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        for site in served:
            for width in WIDTHS:
                context = browser.new_context(viewport={"width": width, "height": 900}, bypass_csp=True)
                page = context.new_page()
                said: list[str] = []
                _listen(page, site.address.split("/sites/")[0], said)
                for path in site.pages():
                    said.clear()
                    page.goto(site.address + path, wait_until="load")
                    page.evaluate(script)
                    for dark in (False, True):
                        looks += 1
                        page.emulate_media(color_scheme="dark" if dark else "light", reduced_motion="reduce")
                        told = page.evaluate(
                            "tags => axe.run(document, {runOnly: tags, resultTypes: ['violations']}).then(r => r.violations"
                            ".map(v => `${v.id}: ${v.nodes[0].target} ${v.nodes[0].any[0]?.message ?? ''}`))", _AXE_TAGS,
                        )  # fmt: skip
                        said += [f"axe {one[:200]}" for one in told]
                    if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
                        said.append("scrolls sideways")
                    expected = "Failed to load resource: the server responded with a status of 404"
                    faults += [
                        f"{site.sample.name} {path} {width}: {one}"
                        for one in said
                        if not (path == "not/there/" and expected in one)
                    ]
                context.close()
        browser.close()
    print(f"axe {looks} times: {len(faults)} faults", flush=True)
    return faults


def _listen(page: Page, own: str, said: list[str]) -> None:
    def console(one: ConsoleMessage) -> None:
        said.append(f"console {one.type}: {one.text[:160]}")

    def request(one: Request) -> None:
        if not one.url.startswith((own, "data:")):
            said.append(f"asks {one.url[:120]}")

    page.on("console", console)
    page.on("request", request)


def _lighthouse(tools: Path, served: Sequence[Served], most: int) -> list[str]:
    """The phone profile: the first page of each, and one of every other kind of each third. A page below is asked once more,
    as other work on the machine lowers performance; the lowest of each category is told."""
    faults, runs = list[str](), 0
    lows = dict.fromkeys(SCORES, 100)
    chosen = served if most >= len(served) else [served[n * len(served) // most] for n in range(most)]
    for number, site in enumerate(chosen):
        for path in _ranked(site) if number % 3 == 0 else [""]:
            scores: dict[str, tuple[int, Sequence[str]]] = {}
            for _ in range(2):
                told = _one_lighthouse(tools, site.address + path)
                runs += told is not None
                for name in SCORES if told else ():
                    again = _judged(told or {}, name, missing=path == "not/there/")
                    scores[name] = max(scores.get(name, again), again, key=lambda one: one[0])
                if scores and all(scores[name][0] >= least for name, least in SCORES.items()):
                    break
            said = [
                f"Lighthouse {name} {score} of {site.sample.name} {path}: {', '.join(low)}"
                for name, (score, low) in scores.items() if score < SCORES[name]
            ] or ([] if scores else [f"Lighthouse did not end on {site.sample.name} {path}"])  # fmt: skip
            for name, (score, _) in scores.items():
                lows[name] = min(lows[name], score)
            faults += said
            print(
                f"  {site.sample.name}/{path}", {name: score for name, (score, _) in scores.items()}, *said, flush=True
            )
    print(f"Lighthouse {runs} times, lowest: {lows}", flush=True)
    return faults


def _ranked(site: Served) -> Sequence[str]:
    return [one for one in site.pages(5) if one in ("", "contact/", "not/there/") or one.count("/") == 2]


def _judged(told: Mapping[str, Any], name: str, *, missing: bool) -> tuple[int, Sequence[str]]:
    """Points of a category and what lowered them."""
    low = [
        ref["id"] for ref in told["categories"][name]["auditRefs"]
        if ref["weight"] and told["audits"][ref["id"]]["score"] not in (1, None)
    ]  # fmt: skip
    itself = ("http-status-code", "is-crawlable", "errors-in-console")  # of a page that is not there
    if missing and set(low) <= set(itself):
        return 100, ()
    return round((told["categories"][name]["score"] or 0) * 100), low


def _one_lighthouse(tools: Path, address: str) -> Mapping[str, Any] | None:
    flags = "--headless=new --no-sandbox --disable-gpu"
    with tempfile.NamedTemporaryFile(suffix=".json") as out:
        with suppress(subprocess.TimeoutExpired):
            subprocess.run(
                [str(tools / "node_modules/.bin/lighthouse"), address, "--quiet", "--output=json",
                 f"--output-path={out.name}", f"--chrome-flags={flags}", "--ignore-status-code",
                 f"--only-categories={','.join(SCORES)}"],
                env={**os.environ, "CHROME_PATH": shutil.which("chromium") or ""}, check=False, capture_output=True, timeout=180,
            )  # fmt: skip
        said = Path(out.name).read_text("utf-8")
    told: Mapping[str, Any] | None = json.loads(said) if said else None
    return told if told and all(told["categories"][name]["score"] is not None for name in SCORES) else None


def main() -> None:
    asked = argparse.ArgumentParser()
    asked.add_argument("tools", type=Path)
    asked.add_argument("--brands", type=int, default=20)
    asked.add_argument("--lighthouse", type=int, default=8, help="of how many sites")
    asked.add_argument("--parts", nargs="+", default=PARTS, choices=PARTS)
    given = asked.parse_args()
    raise SystemExit(min(1, judge(given.tools, brands=given.brands, lighthouse=given.lighthouse, parts=given.parts)))


if __name__ == "__main__":
    main()
