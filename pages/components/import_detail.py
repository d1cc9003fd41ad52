"""One import, step by step: what the file holds, what it means, what it will be, what it was."""

from __future__ import annotations

import streamlit as st

from core.errors import NotFound
from core.identifiers import parse_id
from core.imports.queries import ImportView
from core.imports.rules import ImportState
from pages.components.dialogs import close_when_done, dialog, done_with_dialog
from pages.components.import_mapping import mapping_form
from pages.components.import_preview import preview
from pages.components.import_refused import refused_rows
from pages.components.import_words import DELIMITERS, ENCODINGS, import_state, size_words
from pages.components.page import Screen, carried_out, show_messages
from pages.components.way import way
from pages.components.words import ago, count, moment, plain

LOOK_EVERY_SECONDS = 1.0
PLACE = "import"
_STEPS = ("1. File", "2. Columns", "3. Preview", "4. Runs")


def show_import(screen: Screen, wanted: str) -> None:
    st.button("All imports", icon=":material/arrow_back:", type="tertiary", key="back", on_click=_back)
    import_id = parse_id(wanted)
    try:
        if import_id is None:
            raise NotFound(kind="import", id=wanted[:40])
        view = screen.app.imports_queries.one(screen.actor, import_id)
    except NotFound:
        st.info(
            "There is no such import. It may have been discarded; choose one from the list.", icon=":material/info:"
        )
        return
    word, colour = import_state(view.row.state)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.header(plain(view.row.name), anchor=False, width="content")
        st.badge(word, color=colour)
    _way_there(view)
    show_messages(PLACE)
    _found(screen, view)
    match view.row.state:
        case ImportState.UPLOADED:
            mapping_form(screen, view)
        case ImportState.READY:
            if st.session_state.get(_changing(view)):
                mapping_form(screen, view)
            else:
                preview(screen, view)
                st.button(
                    "Change the columns",
                    icon=":material/edit:",
                    type="tertiary",
                    key="change",
                    on_click=_change,
                    args=(view,),
                )
        case ImportState.FAILED:
            _failed(screen, view)
        case ImportState.DONE | ImportState.TAKEN_BACK:
            _over(screen, view)
        case ImportState.READING | ImportState.WRITING | ImportState.TAKING_BACK:
            st.fragment(_live, run_every=LOOK_EVERY_SECONDS)(screen, view)
    _buttons(screen, view)


def _way_there(view: ImportView) -> None:
    at = {
        ImportState.UPLOADED: 1, ImportState.READING: 2, ImportState.READY: 2, ImportState.WRITING: 3, ImportState.DONE: 4,
    }.get(view.row.state)  # fmt: skip
    if at is None:
        return
    words = [f"**{step}**" if number == at else f":gray[{step}]" for number, step in enumerate(_STEPS)]
    st.markdown(" &ensp;›&ensp; ".join(words))


def _found(screen: Screen, view: ImportView) -> None:
    found = view.found
    words = [size_words(view.size), count(found.rows, "row"), count(len(found.columns), "column")]
    if found.cases is not None:
        words.append(f"about {count(found.cases, 'case')}")
    if found.first and found.last:
        words.append(f"{found.first:%-d %b %Y} to {found.last:%-d %b %Y}")
    if view.layout.kind == "csv":
        words.append(
            f"{ENCODINGS.get(view.layout.encoding, view.layout.encoding)}, {DELIMITERS[view.layout.delimiter].lower()}"
        )
    else:
        words.append("XES")
    st.caption(
        " · ".join(words)
        + f" · handed in by {plain(view.row.by_name)} {ago(view.row.created_at, screen.app.clock.now())}",
        help=f"SHA-256 {view.sha256}",
    )
    for note in found.notes:
        st.info(note, icon=":material/translate:")
    if found.broken:
        st.warning(f"{count(found.broken, 'row')} cannot be read at all and will be refused.", icon=":material/error:")
    if view.before and view.row.state in (ImportState.UPLOADED, ImportState.READY):
        earlier = view.before[0]
        st.info(
            f"The same file was imported {ago(earlier.created_at, screen.app.clock.now())} with the source "
            f"“{plain(earlier.source)}”. With the same source its cases are found again and none comes in twice.",
            icon=":material/history:",
        )


