"""The steps of a run as a tree: with a mouse, a thumb, or the arrow keys; times tick in the browser."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import streamlit as st

from pages.components.automated_rows import Folding, TreeRow, as_data


def run_tree(
    rows: Sequence[TreeRow], *, selected: str | None, folding: Folding, key: str, on_select: Callable[[str], Any]
) -> None:
    """Draws the lines; a click calls `on_select(path)`, folding and turning change `folding`."""

    def changed() -> None:
        did = getattr(st.session_state.get(key), "done", None)
        if not isinstance(did, Mapping):
            return
        path, what = str(did.get("path") or ""), did.get("what")
        if what == "fold":
            folding.opened[path] = bool(did.get("open"))
        elif what == "turn":
            folding.first[path] = int(did.get("first") or 0)
        elif path:
            on_select(path)

    _component()(data={"rows": as_data(rows), "selected": selected}, key=key, on_done_change=changed)


@cache
def _component() -> Any:
    here = Path(__file__)
    return st.components.v2.component(
        "countersign_run_tree",
        # until the first drawing
        html='<div class="tree" role="tree" aria-label="Steps of the run">'
        '<div role="treeitem" aria-level="1" aria-selected="false" tabindex="0">Steps</div></div>',
        css=here.with_suffix(".css").read_text(),
        js=here.with_suffix(".js").read_text(),
    )
