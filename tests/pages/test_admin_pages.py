"""Jobs, People and Audit as an admin uses them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta

import pytest
from streamlit.testing.v1 import AppTest

from core.actor import Actor, Role, Tier
from core.bootstrap import Application
from core.clock import ManualClock
from core.identity.rules import Scope
from core.schedule.rules import JobRunState
from core.schedule.service import JobDescription
from tests.pages.conftest import Visit


@pytest.fixture
def jobs(app: Application) -> None:
    app.schedule.introduce(
        [
            JobDescription("nightly", "Nightly figures", "Counts.", "every day at 03:10 UTC"),
            JobDescription("on_demand", "Sample data", "Loads.", ""),
        ]
    )


def test_run_now_queues_the_job_once(app: Application, admin: Actor, visit: Visit, jobs: None) -> None:
    screen = visit("jobs", admin)
    screen.button(key="run-nightly").click().run()

    (run,) = app.schedule_queries.runs()
    assert (run.job, run.state, run.requested_by) == ("nightly", JobRunState.QUEUED, "Asha")
    assert visit("jobs", admin).button(key="run-nightly").disabled
    assert not visit("jobs", admin).button(key="run-on_demand").disabled


def test_click_on_a_page_out_of_date_is_told_who_was_first(
    app: Application, admin: Actor, visit: Visit, jobs: None
) -> None:
    screen = visit("jobs", admin)
    app.schedule.run_now(admin, "nightly")

    screen.button(key="run-nightly").click().run()

    assert "already waiting or running" in screen.error[0].value
    assert len(app.schedule_queries.runs()) == 1


def test_jobs_page_tells_results_failures_and_missing_processes(
    app: Application, admin: Actor, visit: Visit, jobs: None, clock: ManualClock
) -> None:
    run = app.schedule.run_now(admin, "nightly")
    app.schedule.begin(run)
    clock.advance(timedelta(seconds=90))
    app.schedule.finish(run, error="The disk is full. <b>Nothing</b> was counted.")

    screen = visit("jobs", admin)

    assert any("1 job failed last time" in line.value for line in screen.markdown)
    assert any("python -m jobs scheduler" in warning.value for warning in screen.warning)
    assert any("python -m jobs worker" in warning.value for warning in screen.warning)


def test_failed_jobs_stand_first_and_each_shows_how_long_its_runs_took(
    app: Application, admin: Actor, visit: Visit, jobs: None, clock: ManualClock
) -> None:
    for seconds in (2, 600):
        for job, error in (("nightly", None), ("on_demand", "It broke." if seconds == 600 else None)):
            run = app.schedule.run_now(admin, job)
            app.schedule.begin(run)
            clock.advance(timedelta(seconds=seconds))
            app.schedule.finish(run, result={"summary": "Done"}, error=error)
    screen = visit("jobs", admin)
    drawn = [str(one.proto.body) for one in screen.get("html")]
    titles = [place for place, body in enumerate(drawn) if "Sample data" in body or "Nightly figures" in body]
    assert "Sample data" in drawn[titles[0]]
    bars = [body for body in drawn if 'class="spark"' in body]
    assert len(bars) == 2 and all("Last 2 runs: median 5 min, longest 10 min" in body for body in bars)
    assert "1 failed" in bars[0] and "failed" not in bars[1]


def test_history_is_filtered_and_a_run_opens(
    app: Application, admin: Actor, visit: Visit, jobs: None, clock: ManualClock
) -> None:
    for _ in range(20):
        clock.advance(timedelta(days=1))
        app.schedule.request("nightly", clock.now())

    screen = visit("jobs", admin)
    older = next(button for button in screen.button if button.label == "Older")
    older.click().run()
    assert not screen.exception
    assert any(button.label == "Newest" for button in screen.button)
    assert not visit("jobs", admin, run=app.schedule_queries.runs()[0].id).exception


def test_person_is_found_and_given_roles(
    app: Application, admin: Actor, person: Callable[..., Actor], visit: Visit
) -> None:
    ravi = person(Role.USER, name="Ravi <b>")
    screen = visit("people", admin, person=ravi.id)

    screen.button_group(key=f"roles-{ravi.id}").set_value([Role.USER, Role.OPERATOR]).run()
    screen.button_group(key=f"tier-{ravi.id}").set_value(Tier.PRO).run()
    screen.button(key=f"save-{ravi.id}").click().run()

    assert ravi.user_id is not None
    changed = app.identity_queries.person(ravi.user_id)
    assert changed is not None
    assert (changed.roles, changed.tier) == (["operator", "user"], Tier.PRO)
    assert app.audit_queries.entries(event="user.changed")[0].before == _facts(changed.email, ["user"], "starter")


def test_last_admin_keeps_the_role(app: Application, admin: Actor, visit: Visit) -> None:
    screen = visit("people", admin, person=admin.id)

    screen.button(key=f"active-{admin.id}").click().run()

    assert "is the last active admin" in screen.error[0].value
    assert app.identity_queries.is_set_up()


def test_tokens_in_force_are_listed_and_revoked(app: Application, admin: Actor, visit: Visit) -> None:
    app.tokens.add_agent(admin, "scout", "Scout", "Looks around")
    value = app.tokens.issue_token(admin, label="Import *", scopes=frozenset({Scope.READ}), agent_id="scout")
    (token,) = app.identity_queries.tokens(admin)

    screen = visit("people", admin, show="Agents and tokens")
    assert not any(value in line.value for line in screen.markdown)
    screen.button(key=f"revoke-{token.id}").click().run()

    assert app.identity_queries.actor_of_token(value) is None


def test_chain_is_verified_in_words(app: Application, admin: Actor, visit: Visit) -> None:
    screen = visit("audit", admin)
    screen.button(key="verify").click().run()
    assert "follows one another unchanged" in screen.success[0].value or "follow one another" in screen.success[0].value

    with app.database.begin() as uow:
        connection = uow.session.connection()
        connection.exec_driver_sql("ALTER TABLE audit_entries DISABLE TRIGGER ALL")
        connection.exec_driver_sql("UPDATE audit_entries SET actor_name = 'Somebody' WHERE sequence = 1")
    screen.button(key="verify").click().run()
    assert "The chain is broken: entry 1 was changed" in screen.error[0].value


def test_audit_is_paged_filtered_and_opened(app: Application, admin: Actor, visit: Visit) -> None:
    for number in range(40):
        app.tokens.add_agent(admin, f"agent{number}", f"Agent {number}")

    screen = visit("audit", admin)
    assert any("entries, each bound" in line.value for line in screen.markdown)
    next(button for button in screen.button if button.label == "Older").click().run()
    assert not screen.exception
    assert any(button.label == "Newest" for button in screen.button)
    for query in ({"entry": "3"}, {"entry": "999999"}, {"entry": "x"}, {"subject": "agent:agent3"}, {"before": "nope"}):
        assert not _visit(visit, admin, query).exception, query


def _visit(visit: Visit, admin: Actor, query: Mapping[str, str]) -> AppTest:
    return visit("audit", admin, **query)


def _facts(email: str, roles: list[str], tier: str) -> dict[str, object]:
    return {"email": email, "name": "Ravi <b>", "roles": roles, "tier": tier, "active": True, "groups": []}
