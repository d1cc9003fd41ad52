"""The version that packages name is the one that is released."""

from __future__ import annotations

import tomllib

from core.settings import ROOT
from core.version import VERSION


def test_the_version_is_the_one_of_the_project() -> None:
    assert tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"] == VERSION
