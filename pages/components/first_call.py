"""How a program makes its first call: in a sentence, a line to copy, and where to read on."""

from __future__ import annotations

import streamlit as st

from pages.components.page import Screen


def first_call(screen: Screen) -> None:
    """Folded, because it is read once."""
    base = screen.app.settings.base_url
    with st.expander("How a program makes its first call", icon=":material/terminal:"):
        st.markdown("Make a token, put it where the dots are, and this answers your last runs:")
        st.code(
            f'curl "{base}/api/workflows?limit=5" \\\n  --header "Authorization: Bearer cs_…"',
            language="sh", wrap_lines=True,
        )  # fmt: skip
        st.markdown(
            "A 401 means the token is not known or has ended; a 403 says which permission is missing. Every route, with "
            "examples to try, is in the [API documentation](/api/docs). Programs to start from lie in `examples/` beside "
            "the product, and `docs/API.md` says what holds for all of them."
        )
        st.markdown("AI assistants that speak MCP connect to this address, with the same kind of token:")
        st.code(f"{base}/mcp", language=None, wrap_lines=True)
