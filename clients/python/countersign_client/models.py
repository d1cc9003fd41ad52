"""What the API takes and answers. Made by `python -m clients`; change the API instead."""

from __future__ import annotations

from typing import Any, Literal, NotRequired, TypeAlias, TypedDict


class AbandonBody(TypedDict):
    reason: str


ActionState: TypeAlias = Literal[
    "pending", "approved", "rejected", "expired", "executing", "executed", "failed", "unknown"
]


ActorKind: TypeAlias = Literal["person", "agent", "job", "system"]


class Alive(TypedDict):
    status: NotRequired[Literal["ok"]]


class AnswerBody(TypedDict):
    digest: str
    answer: NotRequired[dict[str, Any]]


ApiStatus: TypeAlias = Literal["PENDING", "IN_PROGRESS", "COMPLETED", "FAILED", "CANCELLED"]


class ApproveActionBody(TypedDict):
    actionId: NotRequired[str | None]
    planDigest: NotRequired[str | None]


class ApproveBody(TypedDict):
    plan_digest: str
    reason: NotRequired[str]


class AsOfAnswer(TypedDict):
    rolled_up_at: str | None
    waiting: int
    live: bool


AtDeadline: TypeAlias = Literal["reject", "expire", "escalate"]


Name: TypeAlias = str


class AttachBody(TypedDict):
    names: list[Name]


AttemptOutcome: TypeAlias = Literal["confirmed", "rejected", "deferred", "unknown"]


class AuditEntryAnswer(TypedDict):
    sequence: int
    at: str
    actor_kind: ActorKind
    actor_id: str
    actor_name: str
    event: str
    subject: str
    before: dict[str, Any] | None
    after: dict[str, Any] | None
    request_id: str | None
    previous_hash: str
    hash: str


class AuditEventsAnswer(TypedDict):
    events: list[str]


class AuditPage(TypedDict):
    entries: list[AuditEntryAnswer]
    total: int
    next_cursor: int | None


class AuditShape(TypedDict):
    sequence: int
    at: str
    who: str
    event: str
    subject: str
    hash: str
    previous_hash: str


class AverageValue(TypedDict):
    metric_type: str
    unit: str
    average: str
    count: int


Base: TypeAlias = Literal["members", "ballots", "votes"]


class BatchItem(TypedDict):
    action_id: str
    plan_digest: str


class BatchRow(TypedDict):
    action_id: str
    title: str
    status: ActionState | None
    error: str | None


Became: TypeAlias = Literal["waiting", "executed", "declined", "not_proposed", "withdrawn"]


class BodyKeepFile(TypedDict):
    file: str


class BodySetThemeLogo(TypedDict):
    file: str
    alt: NotRequired[str]


class BodyUploadProjectItems(TypedDict):
    file: str


class BrainFindingAnswer(TypedDict):
    id: str
    rule: str
    title: str
    became: Became
    held: str
    action_id: str | None
    action_state: ActionState | None
    confidence: str
    impact: dict[str, Any]
    evidence: list[dict[str, Any]]
    worded_by: str
    first_seen_at: str
    last_seen_at: str
    gone_at: str | None


Bucket: TypeAlias = Literal["day", "week", "month"]


CallOutcome: TypeAlias = Literal["received", "document", "questions", "sent_back", "failed"]


class CallbackBody(TypedDict):
    answer: dict[str, Any]


class CancelBody(TypedDict):
    reason: NotRequired[str]


Cause: TypeAlias = Literal["pause", "council"]


class ChangeAnswer(TypedDict):
    field: str
    label: str
    before: Any
    after: Any


class ChangeConnectionBody(TypedDict):
    values: NotRequired[dict[str, Any] | None]
    enabled: NotRequired[bool | None]
    because: NotRequired[str]
    usual: NotRequired[bool | None]


Domain: TypeAlias = str


Criterion: TypeAlias = str


BlockedOperation: TypeAlias = str


Group: TypeAlias = str


class ChannelAnswer(TypedDict):
    channel: str
    total: int
    items: dict[ItemState, int]
    rate: str


class ChatContext(TypedDict):
    workflow_type_id: NotRequired[str | None]
    inputs: NotRequired[dict[str, Any]]
    for_person: NotRequired[str | None]


CheckState: TypeAlias = Literal["pass", "fail", "not_checked"]


class ChoiceAnswer(TypedDict):
    workflow_type_id: str
    title: str


Closing: TypeAlias = Literal["ballots", "deadline", "rule", "part", "withdrawn"]


class ConnectionCallAnswer(TypedDict):
    at: str
    passed: bool
    words: str


class CouncilWaitAnswer(TypedDict):
    council_id: str
    name: str
    approval_rate: float | None
    decided: int
    expired: int
    open: int
    p50_seconds: float | None
    p90_seconds: float | None


Dataset: TypeAlias = Literal["real", "sample"]


DecisionState: TypeAlias = Literal["open", "approved", "rejected", "expired"]


class DefinitionBody(TypedDict):
    schema_version: NotRequired[Any]
    workflow_id: NotRequired[Any]
    workflows: NotRequired[Any]


class DefinitionProblem(TypedDict):
    code: str
    path: str
    message: str
    remedy: str
    severity: Literal["error", "warning"]


class DelegationAnswer(TypedDict):
    id: str
    from_id: str
    from_name: str
    to_id: str
    to_name: str
    council_id: str | None
    council_name: str | None
    starts_at: str
    ends_at: str
    reason: str
    by_admin: bool
    in_force: bool


class DelegationBody(TypedDict):
    to: str
    ends_at: str
    starts_at: NotRequired[str | None]
    council_id: NotRequired[str | None]
    reason: NotRequired[str]
    of: NotRequired[str | None]


class DelegationList(TypedDict):
    delegations: list[DelegationAnswer]
    total: int
    next_cursor: str | None


DeliveryState: TypeAlias = Literal["waiting", "delivered", "failed", "dropped"]


class DeployBody(TypedDict):
    version_id: str
    target: NotRequired[str | None]


DeploymentKind: TypeAlias = Literal["deploy", "rollback", "redeploy"]


DeploymentState: TypeAlias = Literal["waiting", "running", "live", "unanswered", "failed", "overtaken"]


DigestState: TypeAlias = Literal["empty", "sending", "sent", "deferred", "failed", "unknown"]


Dimension: TypeAlias = Literal["workflow", "agent", "council", "market", "skill_level", "segment"]


class DocumentContent(TypedDict):
    id: str
    version: int
    digest: str
    made_by: str
    created_at: str
    accepted_at: str | None
    accepted_by: str | None
    path: str | None
    doc_type: str
    scope: str
    scope_id: str
    current: bool
    content: Any
    findings: list[dict[str, Any]]


class DocumentVersionAnswer(TypedDict):
    id: str
    version: int
    digest: str
    made_by: str
    created_at: str
    accepted_at: str | None
    accepted_by: str | None
    path: str | None


class EditBody(TypedDict):
    params: dict[str, Any]


class EditItemBody(TypedDict):
    key: str
    params: dict[str, Any]


Effect: TypeAlias = Literal["read", "reversible", "irreversible", "financial"]


class EstimateAnswer(TypedDict):
    currency: str | None
    weekly: str
    count: int


class EventAnswer(TypedDict):
    name: str
    at: str
    by: str
    facts: dict[str, Any]


Every: TypeAlias = Literal["off", "hourly", "daily"]


class EvidenceProofAnswer(TypedDict):
    id: str
    name: str
    sha256: str
    content_type: str
    size: int


class ExchangeRateBody(TypedDict):
    base: str
    quote: str
    rate: float | str
    day: str
    source: str


ExecutionMode: TypeAlias = Literal["off", "preview", "on"]


class ExecutionResult(TypedDict):
    reference: str | None
    message: str
    url: str | None
    executed_at: str | None


