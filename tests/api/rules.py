"""Who may do what over the API: one rule a route, by the names of the document; a route without one fails (test_matrix.py).

A rule says whose role is enough to ask. What they are answered about is another matter: see `test_matrix.py` on owners.
"""

from __future__ import annotations

from collections.abc import Mapping

PEOPLE = frozenset({"user", "operator", "council", "analyst", "admin"})
SIGNED_IN = PEOPLE | {"agent"}
ANYBODY = SIGNED_IN | {"nobody"}
OVERSEERS = frozenset({"operator", "council", "analyst", "admin"})
PROPOSERS = frozenset({"operator", "admin", "agent"})
STEERERS = frozenset({"operator", "admin"})
KEEPERS = frozenset({"analyst", "admin"})
ADMINS = frozenset({"admin"})

_RULES: dict[frozenset[str], str] = {
    ANYBODY: "health live ready read_hook answer_hook",
    SIGNED_IN: """
        list_actions read_action list_systems list_decisions read_decision read_delegation list_open_executions
        read_execution read_file list_gates read_gate list_links read_records read_mapping_schema read_notifications
        list_operations read_operation list_outcomes read_outcome_figures read_outcome list_packages
        list_package_formats list_package_sources read_package read_package_file read_manifest read_performance
        read_profile list_projects read_project read_project_events list_project_items read_project_report read_proof
        read_recommendations read_policy calculate_savings read_evidence list_sites read_site read_deployment
        list_site_messages read_site_report list_site_versions list_tasks list_workflow_types read_workflow_schema
        read_workflow_type read_definition list_workflows workflow_metrics read_workflow list_workflow_documents
        read_workflow_document list_workflow_events list_workflow_gates list_workflow_nodes
        watch_action watch_execution watch_inbox list_tokens read_token""",
    PEOPLE: """
        take_seat_back withdraw_link edit_action approve_many approve_plan look_again reject_action resolve_action
        retry_action snooze_action undo_action vote_on_plan approve_action cast_ballot give_seat abandon_execution
        complete_execution finish_step answer_gate make_link log_outcome add_proof save_profile show_recommendations
        open_recommendation start_recommendation finish_task cancel_workflow pause_workflow resume_workflow
        retry_workflow vote_on_workflow show_step record_progress save_step_notes choose_notifications
        choose_objective make_token revoke_token""",
    frozenset({"user", "operator", "admin"}): "start_execution start_workflow",
    OVERSEERS | {"agent"}: "list_councils read_council",
    OVERSEERS: """
        read_council_waits read_groups read_leaderboard read_outliers read_steps read_summary read_trend read_waits
        list_rates list_cards list_scenarios list_themes read_theme make_package retry_package make_project_package""",
    frozenset({"operator", "council", "admin"}): "list_delegations read_guardrails read_refusals review_outcome",
    PROPOSERS: """
        propose_action plan_action instruct keep_file attach_package create_project add_project_items
        edit_project_item leave_out_project_items plan_project_items_again remove_project_items propose_project
        upload_project_items""",
    STEERERS: """
        restore_prompt save_prompt read_findings read_rules read_rule list_prompts read_prompt list_workflow_calls
        look_now stop_execution cancel_project pause_project resume_project retry_project deploy_site roll_back_site
        import_workflow_type validate_workflow_type""",
    KEEPERS: """
        take_import_back list_imports read_import list_refused download_refused import_runs discard_import
        retry_import start_import add_rate withdraw_rate add_card withdraw_card save_scenario change_scenario
        delete_scenario""",
    ADMINS: """
        remove_connection remove_sample_data list_audit_entries list_audit_events list_connections read_connection
        list_jobs list_job_runs read_job_run run_job list_people list_groups read_person read_sample_data
        list_webhooks read_webhook list_deliveries change_rule change_connection change_guardrails change_person
        change_policy change_webhook add_connection test_connection create_council change_council switch_council
        set_members add_person set_password load_sample_data add_theme change_theme remove_theme make_theme_default
        set_theme_logo remove_theme_logo add_webhook retry_delivery renew_secret send_test_event""",
}

RULES: Mapping[str, frozenset[str]] = {name: who for who, names in _RULES.items() for name in names.split()}

_SEERS: dict[frozenset[str], str] = {
    ANYBODY: "hooks",  # whoever has the address of a link has what it opens
    SIGNED_IN: "operations workflow-types",
    OVERSEERS | {"agent"}: "councils",
    OVERSEERS: "workflows gates sites outcome",
    frozenset(
        {"operator", "council", "admin"}
    ): "actions decisions delegations files guardrails packages projects proof",
    STEERERS: "execution links",
    KEEPERS: "imports savings",
    ADMINS: "recommendations tasks tokens",
}
SEERS: Mapping[str, frozenset[str]] = {name: who for who, names in _SEERS.items() for name in names.split()}
"""Who may see one of somebody else's, by the first part of its address; for admins alone: their own, as the tests have it."""
KEPT = frozenset(["brain", "connections", "jobs", "people", "prompts", "themes", "webhooks"])
"""What belongs to nobody: the role alone decides."""
