"""What holds for every page, found by its place: a new page is covered the day it is written."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from core.actor import Actor, Role
from pages.components.navigation import PageSpec, PageWithoutFrame, _read, page_specs
from tests.pages.conftest import Visit


def _named(spec: PageSpec) -> str:
    return spec.url_path


@pytest.mark.parametrize("spec", page_specs(), ids=_named)
def test_page_shows_nothing_to_nobody(visit: Visit, spec: PageSpec) -> None:
    screen = visit(spec.url_path, None)
    assert not screen.exception
    assert screen.title[0].value == "You are signed out"
    assert not screen.dataframe
    assert not screen.button


@pytest.mark.parametrize("spec", page_specs(), ids=_named)
def test_page_refuses_every_other_role(visit: Visit, person: Callable[..., Actor], spec: PageSpec) -> None:
    for role in set(Role) - spec.roles:
        screen = visit(spec.url_path, person(role))
        assert not screen.exception
        assert screen.title[0].value == "Not your page", role
        assert not screen.dataframe
        assert not screen.button


@pytest.mark.parametrize("spec", page_specs(), ids=_named)
def test_page_draws_for_its_roles_on_an_empty_installation(
    visit: Visit, person: Callable[..., Actor], spec: PageSpec
) -> None:
    for role in sorted(spec.roles):
        screen = visit(spec.url_path, person(role))
        assert not screen.exception, role
        assert not screen.error, role


@pytest.mark.parametrize(
    "hostile", ["'; DROP TABLE users; --", "<script>alert(1)</script>", "../../etc/passwd", "9" * 400]
)
@pytest.mark.parametrize("spec", page_specs(), ids=_named)
def test_hostile_addresses_are_read_as_nothing(visit: Visit, admin: Actor, spec: PageSpec, hostile: str) -> None:
    query = dict.fromkeys(("card", "run", "execution", "q", "status", "page", "workflow", "before", "outcome"), hostile)
    assert not visit(spec.url_path, admin, **query).exception


def test_page_without_a_guard_is_not_served(tmp_path: object) -> None:
    import pathlib

    path = pathlib.Path(str(tmp_path)) / "leak.py"
    path.write_text('"""A page."""\nimport streamlit as st\nst.write("secret")\n')
    with pytest.raises(PageWithoutFrame):
        _read(path)


def test_pages_stand_in_one_order() -> None:
    positions = [spec.position for spec in page_specs()]
    assert len(positions) == len(set(positions))