ExecutionState: TypeAlias = Literal[
    "pending",
    "started",
    "in_progress",
    "waiting_acceptance",
    "waiting_clarification",
    "completed",
    "failed",
    "cancelled",
    "abandoned",
]


class ExpectedBenefit(TypedDict):
    expected: float
    low: float
    high: float


class FieldAnswer(TypedDict):
    name: str
    title: str
    kind: str
    required: bool
    choices: list[str]
    help: str


class FieldProblem(TypedDict):
    field: str
    problem: str


Figure: TypeAlias = Literal["estimated", "measured", "proven"]


class FigureShape(TypedDict):
    key: str
    label: str
    text: str
    value: str | None
    unit: str
    basis: str


class FileShape(TypedDict):
    name: str
    format: str
    media_type: str
    size: int
    sha256: str
    facts: dict[str, int]


Finding: TypeAlias = Literal["met", "not_met", "not_applicable"]


class FindingsAnswer(TypedDict):
    findings: list[BrainFindingAnswer]
    total: int


class FormatAnswer(TypedDict):
    name: str
    title: str
    file_name: str
    media_type: str


FormatState: TypeAlias = Literal["waiting", "done", "failed"]


class FormatsAnswer(TypedDict):
    formats: list[FormatAnswer]


class GateFindingAnswer(TypedDict):
    path: str
    message: str
    severity: str
    rule: str


GateKind: TypeAlias = Literal[
    "start", "clarification", "form", "guide", "acceptance", "approval", "vote", "action", "time"
]


GateState: TypeAlias = Literal["open", "closed", "withdrawn"]


class GateWaitAnswer(TypedDict):
    workflow_id: str
    step: str
    kind: GateKind
    closed: int
    open: int
    p50_seconds: float | None
    p90_seconds: float | None
    total_seconds: float


Goal: TypeAlias = Literal["earn_money", "save_time", "scale_business"]


class GuardrailsAnswer(TypedDict):
    mode: ExecutionMode
    mode_by: str
    mode_at: str
    changed_by: str
    changed_at: str
    version: int
    damaged: str
    policy: dict[str, Any]


class Health(TypedDict):
    status: Literal["ok", "degraded", "down"]
    database: bool
    workers: int
    worker_silent_seconds: float | None
    scheduler: bool
    waiting: dict[str, int]
    problems: list[str]


HoursBody = TypedDict(
    "HoursBody",
    {
        "zone": str,
        "weekdays": list[int],
        "from": str,
        "to": str,
    },
)


ImportState: TypeAlias = Literal[
    "uploaded", "reading", "ready", "writing", "done", "failed", "taking_back", "taken_back"
]


class ImportedAnswer(TypedDict):
    status: NotRequired[Literal["imported"]]
    revisions: dict[str, str]
    warnings: list[DefinitionProblem]


InboxSort: TypeAlias = Literal["priority", "expiry", "oldest", "newest"]


InputType: TypeAlias = Literal[
    "text", "long_text", "number", "integer", "boolean", "choice", "list", "date", "email", "url", "object", "color"
]


class ItemBody(TypedDict):
    operation: NotRequired[str]
    channel: NotRequired[str]
    key: NotRequired[str]
    params: NotRequired[dict[str, Any]]


class ItemCounts(TypedDict):
    done: int
    failed: int
    total: int


ItemState: TypeAlias = Literal["problem", "ready", "waiting", "under_way", "sent", "failed", "skipped"]


class ItemsBody(TypedDict):
    items: list[ItemBody]


JobRunState: TypeAlias = Literal["queued", "running", "succeeded", "failed"]


Judgement: TypeAlias = Literal["pass", "wait", "stop"]


class KeptFileAnswer(TypedDict):
    sha256: str
    name: str
    media_type: str
    size: int


Level: TypeAlias = Literal["cell", "market", "global", "few", "none"]


class LinkAnswer(TypedDict):
    id: str
    label: str
    made_by: str
    created_at: str
    expires_at: str
    used_at: str | None
    over: str | None


class LinkList(TypedDict):
    links: list[LinkAnswer]


class LookNowAnswer(TypedDict):
    run: str


LookState: TypeAlias = Literal["looked", "partly", "not_looked", "failed"]


Market: TypeAlias = Literal["freelancer", "shop_owner", "content_creator", "agency", "student"]


Measure: TypeAlias = Literal["duration", "savings"]


class MemberAnswer(TypedDict):
    id: str
    name: str
    active: bool


class MembersBody(TypedDict):
    members: list[str]


MessageState: TypeAlias = Literal["kept", "waiting", "sending", "sent", "failed", "unknown"]


MetricType: TypeAlias = Literal["revenue", "time_saved", "customers", "custom"]


class Metrics(TypedDict):
    id: str
    workflow_id: str
    duration_seconds: float | None
    estimated_weekly_savings: str | None
    success_rate: float | None
    error_count: int


class MissingAnswer(TypedDict):
    name: str
    title: str
    description: str
    problem: str
    schema: dict[str, Any]


class ModelCallAnswer(TypedDict):
    id: str
    path: str
    generation: int
    number: int
    model: str
    prompts: dict[str, Any]
    request: dict[str, Any] | None
    response: str | None
    outcome: CallOutcome
    findings: list[dict[str, Any]]
    tokens_in: int
    tokens_out: int
    cost: str | None
    currency: str | None
    latency_ms: int
    called_at: str


class Money(TypedDict):
    value: float | str
    currency: str


class MoneyAnswer(TypedDict):
    value: str
    currency: str


class NewConnectionBody(TypedDict):
    system: str
    name: str
    values: dict[str, Any]
    usual: NotRequired[bool]


class NewLinkAnswer(TypedDict):
    id: str
    form_url: str
    callback_url: str
    expires_at: str


class NewLinkBody(TypedDict):
    label: str
    days: NotRequired[int]


NodeState: TypeAlias = Literal[
    "pending", "executing", "clarifying", "qa_checking", "remediating", "waiting", "completed", "failed"
]


class NotesBody(TypedDict):
    notes: str


class NotificationsBody(TypedDict):
    every: Every
    hour: NotRequired[int]
    zone: NotRequired[str]


class ObjectiveAnswer(TypedDict):
    key: str
    metric_type: str | None
    unit: str | None


class ObjectiveBody(TypedDict):
    objective: str | None


class OpenGateAnswer(TypedDict):
    id: str
    kind: GateKind
    title: str
    decision_id: str | None


class OperationAnswer(TypedDict):
    name: str
    title: str
    channel: str
    effect: Effect


class OperationDetail(TypedDict):
    name: str
    title: str
    channel: str
    effect: Effect
    form: dict[str, Any]


class OperationPage(TypedDict):
    operations: list[OperationAnswer]
    total: int
    next_cursor: str | None


class OutcomeTotalAnswer(TypedDict):
    metric_type: MetricType
    unit: str
    value: str
    count: int


class OutlierAnswer(TypedDict):
    run_id: str
    workflow_id: str
    title: str
    created_at: str
    value: float
    currency: str | None
    median: float
    score: float


class OutliersAnswer(TypedDict):
    dataset: Dataset
    measure: Measure
    looked_at: int
    sampled: bool
    outliers: list[OutlierAnswer]


Format: TypeAlias = str


class PackageBody(TypedDict):
    formats: NotRequired[list[Format]]
    theme: NotRequired[str | None]
    language: NotRequired[str]
    zone: NotRequired[str]
    source: str
    params: dict[str, Any]


class PackageFileAnswer(TypedDict):
    format: str
    title: str
    name: str
    media_type: str
    size: int | None
    sha256: str | None
    state: FormatState
    error: str
    remarks: list[str]
    facts: dict[str, Any]
    url: str | None


class PackageShape(TypedDict):
    id: str
    number: int | None
    source: str
    subject: str
    label: str
    language: str
    theme: str
    made_at: str
    made_by: str
    product_version: str


