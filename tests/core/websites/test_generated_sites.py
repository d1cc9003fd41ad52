"""What generation makes, held to every criterion: each layout, every script of writing, and hostile texts, in a browser."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from core.websites.check import CheckSubject
from core.websites.content import Site
from core.websites.generating import generate
from core.websites.layout import find_layouts
from core.websites.rules import CheckState
from core.websites.verifying import verify
from tests.core.websites.served import Server, serving
from tests.core.websites.sites import hostile_site, site

NAMES = {"en": "Harbour Bakery", "ar": "مخبز الميناء", "ja": "港のパン屋"}


@pytest.fixture
def server() -> Iterator[Server]:
    with serving() as one:
        one.headers["Content-Security-Policy"] += "; font-src 'self'; manifest-src 'self'"
        yield one


def whole(language: str, layout: str) -> Site:
    """Its two products tell of themselves, as those of a shop do."""
    made = site(name=NAMES[language], language=language, layout=layout)
    products = tuple(one.model_copy(update={"text": f"{one.name}: baked at four."}) for one in made.products)
    return made.model_copy(update={"products": products})


def served(made: Site, server: Server) -> CheckSubject:
    built = generate(made, address=server.address, form_action="/form")
    server.files = {path: file.data for path, file in built.files.items()}
    server.types = {path: file.media_type for path, file in built.files.items()}
    return CheckSubject(made, built, server.address)


@pytest.mark.parametrize("layout", list(find_layouts()))
@pytest.mark.parametrize("language", list(NAMES))
def test_generated_site_passes_every_criterion_without_a_browser(server: Server, language: str, layout: str) -> None:
    wanted = [
        "pages_render",
        "valid_html",
        "links_resolve",
        "seo_complete",
        "contact_form",
        "contrast",
        "security_headers",
    ]
    results = verify(served(whole(language, layout), server), wanted, delivered=server.delivered, form_address="/form")

    assert {
        name: (one.evidence, one.findings) for name, one in results.items() if one.state is not CheckState.PASS
    } == {}


@pytest.mark.processes
def test_generated_site_passes_every_criterion_in_a_browser(server: Server) -> None:
    subject = served(whole("en", next(iter(find_layouts()))), server)
    results = verify(subject, delivered=server.delivered, form_address="/form")

    assert {
        name: (one.evidence, one.findings) for name, one in results.items() if one.state is not CheckState.PASS
    } == {}


def test_hostile_texts_make_a_site_that_runs_nothing_and_is_valid(server: Server) -> None:
    wanted = ["pages_render", "valid_html", "links_resolve", "security_headers", "contrast"]
    results = verify(served(hostile_site(), server), wanted)

    assert {
        name: (one.evidence, one.findings) for name, one in results.items() if one.state is not CheckState.PASS
    } == {}
