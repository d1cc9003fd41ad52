"""One project: filled from a file, proposed, and followed channel by channel while its run goes on."""

from __future__ import annotations

from datetime import datetime

import streamlit as st

from core.actions.rules import ActionState
from core.actor import Role
from core.errors import NotFound
from core.identifiers import parse_id
from core.projects.queries import ChannelProgress, ProjectView
from core.projects.rules import ItemState, RunState
from pages.components.dialogs import close_when_done, dialog, done_with_dialog
from pages.components.page import Screen, carried_out, perform, say, show_messages
from pages.components.project_items import OPENED, item_filters, item_table, show_item
from pages.components.project_words import CHANNELS, ITEM_STATES, project_state, sentence_of
from pages.components.upload_role import name_drop_zones
from pages.components.way import way
from pages.components.words import ago, count, moment, plain, span

LOOK_EVERY_SECONDS = 2.0
_PLACE = "project"
_UPLOADS = "_uploads"
_CANCEL = "_cancel_asked"
_EXAMPLE = """operation,key,to,subject,body
email_send,ravi,ravi@example.com,News,"Hello Ravi, …"
email_send,mona,mona@example.com,News,"Hello Mona, …"
"""
_OVER = (ActionState.REJECTED, ActionState.EXPIRED, ActionState.FAILED)


def show_project(screen: Screen, wanted: str) -> None:
    top = st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center")
    top.button("All projects", icon=":material/arrow_back:", type="tertiary", key="back", on_click=_back)
    project_id = parse_id(wanted)
    try:
        if project_id is None:
            raise NotFound(kind="project", id=wanted[:40])
        view = screen.app.projects_queries.project(screen.actor, project_id)
    except NotFound:
        st.info(
            "There is no such project, or it is not yours to see. Choose one from the list.", icon=":material/info:"
        )
        return
    with top:
        way("Make a package", "/deliverables", {"new": "1", "source": "project", "id": str(project_id)})
    word, colour = project_state(view.row)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.header(plain(view.row.name), anchor=False, width="content")
        st.badge(word, color=colour)
    show_messages(_PLACE)
    draft = view.row.run_state is None
    if draft:
        _draft(screen, view)
    if view.row.items or not draft:
        moves = view.row.run_state in (RunState.RUNNING, RunState.PAUSED) or view.count(ItemState.UNDER_WAY) > 0
        alive = moves or view.row.card_state in (
            ActionState.PENDING, ActionState.APPROVED, ActionState.EXECUTING,
        )  # fmt: skip
        st.fragment(_live, run_every=LOOK_EVERY_SECONDS if alive else None)(screen, view)
    if st.session_state.pop(_CANCEL, False):
        _cancel_dialog(screen, view)
    elif key := st.query_params.get("item"):
        show_item(screen, view, key)


# -- before it is started -------------------------------------------------------------------------------------------


def _draft(screen: Screen, view: ProjectView) -> None:
    st.markdown(sentence_of(view))
    may_change = screen.actor.has(Role.OPERATOR, Role.ADMIN)
    waits = view.row.card_id is not None and view.row.card_state not in (*_OVER, None)
    if waits:
        st.info(
            "All items are before the people who decide, as one card. Adding or changing an item now sends it back.",
            icon=":material/how_to_vote:",
        )  # fmt: skip
        way("Open the card", "/inbox", {"card": str(view.row.card_id)})
    elif view.row.card_state is not None:
        st.info(
            "Its last card was not carried out. Change what is needed and propose it again.", icon=":material/undo:"
        )
    problems = view.count(ItemState.PROBLEM)
    if not may_change:
        return
    if problems:
        st.warning(
            f"{count(problems, 'item')} cannot be planned. Correct each, try again, or go without: what is left out "
            "counts as skipped, with its reason.",
            icon=":material/error:",
        )
    with st.container(horizontal=True):
        if not waits and view.row.items:
            ready = view.count(ItemState.READY)
            st.button(
                f"Propose {count(ready, 'item')}", icon=":material/send:", type="primary", key="propose",
                disabled=bool(problems) or not ready, on_click=_propose, args=(screen, view),
            )  # fmt: skip
        if problems:
            _problem_buttons(screen, view, problems)
    if view.row.items:
        with st.expander("Add more items", icon=":material/upload_file:"):
            _upload(screen, view)
    else:
        with st.container(border=True, width=720):
            _upload(screen, view)