PackageState: TypeAlias = Literal["waiting", "reading", "rendering", "done", "failed"]


class PackageSummary(TypedDict):
    id: str
    source: str
    subject: str
    label: str
    number: int | None
    state: PackageState
    formats: list[str]
    requested_by: str
    created_at: str
    ended_at: str | None
    size: int


class PackagesAnswer(TypedDict):
    packages: list[PackageSummary]
    total: int
    next_cursor: str | None


Paper: TypeAlias = Literal["a4", "us-letter"]


class PasswordBody(TypedDict):
    password: str


class PeopleGroupsAnswer(TypedDict):
    groups: list[str]


class PerformanceCell(TypedDict):
    workflow_id: str
    market: str
    skill_level: str
    success_rate: float | None
    success_rate_low: float
    success_rate_high: float
    data_points: int
    people: int
    average_values: list[AverageValue]
    completion_hours: float | None
    updated_at: str


class PolicyAnswer(TypedDict):
    objective: ObjectiveAnswer
    explore: bool
    explore_share: float
    changed_by: str | None
    changed_at: str | None
    version: int


class PolicyBody(TypedDict):
    objective: NotRequired[str | None]
    explore: NotRequired[bool | None]
    explore_share: NotRequired[float | None]


Priority: TypeAlias = Literal["critical", "attention", "info", "automated"]


class Problem(TypedDict):
    type: NotRequired[str]
    title: str
    status: int
    detail: str
    code: str
    errors: NotRequired[list[FieldProblem] | None]
    problems: NotRequired[list[DefinitionProblem] | None]


class ProgressBody(TypedDict):
    steps_completed: int
    notes: NotRequired[str | None]


class ProjectBody(TypedDict):
    name: str


class ProjectEventsAnswer(TypedDict):
    events: list[EventAnswer]


class ProjectPackageBody(TypedDict):
    formats: NotRequired[list[Format]]
    theme: NotRequired[str | None]
    language: NotRequired[str]
    zone: NotRequired[str]


class ProjectReportAnswer(TypedDict):
    project_id: str
    total_items_processed: int
    items_sent_successfully: int
    items_failed: int
    items_skipped: int
    channels_used: list[str]
    errors: list[str]
    execution_results: list[dict[str, Any]]


class PromptBody(TypedDict):
    text: str


PromptKind: TypeAlias = Literal["role", "task"]


class PromptLine(TypedDict):
    kind: PromptKind
    name: str
    source: Literal["file", "edited", "default"]
    used_by: list[str]
    version: int
    saved_by: str
    saved_at: str | None


class PromptPage(TypedDict):
    prompts: list[PromptLine]
    total: int
    next_cursor: str | None


class PromptVersionAnswer(TypedDict):
    version: int
    text: str | None
    saved_by: str
    saved_at: str


class ProofAnswer(TypedDict):
    id: str
    name: str
    content_type: str
    size: int
    uploaded_at: str


ProofType: TypeAlias = Literal["screenshot", "invoice", "text", "none"]


RecommendedStep: TypeAlias = str


class QueuedAnswer(TypedDict):
    delivery_id: str


class RateAnswer(TypedDict):
    id: str
    base: str
    quote: str
    rate: str
    day: str
    source: str
    created_by: str
    created_at: str
    withdrawn_by: str | None
    withdrawn_at: str | None


class RateCardAnswer(TypedDict):
    id: str | None
    effective_from: str
    inputs: dict[str, Any]
    weekly: str
    currency: str
    note: str
    created_by: str
    created_at: str | None
    withdrawn_by: str | None
    withdrawn_at: str | None
    withdrawn_reason: str
    in_force: bool


class RateCardBody(TypedDict):
    tasks_per_week: float | str
    minutes_per_task: float | str
    hourly_wage: float | str
    automation_percent: float | str
    error_rate: NotRequired[float | str]
    cost_per_error: NotRequired[float | str]
    value_per_accelerated_task: NotRequired[float | str]
    implementation_cost: NotRequired[float | str | None]
    currency: NotRequired[str]
    workflow_id: str
    effective_from: str
    note: NotRequired[str]


class RateCardList(TypedDict):
    rate_cards: list[RateCardAnswer]
    total: int
    next_cursor: str | None


class RateList(TypedDict):
    exchange_rates: list[RateAnswer]
    total: int
    next_cursor: str | None


Rating: TypeAlias = Literal["STELLAR", "EXCELLENT", "STRONG", "VIABLE", "MARGINAL"]


Reason: TypeAlias = Literal[
    "broken_row",
    "too_long",
    "cells",
    "controls",
    "no_case",
    "no_activity",
    "no_time",
    "bad_time",
    "no_such_time",
    "future",
    "ends_early",
    "bad_number",
    "broken_case",
    "no_step",
    "not_over",
    "bad_value",
    "mixed_units",
    "too_many_events",
    "already_here",
]


class RefusedAnswer(TypedDict):
    line: int
    reason: Reason
    detail: str
    case: str
    cells: list[str]


class RefusedPage(TypedDict):
    refused: list[RefusedAnswer]


class RejectBody(TypedDict):
    reason: str
    plan_digest: NotRequired[str | None]


Key: TypeAlias = str


class RemoveItemsBody(TypedDict):
    keys: list[Key]


class ReportShape(TypedDict):
    title: str
    read_at: str
    zone: str
    sample: bool
    sha256: str


class RequestAnswer(TypedDict):
    title: str
    label: str
    asked_by: str
    kind: GateKind
    fields: list[FieldAnswer]
    content: dict[str, Any]
    expires_at: str


class RequestedAnswer(TypedDict):
    run: str


class ResolveBody(TypedDict):
    happened: bool
    evidence: str
    retry: NotRequired[bool]


class RetriedAnswer(TypedDict):
    queued: int
    refused: int


class RetryBody(TypedDict):
    path: NotRequired[str | None]


class ReviewBody(TypedDict):
    verdict: Literal["verified", "rejected"]
    reason: NotRequired[str]


ReviewState: TypeAlias = Literal["pending", "verified", "rejected"]


RevisionSource: TypeAlias = Literal["file", "import"]


Risk: TypeAlias = Literal["low", "medium", "high", "critical"]


RiskLevel: TypeAlias = Literal["low", "medium", "high", "critical"]


Role: TypeAlias = Literal["user", "operator", "council", "analyst", "admin"]


Rule: TypeAlias = Literal["any_one", "n_of", "majority", "unanimous"]


RuleMode: TypeAlias = Literal["propose", "watch", "off"]


class RunEventAnswer(TypedDict):
    at: str
    who: str
    event: str
    facts: dict[str, Any]


class RunEventsAnswer(TypedDict):
    events: list[RunEventAnswer]


class RunGateLine(TypedDict):
    id: str
    path: str
    kind: GateKind
    title: str
    digest: str
    opened_at: str
    due_at: str | None
    deadline: str | None
    decision_id: str | None
    action_id: str | None
    for_me: bool
    why_not: str | None
    seats: int


class RunStandingAnswer(TypedDict):
    id: str
    workflow_type_id: str
    status: ApiStatus
    paused: bool
    current_step: int
    steps_completed: int
    total_steps: int
    gates: list[OpenGateAnswer]
    error: str | None
    end_reason: str
    last_activity_at: str
    completed_at: str | None
    version: int


RunState: TypeAlias = Literal["running", "paused", "cancelled", "completed"]


class RunTotalAnswer(TypedDict):
    metric: str
    unit: str
    value: str
    n: int


class SampleAnswer(TypedDict):
    loaded: bool
    people: int
    runs: int
    outcomes: int
    actions: int


class SavingsAnswer(TypedDict):
    currency: str
    hours_per_week: str
    labour: str
    errors: str
    scaling: str
    weekly: str
    monthly: str
    yearly: str
    roi: str | None
    payback_weeks: str | None
    rating: Rating
    rating_period: str
    break_even_automation: str | None


