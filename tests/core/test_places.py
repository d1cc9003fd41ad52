"""What is found by its place, and what is not."""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType

import pytest

from core.places import found_in


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    folder = tmp_path / "shelf_of_things"
    folder.mkdir()
    (folder / "__init__.py").write_text("")
    (folder / "one.py").write_text("from types import SimpleNamespace\nTHING = SimpleNamespace(name='first')\n")
    (folder / "beside.py").write_text("NOTHING = 1\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    for name in [name for name in sys.modules if name.startswith("shelf_of_things")]:
        monkeypatch.delitem(sys.modules, name)
    import shelf_of_things  # type: ignore[import-not-found]

    return shelf_of_things  # type: ignore[no-any-return]


def test_modules_that_hold_one_are_found_by_its_name(package: ModuleType) -> None:
    assert list(found_in(package, "THING")) == ["first"]


def test_two_of_one_name_are_a_mistake(package: ModuleType) -> None:
    Path(package.__path__[0], "two.py").write_text(
        "from types import SimpleNamespace\nTHING = SimpleNamespace(name='first')\n"
    )
    with pytest.raises(RuntimeError, match="two of shelf_of_things are called first"):
        found_in(package, "THING")
