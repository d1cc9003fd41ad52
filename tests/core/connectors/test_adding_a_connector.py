"""The example in docs/ADDING_A_CONNECTOR.md: put where it says, it is found, and it keeps the contract."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from core.settings import ROOT

_RUN = """
import sys
import core.connectors, tests.core.connectors.counterparts as counterparts
core.connectors.__path__.append(sys.argv[1] + "/connectors")
counterparts.__path__.append(sys.argv[1] + "/counterparts")
import pytest
suite = "tests/core/connectors/test_contract.py"
sys.exit(pytest.main([suite, "-q", "-k", "slack or every_operation", "-p", "no:cacheprovider"]))
"""


def test_example_is_found_by_its_place_and_keeps_the_contract(tmp_path: Path) -> None:
    blocks = re.findall(r"```python\n(.*?)```", (ROOT / "docs" / "ADDING_A_CONNECTOR.md").read_text(), re.S)
    for place, code in zip(("connectors", "counterparts"), blocks, strict=True):
        (tmp_path / place).mkdir()
        (tmp_path / place / "slack.py").write_text(code)

    ran = subprocess.run(
        [sys.executable, "-c", _RUN, str(tmp_path)], cwd=ROOT, capture_output=True, text=True, timeout=100
    )  # fmt: skip

    assert ran.returncode == 0, ran.stdout[-3000:] + ran.stderr[-1000:]


def test_example_is_as_short_as_it_says() -> None:
    """Forty lines beside imports, blank lines and its first sentence."""
    code = (ROOT / "docs" / "ADDING_A_CONNECTOR.md").read_text().split("```python\n")[1].split("```")[0]
    lines = [line for line in code.splitlines() if line.strip() and not line.startswith(("from ", "import ", '"""'))]
    assert len(lines) <= 45