class ScenarioAnswer(TypedDict):
    id: str
    workflow_id: str
    name: str
    inputs: dict[str, Any]
    savings: SavingsAnswer
    created_by: str
    created_at: str
    updated_at: str
    version: int


class ScenarioBody(TypedDict):
    tasks_per_week: float | str
    minutes_per_task: float | str
    hourly_wage: float | str
    automation_percent: float | str
    error_rate: NotRequired[float | str]
    cost_per_error: NotRequired[float | str]
    value_per_accelerated_task: NotRequired[float | str]
    implementation_cost: NotRequired[float | str | None]
    currency: NotRequired[str]
    workflow_id: str
    name: str


class ScenarioList(TypedDict):
    scenarios: list[ScenarioAnswer]
    total: int
    next_cursor: str | None


Scope: TypeAlias = Literal["read", "propose", "decide", "execute", "admin"]


class SecondLookAnswer(TypedDict):
    outcome: AttemptOutcome | None
    message: str
    reference: str | None
    url: str | None
    status: ActionState


class SecretAnswer(TypedDict):
    secret: str


class SendingRateBody(TypedDict):
    count: int
    minutes: int


class ShownStepBody(TypedDict):
    number: int


class SignatureShape(TypedDict):
    algorithm: Literal["Ed25519"]
    public_key: str
    fingerprint: str
    value: str


class SiteAnswer(TypedDict):
    id: str
    slug: str
    name: str
    address: str | None
    target: str | None
    state: DeploymentState | None
    versions: int
    messages: int
    run_id: str | None
    created_at: str


class SiteMessageAnswer(TypedDict):
    id: str
    name: str
    email: str
    text: str
    is_test: bool
    state: MessageState
    words: str
    received_at: str
    sent_at: str | None


class SiteMessagesAnswer(TypedDict):
    messages: list[SiteMessageAnswer]
    total: int
    next_cursor: str | None


class SiteVersionAnswer(TypedDict):
    id: str
    number: int
    digest: str
    files: int
    size: int
    pages: list[str]
    notes: list[str]
    is_live: bool
    preview: str
    created_at: str


class SitesAnswer(TypedDict):
    sites: list[SiteAnswer]
    total: int
    next_cursor: str | None


SkillLevel: TypeAlias = Literal["beginner", "intermediate", "advanced"]


class SnoozeBody(TypedDict):
    until: str


Sort: TypeAlias = Literal["newest", "oldest", "active", "longest", "savings"]


class Source(TypedDict):
    label: str
    url: NotRequired[str | None]


class SourceAnswer(TypedDict):
    name: str
    title: str
    params_schema: dict[str, Any]


class SourceShape(TypedDict):
    what: str
    id: str
    sha256: str


class SourcesAnswer(TypedDict):
    sources: list[SourceAnswer]


class SpentAnswer(TypedDict):
    calls: int
    tokens_in: int
    tokens_out: int
    model_ms: int
    cost: dict[str, str]
    unpriced: int


Stage: TypeAlias = Literal["proposal", "edit", "approval", "retry", "execution"]


class StandingAnswer(TypedDict):
    agent_id: str
    name: str
    runs: int
    savings: str
    currency: str
    approval_rate: float | None
    approvals_n: int
    score: float


class StandstillAnswer(TypedDict):
    workflow_id: str
    step: int
    title: str
    finished_rate: float | None
    here: int
    waits: int
    p50_seconds: float | None
    p90_seconds: float | None
    total_seconds: float


class StartBody(TypedDict):
    workflow_id: str
    inputs: NotRequired[dict[str, Any]]
    agent_id: NotRequired[str | None]
    council_id: NotRequired[str | None]
    again: NotRequired[bool]


class StartWorkflowBody(TypedDict):
    workflow_type_id: str
    inputs: NotRequired[dict[str, Any]]
    created_by_agent: NotRequired[str | None]
    assigned_council_id: NotRequired[str | None]
    calculated_savings: NotRequired[float | str | None]


class StartedBody(TypedDict):
    execution_id: str


class StepAnswer(TypedDict):
    number: int
    reached: int
    done: int
    lost: int
    work_p50_seconds: float | None
    work_p90_seconds: float | None


StepState: TypeAlias = Literal["pending", "active", "done"]


class StepsAnswer(TypedDict):
    dataset: Dataset
    workflow_id: str
    steps: list[StepAnswer]


class StillOpen(TypedDict):
    success: bool
    status: ActionState
    status_url: str
    detail: str


class SummaryAnswer(TypedDict):
    dataset: Dataset
    runs: int
    success_rate: float | None
    success_rate_low: float
    success_rate_high: float
    success_rate_n: int
    errors: int
    average_seconds: float | None
    p50_seconds: float | None
    p90_seconds: float | None
    work_p50_seconds: float | None
    work_p90_seconds: float | None
    estimated: list[RunTotalAnswer]
    measured: list[RunTotalAnswer]
    proven: list[RunTotalAnswer]
    rolled_up_at: str | None


class SwitchBody(TypedDict):
    active: bool


class SystemAnswer(TypedDict):
    name: str
    title: str
    family: str
    where: str
    form: dict[str, Any]


class SystemList(TypedDict):
    systems: list[SystemAnswer]


class TableShape(TypedDict):
    key: str
    title: str
    rows: int
    sha256: str


class Taken(TypedDict):
    taken: NotRequired[bool]


class TaskAnswer(TypedDict):
    id: str
    title: str
    details: str
    link: str
    mine_alone: bool
    given_at: str


class TasksAnswer(TypedDict):
    tasks: list[TaskAnswer]


class TestAnswer(TypedDict):
    passed: bool
    words: str


class ThemeAnswer(TypedDict):
    id: str
    title: str
    default: bool
    house: str
    accent: str
    ink: str
    heading_font: str
    body_font: str
    footer: str
    paper: str
    has_logo: bool
    logo_alt: str
    changed_by: str
    changed_at: str
    version: int


class ThemeBody(TypedDict):
    title: str
    house: str
    accent: NotRequired[str]
    ink: NotRequired[str]
    heading_font: NotRequired[str]
    body_font: NotRequired[str]
    footer: NotRequired[str]
    paper: NotRequired[Paper]
    logo_alt: NotRequired[str]


class ThemesAnswer(TypedDict):
    themes: list[ThemeAnswer]
    total: int
    next_cursor: str | None


class ThresholdAnswer(TypedDict):
    amount: str
    currency: str


class ThresholdBody(TypedDict):
    amount: float | str
    currency: str


Tier: TypeAlias = Literal["starter", "pro", "scale"]


class Times(TypedDict):
    counting: str | None
    work_seconds: float
    wait_seconds: float
    ai_seconds: float


class TokenAnswer(TypedDict):
    id: str
    label: str
    owner: str
    user_id: str | None
    agent_id: str | None
    scopes: list[Scope]
    in_force: bool
    created_at: str
    expires_at: str | None
    revoked_at: str | None
    last_used_at: str | None
    last_used_from: str | None


class TokenList(TypedDict):
    tokens: list[TokenAnswer]
    total: int
    limit: int
    offset: int


class TreeNodeAnswer(TypedDict):
    path: str
    parent: str | None
    step_id: str
    kind: str
    title: str
    state: str
    waits: bool
    opened: bool
    item_id: str | None
    items: ItemCounts | None
    generation: int
    attempts: int
    error: str | None
    started_at: str | None
    ended_at: str | None
    spent: SpentAnswer
    children: list[TreeNodeAnswer]


class TrendPointAnswer(TypedDict):
    start: str
    runs: int
    completed: int
    success_rate: float | None
    estimated: list[RunTotalAnswer]


class VerdictAnswer(TypedDict):
    rule: str
    input: str
    judgement: Judgement
    words: str
    until: str | None


class VersionsAnswer(TypedDict):
    versions: list[SiteVersionAnswer]