def _upload(screen: Screen, view: ProjectView) -> None:
    number = st.session_state.setdefault(_UPLOADS, 0)  # another key empties the field once a file was added
    file = st.file_uploader(
        "CSV or JSON file", type=["csv", "json"], key=f"items-{number}", max_upload_size=5,
        help="At most 5,000 items and 5 MB. Each is planned when you add it; nothing is sent.",
    )  # fmt: skip
    name_drop_zones(key="items-zones")
    st.button(
        "Add items", icon=":material/add:", type="secondary" if view.row.items else "primary", key="add-items",
        disabled=file is None, on_click=_add, args=(screen, view, file.name if file else "", file.getvalue() if file else b""),
    )  # fmt: skip
    st.markdown(
        "A CSV has the columns `operation` and `key` (your own name for the item), and one for each parameter: `values.name` "
        "stands for a part of `values`. JSON is a list of `{operation, key, params}`."
    )
    st.code(_EXAMPLE, language=None, wrap_lines=True)


def _problem_buttons(screen: Screen, view: ProjectView, problems: int) -> None:
    word = ITEM_STATES[ItemState.PROBLEM][0]
    if st.session_state.get("status") != word:
        st.button("Show them", icon=":material/search:", key="show-problems", on_click=_show, args=(word,))
    st.button("Plan again", icon=":material/refresh:", key="plan-again", on_click=_plan_again, args=(screen, view))
    st.button(
        f"Leave out {problems:,}", icon=":material/playlist_remove:", key="leave-out",
        on_click=_leave_out, args=(screen, view),
    )  # fmt: skip


# -- while it goes on -----------------------------------------------------------------------------------------------


def _live(screen: Screen, drawn: ProjectView) -> None:
    if st.session_state.pop(OPENED, False):
        st.rerun()  # the dialog is drawn outside this fragment
    view = screen.app.projects_queries.project(screen.actor, drawn.row.id)
    if _standing(view) != _standing(drawn):
        st.rerun()  # so are the header and the form
    if view.row.run_state is not None:
        _progress(screen, view)
    st.subheader("Items", anchor=False)
    item_filters(screen, view)
    item_table(screen, view)


def _standing(view: ProjectView) -> tuple[object, ...]:
    return view.row.run_state, view.row.card_state, view.row.card_id, view.version


def _progress(screen: Screen, view: ProjectView) -> None:
    st.markdown(f"**{sentence_of(view)}** {_times(screen, view)}")
    if screen.actor.has(Role.OPERATOR, Role.ADMIN):
        _buttons(screen, view)
    now = view.finished_at or screen.app.clock.now()
    for start in range(0, len(view.channels), 3):
        beside = view.channels[start : start + 3]
        for column, one in zip(st.columns(len(beside)), beside, strict=True):
            with column.container(border=True, width=440 if len(beside) == 1 else "stretch"):
                _channel(view, one, now)


def _times(screen: Screen, view: ProjectView) -> str:
    if view.started_at is None:
        return ""
    if view.finished_at is not None:
        took = span((view.finished_at - view.started_at).total_seconds() * 1000)
        return f"It took {took}, until {moment(view.finished_at, screen.zone)}."
    words = f"Started {ago(view.started_at, screen.app.clock.now())}."
    if view.row.run_state is RunState.PAUSED:
        words += f" Paused by {plain(view.state_by)}: nothing begins until it is resumed."
    return words


def _channel(view: ProjectView, one: ChannelProgress, now: datetime) -> None:
    sent, failed, skipped = (one.counts.get(each, 0) for each in (ItemState.SENT, ItemState.FAILED, ItemState.SKIPPED))
    st.markdown(f"**{CHANNELS[one.kind]}**")
    st.progress(one.over / one.total if one.total else 0.0, text=f"{one.over:,} of {one.total:,}")
    words = [f"{sent:,} sent"]
    words += [f":red[:material/error: {failed:,} failed]"] if failed else []
    words += [f":orange[:material/block: {skipped:,} skipped]"] if skipped else []
    st.markdown(" · ".join(words))
    going = one.over < one.total
    elapsed = (now - view.started_at).total_seconds() if view.started_at else 0
    moving = view.row.run_state is RunState.RUNNING and elapsed >= 1 and sent
    pace = f"{(sent + failed) / elapsed * 60:,.0f} a minute so far" if moving else ""
    if going and (said := ", ".join(filter(None, (pace, one.rate)))):
        st.caption(f"{said[:1].upper()}{said[1:]}.")


