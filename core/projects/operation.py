"""Executing a project as an operation: one card is approved for all items, and starts them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from decimal import Decimal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import not_, select, update
from sqlalchemy.orm import Session

from core.actions.rules import ActionState
from core.actions.tables import Action
from core.connectors.plan import Amount, Change, DriftFound, Effect, Plan, Receipt, confirmed, rejected
from core.connectors.protocol import Operation
from core.connectors.registry import Connectors
from core.database.unit_of_work import Database, UnitOfWork
from core.decisions import service as decisions
from core.engine.client import EngineClient
from core.errors import NotFound
from core.guardrails import service as guardrails
from core.guardrails.rules import ExecutionMode
from core.identifiers import new_id, parse_id
from core.projects.items import hand_over, items_digest, tell
from core.projects.rules import ItemsWithProblems, NothingToDo, ProjectStarted, RunState, summary_of
from core.projects.tables import Project, ProjectItem, ProjectRun
from core.settings import Settings

EXECUTE_PLAN = "execute_plan"

_WORST = (Effect.READ, Effect.REVERSIBLE, Effect.IRREVERSIBLE, Effect.FINANCIAL)


class ExecutePlanParams(BaseModel):
    model_config = ConfigDict(extra="forbid")

    project_id: UUID = Field(title="Project", description="Which project's items are executed.")


class ExecutePlan(Operation[ExecutePlanParams]):
    name = EXECUTE_PLAN
    title = "Execute a project's plan"
    channel = "project"
    effect = Effect.IRREVERSIBLE
    starts_others = True
    params = ExecutePlanParams
    repeatable = True

    def __init__(self, database: Database, engine: EngineClient, connectors: Connectors, settings: Settings) -> None:
        self._database, self._engine, self._connectors, self._settings = database, engine, connectors, settings

    def plan(self, params: ExecutePlanParams) -> Plan:
        with self._database.reading() as session:
            project = session.get(Project, params.project_id)
            if project is None:
                raise NotFound(kind="project", id=params.project_id)
            if session.scalar(select(ProjectRun.id).where(ProjectRun.project_id == project.id)) is not None:
                raise ProjectStarted()
            rows = session.scalars(select(ProjectItem).where(ProjectItem.project_id == project.id)).all()
            digest = items_digest(session, project.id)
        return self._plan(project, rows, digest)

    def drift(self, plan: Plan) -> DriftFound | None:
        with self._database.reading() as session:
            project_id = _project_of(plan)
            if session.scalar(select(ProjectRun.id).where(ProjectRun.project_id == project_id)) is not None:
                return None  # begun by an earlier attempt: from now on nobody changes the items
            now = items_digest(session, project_id)
        then = plan.preconditions["items_digest"]
        return None if now == then else DriftFound((Change("items", "Items", f"{then[:12]}…", f"{now[:12]}…"),))

    def execute(self, plan: Plan, key: str) -> Receipt:
        with self._database.begin() as uow:
            return self._start(uow, plan, key)

    def verify(self, plan: Plan, key: str) -> Receipt | None:
        with self._database.reading() as session:
            run = session.scalar(select(ProjectRun).where(ProjectRun.project_id == _project_of(plan)))
            if run is None or str(run.card_action_id) != key.partition(":")[0]:
                return rejected("No item was started.")
            return self._started(run, plan)

    def effect_of(self, plan: Plan) -> Effect:
        return Effect.FINANCIAL if plan.amounts else Effect(plan.preconditions["effect"])

    def concerns(self, plan: Plan) -> frozenset[str]:
        return frozenset(plan.preconditions["concerns"])

    def authors(self, plan: Plan) -> frozenset[str]:
        return frozenset(plan.preconditions["authors"])

    def _plan(self, project: Project, rows: Sequence[ProjectItem], digest: str) -> Plan:
        wanted = [one for one in rows if not one.left_out]
        problems = sum(one.problem is not None for one in wanted)
        if problems:
            raise ItemsWithProblems(count=f"{problems:,}")
        if not wanted:
            raise NothingToDo()
        plans = [Plan.from_json(one.plan or {}) for one in wanted]
        left_out, warned = len(rows) - len(wanted), sum(bool(one.warnings) for one in plans)
        effects = {self._connectors.operation(one.operation).effect_of(one) for one in plans}
        by_operation = Counter((one.channel, one.operation) for one in wanted)
        return Plan(
            operation=self.name,
            account=f"this installation, through {', '.join(sorted({one.channel for one in wanted}))}",
            summary=summary_of(project.name, Counter(one.kind for one in wanted)),
            request={"project_id": str(project.id)},
            changes=tuple(
                Change(f"{channel}.{name}", f"{self._connectors.operation(name).title} ({channel})", None, count)
                for (channel, name), count in sorted(by_operation.items(), key=lambda one: (-one[1], one[0]))
            ),
            preconditions={
                "items": len(wanted), "items_digest": digest, "effect": max(effects, key=_WORST.index).value,
                "concerns": sorted(self._all_concerns(wanted, plans, effects)), "authors": sorted(project.authors),
            },
            leaves_machine=any(one.leaves_machine for one in plans),
            warnings=(
                *([f"{left_out:,} of the project's items left out."] if left_out else []),
                *([f"Warnings of single items: {warned:,}. Look at them in the project."] if warned else []),
            ),
            amounts=_sums(plans),
        )  # fmt: skip

    def _all_concerns(self, items: Iterable[ProjectItem], plans: Sequence[Plan], effects: Iterable[Effect]) -> set[str]:
        """Every word by which a council oversees an item, or blocks it."""
        found = {word for one in items for word in (one.channel, one.operation)} | {one.value for one in effects}
        for plan in plans:
            operation = self._connectors.operation(plan.operation)
            model = operation.model_of(plan) or ""
            found |= {model, model.partition(".")[0], *operation.concerns(plan)}
        return found - {""}

    def _start(self, uow: UnitOfWork, plan: Plan, key: str) -> Receipt:
        """Creates the run and hands its items over, in one transaction: it exists if and only if they are queued."""
        project = uow.session.get(Project, _project_of(plan), with_for_update=True)
        card = uow.session.get(Action, parse_id(key.partition(":")[0]))
        if project is None or card is None or not _covers(uow.session, card, plan):
            return rejected("The approval is not for this project as it is. Nothing was started.")
        run = uow.session.scalar(select(ProjectRun).where(ProjectRun.project_id == project.id))
        if run is not None:
            mine = run.card_action_id == card.id
            return (
                self._started(run, plan)
                if mine
                else rejected("Another card started this project. Nothing was repeated.")
            )
        if items_digest(uow.session, project.id) != plan.preconditions["items_digest"]:
            return rejected("The items changed right before they were started. Nothing was started; propose it again.")
        run = ProjectRun(
            id=new_id(), project_id=project.id, card_action_id=card.id, plan_digest=plan.digest,
            state=RunState.RUNNING, generation=1, told=[], started_at=uow.now,
        )  # fmt: skip
        uow.session.add(run)
        uow.session.flush()
        items = plan.preconditions["items"]
        tell(uow, run, "started", {"card": str(card.id), "name": project.name, "items": items})
        limits = guardrails.current(uow, self._settings)
        if limits.mode is ExecutionMode.OFF:
            words = f"Execution was stopped by {limits.mode_by} at {limits.mode_at:%H:%M} UTC. Nothing was sent."
            _skip_all(uow, run, words)
            tell(uow, run, "disabled", {"why": words})
            tell(uow, run, "completed", {"total": items, "sent": 0, "failed": 0, "skipped": items})
            run.state, run.finished_at = RunState.COMPLETED, uow.now
            return self._started(run, plan)
        tell(uow, run, "plan_fetched", {"items": items, "items_digest": plan.preconditions["items_digest"]})
        hand_over(uow, self._engine, run)
        return self._started(run, plan)

    def _started(self, run: ProjectRun, plan: Plan) -> Receipt:
        words = f"Started {plan.preconditions['items']:,} items; the project's page shows what becomes of each."
        url = f"{self._settings.base_url}/projects?project={run.project_id}"
        return confirmed(words, reference=str(run.id), url=url, project_id=str(run.project_id))


def _covers(session: Session, card: Action, plan: Plan) -> bool:
    alive = card.state in (ActionState.APPROVED, ActionState.EXECUTING)
    digest = plan.digest
    return alive and card.plan_digest == digest and decisions.is_approved(session, card.decision_id, digest)


def _skip_all(uow: UnitOfWork, run: ProjectRun, words: str) -> None:
    uow.session.execute(
        update(ProjectItem)
        .where(ProjectItem.project_id == run.project_id, not_(ProjectItem.left_out))
        .values(skipped=words)
        .execution_options(synchronize_session=False)
    )


def _project_of(plan: Plan) -> UUID:
    return UUID(str(plan.request["project_id"]))


def _sums(plans: Iterable[Plan]) -> tuple[Amount, ...]:
    """What all move together, by currency; opposite amounts never cancel out."""
    found: dict[str, Decimal] = {}
    for plan in plans:
        for one in plan.amounts:
            found[one.currency] = found.get(one.currency, Decimal(0)) + abs(one.value)
    return tuple(Amount(value, currency) for currency, value in sorted(found.items()))