Vote: TypeAlias = Literal["approve", "reject", "abstain"]


class VoteShape(TypedDict):
    who: str
    word: str
    at: str
    reason: str


class WaitAnswer(TypedDict):
    kind: GateKind
    title: str


class WaitingCostAnswer(TypedDict):
    cause: Cause
    currency: str | None
    runs: int
    hours: float
    cost: str | None
    low: str | None
    high: str | None


class WaitingDecisionAnswer(TypedDict):
    id: str
    kind: str
    subject_id: str
    digest: str
    deadline: str | None


class WaitsAnswer(TypedDict):
    dataset: Dataset
    runs: int
    sampled: bool
    steps: list[StandstillAnswer]
    gates: list[GateWaitAnswer]
    costs: list[WaitingCostAnswer]


WebhookEvent: TypeAlias = Literal[
    "decision.waiting",
    "decision.closed",
    "action.approved",
    "action.rejected",
    "action.executed",
    "action.failed",
    "action.unknown",
    "action.expired",
    "execution.started",
    "execution.completed",
    "execution.failed",
    "execution.cancelled",
    "outcome.logged",
    "outcome.reviewed",
    "package.completed",
    "package.failed",
]


Whose: TypeAlias = Literal["mine", "agents", "everybody"]


class WithdrawalBody(TypedDict):
    reason: str


class Workflow(TypedDict):
    id: str
    workflow_type_id: str
    created_by_agent: str | None
    assigned_council_id: str | None
    status: ApiStatus
    paused: bool
    wait: WaitAnswer | None
    inputs: dict[str, Any]
    outputs: dict[str, Any]
    calculated_savings: str | None
    savings_currency: str | None
    created_at: str
    started_at: str | None
    completed_at: str | None


class WorkflowDecision(TypedDict):
    id: str
    state: DecisionState
    opened_at: str
    deadline: str | None
    decided_at: str | None


WorkflowKind: TypeAlias = Literal["guided", "automated"]


class WorkflowMetricsAnswer(TypedDict):
    dataset: Dataset
    total_workflows: int
    total_weekly_savings: str
    savings_currency: str
    weekly_savings_by_currency: dict[str, str]
    average_duration_seconds: float | None
    p50_duration_seconds: float | None
    p90_duration_seconds: float | None
    success_rate: float | None
    success_rate_low: float
    success_rate_high: float
    success_rate_n: int
    error_count: int
    status_distribution: dict[str, int]
    workflows_by_agent: dict[str, int]
    workflows_by_council: dict[str, int]
    workflows_by_type: dict[str, int]
    as_of: AsOfAnswer


class WorkflowPage(TypedDict):
    workflows: list[Workflow]
    total: int
    total_is_estimate: bool
    limit: int
    offset: int
    next_cursor: str | None
    dataset: Dataset


class WorkflowVoteBody(TypedDict):
    vote: Vote
    reason: NotRequired[str]
    digest: NotRequired[str | None]
    checklist: NotRequired[dict[str, Finding] | None]


class ActionPanelAnswer(TypedDict):
    council_id: str | None
    council_name: str | None
    seats: int
    approve: int
    reject: int
    abstain: int
    state: DecisionState
    criteria: list[str]


class ActionStandingAnswer(TypedDict):
    id: str
    status: ActionState
    plan_digest: str
    decision_id: str | None
    decision: DecisionState | None
    voted: int | None
    attempts: int
    error: str | None
    reference: str | None
    executed_at: str | None
    version: int


class ActionSummary(TypedDict):
    id: str
    title: str
    body: str
    summary: str
    operation: str
    priority: Priority
    risk: Risk
    confidence: str | None
    impact: dict[str, Any]
    amount: MoneyAnswer | None
    status: ActionState
    plan_digest: str
    leaves_machine: bool
    reversible: bool
    automatic: bool
    proposer_name: str
    proposed_at: str
    expires_at: str
    snoozed_until: str | None
    decided_by: str | None
    decided_at: str | None
    error: str | None
    reference: str | None
    executed_at: str | None
    attempts: int
    council_id: str | None
    councils: list[str]
    undo_of: str | None
    version: int
    why_not_decide: str | None


class ActionVoteBody(TypedDict):
    plan_digest: str
    reason: NotRequired[str]
    vote: Vote
    checklist: NotRequired[dict[str, Finding] | None]


class ApprovalShape(TypedDict):
    id: str
    subject: str
    sha256: str
    result: str
    rule: str
    decided_at: str | None
    votes: list[VoteShape]


class AttemptAnswer(TypedDict):
    number: int
    started_at: str
    finished_at: str | None
    outcome: AttemptOutcome | None
    reference: str | None
    message: str
    receipt: dict[str, Any] | None
    request_id: str | None


class BallotAnswer(TypedDict):
    voter: str
    on_behalf_of: str | None
    vote: Vote
    reason: str
    checklist: dict[str, Finding] | None
    cast_at: str


class BallotBody(TypedDict):
    vote: Vote
    digest: str
    reason: NotRequired[str]
    checklist: NotRequired[dict[str, Finding] | None]


class BatchAnswer(TypedDict):
    results: list[BatchRow]
    approved: int
    refused: int


class BatchBody(TypedDict):
    items: list[BatchItem]
    reason: NotRequired[str]


class BodyAddProof(TypedDict):
    files: list[str]
    proof_type: NotRequired[ProofType | None]


class BrainLookAnswer(TypedDict):
    at: str
    state: LookState
    words: str
    found: int | None
    proposed: int
    remaining: int
    seen_at: str | None


class BrainRuleAnswer(TypedDict):
    name: str
    title: str
    watches: str
    source: str
    mode: RuleMode
    thresholds: dict[str, Any]
    per_look: int
    per_day: int
    version: int
    look: BrainLookAnswer | None
    cards: int
    waiting: int
    executed: int
    declined: int
    settled: int


class BrainRuleBody(TypedDict):
    mode: NotRequired[RuleMode | None]
    per_look: NotRequired[int | None]
    per_day: NotRequired[int | None]
    thresholds: NotRequired[dict[str, int | dict[str, int]] | None]


class CallPage(TypedDict):
    calls: list[ModelCallAnswer]
    total: int
    limit: int
    offset: int


class CastBallot(TypedDict):
    voter: str
    vote: Vote
    reason: str
    cast_at: str
    on_behalf_of: str | None


class CastVote(TypedDict):
    id: str
    workflow_id: str
    user_id: str
    vote: Vote
    reason: str
    voted_at: str


class ChangePersonBody(TypedDict):
    roles: NotRequired[list[Role] | None]
    tier: NotRequired[Tier | None]
    active: NotRequired[bool | None]
    groups: NotRequired[list[Group] | None]


class ChangeWebhookBody(TypedDict):
    events: NotRequired[list[WebhookEvent] | None]
    description: NotRequired[str | None]
    active: NotRequired[bool | None]


class ChatAnswer(TypedDict):
    status: Literal["proposed", "question"]
    reply: str
    workflow_type_id: NotRequired[str | None]
    action_id: NotRequired[str | None]
    action_status: NotRequired[ActionState | None]
    plan: NotRequired[dict[str, Any] | None]
    plan_digest: NotRequired[str | None]
    status_url: NotRequired[str | None]
    missing: NotRequired[list[MissingAnswer]]
    choices: NotRequired[list[ChoiceAnswer]]


class ChatBody(TypedDict):
    message: str
    agent_id: NotRequired[str | None]
    mode: NotRequired[Literal["agent"]]
    context: NotRequired[ChatContext]


class CheckAnswer(TypedDict):
    name: str
    state: CheckState
    evidence: str
    findings: list[str]
    facts: dict[str, Any]
    version_id: str
    deployment_id: str | None
    measured_at: str


class Checked(TypedDict):
    valid: bool
    workflow_ids: list[str]
    problems: list[DefinitionProblem]