def _live(screen: Screen, drawn: ImportView) -> None:
    view = screen.app.imports_queries.one(screen.actor, drawn.row.id)
    if view.row.state is not drawn.row.state:
        st.rerun()
    match view.row.state:
        case ImportState.READING:
            rehearsing = view.staged or view.progress >= 1
            text = "Every case is tried out …" if rehearsing else f"{view.rows_read:,} of {view.found.rows:,} rows read"
            st.progress(view.progress, text=text)
        case ImportState.WRITING:
            text = f"{view.written.total:,} runs written, {view.written.cases:,} of {view.plan.cases:,} cases seen"
            st.progress(view.progress, text=text)
        case _:
            st.progress(1.0, text="The runs of this import are being taken out …")
    st.caption("A worker does this; you can leave the page.")


def _over(screen: Screen, view: ImportView) -> None:
    if view.row.state is ImportState.TAKEN_BACK:
        st.info(
            f"Taken back by {plain(view.taken_back_by or 'somebody')}. None of its runs is here any more.",
            icon=":material/undo:",
        )
        return
    written = view.written
    with st.container(horizontal=True, key="import-figures"):
        st.metric("Runs", f"{written.total:,}")
        st.metric("Completed", f"{written.runs['completed']:,}")
        st.metric("Abandoned", f"{written.runs['abandoned']:,}")
        st.metric("Steps", f"{written.steps:,}")
        st.metric("Outcomes", f"{written.outcomes:,}")
    ended = moment(view.row.ended_at, screen.zone) if view.row.ended_at else ""
    st.markdown(
        f"They are runs of **{plain(view.workflow_title)}** from the source “{plain(view.row.source)}”, since {ended}. "
        f"{count(written.with_user, 'run')} {'belongs' if written.with_user == 1 else 'belong'} to a user of this "
        "installation. Outcomes count as measured and wait for review."
    )
    if written.total:
        way("See the runs", "/runs", {"workflow": view.workflow_title})
    refused_rows(screen, view, view.written)


def _failed(screen: Screen, view: ImportView) -> None:
    st.error(plain(view.error), icon=":material/error:")
    if view.written.total:
        st.markdown(f"{count(view.written.total, 'run')} had been written. Going on begins behind them.")
    st.button(
        "Try again", icon=":material/replay:", type="primary", key="again", on_click=_act,
        args=(screen, view, "try_again", "It goes on."),
    )  # fmt: skip
    if not view.written.total:
        with st.expander("Change the columns", icon=":material/edit:"):
            mapping_form(screen, view)


def _buttons(screen: Screen, view: ImportView) -> None:
    state = view.row.state
    if state in (ImportState.UPLOADED, ImportState.READY) or (state is ImportState.FAILED and not view.written.total):
        st.button(
            "Discard the file", icon=":material/delete:", type="tertiary", key="discard", on_click=_discard,
            args=(screen, view),
        )  # fmt: skip
    elif (
        state in (ImportState.DONE, ImportState.WRITING, ImportState.FAILED)
        and view.started_at is not None
        and st.button("Take back…", icon=":material/undo:", key="take-back")
    ):
        _take_back_dialog(screen, view)


@dialog("Take back the import")
def _take_back_dialog(screen: Screen, view: ImportView) -> None:
    close_when_done()
    st.markdown(
        f"{count(view.written.total, 'run')} of “{plain(view.row.source)}” and everything that hangs on them go: steps, "
        "outcomes, and the proofs and reviews that people added since. The workflow stays. The audit keeps who did it."
    )
    st.button(
        "Take back",
        icon=":material/undo:",
        type="primary",
        key="take-back-now",
        on_click=_take_back,
        args=(screen, view),
    )


def _take_back(screen: Screen, view: ImportView) -> None:
    _act(screen, view, "take_back", "The runs are being taken out.")
    done_with_dialog()


def _act(screen: Screen, view: ImportView, what: str, done: str) -> None:
    act = {"try_again": screen.app.imports.try_again, "take_back": screen.app.imports.take_back}[what]
    carried_out(lambda actor: act(actor, view.row.id), done=done, place=PLACE)


def _discard(screen: Screen, view: ImportView) -> None:
    if carried_out(lambda actor: screen.app.imports.discard(actor, view.row.id), done="Discarded.", place=PLACE):
        _back()


def _changing(view: ImportView) -> str:
    return f"_changing-{view.row.id}"


def _change(view: ImportView) -> None:
    st.session_state[_changing(view)] = True


def _back() -> None:
    for name in ("import", "page"):
        st.query_params.pop(name, None)
