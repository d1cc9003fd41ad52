"""The dialog that imports a definition: a file or pasted text, checked as a whole, with every problem in a table."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

import streamlit as st

from core.actor import Actor
from core.catalog.problems import Problem
from core.catalog.service import DefinitionsRefused, Imported
from pages.components.dialogs import close_when_done, dialog, done_with_dialog
from pages.components.page import Screen, perform, say, show_messages
from pages.components.upload_role import name_drop_zones
from pages.components.words import count

_PLACE, _FOUND = "import", "_import_problems"
_FILE, _TEXT = "definition-file", "definition-text"


@dialog("Import a definition", width="large")
def import_dialog(screen: Screen) -> None:
    close_when_done()
    st.markdown("A definition as a JSON file, or its text. All of it is checked before anything is taken in.")
    st.file_uploader("File", type=["json"], key=_FILE, max_upload_size=1)
    name_drop_zones(key="definition-zones")
    st.text_area("Or its text", key=_TEXT, height=180, placeholder='{"schema_version": "workflow.v2", …}')
    show_messages(_PLACE)
    if problems := st.session_state.get(_FOUND):
        problem_table(problems)
    with st.container(horizontal=True):
        st.button(
            "Import", icon=":material/upload_file:", type="primary", key="import-now", on_click=_import, args=(screen,)
        )
        st.button("Only check", icon=":material/rule:", key="check-now", on_click=_check, args=(screen,))


def problem_table(problems: Sequence[Problem]) -> None:
    """Every problem with its place and what to do, errors first."""
    ordered = sorted(problems, key=lambda one: one.severity == "warning")
    rows = "".join(
        f"<tr><td>{'Error' if one.severity == 'error' else 'Warning'}</td><td><code>{escape(one.path)}</code></td>"
        f"<td>{escape(one.message)}. {escape(one.remedy)}</td><td>{escape(one.code)}</td></tr>"
        for one in ordered
    )
    head = "".join(f'<th scope="col">{name}</th>' for name in ("Kind", "Place", "What and what to do", "Code"))
    st.html(
        f'<div style="overflow-x:auto" tabindex="0" role="region" aria-label="Problems">'
        f'<table class="diff"><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>'
    )


def _content() -> bytes | None:
    upload, text = st.session_state.get(_FILE), str(st.session_state.get(_TEXT) or "")
    if upload is not None:
        return bytes(upload.getvalue())
    return text.encode("utf-8", "surrogatepass") if text.strip() else None


def _import(screen: Screen) -> None:
    content = _content()
    st.session_state.pop(_FOUND, None)
    if content is None:
        say("error", "There is nothing to import. Choose a file or paste the text.", place=_PLACE)
        return

    def take_in(actor: Actor) -> Imported | DefinitionsRefused:
        try:
            return screen.app.catalog.import_file(actor, content)
        except DefinitionsRefused as refused:
            return refused

    found = perform(take_in, place=_PLACE)
    if isinstance(found, DefinitionsRefused):
        st.session_state[_FOUND] = found.problems
        say("error", _summary(found.problems) + " Nothing was imported.", place=_PLACE)
    elif found is not None:
        warned = f" with {count(len(found.warnings), 'warning')}" if found.warnings else ""
        say("done", f"Imported {', '.join(found.digests)}{warned}.")
        if len(found.digests) == 1:
            st.query_params["workflow"] = next(iter(found.digests))
        done_with_dialog()


def _check(screen: Screen) -> None:
    content = _content()
    st.session_state.pop(_FOUND, None)
    if content is None:
        say("error", "There is nothing to check. Choose a file or paste the text.", place=_PLACE)
        return
    checked = perform(lambda actor: screen.app.catalog.check(actor, content), place=_PLACE)
    if checked is None:
        return
    st.session_state[_FOUND] = checked.problems
    say("error" if checked.errors else "info", _summary(checked.problems), place=_PLACE)


def _summary(problems: Sequence[Problem]) -> str:
    errors = sum(one.severity == "error" for one in problems)
    warnings = len(problems) - errors
    if not problems:
        return "No problems. It can be imported."
    told = [count(errors, "error")] if errors else []
    told += [count(warnings, "warning")] if warnings else []
    return f"{' and '.join(told)}.{'' if errors else ' It can be imported.'}"
