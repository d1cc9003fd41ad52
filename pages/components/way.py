"""A way to another page that the browser follows by itself.

Streamlit's own switch of pages refuses while a filter stands in the address, and filters already drawn would outweigh
the new address.
"""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from urllib.parse import urlencode

import streamlit as st


def way(label: str, path: str, query: Mapping[str, str] | None = None) -> None:
    """Draws `label` as a link that looks like a button; `path` begins with a slash."""
    address = f"{path}?{urlencode(query)}" if query else path
    st.html(f'<a class="way" href="{escape(address)}">{escape(label)}</a>')