def _buttons(screen: Screen, view: ProjectView) -> None:
    if view.row.run_state is RunState.COMPLETED and view.retryable:
        st.button(
            f"Try {count(view.retryable, 'item')} again", icon=":material/replay:", key="retry", on_click=_retry,
            args=(screen, view), help="Those that failed or were stopped by a rule; what is unknown is left to people.",
        )  # fmt: skip
    if view.row.run_state not in (RunState.RUNNING, RunState.PAUSED):
        return
    with st.container(horizontal=True):
        if view.row.run_state is RunState.RUNNING:
            st.button("Pause", icon=":material/pause:", key="pause", on_click=_move, args=(screen, view, "pause"))
        else:
            st.button(
                "Resume", icon=":material/play_arrow:", type="primary", key="resume", on_click=_move,
                args=(screen, view, "resume"),
            )  # fmt: skip
        if st.button("Cancel…", icon=":material/stop:", key="cancel"):
            st.session_state[_CANCEL] = True
            st.rerun()


@dialog("Cancel the run")
def _cancel_dialog(screen: Screen, view: ProjectView) -> None:
    close_when_done()
    left = view.row.items - sum(one.over for one in view.channels)
    st.markdown(f"{count(left, 'item')} not done yet: those that wait are skipped. What was sent stays sent.")
    st.button(
        "Cancel the run",
        icon=":material/stop:",
        type="primary",
        key="cancel-run",
        on_click=_cancel,
        args=(screen, view),
    )


# -- what the buttons do --------------------------------------------------------------------------------------------


def _add(screen: Screen, view: ProjectView, name: str, content: bytes) -> None:
    problems = perform(
        lambda actor: screen.app.projects.add_upload(actor, view.row.id, content, name), place=_PLACE
    )  # fmt: skip
    if problems is not None:
        st.session_state[_UPLOADS] += 1
        say("done", f"Items added; {problems:,} cannot be planned." if problems else "Items added and planned.")


def _propose(screen: Screen, view: ProjectView) -> None:
    perform(
        lambda actor: screen.app.projects.propose(actor, view.row.id), done="Proposed: one card for all items.",
        place=_PLACE,
    )  # fmt: skip


def _leave_out(screen: Screen, view: ProjectView) -> None:
    perform(lambda actor: screen.app.projects.leave_out_problems(actor, view.row.id), done="Left out.", place=_PLACE)


def _plan_again(screen: Screen, view: ProjectView) -> None:
    left = perform(lambda actor: screen.app.projects.plan_again(actor, view.row.id), place=_PLACE)
    if left is not None:
        say("done", f"{count(left, 'item')} still cannot be planned." if left else "All are planned now.")


def _move(screen: Screen, view: ProjectView, what: str) -> None:
    done = {"pause": "Paused. What is under way ends.", "resume": "It goes on."}[what]
    act = screen.app.projects.pause if what == "pause" else screen.app.projects.resume
    carried_out(lambda actor: act(actor, view.row.id), done=done, place=_PLACE)


def _retry(screen: Screen, view: ProjectView) -> None:
    told = perform(lambda actor: screen.app.projects.retry_failed(actor, view.row.id), place=_PLACE)
    if told is not None:
        queued, refused = told
        say("done", f"{count(queued, 'item')} queued again." + (f" {refused:,} refused by a rule." if refused else ""))


def _cancel(screen: Screen, view: ProjectView) -> None:
    carried_out(lambda actor: screen.app.projects.cancel(actor, view.row.id), done="Cancelled.", place=_PLACE)
    done_with_dialog()


def _show(word: str) -> None:
    st.session_state["status"] = word
    st.session_state["page"] = 1


def _back() -> None:
    for name in ("project", "item", "q", "status", "page"):
        st.query_params.pop(name, None)
