"""Runs every benchmark of this folder (`measure()` in each), or the ones named: `python -m benchmarks rerun`.

One that takes arguments is called by its own name: `python -m benchmarks.api --keep FOLDER`.
"""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

_NOT_BENCHMARKS = {
    "__init__", "__main__", "measure", "streamlit_client", "empty_page", "empty_script", "installation", "sample_sites",
    "judged_sites", "cluster",
}  # fmt: skip


def main(wanted: list[str]) -> None:
    found = sorted(path.stem for path in Path(__file__).parent.glob("*.py") if path.stem not in _NOT_BENCHMARKS)
    for name in wanted or found:
        importlib.import_module(f"benchmarks.{name}").measure()


if __name__ == "__main__":
    main(sys.argv[1:])