class ConnectionAnswer(TypedDict):
    name: str
    system: str
    family: str
    identity: str
    values: dict[str, Any]
    secrets: list[str]
    usual: bool
    enabled: bool
    disabled_because: str
    test: ConnectionCallAnswer | None
    use: ConnectionCallAnswer | None
    changed_by: str
    changed_at: str | None
    version: int


class ConnectionList(TypedDict):
    connections: list[ConnectionAnswer]
    total: int
    next_cursor: str | None


class CouncilRuleAnswer(TypedDict):
    rule: Rule
    n: int
    base: Base
    quorum: int
    veto: list[str]
    recusal: bool
    at_deadline: AtDeadline


class CouncilRuleBody(TypedDict):
    rule: NotRequired[Rule]
    n: NotRequired[int]
    base: NotRequired[Base]
    quorum: NotRequired[int]
    veto: NotRequired[list[str]]
    recusal: NotRequired[bool]
    at_deadline: NotRequired[AtDeadline]


class CouncilWaitsAnswer(TypedDict):
    dataset: Dataset
    runs: int
    sampled: bool
    councils: list[CouncilWaitAnswer]


class DecisionPanelAnswer(TypedDict):
    council_id: str | None
    council_name: str | None
    roles: list[str]
    groups: list[str]
    rule: Rule
    n: int
    base: Base
    quorum: int
    at_deadline: AtDeadline
    escalated: bool
    seats: int
    approve: int
    reject: int
    abstain: int
    state: DecisionState
    missing: int | None
    criteria: list[str]
    mine: bool


class DeliveryAnswer(TypedDict):
    id: str
    event_id: str
    event: str
    state: DeliveryState
    created_at: str
    attempts: int
    last_try_at: str | None
    next_try_at: str | None
    finished_at: str | None
    status: int | None
    answer: str
    error: str
    payload: dict[str, Any]


class DeliveryPage(TypedDict):
    deliveries: list[DeliveryAnswer]
    total: int
    limit: int
    offset: int


class DeploymentAnswer(TypedDict):
    id: str
    version_id: str
    version_number: int
    kind: DeploymentKind
    target: str
    state: DeploymentState
    address: str
    error: str
    begun_at: str
    ended_at: str | None
    by: str


class DigestAnswer(TypedDict):
    made_at: str
    state: DigestState
    items: int
    words: str


class DocumentAnswer(TypedDict):
    doc_type: str
    name: str
    scope: str
    scope_id: str
    place: str
    current: str
    versions: list[DocumentVersionAnswer]


class DocumentPage(TypedDict):
    documents: list[DocumentAnswer]
    total: int
    limit: int
    offset: int


class EvidenceAnswer(TypedDict):
    run_id: str
    title: str
    workflow_id: str
    state: ExecutionState
    at: str
    value: str
    person: str | None
    rate_card: dict[str, Any] | None
    outcome_id: str | None
    logged_by: str | None
    note: str
    review: ReviewState | None
    reviewed_by: str | None
    reviewed_at: str | None
    proofs: list[EvidenceProofAnswer]
    may_download: bool


class EvidencePageAnswer(TypedDict):
    rows: list[EvidenceAnswer]
    total_value: str
    n: int
    next_cursor: str | None


class Executed(TypedDict):
    success: bool
    status: ActionState
    result: ExecutionResult


class ExecutionStepAnswer(TypedDict):
    number: int
    title: str
    description: str
    tips: list[str]
    state: StepState
    notes: str
    work_seconds: float
    completed_at: str | None


class FiguresAnswer(TypedDict):
    estimated: list[EstimateAnswer]
    measured: list[OutcomeTotalAnswer]
    proven: list[OutcomeTotalAnswer]


class GateDocumentAnswer(TypedDict):
    id: str
    doc_type: str
    scope_id: str
    version: int
    content: Any
    digest: str
    made_by: str
    created_at: str
    findings: list[GateFindingAnswer]
    before_version: int | None
    before: Any


class GateLine(TypedDict):
    id: str
    run_id: str
    run_title: str
    paused: bool
    path: str
    kind: GateKind
    state: GateState
    title: str
    opened_at: str
    due_at: str | None
    deadline: str | None
    decision_id: str | None
    action_id: str | None
    digest: str
    answered_by: str | None
    closed_at: str | None
    mine: bool


class GatePage(TypedDict):
    gates: list[GateLine]
    total: int
    limit: int
    offset: int


class GroupAnswer(TypedDict):
    key: str
    label: str
    runs: int
    completed: int
    success_rate: float | None
    success_rate_low: float
    success_rate_high: float
    success_rate_n: int
    work_p50_seconds: float | None
    work_p90_seconds: float | None
    estimated: list[RunTotalAnswer]


class Guardrail(TypedDict):
    rule: str
    stops: bool
    judgement: Judgement
    words: str
    until: str | None


class GuardrailsBody(TypedDict):
    mode: NotRequired[ExecutionMode | None]
    channels: NotRequired[list[str] | None]
    operations: NotRequired[list[str] | None]
    models: NotRequired[list[str] | None]
    denied_models: NotRequired[list[str] | None]
    amounts: NotRequired[dict[str, float | str] | None]
    max_recipients: NotRequired[int | None]
    allowed_recipients: NotRequired[list[str] | None]
    denied_recipients: NotRequired[list[str] | None]
    channel_rates: NotRequired[dict[str, SendingRateBody] | None]
    recipient_rates: NotRequired[dict[str, SendingRateBody] | None]
    duplicate_hours: NotRequired[int | None]
    hours: NotRequired[HoursBody | None]
    expiry_hours: NotRequired[int | None]
    four_eyes: NotRequired[bool | None]
    automatic: NotRequired[bool | None]
    automatic_operations: NotRequired[list[str] | None]


class Impact(TypedDict):
    revenue_change: NotRequired[Money | None]
    time_saved_hours: NotRequired[float | str | None]
    cash_runway_change_days: NotRequired[float | str | None]
    risk_reduction_score: NotRequired[float | str | None]


class ImportAnswer(TypedDict):
    id: str
    name: str
    state: ImportState
    progress: float
    source: str
    workflow: str
    rows: int
    cases: int
    runs: dict[str, int]
    outcomes: int
    refused_rows: dict[str, int]
    refused_cases: dict[str, int]
    error: str
    created_at: str
    ended_at: str | None


class ImportLine(TypedDict):
    id: str
    name: str
    state: ImportState
    source: str
    runs: int
    refused: int
    by_name: str
    created_at: str
    ended_at: str | None


class ImportPage(TypedDict):
    imports: list[ImportLine]
    total: int
    limit: int
    offset: int


class InboxStandingAnswer(TypedDict):
    count: int
    decisions: list[WaitingDecisionAnswer]


class InputAnswer(TypedDict):
    name: str
    type: InputType
    title: str
    description: str
    required: bool
    default: Any
    options: list[Any]
    example: Any
    document: bool


class ItemAnswer(TypedDict):
    position: int
    key: str
    channel: str
    operation: str
    state: ItemState
    summary: str
    message: str
    reference: str | None
    action_id: str | None
    params: dict[str, Any]


class ItemPageAnswer(TypedDict):
    items: list[ItemAnswer]
    total: int
    next_cursor: str | None


class JobRunAnswer(TypedDict):
    id: str
    job: str
    slot: str
    requested_by: str
    state: JobRunState
    enqueued_at: str
    started_at: str | None
    finished_at: str | None
    seconds: float | None
    words: str


class JobRunPage(TypedDict):
    runs: list[JobRunAnswer]
    next_cursor: str | None


class LeaderboardAnswer(TypedDict):
    dataset: Dataset
    standings: list[StandingAnswer]


