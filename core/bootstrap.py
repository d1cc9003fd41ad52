"""The only place that constructs: settings, database, engine client, and each room's service and queries."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from functools import cache

from core.actions.execution import ActionExecution
from core.actions.last_look import all_of
from core.actions.queries import ActionQueries
from core.actions.service import ActionService
from core.agents.cancel_workflow import CancelWorkflow
from core.agents.chat import ChatService
from core.agents.interpreting import Interpreter
from core.agents.start_workflow import StartWorkflow
from core.analytics.evidence import EvidenceQueries
from core.analytics.queries import AnalyticsQueries
from core.analytics.runs import RunQueries
from core.analytics.service import AnalyticsService
from core.audit.queries import AuditQueries
from core.brain.last_look import LastLook
from core.brain.queries import BrainQueries
from core.brain.service import BrainService
from core.brain.sources import Sources
from core.brain.team import TeamTaskGive, TeamTaskWithdraw
from core.catalog.queries import CatalogQueries
from core.catalog.service import CatalogService
from core.changes.service import Changes
from core.clock import Clock, SystemClock
from core.connections.accounts import StoredAccounts
from core.connections.queries import ConnectionQueries
from core.connections.service import ConnectionService
from core.connectors.protocol import ConnectorContext
from core.connectors.registry import Connectors, find_systems
from core.database.embedded import start_embedded_server
from core.database.migrate import migrate_database
from core.database.unit_of_work import Database
from core.decisions.council_queries import CouncilQueries
from core.decisions.councils import CouncilService
from core.decisions.delegations import DelegationQueries, DelegationService
from core.decisions.desk import DecisionDesk
from core.decisions.queries import DecisionQueries
from core.deliverables.making import PackageMaking
from core.deliverables.queries import PackageQueries
from core.deliverables.service import PackageService
from core.deliverables.themes.queries import ThemeQueries
from core.deliverables.themes.service import ThemeService
from core.engine.client import EngineClient, migrate_engine
from core.engine.queries import EngineQueries
from core.executions.automated import gate_actions
from core.executions.automated.gate_queries import GateQueries
from core.executions.automated.gate_service import GateService
from core.executions.automated.run_queries import RunTreeQueries
from core.executions.automated.segment import RunExecution
from core.executions.automated.service import RunService
from core.executions.automated.work import Tools
from core.executions.queries import ExecutionQueries
from core.executions.service import ExecutionService
from core.executions.standing import RunStandings
from core.files.queries import FileQueries
from core.files.service import FileService
from core.files.stores import file_store, large_files, proof_store
from core.guardrails.queries import GuardrailQueries
from core.guardrails.service import GuardrailService
from core.idempotency.requests import RequestService
from core.idempotency.service import IdempotencyService
from core.identity.limits import RateLimits
from core.identity.queries import IdentityQueries
from core.identity.service import IdentityService
from core.identity.tokens import TokenService
from core.imports.queries import ImportQueries
from core.imports.service import ImportService
from core.imports.work import ImportWork
from core.invitations.queries import InvitationQueries
from core.invitations.service import InvitationService
from core.language_models.prompts import Prompts
from core.language_models.service import LanguageModels
from core.monitoring.queries import MonitoringQueries
from core.notifications.delivery import WebhookDeliveries
from core.notifications.queries import NotificationQueries
from core.notifications.service import NotificationService
from core.notifications.webhooks import WebhookService
from core.outcomes.queries import OutcomeQueries
from core.outcomes.service import OutcomeService
from core.projects.execution import ProjectExecution, may_begin
from core.projects.operation import ExecutePlan
from core.projects.planning import Planning
from core.projects.queries import ProjectQueries
from core.projects.service import ProjectService
from core.recommendations.queries import RecommendationQueries
from core.recommendations.service import RecommendationService
from core.sample.service import SampleService
from core.savings.queries import SavingsQueries
from core.savings.service import SavingsService
from core.schedule.queries import ScheduleQueries
from core.schedule.service import ScheduleService
from core.settings import Settings
from core.websites.hosting import SiteService
from core.websites.kind import official_definitions
from core.websites.live import LiveSites
from core.websites.messages import MessageService
from core.websites.queries import SiteQueries


@dataclass(frozen=True)
class Application:
    """Everything a page, a route or a job may call. Commands are `app.<room>`, read models `app.<room>_queries`."""

    settings: Settings
    clock: Clock
    url: str
    database: Database
    changes: Changes
    engine: EngineClient
    engine_queries: EngineQueries
    monitoring: MonitoringQueries
    audit_queries: AuditQueries
    identity: IdentityService
    identity_queries: IdentityQueries
    tokens: TokenService
    schedule: ScheduleService
    schedule_queries: ScheduleQueries
    analytics: AnalyticsService
    analytics_queries: AnalyticsQueries
    evidence: EvidenceQueries
    run_queries: RunQueries
    recommendations: RecommendationService
    recommendations_queries: RecommendationQueries
    sample: SampleService
    catalog: CatalogService
    catalog_queries: CatalogQueries
    savings: SavingsService
    savings_queries: SavingsQueries
    connectors: Connectors
    files: FileService
    files_queries: FileQueries
    connections: ConnectionService
    connections_queries: ConnectionQueries
    language_models: LanguageModels
    prompts: Prompts
    decisions: DecisionDesk
    decisions_queries: DecisionQueries
    councils: CouncilService
    councils_queries: CouncilQueries
    delegations: DelegationService
    delegations_queries: DelegationQueries
    guardrails: GuardrailService
    guardrails_queries: GuardrailQueries
    actions: ActionService
    actions_queries: ActionQueries
    action_execution: ActionExecution
    idempotency: IdempotencyService
    requests: RequestService
    rate_limits: RateLimits
    notifications: NotificationService
    notifications_queries: NotificationQueries
    webhooks: WebhookService
    webhook_deliveries: WebhookDeliveries
    executions: ExecutionService
    executions_queries: ExecutionQueries
    runs: RunService
    run_execution: RunExecution
    tree_queries: RunTreeQueries
    run_standings: RunStandings
    gates: GateService
    gates_queries: GateQueries
    invitations: InvitationService
    invitations_queries: InvitationQueries
    outcomes: OutcomeService
    outcomes_queries: OutcomeQueries
    projects: ProjectService
    projects_queries: ProjectQueries
    project_execution: ProjectExecution
    imports: ImportService
    imports_queries: ImportQueries
    import_work: ImportWork
    themes: ThemeService
    themes_queries: ThemeQueries
    packages: PackageService
    packages_queries: PackageQueries
    package_making: PackageMaking
    brain: BrainService
    brain_queries: BrainQueries
    chat: ChatService
    sites: SiteService
    sites_queries: SiteQueries
    site_messages: MessageService

    def close(self) -> None:
        self.changes.close()
        self.brain.close()
        self.connectors.close()
        self.language_models.close()
        self.engine.close()
        self.database.close()


def database_url(settings: Settings) -> str:
    """`DATABASE_URL`, or the embedded server's address (which starts it)."""
    return settings.database_url or start_embedded_server(settings.var_dir)


