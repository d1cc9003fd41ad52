"""Import runs: how does a new installation get its history, and what came in so far?"""

from __future__ import annotations

import streamlit as st

from core.actor import Role
from core.imports.queries import ImportRow
from pages.components.empty import empty_state
from pages.components.import_detail import show_import
from pages.components.import_words import import_state
from pages.components.page import open_page, perform, say
from pages.components.row_table import Cell, Column, Row, row_table
from pages.components.upload_role import name_drop_zones
from pages.components.words import ago, count, moment

screen = open_page(
    title="Import runs", icon=":material/history:", roles=(Role.ANALYST, Role.ADMIN), position=65
)  # fmt: skip
PER_PAGE = 20
_UPLOADS = "_import_uploads"
_COLUMNS = (
    Column("File", wide=True), Column("State"), Column("Runs", number=True), Column("Refused", number=True),
    Column("By"), Column("Handed in"),
)  # fmt: skip


def row_of(row: ImportRow) -> Row:
    word, tone = import_state(row.state)
    cells = (
        Cell(row.name, row.source), Cell(word, "", tone), Cell(f"{row.runs:,}" if row.runs else ""),
        Cell(f"{row.refused:,}" if row.refused else ""), Cell(row.by_name),
        Cell(ago(row.created_at, screen.app.clock.now()), moment(row.created_at, screen.zone)),
    )  # fmt: skip
    return Row(str(row.id), cells, f"/import_runs?import={row.id}")


def open_import(import_id: str) -> None:
    st.query_params["import"] = import_id


def hand_in(key: str) -> None:
    file = st.session_state.get(key)
    if file is None:
        say("error", "Choose a file first.")
        return
    import_id = perform(lambda actor: screen.app.imports.upload(actor, file.name, file))
    if import_id is not None:
        st.session_state[_UPLOADS] += 1
        st.query_params["import"] = str(import_id)


def show_list() -> None:
    place = max(1, int(st.session_state.get("page", 1)))
    rows, total = screen.app.imports_queries.page(screen.actor, offset=(place - 1) * PER_PAGE, limit=PER_PAGE)
    runs = sum(row.runs for row in rows)
    st.markdown(
        f"{count(total, 'import')}, {count(runs, 'run')} brought in by those shown." if total
        else "Bring in what was done before: a case becomes a run, an event becomes a step."
    )  # fmt: skip
    with st.container(border=True, width=720):
        key = f"log-{st.session_state.setdefault(_UPLOADS, 0)}"  # another key empties the field afterwards
        file = st.file_uploader(
            "Event log (CSV, XES, .xes.gz)", type=["csv", "txt", "tsv", "xes", "gz", "xml"], key=key, max_upload_size=200,
            help="At most 200 MB. Each row is an event, with the case it belongs to, what was done, and when.",
        )  # fmt: skip
        name_drop_zones(key="log-zones")
        st.button(
            "Look at the file", icon=":material/search:", type="primary", key="hand-in", disabled=file is None,
            on_click=hand_in, args=(key,),
        )  # fmt: skip
        st.caption("Nothing becomes a run before you have seen what it will be.")
    if not rows:
        empty_state("No import yet. Export an event log from the system you worked with before, and hand it in above.")
        return
    row_table(_COLUMNS, [row_of(one) for one in rows], label="Imports", key="imports", on_open=open_import)
    if total > PER_PAGE:
        st.pagination(-(-total // PER_PAGE), key="page", bind="query-params")


if wanted := st.query_params.get("import"):
    show_import(screen, wanted)
else:
    show_list()
