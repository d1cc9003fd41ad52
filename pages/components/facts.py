"""Names and what is so, in two columns."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape

import streamlit as st


def facts_table(facts: Mapping[str, str]) -> None:
    """Draws the facts that there are; those without words are left out."""
    rows = "".join(
        f'<tr><th scope="row">{escape(name)}</th><td>{escape(said)}</td></tr>' for name, said in facts.items() if said
    )
    st.html(f'<table class="diff"><tbody>{rows}</tbody></table>')