class ManifestShape(TypedDict):
    format: Literal["countersign-package/1"]
    package: PackageShape
    report: ReportShape
    files: list[FileShape]
    missing: dict[str, str]
    figures: list[FigureShape]
    tables: list[TableShape]
    sources: list[SourceShape]
    approvals: list[ApprovalShape]
    audit: list[AuditShape]
    signature: SignatureShape


class NewCouncilBody(TypedDict):
    name: str
    description: NotRequired[str]
    policy: NotRequired[CouncilRuleBody]
    members: list[str]
    domains: NotRequired[list[Domain]]
    criteria: NotRequired[list[Criterion]]
    threshold: NotRequired[ThresholdBody | None]
    risk_from: NotRequired[RiskLevel | None]
    blocked_operations: NotRequired[list[BlockedOperation]]
    id: str


class NewPersonBody(TypedDict):
    email: str
    name: str
    password: str
    roles: list[Role]
    tier: NotRequired[Tier]


class NewTokenAnswer(TypedDict):
    id: str
    label: str
    owner: str
    user_id: str | None
    agent_id: str | None
    scopes: list[Scope]
    in_force: bool
    created_at: str
    expires_at: str | None
    revoked_at: str | None
    last_used_at: str | None
    last_used_from: str | None
    token: str


class NewTokenBody(TypedDict):
    label: str
    scopes: list[Scope]
    agent_id: NotRequired[str | None]
    expires_at: NotRequired[str | None]


class NewWebhookAnswer(TypedDict):
    id: str
    url: str
    description: str
    events: list[WebhookEvent]
    active: bool
    inactive_because: str
    failures: int
    last_success_at: str | None
    created_by: str
    created_at: str
    waiting: int
    secret: str


class NewWebhookBody(TypedDict):
    url: str
    events: list[WebhookEvent]
    description: NotRequired[str]


class NodeAnswer(TypedDict):
    path: str
    parent: str | None
    step_id: str
    kind: str
    title: str
    state: str
    waits: bool
    opened: bool
    item_id: str | None
    items: ItemCounts | None
    generation: int
    attempts: int
    error: str | None
    started_at: str | None
    ended_at: str | None
    spent: SpentAnswer


class NodePage(TypedDict):
    nodes: list[NodeAnswer]
    total: int
    limit: int
    offset: int


class NotificationsAnswer(TypedDict):
    every: Every
    hour: int
    zone: str
    chosen: bool
    last: DigestAnswer | None


class OpenRunAnswer(TypedDict):
    id: str
    workflow_id: str
    title: str
    tier: Tier
    status: str
    current_step: int
    steps_completed: int
    total_steps: int
    last_activity_at: str


class OpenRunsAnswer(TypedDict):
    executions: list[OpenRunAnswer]


class OutcomeAnswer(TypedDict):
    id: str
    execution_id: str
    workflow_id: str
    metric_type: MetricType
    value: str
    unit: str
    note: str
    proof_type: ProofType
    proofs: list[ProofAnswer]
    review_state: ReviewState
    reviewed_by: str | None
    reviewed_at: str | None
    review_reason: str
    logged_at: str


class OutcomeBody(TypedDict):
    execution_id: str
    user_id: NotRequired[str | None]
    metric_type: MetricType
    value: float | str
    currency: NotRequired[str | None]
    unit: NotRequired[str | None]
    note: NotRequired[str]
    proof_type: NotRequired[ProofType | None]


class OutcomePageAnswer(TypedDict):
    outcomes: list[OutcomeAnswer]
    total: int
    next_cursor: str | None


class PackageAnswer(TypedDict):
    id: str
    source: str
    subject: str
    label: str
    number: int | None
    state: PackageState
    formats: list[str]
    requested_by: str
    created_at: str
    ended_at: str | None
    size: int
    progress: float
    params: dict[str, Any]
    language: str
    zone: str
    theme: str
    files: list[PackageFileAnswer]
    manifest_sha256: str | None
    manifest_url: str | None
    archive_url: str | None
    project_id: str | None
    pdf_path: str | None
    pptx_path: str | None
    html_summary_path: str | None
    metadata: dict[str, Any]
    success: bool
    errors: list[str]
    file_count: int


class PerformanceAnswer(TypedDict):
    dataset: Dataset
    aggregated_at: str | None
    cells: list[PerformanceCell]


class PersonAnswer(TypedDict):
    id: str
    email: str
    name: str
    roles: list[Role]
    groups: list[str]
    tier: Tier
    active: bool
    sample: bool
    created_at: str
    market: str | None
    skill_level: str | None


class PlanBody(TypedDict):
    operation: str
    params: dict[str, Any]
    risk: NotRequired[Risk]
    domains: NotRequired[list[Domain]]
    weekly_savings: NotRequired[Money | None]
    council_id: NotRequired[str | None]


class PreviewAnswer(TypedDict):
    plan: dict[str, Any]
    plan_digest: str
    guardrails: list[Guardrail]
    judgement: Judgement
    wait_until: str | None
    automatic: bool
    reviews: list[str]


class ProfileAnswer(TypedDict):
    user_id: str
    name: str
    roles: list[Role]
    tier: Tier
    goal: Goal | None
    market: Market | None
    skill_level: SkillLevel | None
    country: str | None
    updated_at: str | None


class ProfileBody(TypedDict):
    goal: Goal
    market: Market
    skill_level: SkillLevel
    country: str


class ProjectAnswer(TypedDict):
    id: str
    name: str
    created_by: str
    created_at: str
    items: int
    problems: int
    card_id: str | None
    card_state: ActionState | None
    run_state: RunState | None
    channels: list[ChannelAnswer]
    started_at: str | None
    finished_at: str | None
    state_by: str


class ProjectSummary(TypedDict):
    id: str
    name: str
    created_by: str
    created_at: str
    items: int
    problems: int
    card_id: str | None
    card_state: ActionState | None
    run_state: RunState | None


class PromptAnswer(TypedDict):
    kind: PromptKind
    name: str
    source: Literal["file", "edited", "default"]
    used_by: list[str]
    version: int
    saved_by: str
    saved_at: str | None
    text: str | None
    versions: list[PromptVersionAnswer]


class ProposeBody(TypedDict):
    operation: str
    params: dict[str, Any]
    risk: NotRequired[Risk]
    domains: NotRequired[list[Domain]]
    weekly_savings: NotRequired[Money | None]
    council_id: NotRequired[str | None]
    title: str
    body: NotRequired[str]
    priority: NotRequired[Priority]
    confidence: NotRequired[float | str | None]
    rationale: NotRequired[str]
    sources: NotRequired[list[Source]]
    impact: NotRequired[Impact]
    recommended_steps: NotRequired[list[RecommendedStep]]
    expires_in_hours: NotRequired[int | None]


class ProposeProjectBody(TypedDict):
    title: NotRequired[str | None]
    body: NotRequired[str]
    priority: NotRequired[Priority]
    risk: NotRequired[Risk]
    domains: NotRequired[list[Domain]]
    council_id: NotRequired[str | None]


class RecommendationAnswer(TypedDict):
    rank: int
    workflow_id: str
    title: str
    reason: str
    note: str | None
    level: Level
    n: int
    people: int
    success_chance: float
    success_chance_low: float
    success_chance_high: float
    benefit: ExpectedBenefit | None
    explored: bool
    explored_because: str | None
    allowed: bool
    needs_tier: Tier
    open_execution_id: str | None


class RecommendationsAnswer(TypedDict):
    dataset: Dataset
    objective: ObjectiveAnswer
    objectives: list[ObjectiveAnswer]
    explores: bool
    recommendations: list[RecommendationAnswer]


class RecordAnswer(TypedDict):
    stage: Stage
    at: str
    revision: int
    outcome: Judgement
    until: str | None
    actor: str
    verdicts: list[VerdictAnswer]


class RecordsAnswer(TypedDict):
    action_id: str
    records: list[RecordAnswer]


class RefusalAnswer(TypedDict):
    stage: Stage
    at: str
    revision: int
    outcome: Judgement
    until: str | None
    actor: str
    verdicts: list[VerdictAnswer]
    subject: str


