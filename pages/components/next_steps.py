"""What a person should do next, the most pressing first, each one click away."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

import streamlit as st

from core.actor import Role
from core.executions.rules import RUNNERS
from pages.components.page import Screen
from pages.components.words import ago, count, plain


@dataclass(frozen=True)
class NextStep:
    line: str
    """The situation as a sentence, in Markdown."""
    page: str
    label: str
    icon: str
    query: dict[str, str] = field(default_factory=dict)


def next_steps(screen: Screen) -> list[NextStep]:
    """Decisions before own work, own work before something new."""
    found = [*_decisions(screen), *_answers(screen), *_own_work(screen)]
    if screen.actor.has(*RUNNERS):
        found.append(_something_new(screen))
    if screen.actor.has(Role.ANALYST, Role.COUNCIL) and not screen.actor.has(Role.OPERATOR, Role.ADMIN):
        found.append(
            NextStep(
                "See what was saved, and what works for whom.", "analytics", "Open analytics", ":material/monitoring:"
            )
        )
    return found


def show_steps(steps: list[NextStep]) -> None:
    """The first as the page's one primary button, the others as cards."""
    for place, step in enumerate(steps):
        if place == 0:
            if st.button(step.label, icon=step.icon, type="primary", key="next-0"):
                st.switch_page(f"pages/{step.page}.py", query_params=step.query)
            continue
        with st.container(border=True, horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
            st.markdown(step.line)
            if st.button(step.label, icon=step.icon, key=f"next-{place}"):
                st.switch_page(f"pages/{step.page}.py", query_params=step.query)


def _decisions(screen: Screen) -> list[NextStep]:
    if not screen.actor.has(Role.OPERATOR, Role.COUNCIL, Role.ADMIN):
        return []
    midnight = screen.app.clock.now().astimezone(screen.zone).replace(hour=0, minute=0, second=0, microsecond=0)
    inbox = screen.app.actions_queries.inbox(screen.actor, limit=1, today_ends=midnight + timedelta(days=1))
    if not inbox.total:
        return []
    soon = f", {count(inbox.expiring_today, 'expires', 'expire')} today" if inbox.expiring_today else ""
    line = f"**{count(inbox.total, 'decision')}** {'waits' if inbox.total == 1 else 'wait'} for you{soon}."
    return [NextStep(line, "inbox", "Open the inbox", ":material/inbox:")]


def _answers(screen: Screen) -> list[NextStep]:
    """Runs that wait for the reader, for whom there is no inbox too."""
    rows, total = screen.app.gates_queries.waiting(screen.actor, limit=1)
    if not rows:
        return []
    more = f", and {count(total - 1, 'other answer')} wait{'s' if total == 2 else ''} for you" if total > 1 else ""
    line = f"**{plain(rows[0].title)}** in {plain(rows[0].run_title)}{more}."
    query = {"run": str(rows[0].run_id), "node": rows[0].path}
    return [NextStep(line, "runs", "Open the run", ":material/front_hand:", query)]


def _own_work(screen: Screen) -> list[NextStep]:
    now = screen.app.clock.now()
    return [
        NextStep(
            f"**{plain(run.title)}**: step {run.progress.current} of {run.progress.total}, "
            f"touched {ago(run.last_activity_at, now)}.",
            "run", "Continue", ":material/play_arrow:", {"execution": str(run.id)},
        )
        for run in screen.app.executions_queries.open_runs(screen.actor, limit=3)
    ]  # fmt: skip


def _something_new(screen: Screen) -> NextStep:
    assert screen.actor.user_id is not None
    if screen.app.identity_queries.profile(screen.actor.user_id) is None:
        line = "Say in four answers what you do, and get a workflow that suits you."
        return NextStep(line, "discover", "Start", ":material/explore:")
    return NextStep("Find your next workflow.", "discover", "Discover workflows", ":material/explore:")
