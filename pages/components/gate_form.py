"""Writing a document at a gate: fields and tables made from its JSON Schema, else text; and saying that a step is done."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import streamlit as st

from core.actor import Actor
from core.executions.automated.answers import DocumentRefused
from core.executions.automated.gate_views import GateView
from core.executions.automated.run_documents import label_of_field
from pages.components.gate_table import is_table, show_table
from pages.components.operation_form import Filled, operation_form
from pages.components.page import Screen, carried_out, say
from pages.components.words import plain

_FINDINGS = "_gate_findings"
_TEXT: Mapping[str, Any] = {"type": "string", "title": "Text", "maxLength": 100_000}
_ITEM = {name: {"type": "string"} for name in ("id", "title", "description")}


def show_document_form(screen: Screen, gate: GateView, *, place: str) -> None:
    """The form of the document that is asked for; handing it in lets the run go on."""
    mark = _mark(gate)
    _show_findings(mark)
    with st.form(f"document-{mark}", border=False, enter_to_submit=False):
        filled = document_fields(gate.content, key=mark)
        sent = st.form_submit_button("Hand in", icon=":material/send:", type="primary", key=f"hand-in-{mark}")
    if sent:
        _send(screen, gate, filled, {}, place, "Handed in. The run goes on.")


def show_guide_form(screen: Screen, gate: GateView, *, place: str) -> None:
    """Notes, the document where the step makes one, and the button that says it is done."""
    mark, filled = _mark(gate), None
    _show_findings(mark)
    with st.form(f"guide-{mark}", border=False, enter_to_submit=False):
        if gate.content.get("produces"):
            st.markdown(f"**{plain(str(gate.content.get('name') or 'Document'))}**")
            filled = document_fields(gate.content, key=mark)
        notes = st.text_area("Notes", key=f"notes-{mark}", max_chars=10_000, height=88)
        sent = st.form_submit_button("Done", icon=":material/check:", type="primary", key=f"done-{mark}")
    if sent:
        _send(screen, gate, filled, {"notes": notes}, place, "Done. The run goes on.")


def document_fields(asked: Mapping[str, Any], *, key: str) -> Filled:
    """Draws the fields; `asked` is {schema, collection_field, draft}. Answers {content} as it stands in them."""
    schema = asked.get("schema") or _made_up(asked)
    draft = asked.get("draft")
    if not _has_fields(schema) or not isinstance(draft, dict | None):
        return _as_json(schema, draft, key)
    fields: Mapping[str, Any] = schema["properties"]
    tables = [name for name, spec in fields.items() if is_table(spec)]
    simple = {
        name: {**spec, "title": spec.get("label") or spec.get("title") or label_of_field(name)}
        for name, spec in fields.items()
        if name not in tables
    }
    values = dict(draft or {})
    required = [name for name in schema.get("required", ()) if name in simple]
    content = {name: value for name, value in values.items() if name not in fields}  # what no field shows is kept
    problems = list[str]()
    by_section = _by_section(fields)
    for place, (section, names) in enumerate(by_section.items()):
        with _section(section, first=place == 0, of=len(by_section)):
            own = {name: simple[name] for name in names if name in simple}
            part = {**schema, "properties": own, "required": [name for name in required if name in own]}
            filled = operation_form(part, values, key=f"field-{key}")
            problems += filled.problems
            content |= filled.values
            if section:  # a text that was cleared is to be left out, not to stay
                content |= {name: "" for name in own if name not in filled.values and values.get(name)}
            for name in (one for one in names if one in tables):
                needed = name in schema.get("required", ()) or name == asked.get("collection_field")
                rows = show_table(name, fields[name], values.get(name), key=f"table-{key}-{name}", needed=needed)
                if rows or needed:
                    content[name] = rows
    ordered = {name: content[name] for name in fields if name in content}
    return Filled({"content": {**ordered, **content}}, tuple(problems))


def _by_section(fields: Mapping[str, Any]) -> dict[str, list[str]]:
    """Names of fields below the heading that their schema gives them; those without one first."""
    found: dict[str, list[str]] = {}
    for name in sorted(fields, key=lambda one: bool(fields[one].get("section"))):
        found.setdefault(str(fields[name].get("section") or ""), []).append(name)
    return found


def _section(title: str, *, first: bool, of: int) -> Any:
    if not title or of == 1:
        return st.container()
    return st.expander(plain(title), expanded=first)


def _made_up(asked: Mapping[str, Any]) -> Mapping[str, Any]:
    """Where the definition gives no schema: a text, and the collection as a table."""
    if asked.get("draft") is not None:
        return {}
    fields: dict[str, Any] = {"text": dict(_TEXT)}
    collection = asked.get("collection_field")
    if collection:
        fields[str(collection)] = {"type": "array", "items": {"type": "object", "properties": _ITEM}}
    return {"type": "object", "properties": fields, "required": [] if collection else ["text"]}


def _has_fields(schema: Mapping[str, Any]) -> bool:
    kind = schema.get("type", "object")
    return kind == "object" and isinstance(schema.get("properties"), Mapping) and bool(schema["properties"])


def _as_json(schema: Mapping[str, Any], draft: Any, key: str) -> Filled:
    first = draft if draft is not None else [] if schema.get("type") == "array" else {}
    shown = json.dumps(first, indent=2, ensure_ascii=False)
    typed = st.text_area("Document, as JSON", shown, key=f"json-{key}", height="content")
    try:
        return Filled({"content": json.loads(typed)})
    except (ValueError, RecursionError) as problem:
        return Filled({}, (f"This is not JSON: {problem}.",))


def _mark(gate: GateView) -> str:
    return f"{gate.row.id}-{gate.row.digest[:12]}"


def _show_findings(mark: str) -> None:
    for words in st.session_state.get(_FINDINGS, {}).get(mark, ()):
        st.error(plain(words), icon=":material/error:")


def _send(
    screen: Screen, gate: GateView, filled: Filled | None, more: Mapping[str, Any], place: str, done: str
) -> None:
    """Hands in what is there; what is wrong with it is shown above the form, which keeps what was typed."""
    wrong: list[str] = list(filled.problems) if filled else []

    def act(actor: Actor) -> None:
        answer = {**more, **(filled.values if filled else {})}
        try:
            screen.app.gates.answer(actor, gate.row.id, answer, digest=gate.row.digest)
        except DocumentRefused as refused:
            wrong.extend(f"{one['path']}: {one['message']}" for one in refused.facts["findings"])

    if not wrong and carried_out(act, place=place) and not wrong:
        say("done", done)
    st.session_state.setdefault(_FINDINGS, {})[_mark(gate)] = wrong
    st.rerun()