def migrate(url: str) -> None:
    """Brings our schema and the engine's to this version."""
    migrate_database(url)
    migrate_engine(url)


def build(settings: Settings, *, url: str | None = None, clock: Clock | None = None) -> Application:
    """Puts an application together; nothing is started but connections, and those when first needed."""
    url = url or database_url(settings)
    clock = clock or SystemClock()
    database = Database(url, clock, pool_size=settings.run_concurrency + 8)
    engine = EngineClient(url)
    systems = find_systems()
    files = file_store(settings, settings.files_dir, prefix=settings.files_s3_prefix)
    context = ConnectorContext(settings, clock, StoredAccounts(database, settings, systems), files)
    connectors = Connectors(context)
    proofs = proof_store(settings)
    analytics, analytics_queries = AnalyticsService(database), AnalyticsQueries(database)
    prompts = Prompts(database, settings.prompts_dir)
    catalog = CatalogService(database, prompts.names, official_definitions)
    catalog_queries = CatalogQueries(database, prompts.names)
    connectors.add(ExecutePlan(database, engine, connectors, settings))
    connectors.add(TeamTaskGive(database, settings.base_url))
    connectors.add(TeamTaskWithdraw(database))
    runs, executions = RunService(database, engine), ExecutionService(database)
    connectors.add(StartWorkflow(database, runs, executions, settings.base_url))
    connectors.add(CancelWorkflow(database, runs, executions))
    actions = ActionService(database, engine, connectors, settings)
    sources = Sources(database, context, catalog_queries, analytics_queries)
    action_execution = ActionExecution(
        database, engine, connectors, settings, all_of(may_begin, gate_actions.may_begin), LastLook(database, sources)
    )
    actions_queries = ActionQueries(database, connectors, settings)
    gates = GateService(database, engine)
    models = LanguageModels(connectors.accounts, settings)
    schedule = ScheduleService(database, engine)
    guardrails_queries = GuardrailQueries(database, settings)
    large = large_files(settings)
    packages_queries = PackageQueries(database, files)
    live_sites = LiveSites(database, files)
    sites = SiteService(database, files, settings, connectors, engine, live_sites)
    site_messages = MessageService(database, engine, connectors, settings)
    return Application(
        settings=settings,
        clock=clock,
        url=url,
        database=database,
        changes=Changes(url),
        engine=engine,
        engine_queries=EngineQueries(database),
        monitoring=MonitoringQueries(database),
        audit_queries=AuditQueries(database),
        identity=IdentityService(database, session_length=timedelta(hours=settings.session_hours)),
        identity_queries=IdentityQueries(database),
        tokens=TokenService(database),
        schedule=schedule,
        schedule_queries=ScheduleQueries(database),
        analytics=analytics,
        analytics_queries=analytics_queries,
        evidence=EvidenceQueries(database),
        run_queries=RunQueries(database),
        recommendations=RecommendationService(database, catalog_queries, analytics_queries),
        recommendations_queries=RecommendationQueries(database),
        sample=SampleService(database, catalog, catalog_queries, connectors, actions, analytics, settings),
        catalog=catalog,
        catalog_queries=catalog_queries,
        savings=SavingsService(database),
        savings_queries=SavingsQueries(database),
        connectors=connectors,
        files=FileService(database, files),
        files_queries=FileQueries(database, files),
        connections=ConnectionService(database, settings, systems),
        connections_queries=ConnectionQueries(database, settings, systems),
        language_models=models,
        prompts=prompts,
        decisions=DecisionDesk(database, {"action": actions, "gate": gates}),
        decisions_queries=DecisionQueries(database),
        councils=CouncilService(database, connectors),
        councils_queries=CouncilQueries(database, connectors),
        delegations=DelegationService(database),
        delegations_queries=DelegationQueries(database),
        guardrails=GuardrailService(database, settings),
        guardrails_queries=guardrails_queries,
        actions=actions,
        actions_queries=actions_queries,
        action_execution=action_execution,
        idempotency=IdempotencyService(database),
        requests=RequestService(database),
        rate_limits=RateLimits(calls=settings.api_calls_per_minute, failures=settings.api_failures_per_minute),
        notifications=NotificationService(database, actions_queries, connectors, settings),
        notifications_queries=NotificationQueries(database),
        webhooks=WebhookService(database, schedule, settings),
        webhook_deliveries=WebhookDeliveries(database, settings),
        executions=executions,
        executions_queries=ExecutionQueries(database),
        runs=runs,
        run_execution=RunExecution(
            Tools(
                database,
                settings,
                actions,
                models,
                prompts,
                files,
                {SiteService: sites, MessageService: site_messages},
            )
        ),
        tree_queries=RunTreeQueries(database),
        run_standings=RunStandings(database),
        gates=gates,
        gates_queries=GateQueries(database),
        invitations=InvitationService(database, gates),
        invitations_queries=InvitationQueries(database, GateQueries(database)),
        outcomes=OutcomeService(database, proofs),
        outcomes_queries=OutcomeQueries(database, proofs),
        projects=ProjectService(database, engine, actions, Planning(connectors), settings.base_url),
        projects_queries=ProjectQueries(database, settings),
        project_execution=ProjectExecution(database, engine, action_execution),
        themes=ThemeService(database),
        themes_queries=ThemeQueries(database),
        packages=PackageService(database, engine, files, settings, packages_queries),
        packages_queries=packages_queries,
        package_making=PackageMaking(database, files, settings),
        brain=BrainService(database, sources, actions, models, guardrails_queries, schedule),
        brain_queries=BrainQueries(database),
        chat=ChatService(database, catalog_queries, actions, Interpreter(database, models, prompts)),
        sites=sites,
        sites_queries=SiteQueries(database, live_sites),
        site_messages=site_messages,
        imports=ImportService(database, engine, large),
        imports_queries=ImportQueries(database),
        import_work=ImportWork(database, catalog, large),
    )


_override: list[Application] = []


def use(app: Application | None) -> None:
    """Makes `application()` answer `app` in this process; None takes it back. For tests and tools."""
    _override[:] = [app] if app else []


def application() -> Application:
    """This process's application, built from the environment when first asked for."""
    return _override[0] if _override else _from_environment()


@cache
def _from_environment() -> Application:
    return build(Settings())
