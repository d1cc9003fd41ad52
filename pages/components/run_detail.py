"""One run with all that hangs on it: its state, its steps, where the time went, what came of it, who decided."""

from __future__ import annotations

from datetime import timedelta

import streamlit as st

from core.analytics.one_run import LoggedOutcome, RunDetail, StepLine
from core.analytics.rules import Result
from core.decisions.rules import Vote
from core.executions.rules import ENDED, ExecutionState, StepState
from core.outcomes.rules import ProofType, ReviewState
from pages.components.automated_run import show_run
from pages.components.findings import interval_words
from pages.components.page import Screen
from pages.components.run_papers import run_contents, run_history
from pages.components.status import state_badge
from pages.components.words import ago, moment, money, number, percent, plain, quantity, sentence, span

_MOMENT = timedelta(minutes=1)
_RESULTS = {
    Result.SUCCESS: "Counts as a success.",
    Result.FAILURE: "Counts as not successful.",
    Result.NOT_COUNTED: "Does not count in the success rate yet.",
}


def run_detail(screen: Screen, found: RunDetail) -> None:
    _header(screen, found)
    left, right = st.columns([5, 4], gap="medium")
    with left:
        _steps(screen, found)
        run_contents(found)
        run_history(screen, found)
    with right:
        _times(found)
        _savings(found)
        _outcomes(screen, found)
        _decision(screen, found)


def automated_run(screen: Screen, found: RunDetail) -> None:
    """The run as it goes on; what it saves and what came of it lies below."""
    show_run(screen, found.row.id)
    with st.expander("Time, savings, outcomes", icon=":material/savings:"):
        left, right = st.columns(2, gap="medium")
        with left:
            _times(found)
            _savings(found)
        with right:
            _outcomes(screen, found)
            _decision(screen, found)


def _header(screen: Screen, found: RunDetail) -> None:
    run, now = found.row.run, screen.app.clock.now()
    mark = screen.app.imports_queries.marks([run.id]).get(run.id)
    owner = found.row.person or found.row.agent or (mark.person if mark else "") or "nobody"
    helped = f" with {found.row.agent}" if found.row.person and found.row.agent else ""
    st.header(plain(found.row.title), anchor=False)
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        state_badge(run.state.value)
        if run.sample:
            st.badge("Sample", icon=":material/science:", color="violet")
        if mark is not None:
            told = f"From {plain(mark.source)}, case {plain(mark.case_key)}. Its times are those of the file."
            st.badge("Imported", icon=":material/history:", color="gray", help=told)
        words = f"{plain(owner)}{plain(helped)} · started {ago(run.created_at, now)}"
        ended, touched = run.completed_at, run.last_activity_at - run.created_at > _MOMENT
        ending = f" · last touched {ago(run.last_activity_at, now)}" if touched else ""
        ending = f" · ended {ago(ended, now)}" if ended else ending
        st.caption(
            words + ending, help=f"Started {moment(run.created_at, screen.zone)}. Run {run.id}.", width="content"
        )
    if run.error:
        st.error(plain(run.error), icon=":material/error:")
    if run.end_reason:
        st.caption(f"Reason: {plain(run.end_reason)}")


def _steps(screen: Screen, found: RunDetail) -> None:
    run = found.row.run
    with st.container(border=True, gap="xsmall", key="run-steps"):
        st.subheader("Steps", anchor=False)
        st.caption(f"{run.steps_completed} of {run.total_steps} done")
        st.progress(run.steps_completed / run.total_steps if run.total_steps else 0.0)
        if not found.steps:
            st.caption("This run keeps no steps.")
        for step in found.steps:
            _step(found, step)


def _step(found: RunDetail, step: StepLine) -> None:
    stopped = step.state is StepState.ACTIVE and found.row.run.state in ENDED
    icon = {
        StepState.DONE: ":green[:material/check_circle:]",
        StepState.ACTIVE: ":material/block:" if stopped else ":blue[:material/play_arrow:]",
        StepState.PENDING: ":gray[:material/radio_button_unchecked:]",
    }[step.state]
    words = {StepState.DONE: span(step.work_ms) if step.work_ms else "done", StepState.PENDING: ""}.get(
        step.state, "stopped here" if stopped else "under way"
    )
    with st.container(horizontal=True, horizontal_alignment="distribute"):
        st.markdown(f"{icon} {step.number}. {plain(step.title)}", width="stretch")
        st.markdown(f":gray[{words}]", width="content")
    if step.notes:
        st.caption(plain(step.notes))