class RefusalsAnswer(TypedDict):
    refusals: list[RefusalAnswer]


class RevisionAnswer(TypedDict):
    revision: str
    title: str
    tier: Tier
    kind: WorkflowKind
    total_steps: int
    current: bool
    source: RevisionSource
    first_seen_at: str


class RulesAnswer(TypedDict):
    rules: list[BrainRuleAnswer]


class RunGroupsAnswer(TypedDict):
    dataset: Dataset
    dimension: Dimension
    groups: list[GroupAnswer]


class ShownAnswer(TypedDict):
    rank: int
    workflow_id: str
    title: str
    reason: str
    note: str | None
    level: Level
    n: int
    people: int
    success_chance: float
    success_chance_low: float
    success_chance_high: float
    benefit: ExpectedBenefit | None
    explored: bool
    explored_because: str | None
    allowed: bool
    needs_tier: Tier
    open_execution_id: str | None
    id: str


class ShownRecommendations(TypedDict):
    dataset: Dataset
    objective: ObjectiveAnswer
    recommendations: list[ShownAnswer]


class SiteDetailAnswer(TypedDict):
    id: str
    slug: str
    name: str
    address: str | None
    target: str | None
    state: DeploymentState | None
    versions: int
    messages: int
    run_id: str | None
    created_at: str
    contact_email: str | None
    deployments: list[DeploymentAnswer]


class SiteReportAnswer(TypedDict):
    checks: list[CheckAnswer]


class TreeAnswer(TypedDict):
    state: str
    paused: bool
    error: str | None
    spent: SpentAnswer
    waiting_ms: int
    gates: list[RunGateLine]
    steps: list[TreeNodeAnswer]


class TrendAnswer(TypedDict):
    dataset: Dataset
    bucket: Bucket
    points: list[TrendPointAnswer]


class WebhookAnswer(TypedDict):
    id: str
    url: str
    description: str
    events: list[WebhookEvent]
    active: bool
    inactive_because: str
    failures: int
    last_success_at: str | None
    created_by: str
    created_at: str
    waiting: int


class WebhookList(TypedDict):
    webhooks: list[WebhookAnswer]


class WorkflowDetail(TypedDict):
    id: str
    workflow_type_id: str
    created_by_agent: str | None
    assigned_council_id: str | None
    status: ApiStatus
    paused: bool
    wait: WaitAnswer | None
    inputs: dict[str, Any]
    outputs: dict[str, Any]
    calculated_savings: str | None
    savings_currency: str | None
    created_at: str
    started_at: str | None
    completed_at: str | None
    decision: WorkflowDecision | None
    metrics: list[Metrics]
    votes: list[CastVote]
    tree: TreeAnswer | None


class WorkflowType(TypedDict):
    id: str
    title: str
    description: str
    kind: WorkflowKind
    tier: Tier
    entitled: bool
    total_steps: int
    revision: str
    inputs: list[InputAnswer]


class WorkflowTypeDetail(TypedDict):
    id: str
    title: str
    description: str
    kind: WorkflowKind
    tier: Tier
    entitled: bool
    total_steps: int
    revision: str
    inputs: list[InputAnswer]
    revisions: list[RevisionAnswer]
    warnings: list[DefinitionProblem]


class WorkflowTypes(TypedDict):
    workflow_types: list[WorkflowType]


class ActionDecision(TypedDict):
    id: str
    state: DecisionState
    deadline: str | None
    decided_at: str | None
    panels: list[ActionPanelAnswer]
    ballots: list[CastBallot]


class ActionDetail(TypedDict):
    id: str
    title: str
    body: str
    summary: str
    operation: str
    priority: Priority
    risk: Risk
    confidence: str | None
    impact: dict[str, Any]
    amount: MoneyAnswer | None
    status: ActionState
    plan_digest: str
    leaves_machine: bool
    reversible: bool
    automatic: bool
    proposer_name: str
    proposed_at: str
    expires_at: str
    snoozed_until: str | None
    decided_by: str | None
    decided_at: str | None
    error: str | None
    reference: str | None
    executed_at: str | None
    attempts: int
    council_id: str | None
    councils: list[str]
    undo_of: str | None
    version: int
    why_not_decide: str | None
    params: dict[str, Any]
    plan: dict[str, Any]
    drift: list[ChangeAnswer]
    differences: list[ChangeAnswer]
    rationale: str
    sources: list[dict[str, Any]]
    recommended_steps: list[str]
    decision_reason: str
    decision: ActionDecision | None
    guardrails: list[Guardrail]
    attempt_history: list[AttemptAnswer]
    can_undo: bool
    undone_by: str | None


class ActionPage(TypedDict):
    actions: list[ActionSummary]
    total: int
    limit: int
    offset: int


class AddedAnswer(TypedDict):
    problems: int
    project: ProjectAnswer


class ChangeCouncilBody(TypedDict):
    name: str
    description: NotRequired[str]
    policy: NotRequired[CouncilRuleBody]
    members: list[str]
    domains: NotRequired[list[Domain]]
    criteria: NotRequired[list[Criterion]]
    threshold: NotRequired[ThresholdBody | None]
    risk_from: NotRequired[RiskLevel | None]
    blocked_operations: NotRequired[list[BlockedOperation]]


class CouncilAnswer(TypedDict):
    id: str
    name: str
    description: str
    policy: CouncilRuleAnswer
    members: list[MemberAnswer]
    domains: list[str]
    criteria: list[str]
    threshold: ThresholdAnswer | None
    risk_from: RiskLevel | None
    blocked_operations: list[str]
    waiting: int
    active: bool
    sample: bool
    version: int
    updated_at: str


class CouncilList(TypedDict):
    councils: list[CouncilAnswer]
    total: int
    next_cursor: str | None


class DecisionAnswer(TypedDict):
    id: str
    kind: str
    subject_id: str
    digest: str
    state: DecisionState
    opened_at: str
    deadline: str | None
    decided_at: str | None
    decided_by: Closing | None
    panels: list[DecisionPanelAnswer]
    ballots: list[BallotAnswer]
    why_not_vote: str | None
    votes_for: str | None


class DecisionPage(TypedDict):
    decisions: list[DecisionAnswer]
    total: int
    limit: int
    offset: int


class ExecutionAnswer(TypedDict):
    id: str
    workflow_id: str
    revision: str
    title: str
    tier: Tier
    status: str
    total_steps: int
    current_step: int
    steps_completed: int
    steps: list[ExecutionStepAnswer]
    times: Times
    inputs: dict[str, Any]
    outputs: dict[str, Any]
    calculated_savings: str | None
    savings_currency: str | None
    created_at: str
    started_at: str | None
    completed_at: str | None
    end_reason: str
    version: int


class GateAnswer(TypedDict):
    id: str
    run_id: str
    run_title: str
    paused: bool
    path: str
    kind: GateKind
    state: GateState
    title: str
    opened_at: str
    due_at: str | None
    deadline: str | None
    decision_id: str | None
    action_id: str | None
    digest: str
    answered_by: str | None
    closed_at: str | None
    mine: bool
    step_title: str
    content: dict[str, Any]
    answer: dict[str, Any] | None
    document: GateDocumentAnswer | None
    others: list[GateDocumentAnswer]
    why_not: str | None
    waits_visibly: str | None


class JobAnswer(TypedDict):
    name: str
    title: str
    purpose: str
    schedule: str
    next_run_at: str | None
    last: JobRunAnswer | None


class JobsAnswer(TypedDict):
    jobs: list[JobAnswer]
    scheduler_is_alive: bool


class PeoplePage(TypedDict):
    people: list[PersonAnswer]
    total: int
    limit: int
    offset: int


class ProjectPage(TypedDict):
    projects: list[ProjectSummary]
    total: int
    next_cursor: str | None
