"""Tells screen readers that Streamlit's drop zone is a named group."""

from __future__ import annotations

from functools import cache
from typing import Any

import streamlit as st

_SCRIPT = """
export default function () {
  // Streamlit 1.67 gives the zone role="presentation" and a name: a contradiction (axe: presentation-role-conflict).
  const name = () => document.querySelectorAll('[data-testid="stFileUploaderDropzone"][role="presentation"]')
    .forEach((zone) => zone.setAttribute("role", "group"));
  name();
  const watch = new MutationObserver(name);
  watch.observe(document.body, { childList: true, subtree: true, attributeFilter: ["role"] });
  return () => watch.disconnect();
}
"""


def name_drop_zones(*, key: str) -> None:
    """Call it once beside an upload field."""
    _component()(key=key)


@cache
def _component() -> Any:
    return st.components.v2.component("countersign_upload_role", js=_SCRIPT)
