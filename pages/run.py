"""Run a workflow: what do I do now, and how far am I?"""

from __future__ import annotations

import streamlit as st

from core.actor import Role
from core.errors import NotFound
from core.executions.queries import RunRow
from core.executions.rules import ExecutionState, GoesOnByItself
from core.executions.walk import Walk
from core.identifiers import parse_id
from pages.components.empty import empty_state
from pages.components.page import Screen, open_page, perform
from pages.components.status import state_badge
from pages.components.step_executor import show_executor
from pages.components.way import way
from pages.components.words import ago, count, money, plain, span

screen = open_page(
    title="Run a workflow", icon=":material/checklist:", roles=(Role.USER, Role.OPERATOR, Role.ADMIN), position=20,
    nav="Run", heading=False,
)  # fmt: skip


def choose(runs: list[RunRow]) -> None:
    """The runs one can go on with; with one of them there is nothing to choose."""
    st.title("Run a workflow", anchor=False)
    if not runs:
        line = "You have no open run. Choose a workflow, and its first step opens here."
        empty_state(line, icon=":material/checklist:", page="pages/discover.py", label="Discover workflows")
        return
    st.markdown(f"You have {count(len(runs), 'open run')}. Go on where you left off.")
    now = screen.app.clock.now()
    for run in runs:
        with st.container(border=True, horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
            st.markdown(
                f"**{plain(run.title)}**  \n:gray[Step {run.progress.current} of {run.progress.total}, "
                f"last touched {ago(run.last_activity_at, now)}]",
                width="stretch",
            )
            st.button("Go on", key=f"open-{run.id}", type="primary", on_click=open_run, args=(str(run.id),))


def open_run(execution_id: str) -> None:
    st.query_params["execution"] = execution_id


def start_again(walk: Walk) -> None:
    found = perform(lambda actor: screen.app.executions.start(actor, walk.workflow_id))
    if found is not None:
        open_run(str(found))


def show_end(screen: Screen, walk: Walk) -> None:
    """What a run that ended leaves: times, estimate, notes, and the next thing to do."""
    completed = walk.state is ExecutionState.COMPLETED
    with st.container(horizontal=True, gap="small"):
        state_badge(walk.state.value)
    worked = walk.timer.work_ms + walk.timer.ai_ms
    waited = f", and {span(walk.timer.wait_ms)} of waiting" if walk.timer.wait_ms >= 60_000 else ""
    st.markdown(f"{walk.progress.done} of {walk.progress.total} steps in **{span(worked)}** of work{waited}.")
    if walk.end_reason:
        st.markdown(f"Reason: {plain(walk.end_reason)}")
    if walk.error:
        st.error(plain(walk.error), icon=":material/error:")
    if completed and walk.calculated_savings and walk.savings_currency:
        weekly = money(walk.calculated_savings, walk.savings_currency)
        st.markdown(f"Estimated to save **{weekly} a week**. Log what really came of it: that is what counts.")
    if walk.mine:
        with st.container(horizontal=True, gap="small"):
            if completed and st.button("Log an outcome", type="primary", icon=":material/add_chart:", key="log"):
                st.switch_page("pages/outcomes.py", query_params={"execution": str(walk.id)})
            st.button(
                "Start again", icon=":material/replay:", key="again", on_click=start_again, args=(walk,),
                type="secondary" if completed else "primary",
            )  # fmt: skip
    noted = [step for step in walk.steps if step.notes]
    if noted:
        st.markdown("## Notes")
        for step in noted:
            with st.container(border=True):
                st.markdown(f"**{step.number}. {plain(step.title)}**")
                st.text(step.notes)


wanted = parse_id(st.query_params.get("execution", ""))
open_runs = [] if wanted else screen.app.executions_queries.open_runs(screen.actor)
if wanted is None and len(open_runs) == 1:
    wanted = open_runs[0].id
    open_run(str(wanted))
if wanted is None:
    choose(open_runs)
else:
    try:
        walk = screen.app.executions_queries.walk(screen.actor, wanted)
    except NotFound:
        st.title("Run a workflow", anchor=False)
        st.info("There is no such run, or it is not yours to see.", icon=":material/info:")
        choose(screen.app.executions_queries.open_runs(screen.actor))
    except GoesOnByItself as told:
        st.title("Run a workflow", anchor=False)
        st.info(str(told), icon=":material/info:")
        way("Open the run", "/runs", {"run": str(wanted)})
    else:
        st.title(plain(walk.title), anchor=False)
        if not walk.mine:
            st.caption(f"You are reading a run of {plain(walk.owner_name or walk.agent_id or 'somebody')}.")
        if walk.open:
            show_executor(screen, walk)
        else:
            show_end(screen, walk)
