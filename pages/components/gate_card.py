"""A gate as a person meets it, on the run's page and in the inbox: what is asked, about which version, and the answer."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import streamlit as st

from core.actor import Actor
from core.executions.automated.gate_views import GateDocument, GateRow, GateView
from core.executions.automated.rules import GateKind, GateState
from core.executions.automated.run_documents import pretty
from pages.components.automated_document import content_html
from pages.components.card_buttons import REFRESH
from pages.components.card_list import ClosedCard
from pages.components.gate_ballot import show_gate_ballot
from pages.components.gate_form import show_document_form, show_guide_form
from pages.components.gate_links import show_links
from pages.components.gate_questions import show_questions
from pages.components.page import Screen, carried_out, show_messages
from pages.components.panels_view import show_panels
from pages.components.plan_differences import line_difference
from pages.components.site_look import show_built_site
from pages.components.way import way
from pages.components.words import ago, count, length, moment, plain, sentence

_KINDS: Mapping[GateKind, str] = {
    GateKind.START: "To be started",
    GateKind.CLARIFICATION: "Questions",
    GateKind.FORM: "To be written",
    GateKind.GUIDE: "To be done",
    GateKind.ACCEPTANCE: "To be accepted",
    GateKind.APPROVAL: "To be approved",
    GateKind.VOTE: "To be voted on",
    GateKind.ACTION: "An action",
    GateKind.TIME: "Waits for a time",
}


def gate_card(row: GateRow, now: datetime) -> ClosedCard:
    """The gate as a closed card of the inbox."""
    ends = (f"by {ago(row.deadline, now)}",) if row.deadline else ()
    return ClosedCard(
        id=f"gate-{row.id}", title=row.title, quiet=f"{row.run_title} · waits {length(now - row.opened_at)}",
        facts=(_KINDS[row.kind], *ends), tone="orange", word="Run waits", figure="Paused" if row.paused else "",
        alone=True,
    )  # fmt: skip


def show_gate(screen: Screen, gate: GateView, *, in_inbox: bool = False) -> None:
    """Draws the gate; every button is one service call on the version that is shown."""
    row, now, place = gate.row, screen.app.clock.now(), f"gate-{gate.row.id}"
    with st.container(key=f"gate-{row.id}", gap="small"):
        st.header(plain(row.title), anchor=False) if in_inbox else st.subheader(plain(row.title), anchor=False)
        with st.container(horizontal=True, gap="small"):
            st.badge(_KINDS[row.kind], icon=":material/front_hand:", color="orange" if gate.is_open else "gray")
            if row.paused:
                st.badge("The run is paused", icon=":material/pause:", color="gray")
        until = f" · to be decided {ago(row.deadline, now)}" if row.deadline and gate.is_open else ""
        step = "" if gate.step_title == row.title else f", step “{plain(gate.step_title)}”"
        st.caption(f"Run “{plain(row.run_title)}”{step} · waits since {moment(row.opened_at, screen.zone)}{until}")
        if in_inbox and gate.may_see_run:
            way("Open the run", "/runs", {"run": str(row.run_id)})
        show_messages(place)
        if gate.is_open and gate.waits_visibly:
            st.info(plain(gate.waits_visibly), icon=":material/group_off:")
        elif gate.is_open and gate.why_not and (gate.is_answered or gate.is_decided):
            _not_yours(gate)
        _asked(gate)
        if gate.document is not None:
            _document(screen, gate.document)
        built = _built(gate)
        rest = show_built_site(screen, built.content, key=str(row.id)) if built is not None else st.container()
        with rest:
            for one in gate.others:
                _other(one)
            if not gate.is_open:
                _result(screen, gate)
            elif gate.why_not is None:
                _answer(screen, gate, place)
                show_links(screen, gate, place=place)
            if gate.is_decided and gate.decision is not None:
                show_panels(gate.decision, screen.zone)


def _built(gate: GateView) -> GateDocument | None:
    """The built site, where the vote is about one."""
    return next((one for one in gate.others if one.doc_type == "site_preview"), None)


def _not_yours(gate: GateView) -> None:
    mine = next((one for one in gate.decision.ballots if one.mine), None) if gate.decision else None
    if mine is not None:
        st.info("Your vote is counted. It waits for the others.", icon=":material/how_to_vote:")
    elif gate.why_not:
        st.info(f"Not yours to open: {plain(gate.why_not)}", icon=":material/info:")


def _answer(screen: Screen, gate: GateView, place: str) -> None:
    match gate.row.kind:
        case GateKind.CLARIFICATION:
            show_questions(screen, gate, place=place)
        case GateKind.FORM:
            show_document_form(screen, gate, place=place)
        case GateKind.GUIDE:
            show_guide_form(screen, gate, place=place)
        case GateKind.START:
            st.button(
                "Start", icon=":material/play_arrow:", type="primary", key=f"start-{gate.row.id}", on_click=_start,
                args=(screen, gate, place),
            )  # fmt: skip
        case GateKind.ACCEPTANCE | GateKind.APPROVAL | GateKind.VOTE:
            show_gate_ballot(screen, gate, place=place)
        case _:
            pass


def _asked(gate: GateView) -> None:
    """What the step says: an instruction, a question, or which card decides."""
    content = gate.content
    for name in ("description", "text"):
        if gate.row.kind is GateKind.TIME or not content.get(name):
            continue
        said, rest = str(content[name]), ""
        if _built(gate) is not None:  # the site itself stands below; what else is said of it may wait for a click
            said, _, rest = said.partition("\n\n")
        st.text(said)
        if rest:
            with st.expander("Address, version approved, and what is measured afterwards", icon=":material/rule:"):
                st.text(rest)
    tips = content.get("tips") or ()
    if tips:
        st.markdown("\n".join(f"- {plain(str(tip))}" for tip in tips))
    times = [f"about {content['estimated_time']}"] if content.get("estimated_time") else []
    times += [f"then waits {content['waiting_time']}"] if content.get("waiting_time") else []
    if times:
        st.caption(plain(", ".join(times)))
    if content.get("link"):
        st.link_button("Open where it is done", str(content["link"]), icon=":material/open_in_new:")
    if content.get("comment"):
        st.info(f"Sent back: {plain(str(content['comment']))}", icon=":material/undo:")
    if gate.action is not None:
        st.markdown(f"The card “{plain(gate.action.title)}” decides this.")
        way("Open the card", "/inbox", {"card": str(gate.action.id)})


def _document(screen: Screen, document: GateDocument) -> None:
    st.caption(
        f"Version {document.version} by {plain(document.made_by)}, {moment(document.created_at, screen.zone)}"
        f" · {document.digest[:12]}"
    )
    for finding in document.findings:
        st.warning(plain(f"{finding.path}: {finding.message}"), icon=":material/rule:")
    if document.before_version is not None:
        with st.expander(f"What changed since version {document.before_version}", icon=":material/difference:"):
            st.html(line_difference(pretty(document.before), pretty(document.content)))
    st.html(f'<article class="document">{content_html(document.content)}</article>')


def _other(document: GateDocument) -> None:
    with st.expander(
        f"{plain(sentence(document.doc_type))}, version {document.version}", icon=":material/description:"
    ):
        st.html(f'<article class="document">{content_html(document.content)}</article>')


def _result(screen: Screen, gate: GateView) -> None:
    row, answer = gate.row, gate.answer or {}
    if row.state is GateState.WITHDRAWN:
        st.info("This is not asked any more: its run has gone on without it.", icon=":material/block:")
        return
    who, when = plain(row.answered_by or ""), moment(row.closed_at, screen.zone) if row.closed_at else ""
    if gate.is_decided:
        word = "Approved" if answer.get("approved") else "Rejected"
        reason = f": {plain(str(answer['reason']))}" if answer.get("reason") else "."
        st.markdown(f"**{word}** by {who}, {when}{reason}")
        return
    st.markdown(f"Answered by {who}, {when}." if gate.is_answered else f"Closed {when}.")
    if gate.is_answered and answer:
        words = f"What was answered · {count(len(answer), 'field')}"
        with st.expander(words):
            st.html(f'<article class="document">{content_html(dict(answer))}</article>')


def _start(screen: Screen, gate: GateView, place: str) -> None:
    def act(actor: Actor) -> None:
        screen.app.gates.answer(actor, gate.row.id, {}, digest=gate.row.digest)

    if carried_out(act, done="Started. The run goes on.", place=place):
        st.session_state[REFRESH] = True