def _times(found: RunDetail) -> None:
    run = found.row.run
    parts = (("Work", run.work_ms), ("Waiting", run.wait_ms), ("AI", run.ai_ms))
    total = sum(ms for _, ms in parts)
    with st.container(border=True, gap="xsmall", key="run-times"):
        st.subheader("Where the time went", anchor=False)
        if not total:
            st.caption("No time is recorded yet.")
            return
        for name, ms in parts:
            with st.container(horizontal=True, horizontal_alignment="distribute"):
                st.markdown(f"{name} :gray[{percent(ms / total)}]", width="content")
                st.markdown(span(ms) if ms else "–", width="content")
        took = found.metrics.duration_seconds
        whole = f"From start to end {span(took * 1000)}." if took is not None else "The clock still runs."
        st.caption(whole)


def _savings(found: RunDetail) -> None:
    run = found.row.run
    with st.container(border=True, gap="xsmall", key="run-savings"):
        st.subheader("What it saves", anchor=False)
        estimate, currency = found.metrics.estimated_weekly_savings, found.metrics.savings_currency
        if estimate is not None and currency:
            st.markdown(f"**Estimated** {plain(money(estimate, currency))} a week")
            st.caption(_basis(run.rate_card or {}, currency))
        elif run.state is ExecutionState.COMPLETED:
            st.markdown("**Estimated** nothing: the workflow had no rate card that day.")
        elif run.state in ENDED:
            st.markdown("**Estimated** nothing: only completed runs save.")
        else:
            st.markdown("**Estimated** once it is completed.")
        for name, kept in (
            ("Measured", [o for o in found.outcomes if o.outcome.review_state is not ReviewState.REJECTED]),
            ("Proven", [o for o in found.outcomes if _is_proven(o)]),
        ):
            values = ", ".join(quantity(o.outcome.value, o.outcome.unit) for o in kept) or "nothing yet"
            st.markdown(f"**{name}** {plain(values)}")
        rate = found.workflow_rate
        if rate.share is not None:
            comparison = (
                f"{percent(rate.share)} of {number(rate.n, 0)} runs of this workflow succeeded ({interval_words(rate)})"
            )
            st.caption(f"{_RESULTS[found.result]} {comparison}.")
        else:
            st.caption(_RESULTS[found.result])


def _basis(card: dict[str, object], currency: str) -> str:
    """The chain from the estimate to its inputs, as they were on that day."""
    try:
        share = percent(float(str(card["automation_percent"])))
        wage = plain(money(_decimal(card["hourly_wage"]), currency))
        tasks, minutes = number(_decimal(card["tasks_per_week"])), number(_decimal(card["minutes_per_task"]))
    except (KeyError, ValueError, ArithmeticError):
        return "From the rate card of its day."
    since = f", rate card from {card['effective_from']}" if card.get("effective_from") else ""
    return f"{tasks} tasks a week × {minutes} min × {share} at {wage} an hour, with avoided errors and faster tasks{since}."


def _decimal(value: object) -> float:
    return float(str(value))


def _is_proven(logged: LoggedOutcome) -> bool:
    outcome = logged.outcome
    return outcome.review_state is ReviewState.VERIFIED and outcome.proof_type is not ProofType.NONE


def _outcomes(screen: Screen, found: RunDetail) -> None:
    with st.container(border=True, gap="xsmall", key="run-outcomes"):
        st.subheader("Outcomes", anchor=False)
        if not found.outcomes:
            st.caption("Nothing was logged for this run.")
        for logged in found.outcomes:
            outcome = logged.outcome
            with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
                words = (
                    f"**{plain(quantity(outcome.value, outcome.unit))}** :gray[{sentence(outcome.metric_type.value)}"
                )
                st.markdown(f"{words} · {ago(outcome.logged_at, screen.app.clock.now())}]", width="stretch")
                waits = outcome.review_state is ReviewState.PENDING
                bare = waits and outcome.proof_type is ProofType.NONE
                state_badge(
                    outcome.review_state.value,
                    words="Measured, no proof" if bare else "Waits for review" if waits else None,
                )
            for proof in logged.proofs:
                st.caption(f":material/attach_file: {plain(proof.name)} · {number(proof.size / 1000, 0)} kB")
            if outcome.note or outcome.review_reason:
                st.caption(plain(" · ".join(part for part in (outcome.note, outcome.review_reason) if part)))


def _decision(screen: Screen, found: RunDetail) -> None:
    if found.decision is None:
        return
    with st.container(border=True, gap="xsmall", key="run-decision"):
        st.subheader("Decision", anchor=False)
        st.caption(plain(found.row.council or "Council"))
        state_badge(found.decision.state.value)
        for ballot in found.votes:
            icon = {Vote.APPROVE: "thumb_up", Vote.REJECT: "thumb_down", Vote.ABSTAIN: "remove"}[ballot.vote]
            said = f": {plain(ballot.reason)}" if ballot.reason else ""
            when = ago(ballot.cast_at, screen.app.clock.now())
            st.markdown(f":material/{icon}: {plain(ballot.voter_name)} {_VOTED[ballot.vote]}{said} :gray[{when}]")


_VOTED = {Vote.APPROVE: "approved", Vote.REJECT: "rejected", Vote.ABSTAIN: "abstained"}
