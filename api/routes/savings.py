"""What work saves: the calculator, rate cards, scenarios, exchange rates, and the evidence behind a figure (SPEC A1, O3)."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response

from api.auth import App, Reader, Runner
from api.etag import IfMatch, etag, needed_version
from api.models import Key, Moment
from api.paging import Cursor, Limit, page_of
from api.savings_models import (
    EvidencePageAnswer,
    ExchangeRateBody,
    Inputs,
    RateAnswer,
    RateCardAnswer,
    RateCardBody,
    RateCardList,
    RateList,
    SavingsAnswer,
    ScenarioAnswer,
    ScenarioBody,
    ScenarioList,
    WithdrawalBody,
    card_answer,
    evidence_answer,
    rate_answer,
    savings_answer,
    scenario_answer,
)
from core.actor import Actor
from core.analytics.evidence import Figure
from core.analytics.filters import Filters
from core.analytics.rules import Dataset
from core.bootstrap import Application
from core.catalog.savings import calculate
from core.errors import NotFound
from core.savings.queries import ProfileLine
from core.savings.rules import break_even

router = APIRouter(prefix="/savings", tags=["Savings"])


@router.get("/calculate", summary="Reckon what inputs save in a week, a month and a year")
def calculate_savings(_actor: Reader, inputs: Annotated[Inputs, Query()]) -> SavingsAnswer:
    """Nothing is kept. Parts add up to the week; month = week × 52 ÷ 12."""
    card = inputs.card()
    return savings_answer(calculate(card), break_even(card))


@router.get("/rate-cards", summary="List a workflow's rate cards, the latest first")
def list_cards(
    app: App, actor: Reader, workflow_id: Annotated[Key, Query()], limit: Limit = 100, cursor: Cursor = None
) -> RateCardList:
    """Those of its definition and those added; one is in force today."""
    found = app.savings_queries.cards(actor, workflow_id)
    page = page_of(found, lambda line: line.id or line.card.effective_from, limit, cursor)
    return RateCardList(rate_cards=[card_answer(line) for line in page.rows], total=page.total, next_cursor=page.next)


@router.post("/rate-cards", status_code=201, summary="Add a rate card")
def add_card(app: App, actor: Runner, body: RateCardBody) -> RateCardAnswer:
    """For analysts and admins. Runs started before keep their card; a mistake is corrected by another card."""
    made = app.savings.add_card(actor, body.workflow_id, body.card(body.effective_from), note=body.note)
    lines = app.savings_queries.cards(actor, body.workflow_id)
    return card_answer(next(line for line in lines if line.id == made))


@router.post("/rate-cards/{card_id}/withdraw", status_code=204, summary="Withdraw a rate card")
def withdraw_card(app: App, actor: Runner, card_id: UUID, body: WithdrawalBody) -> None:
    """Runs to come do without it; runs started under it keep it."""
    app.savings.withdraw_card(actor, card_id, body.reason)


@router.get("/scenarios", summary="List a workflow's scenarios")
def list_scenarios(
    app: App, actor: Reader, workflow_id: Annotated[Key, Query()], limit: Limit = 100, cursor: Cursor = None
) -> ScenarioList:
    page = page_of(app.savings_queries.profiles(actor, workflow_id), lambda one: one.id, limit, cursor)
    return ScenarioList(scenarios=[scenario_answer(one) for one in page.rows], total=page.total, next_cursor=page.next)


@router.post("/scenarios", status_code=201, summary="Save a scenario")
def save_scenario(app: App, actor: Runner, body: ScenarioBody, response: Response) -> ScenarioAnswer:
    """For analysts and admins; no run is reckoned by it."""
    made = app.savings.save_profile(actor, body.workflow_id, body.name, body.card())
    found = _scenario(app, actor, body.workflow_id, made)
    response.headers["ETag"] = etag(found.version)
    return scenario_answer(found)


@router.put("/scenarios/{scenario_id}", summary="Change a scenario")
def change_scenario(
    app: App, actor: Runner, scenario_id: UUID, body: ScenarioBody, response: Response, if_match: IfMatch = None
) -> ScenarioAnswer:
    """Your own; admins change any. `If-Match` is needed; `workflow_id` stays what it is."""
    version = needed_version(if_match)
    present = _scenario(app, actor, body.workflow_id, scenario_id)
    app.savings.change_profile(
        actor, scenario_id, body.name, body.card(), version=present.version if version is None else version
    )
    changed = _scenario(app, actor, body.workflow_id, scenario_id)
    response.headers["ETag"] = etag(changed.version)
    return scenario_answer(changed)


@router.delete("/scenarios/{scenario_id}", status_code=204, summary="Delete a scenario")
def delete_scenario(app: App, actor: Runner, scenario_id: UUID) -> None:
    """Your own; admins delete any."""
    app.savings.delete_profile(actor, scenario_id)


@router.get("/exchange-rates", summary="List exchange rates, the latest day first")
def list_rates(app: App, actor: Reader, limit: Limit = 100, cursor: Cursor = None) -> RateList:
    page = page_of(app.savings_queries.rates(actor), lambda line: line.id, limit, cursor)
    return RateList(exchange_rates=[rate_answer(line) for line in page.rows], total=page.total, next_cursor=page.next)


@router.post("/exchange-rates", status_code=201, summary="Add an exchange rate with its day and source")
def add_rate(app: App, actor: Runner, body: ExchangeRateBody) -> RateAnswer:
    """For analysts and admins. Amounts are converted at rates not after the day asked, and never by way of a third currency."""
    made = app.savings.add_rate(actor, body.base, body.quote, body.rate, day=body.day, source=body.source)
    return rate_answer(next(line for line in app.savings_queries.rates(actor) if line.id == made))


@router.post("/exchange-rates/{rate_id}/withdraw", status_code=204, summary="Withdraw an exchange rate")
def withdraw_rate(app: App, actor: Runner, rate_id: UUID) -> None:
    app.savings.withdraw_rate(actor, rate_id)


@router.get("/evidence", summary="List what a figure is the sum of")
def read_evidence(
    app: App,
    actor: Reader,
    figure: Figure,
    metric: Annotated[
        str, Query(max_length=40, description="weekly_savings for estimated; else a metric of outcomes.")
    ],
    unit: Annotated[str, Query(max_length=40, description="A currency, or the unit of the metric.")],
    workflow_id: Annotated[Key | None, Query()] = None,
    since: Annotated[Moment | None, Query(description="Runs started at this moment or later.")] = None,
    until: Annotated[Moment | None, Query(description="Runs started before this moment.")] = None,
    dataset: Annotated[Dataset | None, Query(description="Default: real, unless only sample data is there.")] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    cursor: Annotated[str | None, Query(max_length=200)] = None,
) -> EvidencePageAnswer:
    """Runs or outcomes, newest first, of those you may see: with card or logger, reviewer and proofs."""
    chosen = app.analytics_queries.chosen_dataset(dataset)
    filters = Filters(chosen, since=since, until=until, workflow_id=workflow_id)
    return evidence_answer(app.evidence.of(actor, filters, figure, metric, unit, after=cursor, limit=limit))


def _scenario(app: Application, actor: Actor, workflow_id: str, scenario_id: UUID) -> ProfileLine:
    for line in app.savings_queries.profiles(actor, workflow_id):
        if line.id == scenario_id:
            return line
    raise NotFound(kind="scenario", id=scenario_id)
