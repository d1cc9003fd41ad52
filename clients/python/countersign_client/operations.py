"""A method for each operation of the API. Made by `python -m clients`; change the API instead."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, Literal, cast
from uuid import UUID

from countersign_client import models
from countersign_client.transport import Event, Transport


class Operations(Transport):
    """Every operation under its operationId; what is not given is not sent."""

    def list_workflow_events(self, workflow_id: UUID | str, *, limit: int | None = None) -> models.RunEventsAnswer:
        """List what happened to a run, the latest first."""
        return cast(
            "models.RunEventsAnswer",
            self.call("GET", self.address("/workflows/{workflow_id}/events", workflow_id), query={"limit": limit}),
        )

    def watch_execution(self, execution_id: UUID | str) -> Iterator[Event]:
        """Watch a guided run."""
        return self.events("GET", self.address("/execution/{execution_id}/events", execution_id))

    def watch_action(self, action_id: UUID | str) -> Iterator[Event]:
        """Watch an action."""
        return self.events("GET", self.address("/actions/{action_id}/events", action_id))

    def watch_inbox(self) -> Iterator[Event]:
        """Watch your inbox."""
        return self.events("GET", self.address("/decisions/events"))

    def list_actions(
        self,
        *,
        status: Sequence[models.ActionState] | None = None,
        priority: Sequence[models.Priority] | None = None,
        risk: Sequence[models.Risk] | None = None,
        operation: str | None = None,
        text: str | None = None,
        mine: bool | None = None,
        sort: models.InboxSort | None = None,
        limit: int | None = None,
        offset: int | None = None,
    ) -> models.ActionPage:
        """List proposed actions."""
        return cast(
            "models.ActionPage",
            self.call(
                "GET",
                self.address("/actions"),
                query={
                    "status": status,
                    "priority": priority,
                    "risk": risk,
                    "operation": operation,
                    "text": text,
                    "mine": mine,
                    "sort": sort,
                    "limit": limit,
                    "offset": offset,
                },
            ),
        )

    def propose_action(self, body: models.ProposeBody, *, idempotency_key: str | None = None) -> models.ActionDetail:
        """Propose an action."""
        return cast(
            "models.ActionDetail",
            self.call("POST", self.address("/actions"), headers={"Idempotency-Key": idempotency_key}, body=body),
        )

    def read_action(self, action_id: UUID | str) -> models.ActionDetail:
        """Read an action: plan, decision, guardrails, receipts."""
        return cast("models.ActionDetail", self.call("GET", self.address("/actions/{action_id}", action_id)))

    def edit_action(
        self, action_id: UUID | str, body: models.EditBody, *, if_match: str | None = None
    ) -> models.ActionDetail:
        """Edit what an action will do."""
        return cast(
            "models.ActionDetail",
            self.call(
                "PATCH", self.address("/actions/{action_id}", action_id), headers={"if-match": if_match}, body=body
            ),
        )

    def plan_action(self, body: models.PlanBody, *, idempotency_key: str | None = None) -> models.PreviewAnswer:
        """See what an operation would do."""
        return cast(
            "models.PreviewAnswer",
            self.call("POST", self.address("/actions/plan"), headers={"Idempotency-Key": idempotency_key}, body=body),
        )

    def retry_action(self, action_id: UUID | str, *, idempotency_key: str | None = None) -> models.ActionDetail:
        """Try a failed action again."""
        return cast(
            "models.ActionDetail",
            self.call(
                "POST",
                self.address("/actions/{action_id}/retry", action_id),
                headers={"Idempotency-Key": idempotency_key},
            ),
        )

    def undo_action(self, action_id: UUID | str, *, idempotency_key: str | None = None) -> models.ActionDetail:
        """Propose to put back what an action did."""
        return cast(
            "models.ActionDetail",
            self.call(
                "POST",
                self.address("/actions/{action_id}/undo", action_id),
                headers={"Idempotency-Key": idempotency_key},
            ),
        )

    def resolve_action(
        self, action_id: UUID | str, body: models.ResolveBody, *, idempotency_key: str | None = None
    ) -> models.ActionDetail:
        """Say what became of an effect nobody could confirm."""
        return cast(
            "models.ActionDetail",
            self.call(
                "POST",
                self.address("/actions/{action_id}/resolve", action_id),
                headers={"Idempotency-Key": idempotency_key},
                body=body,
            ),
        )

    def look_again(self, action_id: UUID | str, *, idempotency_key: str | None = None) -> models.SecondLookAnswer:
        """Ask the other system what became of it."""
        return cast(
            "models.SecondLookAnswer",
            self.call(
                "POST",
                self.address("/actions/{action_id}/look-again", action_id),
                headers={"Idempotency-Key": idempotency_key},
            ),
        )

    def read_summary(
        self,
        *,
        since: datetime | str | None = None,
        until: datetime | str | None = None,
        workflow_type_id: str | None = None,
        agent_id: str | None = None,
        council_id: str | None = None,
        market: str | None = None,
        skill_level: str | None = None,
        dataset: models.Dataset | None = None,
    ) -> models.SummaryAnswer:
        """Read the sums over a period."""
        return cast(
            "models.SummaryAnswer",
            self.call(
                "GET",
                self.address("/analytics/summary"),
                query={
                    "since": since,
                    "until": until,
                    "workflow_type_id": workflow_type_id,
                    "agent_id": agent_id,
                    "council_id": council_id,
                    "market": market,
                    "skill_level": skill_level,
                    "dataset": dataset,
                },
            ),
        )

    def read_trend(
        self,
        *,
        bucket: models.Bucket | None = None,
        since: datetime | str | None = None,
        until: datetime | str | None = None,
        workflow_type_id: str | None = None,
        agent_id: str | None = None,
        council_id: str | None = None,
        market: str | None = None,
        skill_level: str | None = None,
        dataset: models.Dataset | None = None,
    ) -> models.TrendAnswer:
        """Read runs and savings by day, week or month."""
        return cast(
            "models.TrendAnswer",
            self.call(
                "GET",
                self.address("/analytics/trend"),
                query={
                    "bucket": bucket,
                    "since": since,
                    "until": until,
                    "workflow_type_id": workflow_type_id,
                    "agent_id": agent_id,
                    "council_id": council_id,
                    "market": market,
                    "skill_level": skill_level,
                    "dataset": dataset,
                },
            ),
        )

    def read_groups(
        self,
        *,
        dimension: models.Dimension,
        since: datetime | str | None = None,
        until: datetime | str | None = None,
        workflow_type_id: str | None = None,
        agent_id: str | None = None,
        council_id: str | None = None,
        market: str | None = None,
        skill_level: str | None = None,
        dataset: models.Dataset | None = None,
    ) -> models.RunGroupsAnswer:
        """Compare workflows, agents, councils or segments."""
        return cast(
            "models.RunGroupsAnswer",
            self.call(
                "GET",
                self.address("/analytics/groups"),
                query={
                    "dimension": dimension,
                    "since": since,
                    "until": until,
                    "workflow_type_id": workflow_type_id,
                    "agent_id": agent_id,
                    "council_id": council_id,
                    "market": market,
                    "skill_level": skill_level,
                    "dataset": dataset,
                },
            ),
        )

    def read_leaderboard(
        self,
        *,
        currency: str | None = None,
        since: datetime | str | None = None,
        until: datetime | str | None = None,
        workflow_type_id: str | None = None,
        agent_id: str | None = None,
        council_id: str | None = None,
        market: str | None = None,
        skill_level: str | None = None,
        dataset: models.Dataset | None = None,
    ) -> models.LeaderboardAnswer:
        """Rank agents by what their runs saved and how often people approved."""
        return cast(
            "models.LeaderboardAnswer",
            self.call(
                "GET",
                self.address("/analytics/leaderboard"),
                query={
                    "currency": currency,
                    "since": since,
                    "until": until,
                    "workflow_type_id": workflow_type_id,
                    "agent_id": agent_id,
                    "council_id": council_id,
                    "market": market,
                    "skill_level": skill_level,
                    "dataset": dataset,
                },
            ),
        )

    def read_steps(
        self,
        *,
        workflow_id: str,
        since: datetime | str | None = None,
        until: datetime | str | None = None,
        workflow_type_id: str | None = None,
        agent_id: str | None = None,
        council_id: str | None = None,
        market: str | None = None,
        skill_level: str | None = None,
        dataset: models.Dataset | None = None,
    ) -> models.StepsAnswer:
        """Compare the steps of one guided workflow."""
        return cast(
            "models.StepsAnswer",
            self.call(
                "GET",
                self.address("/analytics/steps"),
                query={
                    "workflow_id": workflow_id,
                    "since": since,
                    "until": until,
                    "workflow_type_id": workflow_type_id,
                    "agent_id": agent_id,
                    "council_id": council_id,
                    "market": market,
                    "skill_level": skill_level,
                    "dataset": dataset,
                },
            ),
        )

    def read_waits(
        self,
        *,
        since: datetime | str | None = None,
        until: datetime | str | None = None,
        workflow_type_id: str | None = None,
        agent_id: str | None = None,
        council_id: str | None = None,
        market: str | None = None,
        skill_level: str | None = None,
        dataset: models.Dataset | None = None,
    ) -> models.WaitsAnswer:
        """Find where runs stand still, and what waiting costs."""
        return cast(
            "models.WaitsAnswer",
            self.call(
                "GET",
                self.address("/analytics/waits"),
                query={
                    "since": since,
                    "until": until,
                    "workflow_type_id": workflow_type_id,
                    "agent_id": agent_id,
                    "council_id": council_id,
                    "market": market,
                    "skill_level": skill_level,
                    "dataset": dataset,
                },
            ),
        )

    def read_council_waits(
        self,
        *,
        since: datetime | str | None = None,
        until: datetime | str | None = None,
        workflow_type_id: str | None = None,
        agent_id: str | None = None,
        council_id: str | None = None,
        market: str | None = None,
        skill_level: str | None = None,
        dataset: models.Dataset | None = None,
    ) -> models.CouncilWaitsAnswer:
        """Read how long decisions waited for each council."""
        return cast(
            "models.CouncilWaitsAnswer",
            self.call(
                "GET",
                self.address("/analytics/council-waits"),
                query={
                    "since": since,
                    "until": until,
                    "workflow_type_id": workflow_type_id,
                    "agent_id": agent_id,
                    "council_id": council_id,
                    "market": market,
                    "skill_level": skill_level,
                    "dataset": dataset,
                },
            ),
        )

    def read_outliers(
        self,
        *,
        measure: models.Measure | None = None,
        since: datetime | str | None = None,
        until: datetime | str | None = None,
        workflow_type_id: str | None = None,
        agent_id: str | None = None,
        council_id: str | None = None,
        market: str | None = None,
        skill_level: str | None = None,
        dataset: models.Dataset | None = None,
    ) -> models.OutliersAnswer:
        """Find runs far beyond what their workflow usually takes or saves."""
        return cast(
            "models.OutliersAnswer",
            self.call(
                "GET",
                self.address("/analytics/outliers"),
                query={
                    "measure": measure,
                    "since": since,
                    "until": until,
                    "workflow_type_id": workflow_type_id,
                    "agent_id": agent_id,
                    "council_id": council_id,
                    "market": market,
                    "skill_level": skill_level,
                    "dataset": dataset,
                },
            ),
        )

    def approve_action(
        self,
        body: models.ApproveActionBody | None = None,
        *,
        prefer: str | None = None,
        if_match: str | None = None,
        idempotency_key: str | None = None,
    ) -> models.Executed | models.StillOpen:
        """Approve an action and wait for its outcome."""
        return cast(
            "models.Executed | models.StillOpen",
            self.call(
                "POST",
                self.address("/ai-coo/approve-action"),
                headers={"prefer": prefer, "if-match": if_match, "Idempotency-Key": idempotency_key},
                body=body,
            ),
        )

    def list_audit_entries(
        self,
        *,
        text: str | None = None,
        event: str | None = None,
        subject: str | None = None,
        limit: int | None = None,
        cursor: int | None = None,
    ) -> models.AuditPage:
        """List entries of the audit chain, newest first."""
        return cast(
            "models.AuditPage",
            self.call(
                "GET",
                self.address("/audit"),
                query={"text": text, "event": event, "subject": subject, "limit": limit, "cursor": cursor},
            ),
        )

    def list_audit_events(self) -> models.AuditEventsAnswer:
        """List every kind of event there is in the audit chain."""
        return cast("models.AuditEventsAnswer", self.call("GET", self.address("/audit/events")))

    def read_rules(self) -> models.RulesAnswer:
        """Read the rules of the operator brain."""
        return cast("models.RulesAnswer", self.call("GET", self.address("/brain/rules")))

    def read_rule(self, rule: str) -> models.BrainRuleAnswer:
        """Read one rule of the operator brain."""
        return cast("models.BrainRuleAnswer", self.call("GET", self.address("/brain/rules/{rule}", rule)))

    def change_rule(
        self, rule: str, body: models.BrainRuleBody, *, if_match: str | None = None
    ) -> models.BrainRuleAnswer:
        """Change a rule of the operator brain."""
        return cast(
            "models.BrainRuleAnswer",
            self.call("PATCH", self.address("/brain/rules/{rule}", rule), headers={"if-match": if_match}, body=body),
        )

    def read_findings(
        self,
        *,
        rule: str | None = None,
        became: models.Became | None = None,
        limit: int | None = None,
        offset: int | None = None,
    ) -> models.FindingsAnswer:
        """Read what the operator brain noticed."""
        return cast(
            "models.FindingsAnswer",
            self.call(
                "GET",
                self.address("/brain/findings"),
                query={"rule": rule, "became": became, "limit": limit, "offset": offset},
            ),
        )

    def look_now(self, *, idempotency_key: str | None = None) -> models.LookNowAnswer:
        """Have the operator brain look now."""
        return cast(
            "models.LookNowAnswer",
            self.call("POST", self.address("/brain/look"), headers={"Idempotency-Key": idempotency_key}),
        )

    def instruct(self, body: models.ChatBody, *, idempotency_key: str | None = None) -> models.ChatAnswer:
        """Instruct in words."""
        return cast(
            "models.ChatAnswer",
            self.call("POST", self.address("/chat"), headers={"Idempotency-Key": idempotency_key}, body=body),
        )

    def list_connections(self, *, limit: int | None = None, cursor: str | None = None) -> models.ConnectionList:
        """List connections."""
        return cast(
            "models.ConnectionList",
            self.call("GET", self.address("/connections"), query={"limit": limit, "cursor": cursor}),
        )

    def add_connection(
        self, body: models.NewConnectionBody, *, idempotency_key: str | None = None
    ) -> models.ConnectionAnswer:
        """Add a connection."""
        return cast(
            "models.ConnectionAnswer",
            self.call("POST", self.address("/connections"), headers={"Idempotency-Key": idempotency_key}, body=body),
        )

    def list_systems(self) -> models.SystemList:
        """List what can be connected."""
        return cast("models.SystemList", self.call("GET", self.address("/connections/systems")))

    def read_connection(self, name: str) -> models.ConnectionAnswer:
        """Read a connection."""
        return cast("models.ConnectionAnswer", self.call("GET", self.address("/connections/{name}", name)))

    def change_connection(
        self, name: str, body: models.ChangeConnectionBody, *, if_match: str | None = None
    ) -> models.ConnectionAnswer:
        """Change a connection, or switch it off and on."""
        return cast(
            "models.ConnectionAnswer",
            self.call("PATCH", self.address("/connections/{name}", name), headers={"if-match": if_match}, body=body),
        )

    def remove_connection(self, name: str, *, if_match: str | None = None) -> None:
        """Remove a connection with its secrets."""
        self.call("DELETE", self.address("/connections/{name}", name), headers={"if-match": if_match})

    def test_connection(self, name: str, *, idempotency_key: str | None = None) -> models.TestAnswer:
        """Test a connection."""
        return cast(
            "models.TestAnswer",
            self.call(
                "POST", self.address("/connections/{name}/test", name), headers={"Idempotency-Key": idempotency_key}
            ),
        )

    def list_councils(self, *, limit: int | None = None, cursor: str | None = None) -> models.CouncilList:
        """List councils."""
        return cast(
            "models.CouncilList", self.call("GET", self.address("/councils"), query={"limit": limit, "cursor": cursor})
        )

    def create_council(
        self, body: models.NewCouncilBody, *, idempotency_key: str | None = None
    ) -> models.CouncilAnswer:
        """Found a council."""
        return cast(
            "models.CouncilAnswer",
            self.call("POST", self.address("/councils"), headers={"Idempotency-Key": idempotency_key}, body=body),
        )

    def read_council(self, council_id: str) -> models.CouncilAnswer:
        """Read a council."""
        return cast("models.CouncilAnswer", self.call("GET", self.address("/councils/{council_id}", council_id)))

    def change_council(
        self, council_id: str, body: models.ChangeCouncilBody, *, if_match: str | None = None
    ) -> models.CouncilAnswer:
        """Change a council."""
        return cast(
            "models.CouncilAnswer",
            self.call(
                "PUT", self.address("/councils/{council_id}", council_id), headers={"if-match": if_match}, body=body
            ),
        )

    def switch_council(
        self, council_id: str, body: models.SwitchBody, *, if_match: str | None = None
    ) -> models.CouncilAnswer:
        """Switch a council off and on."""
        return cast(
            "models.CouncilAnswer",
            self.call(
                "PATCH", self.address("/councils/{council_id}", council_id), headers={"if-match": if_match}, body=body
            ),
        )

    def set_members(
        self, council_id: str, body: models.MembersBody, *, if_match: str | None = None
    ) -> models.CouncilAnswer:
        """Say who sits on a council."""
        return cast(
            "models.CouncilAnswer",
            self.call(
                "PUT",
                self.address("/councils/{council_id}/members", council_id),
                headers={"if-match": if_match},
                body=body,
            ),
        )

    def approve_many(self, body: models.BatchBody, *, idempotency_key: str | None = None) -> models.BatchAnswer:
        """Approve many plans, each by its digest."""
        return cast(
            "models.BatchAnswer",
            self.call(
                "POST", self.address("/actions/approve"), headers={"Idempotency-Key": idempotency_key}, body=body
            ),
        )

    def vote_on_plan(
        self, action_id: UUID | str, body: models.ActionVoteBody, *, idempotency_key: str | None = None
    ) -> models.ActionDetail:
        """Vote on the plan you read."""
        return cast(
            "models.ActionDetail",
            self.call(
                "POST",
                self.address("/actions/{action_id}/vote", action_id),
                headers={"Idempotency-Key": idempotency_key},
                body=body,
            ),
        )

    def approve_plan(
        self, action_id: UUID | str, body: models.ApproveBody, *, idempotency_key: str | None = None
    ) -> models.ActionDetail:
        """Approve the plan you read."""
        return cast(
            "models.ActionDetail",
            self.call(
                "POST",
                self.address("/actions/{action_id}/approve", action_id),
                headers={"Idempotency-Key": idempotency_key},
                body=body,
            ),
        )

    def reject_action(
        self, action_id: UUID | str, body: models.RejectBody, *, idempotency_key: str | None = None
    ) -> models.ActionDetail:
        """Reject an action."""
        return cast(
            "models.ActionDetail",
            self.call(
                "POST",
                self.address("/actions/{action_id}/reject", action_id),
                headers={"Idempotency-Key": idempotency_key},
                body=body,
            ),
        )

    def snooze_action(
        self, action_id: UUID | str, body: models.SnoozeBody, *, idempotency_key: str | None = None
    ) -> models.ActionDetail:
        """Put an action off until later."""
        return cast(
            "models.ActionDetail",
            self.call(
                "POST",
                self.address("/actions/{action_id}/snooze", action_id),
                headers={"Idempotency-Key": idempotency_key},
                body=body,
            ),
        )

    def list_decisions(
        self,
        *,
        mine: bool | None = None,
        state: models.DecisionState | None = None,
        kind: str | None = None,
        limit: int | None = None,
        offset: int | None = None,
    ) -> models.DecisionPage:
        """List decisions that wait for you, or all."""
        return cast(
            "models.DecisionPage",
            self.call(
                "GET",
                self.address("/decisions"),
                query={"mine": mine, "state": state, "kind": kind, "limit": limit, "offset": offset},
            ),
        )

    def read_decision(self, decision_id: UUID | str) -> models.DecisionAnswer:
        """Read a decision with its panels and ballots."""
        return cast("models.DecisionAnswer", self.call("GET", self.address("/decisions/{decision_id}", decision_id)))

    def cast_ballot(
        self, decision_id: UUID | str, body: models.BallotBody, *, idempotency_key: str | None = None
    ) -> models.DecisionAnswer:
        """Cast your ballot."""
        return cast(
            "models.DecisionAnswer",
            self.call(
                "POST",
                self.address("/decisions/{decision_id}/ballots", decision_id),
                headers={"Idempotency-Key": idempotency_key},
                body=body,
            ),
        )

    def list_delegations(
        self, *, mine: bool | None = None, limit: int | None = None, cursor: str | None = None
    ) -> models.DelegationList:
        """List delegations that hold or are to come."""
        return cast(
            "models.DelegationList",
            self.call("GET", self.address("/delegations"), query={"mine": mine, "limit": limit, "cursor": cursor}),
        )

    def give_seat(self, body: models.DelegationBody, *, idempotency_key: str | None = None) -> models.DelegationAnswer:
        """Give a seat away until a date."""
        return cast(
            "models.DelegationAnswer",
            self.call("POST", self.address("/delegations"), headers={"Idempotency-Key": idempotency_key}, body=body),
        )

    def read_delegation(self, delegation_id: UUID | str) -> models.DelegationAnswer:
        """Read a delegation that holds or is to come."""
        return cast(
            "models.DelegationAnswer", self.call("GET", self.address("/delegations/{delegation_id}", delegation_id))
        )

    def take_seat_back(self, delegation_id: UUID | str) -> None:
        """Take a seat back."""
        self.call("DELETE", self.address("/delegations/{delegation_id}", delegation_id))

    def start_execution(self, body: models.StartBody, *, idempotency_key: str | None = None) -> models.ExecutionAnswer:
        """Start a workflow."""
        return cast(
            "models.ExecutionAnswer",
            self.call("POST", self.address("/execution"), headers={"Idempotency-Key": idempotency_key}, body=body),
        )

    def list_open_executions(self, *, limit: int | None = None) -> models.OpenRunsAnswer:
        """List your guided runs that can go on."""
        return cast("models.OpenRunsAnswer", self.call("GET", self.address("/execution"), query={"limit": limit}))

    def read_execution(self, execution_id: UUID | str) -> models.ExecutionAnswer:
        """Read a run step by step."""
        return cast("models.ExecutionAnswer", self.call("GET", self.address("/execution/{execution_id}", execution_id)))

    def record_progress(
        self, execution_id: UUID | str, body: models.ProgressBody, *, if_match: str | None = None
    ) -> models.ExecutionAnswer:
        """Say how many steps are done."""
        return cast(
            "models.ExecutionAnswer",
            self.call(
                "PUT",
                self.address("/execution/{execution_id}/progress", execution_id),
                headers={"if-match": if_match},
                body=body,
            ),
        )

    def save_step_notes(self, execution_id: UUID | str, number: int, body: models.NotesBody) -> models.ExecutionAnswer:
        """Keep the notes of a step."""
        return cast(
            "models.ExecutionAnswer",
            self.call(
                "PUT", self.address("/execution/{execution_id}/steps/{number}/notes", execution_id, number), body=body
            ),
        )

    def finish_step(
        self, execution_id: UUID | str, number: int, *, idempotency_key: str | None = None
    ) -> models.ExecutionAnswer:
        """Finish a step and show the next."""
        return cast(
            "models.ExecutionAnswer",
            self.call(
                "POST",
                self.address("/execution/{execution_id}/steps/{number}/finish", execution_id, number),
                headers={"Idempotency-Key": idempotency_key},
            ),
        )

    def show_step(self, execution_id: UUID | str, body: models.ShownStepBody) -> models.ExecutionAnswer:
        """Show another step, to read it."""
        return cast(
            "models.ExecutionAnswer",
            self.call("PUT", self.address("/execution/{execution_id}/current-step", execution_id), body=body),
        )

    def complete_execution(
        self, execution_id: UUID | str, *, if_match: str | None = None, idempotency_key: str | None = None
    ) -> models.ExecutionAnswer:
        """Complete a run."""
        return cast(
            "models.ExecutionAnswer",
            self.call(
                "POST",
                self.address("/execution/{execution_id}/complete", execution_id),
                headers={"if-match": if_match, "Idempotency-Key": idempotency_key},
            ),
        )

    def abandon_execution(
        self, execution_id: UUID | str, body: models.AbandonBody, *, idempotency_key: str | None = None
    ) -> models.ExecutionAnswer:
        """Stop a run unfinished."""
        return cast(
            "models.ExecutionAnswer",
            self.call(
                "POST",
                self.address("/execution/{execution_id}/abandon", execution_id),
                headers={"Idempotency-Key": idempotency_key},
                body=body,
            ),
        )

    def keep_file(
        self,
        body: Mapping[str, Any],
        *,
        idempotency_key: str | None = None,
        files: Sequence[tuple[str, tuple[str, bytes]]] = (),
    ) -> models.KeptFileAnswer:
        """Hand in a file that an action will send."""
        return cast(
            "models.KeptFileAnswer",
            self.call(
                "POST", self.address("/files"), headers={"Idempotency-Key": idempotency_key}, data=body, files=files
            ),
        )

    def read_file(self, sha256: str) -> bytes:
        """Download a file."""
        return self.fetch("GET", self.address("/files/{sha256}", sha256))

    def list_gates(self, *, limit: int | None = None, offset: int | None = None) -> models.GatePage:
        """List what waits for your answer or vote."""
        return cast(
            "models.GatePage", self.call("GET", self.address("/gates"), query={"limit": limit, "offset": offset})
        )

    def list_workflow_gates(
        self,
        workflow_id: UUID | str,
        *,
        only_open: bool | None = None,
        limit: int | None = None,
        offset: int | None = None,
    ) -> models.GatePage:
        """List where a run waits and waited."""
        return cast(
            "models.GatePage",
            self.call(
                "GET",
                self.address("/workflows/{workflow_id}/gates", workflow_id),
                query={"only_open": only_open, "limit": limit, "offset": offset},
            ),
        )

    def read_gate(self, gate_id: UUID | str) -> models.GateAnswer:
        """Read a gate with everything that it asks."""
        return cast("models.GateAnswer", self.call("GET", self.address("/gates/{gate_id}", gate_id)))

    def answer_gate(
        self, gate_id: UUID | str, body: models.AnswerBody, *, idempotency_key: str | None = None
    ) -> models.GateAnswer:
        """Answer questions, write a document, start a step, or say it is done."""
        return cast(
            "models.GateAnswer",
            self.call(
                "POST",
                self.address("/gates/{gate_id}/answer", gate_id),
                headers={"Idempotency-Key": idempotency_key},
                body=body,
            ),
        )

    def read_guardrails(self) -> models.GuardrailsAnswer:
        """Read the guardrails."""
        return cast("models.GuardrailsAnswer", self.call("GET", self.address("/guardrails")))

    def change_guardrails(self, body: models.GuardrailsBody, *, if_match: str | None = None) -> models.GuardrailsAnswer:
        """Change the guardrails."""
        return cast(
            "models.GuardrailsAnswer",
            self.call("PATCH", self.address("/guardrails"), headers={"if-match": if_match}, body=body),
        )

    def stop_execution(self, *, idempotency_key: str | None = None) -> models.GuardrailsAnswer:
        """Stop everything."""
        return cast(
            "models.GuardrailsAnswer",
            self.call("POST", self.address("/guardrails/stop"), headers={"Idempotency-Key": idempotency_key}),
        )

    def read_refusals(self, *, limit: int | None = None) -> models.RefusalsAnswer:
        """Read what the guardrails stopped last."""
        return cast(
            "models.RefusalsAnswer", self.call("GET", self.address("/guardrails/refusals"), query={"limit": limit})
        )

    def read_records(self, action_id: UUID | str) -> models.RecordsAnswer:
        """Read what the guardrails said of an action."""
        return cast(
            "models.RecordsAnswer", self.call("GET", self.address("/guardrails/records/{action_id}", action_id))
        )

    def health(self) -> models.Health:
        """Is everything well?."""
        return cast("models.Health", self.call("GET", self.address("/health")))

    def live(self) -> models.Alive:
        """Does this process answer?."""
        return cast("models.Alive", self.call("GET", self.address("/health/live")))

    def ready(self) -> models.Health:
        """Can this process serve?."""
        return cast("models.Health", self.call("GET", self.address("/health/ready")))

    def list_imports(self, *, limit: int | None = None, offset: int | None = None) -> models.ImportPage:
        """List imports, newest first."""
        return cast(
            "models.ImportPage", self.call("GET", self.address("/imports"), query={"limit": limit, "offset": offset})
        )

    def import_runs(
        self,
        body: Mapping[str, Any],
        *,
        idempotency_key: str | None = None,
        files: Sequence[tuple[str, tuple[str, bytes]]] = (),
    ) -> models.ImportAnswer:
        """Import past runs from an event log."""
        return cast(
            "models.ImportAnswer",
            self.call(
                "POST", self.address("/imports"), headers={"Idempotency-Key": idempotency_key}, data=body, files=files
            ),
        )

    def read_mapping_schema(self) -> dict[str, Any]:
        """Read the JSON Schema of a mapping."""
        return cast("dict[str, Any]", self.call("GET", self.address("/imports/mapping-schema")))

    def read_import(self, import_id: UUID | str) -> models.ImportAnswer:
        """Read how far an import is, and what came of it."""
        return cast("models.ImportAnswer", self.call("GET", self.address("/imports/{import_id}", import_id)))

    def take_import_back(self, import_id: UUID | str) -> models.ImportAnswer:
        """Take an import back: every run it brought."""
        return cast("models.ImportAnswer", self.call("DELETE", self.address("/imports/{import_id}", import_id)))

    def list_refused(
        self,
        import_id: UUID | str,
        *,
        reason: models.Reason | None = None,
        limit: int | None = None,
        offset: int | None = None,
    ) -> models.RefusedPage:
        """List the rows and cases that an import refused, in the order of the file."""
        return cast(
            "models.RefusedPage",
            self.call(
                "GET",
                self.address("/imports/{import_id}/refused", import_id),
                query={"reason": reason, "limit": limit, "offset": offset},
            ),
        )

    def download_refused(self, import_id: UUID | str) -> bytes:
        """Download the rows and cases that an import refused."""
        return self.fetch("GET", self.address("/imports/{import_id}/refused.csv", import_id))

    def start_import(self, import_id: UUID | str, *, idempotency_key: str | None = None) -> models.ImportAnswer:
        """Let what was rehearsed be written."""
        return cast(
            "models.ImportAnswer",
            self.call(
                "POST",
                self.address("/imports/{import_id}/start", import_id),
                headers={"Idempotency-Key": idempotency_key},
            ),
        )

    def retry_import(self, import_id: UUID | str, *, idempotency_key: str | None = None) -> models.ImportAnswer:
        """Go on where a failed import stopped."""
        return cast(
            "models.ImportAnswer",
            self.call(
                "POST",
                self.address("/imports/{import_id}/retry", import_id),
                headers={"Idempotency-Key": idempotency_key},
            ),
        )

    def discard_import(self, import_id: UUID | str, *, idempotency_key: str | None = None) -> None:
        """Forget a file of which nothing was written."""
        self.call(
            "POST",
            self.address("/imports/{import_id}/discard", import_id),
            headers={"Idempotency-Key": idempotency_key},
        )

    def list_jobs(self) -> models.JobsAnswer:
        """List jobs with their latest run."""
        return cast("models.JobsAnswer", self.call("GET", self.address("/jobs")))

    def list_job_runs(
        self,
        *,
        job: str | None = None,
        state: models.JobRunState | None = None,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> models.JobRunPage:
        """List the runs of jobs, newest first."""
        return cast(
            "models.JobRunPage",
            self.call(
                "GET", self.address("/jobs/runs"), query={"job": job, "state": state, "limit": limit, "cursor": cursor}
            ),
        )

    def read_job_run(self, run_id: str) -> models.JobRunAnswer:
        """Read one run of a job."""
        return cast("models.JobRunAnswer", self.call("GET", self.address("/jobs/runs/{run_id}", run_id)))

    def run_job(self, job: str, *, idempotency_key: str | None = None) -> models.JobRunAnswer:
        """Run a job now."""
        return cast(
            "models.JobRunAnswer",
            self.call("POST", self.address("/jobs/{job}/run", job), headers={"Idempotency-Key": idempotency_key}),
        )

    def list_links(self, gate_id: UUID | str, *, limit: int | None = None) -> models.LinkList:
        """List the links to a gate."""
        return cast(
            "models.LinkList", self.call("GET", self.address("/gates/{gate_id}/links", gate_id), query={"limit": limit})
        )

    def make_link(
        self, gate_id: UUID | str, body: models.NewLinkBody, *, idempotency_key: str | None = None
    ) -> models.NewLinkAnswer:
        """Make a link that answers a gate once."""
        return cast(
            "models.NewLinkAnswer",
            self.call(
                "POST",
                self.address("/gates/{gate_id}/links", gate_id),
                headers={"Idempotency-Key": idempotency_key},
                body=body,
            ),
        )

    def withdraw_link(self, link_id: UUID | str) -> None:
        """Withdraw a link."""
        self.call("DELETE", self.address("/links/{link_id}", link_id))

    def read_hook(self, token: str) -> models.RequestAnswer:
        """Read what a link asks."""
        return cast("models.RequestAnswer", self.call("GET", self.address("/hooks/{token}", token)))

    def answer_hook(self, token: str, body: models.CallbackBody) -> models.Taken:
        """Answer through a link."""
        return cast("models.Taken", self.call("POST", self.address("/hooks/{token}", token), body=body))

    def read_notifications(self) -> models.NotificationsAnswer:
        """Read how often you are told what waits for you."""
        return cast("models.NotificationsAnswer", self.call("GET", self.address("/notifications")))

    def choose_notifications(self, body: models.NotificationsBody) -> models.NotificationsAnswer:
        """Choose how often you are told what waits for you."""
        return cast("models.NotificationsAnswer", self.call("PUT", self.address("/notifications"), body=body))

    def list_operations(self, *, limit: int | None = None, cursor: str | None = None) -> models.OperationPage:
        """List the operations that can be proposed."""
        return cast(
            "models.OperationPage",
            self.call("GET", self.address("/operations"), query={"limit": limit, "cursor": cursor}),
        )

    def read_operation(self, name: str) -> models.OperationDetail:
        """Read what an operation asks for."""
        return cast("models.OperationDetail", self.call("GET", self.address("/operations/{name}", name)))

    def list_outcomes(
        self,
        *,
        execution_id: UUID | str | None = None,
        review_state: models.ReviewState | None = None,
        metric_type: models.MetricType | None = None,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> models.OutcomePageAnswer:
        """List outcomes, newest first."""
        return cast(
            "models.OutcomePageAnswer",
            self.call(
                "GET",
                self.address("/outcome"),
                query={
                    "execution_id": execution_id,
                    "review_state": review_state,
                    "metric_type": metric_type,
                    "limit": limit,
                    "cursor": cursor,
                },
            ),
        )

    def log_outcome(self, body: models.OutcomeBody, *, idempotency_key: str | None = None) -> models.OutcomeAnswer:
        """Log an outcome of your run."""
        return cast(
            "models.OutcomeAnswer",
            self.call("POST", self.address("/outcome"), headers={"Idempotency-Key": idempotency_key}, body=body),
        )

    def read_outcome_figures(self, *, mine: bool | None = None) -> models.FiguresAnswer:
        """Read what was estimated, measured and proven."""
        return cast("models.FiguresAnswer", self.call("GET", self.address("/outcome/figures"), query={"mine": mine}))

    def read_outcome(self, outcome_id: UUID | str) -> models.OutcomeAnswer:
        """Read an outcome."""
        return cast("models.OutcomeAnswer", self.call("GET", self.address("/outcome/{outcome_id}", outcome_id)))

    def review_outcome(
        self, outcome_id: UUID | str, body: models.ReviewBody, *, idempotency_key: str | None = None
    ) -> models.OutcomeAnswer:
        """Verify or reject what somebody else logged."""
        return cast(
            "models.OutcomeAnswer",
            self.call(
                "POST",
                self.address("/outcome/{outcome_id}/review", outcome_id),
                headers={"Idempotency-Key": idempotency_key},
                body=body,
            ),
        )

    def add_proof(
        self,
        outcome_id: UUID | str,
        body: Mapping[str, Any],
        *,
        idempotency_key: str | None = None,
        files: Sequence[tuple[str, tuple[str, bytes]]] = (),
    ) -> models.OutcomeAnswer:
        """Add proof to your outcome."""
        return cast(
            "models.OutcomeAnswer",
            self.call(
                "POST",
                self.address("/outcome/{outcome_id}/proof", outcome_id),
                headers={"Idempotency-Key": idempotency_key},
                data=body,
                files=files,
            ),
        )

    def read_proof(self, proof_id: UUID | str) -> bytes:
        """Download a proof."""
        return self.fetch("GET", self.address("/proof/{proof_id}", proof_id))

    def list_packages(
        self,
        *,
        source: str | None = None,
        subject: str | None = None,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> models.PackagesAnswer:
        """List packages, newest first."""
        return cast(
            "models.PackagesAnswer",
            self.call(
                "GET",
                self.address("/packages"),
                query={"source": source, "subject": subject, "limit": limit, "cursor": cursor},
            ),
        )

    def make_package(
        self, body: models.PackageBody, *, prefer: str | None = None, idempotency_key: str | None = None
    ) -> models.PackageAnswer:
        """Make a package."""
        return cast(
            "models.PackageAnswer",
            self.call(
                "POST",
                self.address("/packages"),
                headers={"prefer": prefer, "Idempotency-Key": idempotency_key},
                body=body,
            ),
        )

    def make_project_package(
        self,
        project_id: UUID | str,
        body: models.ProjectPackageBody | None = None,
        *,
        prefer: str | None = None,
        idempotency_key: str | None = None,
    ) -> models.PackageAnswer:
        """Make a package of a project."""
        return cast(
            "models.PackageAnswer",
            self.call(
                "POST",
                self.address("/projects/{project_id}/package", project_id),
                headers={"prefer": prefer, "Idempotency-Key": idempotency_key},
                body=body,
            ),
        )

    def list_package_sources(self) -> models.SourcesAnswer:
        """List what packages can be made of."""
        return cast("models.SourcesAnswer", self.call("GET", self.address("/packages/sources")))

    def list_package_formats(self) -> models.FormatsAnswer:
        """List the formats of packages."""
        return cast("models.FormatsAnswer", self.call("GET", self.address("/packages/formats")))

    def read_package(self, package_id: UUID | str) -> models.PackageAnswer:
        """Read a package: its files, or how far it is."""
        return cast("models.PackageAnswer", self.call("GET", self.address("/packages/{package_id}", package_id)))

    def read_manifest(self, package_id: UUID | str) -> models.ManifestShape:
        """Read the manifest of a package."""
        return cast(
            "models.ManifestShape", self.call("GET", self.address("/packages/{package_id}/manifest", package_id))
        )

    def read_package_file(self, package_id: UUID | str, name: str) -> bytes:
        """Download a file of a package."""
        return self.fetch("GET", self.address("/packages/{package_id}/files/{name}", package_id, name))

    def retry_package(self, package_id: UUID | str, *, idempotency_key: str | None = None) -> models.PackageAnswer:
        """Make again what of a package could not be made."""
        return cast(
            "models.PackageAnswer",
            self.call(
                "POST",
                self.address("/packages/{package_id}/retry", package_id),
                headers={"Idempotency-Key": idempotency_key},
            ),
        )

    def attach_package(
        self, package_id: UUID | str, body: models.AttachBody, *, idempotency_key: str | None = None
    ) -> list[models.KeptFileAnswer]:
        """Keep files of a package so that a letter can carry them."""
        return cast(
            "list[models.KeptFileAnswer]",
            self.call(
                "POST",
                self.address("/packages/{package_id}/attachments", package_id),
                headers={"Idempotency-Key": idempotency_key},
                body=body,
            ),
        )

    def list_people(
        self,
        *,
        text: str | None = None,
        sample: bool | None = None,
        limit: int | None = None,
        offset: int | None = None,
    ) -> models.PeoplePage:
        """List people, by name."""
        return cast(
            "models.PeoplePage",
            self.call(
                "GET", self.address("/people"), query={"text": text, "sample": sample, "limit": limit, "offset": offset}
            ),
        )

    def add_person(self, body: models.NewPersonBody, *, idempotency_key: str | None = None) -> models.PersonAnswer:
        """Add a person."""
        return cast(
            "models.PersonAnswer",
            self.call("POST", self.address("/people"), headers={"Idempotency-Key": idempotency_key}, body=body),
        )

    def list_groups(self) -> models.PeopleGroupsAnswer:
        """List the groups that somebody is in."""
        return cast("models.PeopleGroupsAnswer", self.call("GET", self.address("/people/groups")))

    def read_person(self, user_id: UUID | str) -> models.PersonAnswer:
        """Read a person."""
        return cast("models.PersonAnswer", self.call("GET", self.address("/people/{user_id}", user_id)))

    def change_person(self, user_id: UUID | str, body: models.ChangePersonBody) -> models.PersonAnswer:
        """Change what a person may do."""
        return cast("models.PersonAnswer", self.call("PATCH", self.address("/people/{user_id}", user_id), body=body))

    def set_password(
        self, user_id: UUID | str, body: models.PasswordBody, *, idempotency_key: str | None = None
    ) -> None:
        """Set another person's password."""
        self.call(
            "POST",
            self.address("/people/{user_id}/password", user_id),
            headers={"Idempotency-Key": idempotency_key},
            body=body,
        )

    def read_performance(
        self,
        *,
        workflow_id: str | None = None,
        market: models.Market | None = None,
        skill_level: models.SkillLevel | None = None,
        dataset: models.Dataset | None = None,
    ) -> models.PerformanceAnswer:
        """Success by workflow, market and skill level."""
        return cast(
            "models.PerformanceAnswer",
            self.call(
                "GET",
                self.address("/performance"),
                query={"workflow_id": workflow_id, "market": market, "skill_level": skill_level, "dataset": dataset},
            ),
        )

    def read_profile(self) -> models.ProfileAnswer:
        """Read your profile."""
        return cast("models.ProfileAnswer", self.call("GET", self.address("/profile")))

    def save_profile(self, body: models.ProfileBody, *, idempotency_key: str | None = None) -> models.ProfileAnswer:
        """Save your profile."""
        return cast(
            "models.ProfileAnswer",
            self.call("POST", self.address("/profile"), headers={"Idempotency-Key": idempotency_key}, body=body),
        )

    def list_projects(self, *, limit: int | None = None, cursor: str | None = None) -> models.ProjectPage:
        """List projects, newest first."""
        return cast(
            "models.ProjectPage", self.call("GET", self.address("/projects"), query={"limit": limit, "cursor": cursor})
        )

    def create_project(self, body: models.ProjectBody, *, idempotency_key: str | None = None) -> models.ProjectAnswer:
        """Make a project."""
        return cast(
            "models.ProjectAnswer",
            self.call("POST", self.address("/projects"), headers={"Idempotency-Key": idempotency_key}, body=body),
        )

    def read_project(self, project_id: UUID | str) -> models.ProjectAnswer:
        """Read a project: how far each channel is."""
        return cast("models.ProjectAnswer", self.call("GET", self.address("/projects/{project_id}", project_id)))

    def list_project_items(
        self,
        project_id: UUID | str,
        *,
        state: models.ItemState | None = None,
        text: str | None = None,
        limit: int | None = None,
        cursor: int | None = None,
    ) -> models.ItemPageAnswer:
        """List the items of a project, in their order."""
        return cast(
            "models.ItemPageAnswer",
            self.call(
                "GET",
                self.address("/projects/{project_id}/items", project_id),
                query={"state": state, "text": text, "limit": limit, "cursor": cursor},
            ),
        )

    def add_project_items(
        self, project_id: UUID | str, body: models.ItemsBody, *, idempotency_key: str | None = None
    ) -> models.AddedAnswer:
        """Add items."""
        return cast(
            "models.AddedAnswer",
            self.call(
                "POST",
                self.address("/projects/{project_id}/items", project_id),
                headers={"Idempotency-Key": idempotency_key},
                body=body,
            ),
        )

    def upload_project_items(
        self,
        project_id: UUID | str,
        body: Mapping[str, Any],
        *,
        idempotency_key: str | None = None,
        files: Sequence[tuple[str, tuple[str, bytes]]] = (),
    ) -> models.AddedAnswer:
        """Add items from a CSV or JSON file."""
        return cast(
            "models.AddedAnswer",
            self.call(
                "POST",
                self.address("/projects/{project_id}/upload", project_id),
                headers={"Idempotency-Key": idempotency_key},
                data=body,
                files=files,
            ),
        )

    def edit_project_item(
        self, project_id: UUID | str, body: models.EditItemBody, *, idempotency_key: str | None = None
    ) -> models.ItemAnswer:
        """Plan one item with other parameters."""
        return cast(
            "models.ItemAnswer",
            self.call(
                "POST",
                self.address("/projects/{project_id}/items/edit", project_id),
                headers={"Idempotency-Key": idempotency_key},
                body=body,
            ),
        )

    def remove_project_items(
        self, project_id: UUID | str, body: models.RemoveItemsBody, *, idempotency_key: str | None = None
    ) -> models.ProjectAnswer:
        """Take items out."""
        return cast(
            "models.ProjectAnswer",
            self.call(
                "POST",
                self.address("/projects/{project_id}/items/remove", project_id),
                headers={"Idempotency-Key": idempotency_key},
                body=body,
            ),
        )

    def leave_out_project_items(
        self, project_id: UUID | str, *, idempotency_key: str | None = None
    ) -> models.ProjectAnswer:
        """Go without the items that cannot be planned."""
        return cast(
            "models.ProjectAnswer",
            self.call(
                "POST",
                self.address("/projects/{project_id}/items/leave-out", project_id),
                headers={"Idempotency-Key": idempotency_key},
            ),
        )

    def plan_project_items_again(
        self, project_id: UUID | str, *, idempotency_key: str | None = None
    ) -> models.ProjectAnswer:
        """Plan what could not be planned once more."""
        return cast(
            "models.ProjectAnswer",
            self.call(
                "POST",
                self.address("/projects/{project_id}/items/plan-again", project_id),
                headers={"Idempotency-Key": idempotency_key},
            ),
        )

    def propose_project(
        self, project_id: UUID | str, body: models.ProposeProjectBody, *, idempotency_key: str | None = None
    ) -> models.ActionDetail:
        """Put a project before the people who decide."""
        return cast(
            "models.ActionDetail",
            self.call(
                "POST",
                self.address("/projects/{project_id}/propose", project_id),
                headers={"Idempotency-Key": idempotency_key},
                body=body,
            ),
        )

    def read_project_report(self, project_id: UUID | str) -> models.ProjectReportAnswer:
        """Read the report of a project."""
        return cast(
            "models.ProjectReportAnswer", self.call("GET", self.address("/projects/{project_id}/report", project_id))
        )

    def read_project_events(self, project_id: UUID | str) -> models.ProjectEventsAnswer:
        """Read what happened to a project."""
        return cast(
            "models.ProjectEventsAnswer", self.call("GET", self.address("/projects/{project_id}/events", project_id))
        )

    def pause_project(self, project_id: UUID | str, *, idempotency_key: str | None = None) -> models.ProjectAnswer:
        """Pause the run of a project."""
        return cast(
            "models.ProjectAnswer",
            self.call(
                "POST",
                self.address("/projects/{project_id}/pause", project_id),
                headers={"Idempotency-Key": idempotency_key},
            ),
        )

    def resume_project(self, project_id: UUID | str, *, idempotency_key: str | None = None) -> models.ProjectAnswer:
        """Resume a paused run."""
        return cast(
            "models.ProjectAnswer",
            self.call(
                "POST",
                self.address("/projects/{project_id}/resume", project_id),
                headers={"Idempotency-Key": idempotency_key},
            ),
        )

    def retry_project(self, project_id: UUID | str, *, idempotency_key: str | None = None) -> models.RetriedAnswer:
        """Try the items again that failed or were stopped."""
        return cast(
            "models.RetriedAnswer",
            self.call(
                "POST",
                self.address("/projects/{project_id}/retry", project_id),
                headers={"Idempotency-Key": idempotency_key},
            ),
        )

    def cancel_project(self, project_id: UUID | str, *, idempotency_key: str | None = None) -> models.ProjectAnswer:
        """Cancel the run of a project."""
        return cast(
            "models.ProjectAnswer",
            self.call(
                "POST",
                self.address("/projects/{project_id}/cancel", project_id),
                headers={"Idempotency-Key": idempotency_key},
            ),
        )

    def list_prompts(self, *, limit: int | None = None, cursor: str | None = None) -> models.PromptPage:
        """List prompts, roles first."""
        return cast(
            "models.PromptPage", self.call("GET", self.address("/prompts"), query={"limit": limit, "cursor": cursor})
        )

    def read_prompt(self, kind: models.PromptKind, name: str) -> models.PromptAnswer:
        """Read a prompt with its edits."""
        return cast("models.PromptAnswer", self.call("GET", self.address("/prompts/{kind}/{name}", kind, name)))

    def save_prompt(
        self, kind: models.PromptKind, name: str, body: models.PromptBody, *, if_match: str | None = None
    ) -> models.PromptAnswer:
        """Edit a prompt, or write a new one."""
        return cast(
            "models.PromptAnswer",
            self.call(
                "PUT", self.address("/prompts/{kind}/{name}", kind, name), headers={"if-match": if_match}, body=body
            ),
        )

    def restore_prompt(self, kind: models.PromptKind, name: str, *, if_match: str | None = None) -> models.PromptAnswer:
        """Take the edits of a prompt back."""
        return cast(
            "models.PromptAnswer",
            self.call("DELETE", self.address("/prompts/{kind}/{name}", kind, name), headers={"if-match": if_match}),
        )

    def read_policy(self) -> models.PolicyAnswer:
        """Read what lists of recommendations are ordered by."""
        return cast("models.PolicyAnswer", self.call("GET", self.address("/recommendations/policy")))

    def change_policy(self, body: models.PolicyBody, *, if_match: str | None = None) -> models.PolicyAnswer:
        """Change what lists of recommendations are ordered by."""
        return cast(
            "models.PolicyAnswer",
            self.call("PATCH", self.address("/recommendations/policy"), headers={"if-match": if_match}, body=body),
        )

    def choose_objective(self, body: models.ObjectiveBody) -> None:
        """Choose what your list is ordered by."""
        self.call("PUT", self.address("/recommendations/objective"), body=body)

    def show_recommendations(
        self, *, limit: int | None = None, idempotency_key: str | None = None
    ) -> models.ShownRecommendations:
        """Get recommendations to show to yourself, and keep that they were."""
        return cast(
            "models.ShownRecommendations",
            self.call(
                "POST",
                self.address("/recommendations/shown"),
                query={"limit": limit},
                headers={"Idempotency-Key": idempotency_key},
            ),
        )

    def open_recommendation(self, recommendation_id: UUID | str, *, idempotency_key: str | None = None) -> None:
        """Say that you opened a recommendation."""
        self.call(
            "POST",
            self.address("/recommendations/{recommendation_id}/opened", recommendation_id),
            headers={"Idempotency-Key": idempotency_key},
        )

    def start_recommendation(
        self, recommendation_id: UUID | str, body: models.StartedBody, *, idempotency_key: str | None = None
    ) -> None:
        """Say which run came of a recommendation."""
        self.call(
            "POST",
            self.address("/recommendations/{recommendation_id}/started", recommendation_id),
            headers={"Idempotency-Key": idempotency_key},
            body=body,
        )

    def read_recommendations(
        self, *, limit: int | None = None, objective: str | None = None
    ) -> models.RecommendationsAnswer:
        """What suits you, the best first."""
        return cast(
            "models.RecommendationsAnswer",
            self.call("GET", self.address("/recommendations"), query={"limit": limit, "objective": objective}),
        )

    def read_sample_data(self) -> models.SampleAnswer:
        """Read how much sample data there is."""
        return cast("models.SampleAnswer", self.call("GET", self.address("/sample-data")))

    def load_sample_data(self, *, idempotency_key: str | None = None) -> models.RequestedAnswer:
        """Load sample data."""
        return cast(
            "models.RequestedAnswer",
            self.call("POST", self.address("/sample-data"), headers={"Idempotency-Key": idempotency_key}),
        )

    def remove_sample_data(self) -> models.RequestedAnswer:
        """Remove all sample data."""
        return cast("models.RequestedAnswer", self.call("DELETE", self.address("/sample-data")))

    def calculate_savings(
        self,
        *,
        tasks_per_week: float | Decimal | str,
        minutes_per_task: float | Decimal | str,
        hourly_wage: float | Decimal | str,
        automation_percent: float | Decimal | str,
        error_rate: float | Decimal | str | None = None,
        cost_per_error: float | Decimal | str | None = None,
        value_per_accelerated_task: float | Decimal | str | None = None,
        implementation_cost: float | Decimal | str | None = None,
        currency: str | None = None,
    ) -> models.SavingsAnswer:
        """Reckon what inputs save in a week, a month and a year."""
        return cast(
            "models.SavingsAnswer",
            self.call(
                "GET",
                self.address("/savings/calculate"),
                query={
                    "tasks_per_week": tasks_per_week,
                    "minutes_per_task": minutes_per_task,
                    "hourly_wage": hourly_wage,
                    "automation_percent": automation_percent,
                    "error_rate": error_rate,
                    "cost_per_error": cost_per_error,
                    "value_per_accelerated_task": value_per_accelerated_task,
                    "implementation_cost": implementation_cost,
                    "currency": currency,
                },
            ),
        )

    def list_cards(
        self, *, workflow_id: str, limit: int | None = None, cursor: str | None = None
    ) -> models.RateCardList:
        """List a workflow's rate cards, the latest first."""
        return cast(
            "models.RateCardList",
            self.call(
                "GET",
                self.address("/savings/rate-cards"),
                query={"workflow_id": workflow_id, "limit": limit, "cursor": cursor},
            ),
        )

    def add_card(self, body: models.RateCardBody, *, idempotency_key: str | None = None) -> models.RateCardAnswer:
        """Add a rate card."""
        return cast(
            "models.RateCardAnswer",
            self.call(
                "POST", self.address("/savings/rate-cards"), headers={"Idempotency-Key": idempotency_key}, body=body
            ),
        )

    def withdraw_card(
        self, card_id: UUID | str, body: models.WithdrawalBody, *, idempotency_key: str | None = None
    ) -> None:
        """Withdraw a rate card."""
        self.call(
            "POST",
            self.address("/savings/rate-cards/{card_id}/withdraw", card_id),
            headers={"Idempotency-Key": idempotency_key},
            body=body,
        )

    def list_scenarios(
        self, *, workflow_id: str, limit: int | None = None, cursor: str | None = None
    ) -> models.ScenarioList:
        """List a workflow's scenarios."""
        return cast(
            "models.ScenarioList",
            self.call(
                "GET",
                self.address("/savings/scenarios"),
                query={"workflow_id": workflow_id, "limit": limit, "cursor": cursor},
            ),
        )

    def save_scenario(self, body: models.ScenarioBody, *, idempotency_key: str | None = None) -> models.ScenarioAnswer:
        """Save a scenario."""
        return cast(
            "models.ScenarioAnswer",
            self.call(
                "POST", self.address("/savings/scenarios"), headers={"Idempotency-Key": idempotency_key}, body=body
            ),
        )

    def change_scenario(
        self, scenario_id: UUID | str, body: models.ScenarioBody, *, if_match: str | None = None
    ) -> models.ScenarioAnswer:
        """Change a scenario."""
        return cast(
            "models.ScenarioAnswer",
            self.call(
                "PUT",
                self.address("/savings/scenarios/{scenario_id}", scenario_id),
                headers={"if-match": if_match},
                body=body,
            ),
        )

    def delete_scenario(self, scenario_id: UUID | str) -> None:
        """Delete a scenario."""
        self.call("DELETE", self.address("/savings/scenarios/{scenario_id}", scenario_id))

    def list_rates(self, *, limit: int | None = None, cursor: str | None = None) -> models.RateList:
        """List exchange rates, the latest day first."""
        return cast(
            "models.RateList",
            self.call("GET", self.address("/savings/exchange-rates"), query={"limit": limit, "cursor": cursor}),
        )

    def add_rate(self, body: models.ExchangeRateBody, *, idempotency_key: str | None = None) -> models.RateAnswer:
        """Add an exchange rate with its day and source."""
        return cast(
            "models.RateAnswer",
            self.call(
                "POST", self.address("/savings/exchange-rates"), headers={"Idempotency-Key": idempotency_key}, body=body
            ),
        )

    def withdraw_rate(self, rate_id: UUID | str, *, idempotency_key: str | None = None) -> None:
        """Withdraw an exchange rate."""
        self.call(
            "POST",
            self.address("/savings/exchange-rates/{rate_id}/withdraw", rate_id),
            headers={"Idempotency-Key": idempotency_key},
        )

    def read_evidence(
        self,
        *,
        figure: models.Figure,
        metric: str,
        unit: str,
        workflow_id: str | None = None,
        since: datetime | str | None = None,
        until: datetime | str | None = None,
        dataset: models.Dataset | None = None,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> models.EvidencePageAnswer:
        """List what a figure is the sum of."""
        return cast(
            "models.EvidencePageAnswer",
            self.call(
                "GET",
                self.address("/savings/evidence"),
                query={
                    "figure": figure,
                    "metric": metric,
                    "unit": unit,
                    "workflow_id": workflow_id,
                    "since": since,
                    "until": until,
                    "dataset": dataset,
                    "limit": limit,
                    "cursor": cursor,
                },
            ),
        )

    def list_sites(self, *, limit: int | None = None, cursor: str | None = None) -> models.SitesAnswer:
        """List sites, newest first."""
        return cast(
            "models.SitesAnswer", self.call("GET", self.address("/sites"), query={"limit": limit, "cursor": cursor})
        )

    def read_site(self, site_id: UUID | str) -> models.SiteDetailAnswer:
        """Read a site and where it was published."""
        return cast("models.SiteDetailAnswer", self.call("GET", self.address("/sites/{site_id}", site_id)))

    def list_site_versions(self, site_id: UUID | str) -> models.VersionsAnswer:
        """List the versions of a site, newest first."""
        return cast("models.VersionsAnswer", self.call("GET", self.address("/sites/{site_id}/versions", site_id)))

    def read_site_report(self, site_id: UUID | str, *, version_id: UUID | str | None = None) -> models.SiteReportAnswer:
        """Read what was measured of a site."""
        return cast(
            "models.SiteReportAnswer",
            self.call("GET", self.address("/sites/{site_id}/report", site_id), query={"version_id": version_id}),
        )

    def list_site_messages(
        self, site_id: UUID | str, *, limit: int | None = None, cursor: str | None = None
    ) -> models.SiteMessagesAnswer:
        """List what visitors wrote, newest first."""
        return cast(
            "models.SiteMessagesAnswer",
            self.call(
                "GET", self.address("/sites/{site_id}/messages", site_id), query={"limit": limit, "cursor": cursor}
            ),
        )

    def deploy_site(
        self,
        site_id: UUID | str,
        body: models.DeployBody,
        *,
        prefer: str | None = None,
        idempotency_key: str | None = None,
    ) -> models.DeploymentAnswer:
        """Publish a version of a site again."""
        return cast(
            "models.DeploymentAnswer",
            self.call(
                "POST",
                self.address("/sites/{site_id}/deploy", site_id),
                headers={"prefer": prefer, "Idempotency-Key": idempotency_key},
                body=body,
            ),
        )

    def roll_back_site(
        self, site_id: UUID | str, *, prefer: str | None = None, idempotency_key: str | None = None
    ) -> models.DeploymentAnswer:
        """Publish the version before the one that is live."""
        return cast(
            "models.DeploymentAnswer",
            self.call(
                "POST",
                self.address("/sites/{site_id}/rollback", site_id),
                headers={"prefer": prefer, "Idempotency-Key": idempotency_key},
            ),
        )

    def read_deployment(self, site_id: UUID | str, deployment_id: UUID | str) -> models.DeploymentAnswer:
        """Read how far a deployment is."""
        return cast(
            "models.DeploymentAnswer",
            self.call("GET", self.address("/sites/{site_id}/deployments/{deployment_id}", site_id, deployment_id)),
        )

    def list_tasks(self, *, limit: int | None = None) -> models.TasksAnswer:
        """List your open tasks, the oldest first."""
        return cast("models.TasksAnswer", self.call("GET", self.address("/tasks"), query={"limit": limit}))

    def finish_task(self, task_id: UUID | str, *, idempotency_key: str | None = None) -> None:
        """Tick a task off."""
        self.call("POST", self.address("/tasks/{task_id}/done", task_id), headers={"Idempotency-Key": idempotency_key})

    def list_themes(self, *, limit: int | None = None, cursor: str | None = None) -> models.ThemesAnswer:
        """List themes, the default first."""
        return cast(
            "models.ThemesAnswer", self.call("GET", self.address("/themes"), query={"limit": limit, "cursor": cursor})
        )

    def add_theme(self, body: models.ThemeBody, *, idempotency_key: str | None = None) -> models.ThemeAnswer:
        """Add a theme."""
        return cast(
            "models.ThemeAnswer",
            self.call("POST", self.address("/themes"), headers={"Idempotency-Key": idempotency_key}, body=body),
        )

    def read_theme(self, theme_id: UUID | str) -> models.ThemeAnswer:
        """Read a theme."""
        return cast("models.ThemeAnswer", self.call("GET", self.address("/themes/{theme_id}", theme_id)))

    def change_theme(
        self, theme_id: UUID | str, body: models.ThemeBody, *, if_match: str | None = None
    ) -> models.ThemeAnswer:
        """Change a theme."""
        return cast(
            "models.ThemeAnswer",
            self.call("PUT", self.address("/themes/{theme_id}", theme_id), headers={"if-match": if_match}, body=body),
        )

    def remove_theme(self, theme_id: UUID | str, *, if_match: str | None = None) -> None:
        """Remove a theme."""
        self.call("DELETE", self.address("/themes/{theme_id}", theme_id), headers={"if-match": if_match})

    def make_theme_default(self, theme_id: UUID | str, *, idempotency_key: str | None = None) -> models.ThemeAnswer:
        """Make a theme the default."""
        return cast(
            "models.ThemeAnswer",
            self.call(
                "POST",
                self.address("/themes/{theme_id}/default", theme_id),
                headers={"Idempotency-Key": idempotency_key},
            ),
        )

    def set_theme_logo(
        self,
        theme_id: UUID | str,
        body: Mapping[str, Any],
        *,
        if_match: str | None = None,
        files: Sequence[tuple[str, tuple[str, bytes]]] = (),
    ) -> models.ThemeAnswer:
        """Give a theme its logo."""
        return cast(
            "models.ThemeAnswer",
            self.call(
                "PUT",
                self.address("/themes/{theme_id}/logo", theme_id),
                headers={"if-match": if_match},
                data=body,
                files=files,
            ),
        )

    def remove_theme_logo(self, theme_id: UUID | str, *, if_match: str | None = None) -> models.ThemeAnswer:
        """Take the logo of a theme away."""
        return cast(
            "models.ThemeAnswer",
            self.call("DELETE", self.address("/themes/{theme_id}/logo", theme_id), headers={"if-match": if_match}),
        )

    def list_tokens(
        self, *, whose: models.Whose | None = None, limit: int | None = None, offset: int | None = None
    ) -> models.TokenList:
        """List tokens, those made last first."""
        return cast(
            "models.TokenList",
            self.call("GET", self.address("/tokens"), query={"whose": whose, "limit": limit, "offset": offset}),
        )

    def make_token(self, body: models.NewTokenBody, *, idempotency_key: str | None = None) -> models.NewTokenAnswer:
        """Make a token."""
        return cast(
            "models.NewTokenAnswer",
            self.call("POST", self.address("/tokens"), headers={"Idempotency-Key": idempotency_key}, body=body),
        )

    def read_token(self, token_id: UUID | str) -> models.TokenAnswer:
        """Read a token."""
        return cast("models.TokenAnswer", self.call("GET", self.address("/tokens/{token_id}", token_id)))

    def revoke_token(self, token_id: UUID | str) -> None:
        """Revoke a token."""
        self.call("DELETE", self.address("/tokens/{token_id}", token_id))

    def list_webhooks(self) -> models.WebhookList:
        """List webhooks."""
        return cast("models.WebhookList", self.call("GET", self.address("/webhooks")))

    def add_webhook(
        self, body: models.NewWebhookBody, *, idempotency_key: str | None = None
    ) -> models.NewWebhookAnswer:
        """Add a webhook."""
        return cast(
            "models.NewWebhookAnswer",
            self.call("POST", self.address("/webhooks"), headers={"Idempotency-Key": idempotency_key}, body=body),
        )

    def read_webhook(self, webhook_id: UUID | str) -> models.WebhookAnswer:
        """Read a webhook."""
        return cast("models.WebhookAnswer", self.call("GET", self.address("/webhooks/{webhook_id}", webhook_id)))

    def change_webhook(self, webhook_id: UUID | str, body: models.ChangeWebhookBody) -> models.WebhookAnswer:
        """Change a webhook, or switch it off and on."""
        return cast(
            "models.WebhookAnswer", self.call("PATCH", self.address("/webhooks/{webhook_id}", webhook_id), body=body)
        )

    def renew_secret(self, webhook_id: UUID | str, *, idempotency_key: str | None = None) -> models.SecretAnswer:
        """Make a new secret."""
        return cast(
            "models.SecretAnswer",
            self.call(
                "POST",
                self.address("/webhooks/{webhook_id}/secret", webhook_id),
                headers={"Idempotency-Key": idempotency_key},
            ),
        )

    def send_test_event(self, webhook_id: UUID | str, *, idempotency_key: str | None = None) -> models.QueuedAnswer:
        """Send a test event."""
        return cast(
            "models.QueuedAnswer",
            self.call(
                "POST",
                self.address("/webhooks/{webhook_id}/test", webhook_id),
                headers={"Idempotency-Key": idempotency_key},
            ),
        )

    def list_deliveries(
        self, webhook_id: UUID | str, *, limit: int | None = None, offset: int | None = None
    ) -> models.DeliveryPage:
        """List a webhook's deliveries."""
        return cast(
            "models.DeliveryPage",
            self.call(
                "GET",
                self.address("/webhooks/{webhook_id}/deliveries", webhook_id),
                query={"limit": limit, "offset": offset},
            ),
        )

    def retry_delivery(
        self, webhook_id: UUID | str, delivery_id: UUID | str, *, idempotency_key: str | None = None
    ) -> models.QueuedAnswer:
        """Send an event once more."""
        return cast(
            "models.QueuedAnswer",
            self.call(
                "POST",
                self.address("/webhooks/{webhook_id}/deliveries/{delivery_id}/retry", webhook_id, delivery_id),
                headers={"Idempotency-Key": idempotency_key},
            ),
        )

    def list_workflow_documents(
        self,
        workflow_id: UUID | str,
        *,
        doc_type: str | None = None,
        scope_id: str | None = None,
        limit: int | None = None,
        offset: int | None = None,
    ) -> models.DocumentPage:
        """List the documents of a run, with their versions."""
        return cast(
            "models.DocumentPage",
            self.call(
                "GET",
                self.address("/workflows/{workflow_id}/documents", workflow_id),
                query={"doc_type": doc_type, "scope_id": scope_id, "limit": limit, "offset": offset},
            ),
        )

    def read_workflow_document(self, workflow_id: UUID | str, document_id: UUID | str) -> models.DocumentContent:
        """Read one version of a document."""
        return cast(
            "models.DocumentContent",
            self.call(
                "GET", self.address("/workflows/{workflow_id}/documents/{document_id}", workflow_id, document_id)
            ),
        )

    def list_workflow_nodes(
        self,
        workflow_id: UUID | str,
        *,
        state: models.NodeState | None = None,
        parent: str | None = None,
        limit: int | None = None,
        offset: int | None = None,
    ) -> models.NodePage:
        """List the steps and items of a run."""
        return cast(
            "models.NodePage",
            self.call(
                "GET",
                self.address("/workflows/{workflow_id}/nodes", workflow_id),
                query={"state": state, "parent": parent, "limit": limit, "offset": offset},
            ),
        )

    def list_workflow_calls(
        self, workflow_id: UUID | str, *, path: str | None = None, limit: int | None = None, offset: int | None = None
    ) -> models.CallPage:
        """List the calls of language models of a run."""
        return cast(
            "models.CallPage",
            self.call(
                "GET",
                self.address("/workflows/{workflow_id}/calls", workflow_id),
                query={"path": path, "limit": limit, "offset": offset},
            ),
        )

    def cancel_workflow(
        self,
        workflow_id: UUID | str,
        body: models.CancelBody,
        *,
        if_match: str | None = None,
        idempotency_key: str | None = None,
    ) -> models.WorkflowDetail:
        """Cancel a run."""
        return cast(
            "models.WorkflowDetail",
            self.call(
                "POST",
                self.address("/workflows/{workflow_id}/cancel", workflow_id),
                headers={"if-match": if_match, "Idempotency-Key": idempotency_key},
                body=body,
            ),
        )

    def pause_workflow(self, workflow_id: UUID | str, *, idempotency_key: str | None = None) -> models.WorkflowDetail:
        """Pause a run."""
        return cast(
            "models.WorkflowDetail",
            self.call(
                "POST",
                self.address("/workflows/{workflow_id}/pause", workflow_id),
                headers={"Idempotency-Key": idempotency_key},
            ),
        )

    def resume_workflow(self, workflow_id: UUID | str, *, idempotency_key: str | None = None) -> models.WorkflowDetail:
        """Resume a paused run."""
        return cast(
            "models.WorkflowDetail",
            self.call(
                "POST",
                self.address("/workflows/{workflow_id}/resume", workflow_id),
                headers={"Idempotency-Key": idempotency_key},
            ),
        )

    def retry_workflow(
        self, workflow_id: UUID | str, body: models.RetryBody, *, idempotency_key: str | None = None
    ) -> models.WorkflowDetail:
        """Do again what failed."""
        return cast(
            "models.WorkflowDetail",
            self.call(
                "POST",
                self.address("/workflows/{workflow_id}/retry", workflow_id),
                headers={"Idempotency-Key": idempotency_key},
                body=body,
            ),
        )

    def vote_on_workflow(
        self, workflow_id: UUID | str, body: models.WorkflowVoteBody, *, idempotency_key: str | None = None
    ) -> models.WorkflowDetail:
        """Vote on what a run waits for."""
        return cast(
            "models.WorkflowDetail",
            self.call(
                "POST",
                self.address("/workflows/{workflow_id}/votes", workflow_id),
                headers={"Idempotency-Key": idempotency_key},
                body=body,
            ),
        )

    def list_workflow_types(self) -> models.WorkflowTypes:
        """List workflow types."""
        return cast("models.WorkflowTypes", self.call("GET", self.address("/workflow-types")))

    def import_workflow_type(
        self, body: models.DefinitionBody, *, idempotency_key: str | None = None
    ) -> models.ImportedAnswer:
        """Import a definition."""
        return cast(
            "models.ImportedAnswer",
            self.call("POST", self.address("/workflow-types"), headers={"Idempotency-Key": idempotency_key}, body=body),
        )

    def read_workflow_schema(self) -> dict[str, Any]:
        """Read the JSON Schema of automated workflows."""
        return cast("dict[str, Any]", self.call("GET", self.address("/workflow-types/schema")))

    def validate_workflow_type(
        self, body: models.DefinitionBody, *, idempotency_key: str | None = None
    ) -> models.Checked:
        """Check a definition without importing it."""
        return cast(
            "models.Checked",
            self.call(
                "POST",
                self.address("/workflow-types/validate"),
                headers={"Idempotency-Key": idempotency_key},
                body=body,
            ),
        )

    def read_workflow_type(self, type_id: str) -> models.WorkflowTypeDetail:
        """Read one workflow type with its revisions."""
        return cast("models.WorkflowTypeDetail", self.call("GET", self.address("/workflow-types/{type_id}", type_id)))

    def read_definition(self, type_id: str, *, revision: str | None = None) -> dict[str, Any]:
        """Export a definition."""
        return cast(
            "dict[str, Any]",
            self.call(
                "GET", self.address("/workflow-types/{type_id}/definition", type_id), query={"revision": revision}
            ),
        )

    def list_workflows(
        self,
        *,
        status: Literal["PENDING", "IN_PROGRESS", "COMPLETED", "FAILED", "CANCELLED"] | None = None,
        council_id: str | None = None,
        agent_id: str | None = None,
        workflow_type_id: str | None = None,
        user_id: UUID | str | None = None,
        since: datetime | str | None = None,
        until: datetime | str | None = None,
        text: str | None = None,
        waits: bool | None = None,
        sort: models.Sort | None = None,
        limit: int | None = None,
        offset: int | None = None,
        cursor: str | None = None,
        dataset: models.Dataset | None = None,
    ) -> models.WorkflowPage:
        """List runs, newest first or in another order."""
        return cast(
            "models.WorkflowPage",
            self.call(
                "GET",
                self.address("/workflows"),
                query={
                    "status": status,
                    "council_id": council_id,
                    "agent_id": agent_id,
                    "workflow_type_id": workflow_type_id,
                    "user_id": user_id,
                    "since": since,
                    "until": until,
                    "text": text,
                    "waits": waits,
                    "sort": sort,
                    "limit": limit,
                    "offset": offset,
                    "cursor": cursor,
                    "dataset": dataset,
                },
            ),
        )

    def start_workflow(
        self, body: models.StartWorkflowBody, *, idempotency_key: str | None = None
    ) -> models.WorkflowDetail:
        """Start a run."""
        return cast(
            "models.WorkflowDetail",
            self.call("POST", self.address("/workflows"), headers={"Idempotency-Key": idempotency_key}, body=body),
        )

    def workflow_metrics(
        self,
        *,
        since: datetime | str | None = None,
        until: datetime | str | None = None,
        currency: str | None = None,
        dataset: models.Dataset | None = None,
    ) -> models.WorkflowMetricsAnswer:
        """Figures over all runs."""
        return cast(
            "models.WorkflowMetricsAnswer",
            self.call(
                "GET",
                self.address("/workflows/metrics"),
                query={"since": since, "until": until, "currency": currency, "dataset": dataset},
            ),
        )

    def read_workflow(self, workflow_id: UUID | str) -> models.WorkflowDetail:
        """Read one run with its decision, metrics, votes and steps."""
        return cast("models.WorkflowDetail", self.call("GET", self.address("/workflows/{workflow_id}", workflow_id)))
