"""Opportunities in Odoo that nobody has moved or touched for longer than their stage allows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal

from core.actions.rules import Priority, Risk
from core.brain.odoo_values import decimal, moment, related
from core.brain.rule import Evidence, Finding, Rule, Sight, Threshold, Values
from core.brain.sources import PAGE, Sources, odoo_rows
from core.brain.wording import count, is_currency, money, name, title
from core.brain.wording import day as day_words
from core.canonical import digest
from core.connectors.transports.odoo.client import OdooClient, Record

NAME = "stalled_deals"

_FIELDS = (
    "name", "partner_name", "stage_id", "user_id", "expected_revenue", "company_currency", "probability",
    "date_last_stage_update", "create_date",
)  # fmt: skip


@dataclass(frozen=True)
class Deal:
    account: str
    place: str
    """The database it is in, whatever the connection is called."""
    id: int
    called: str
    customer: str
    stage: str
    revenue: Decimal
    currency: str
    probability: Decimal
    """0 to 100, as Odoo estimates it."""
    moved_at: datetime
    """When it came into its stage, or was made."""
    touched_at: datetime | None
    """The last note, mail or logged activity; None if there is none in the time looked at."""
    planned: bool
    """Somebody has planned what comes next, today or later."""
    salesperson: int | None
    url: str
    read_at: datetime
    kind: str | None

    @property
    def subject(self) -> str:
        return f"{self.place}/crm.lead/{self.id}"

    @property
    def quiet_since(self) -> datetime:
        return max(self.moved_at, self.touched_at) if self.touched_at else self.moved_at

    @property
    def expected(self) -> Decimal:
        return (self.revenue * self.probability / 100).quantize(Decimal("0.01"))


def read(sources: Sources, now: datetime, values: Values) -> Sight[list[Deal]]:
    least = min([values["days"], *values["stages"].values()])
    sight = sources.each_odoo(lambda account, client: _of_account(account, client, now, least))
    once = {one.subject: one for one in reversed(sight.facts)}  # two connections may see it: the first one's
    return replace(sight, facts=list(reversed(once.values())))


def decide(deals: Sequence[Deal], now: datetime, values: Values) -> list[Finding]:
    by_stage = {str(stage).casefold(): int(days) for stage, days in values["stages"].items()}
    found = []
    for deal in deals:
        allowed = by_stage.get(deal.stage.casefold(), int(values["days"]))
        quiet = (now - deal.quiet_since).days
        if quiet >= allowed and not deal.planned:
            found.append(_finding(deal, quiet, allowed, now))
    return found


def _finding(deal: Deal, quiet: int, allowed: int, now: datetime) -> Finding:
    since = day_words(deal.quiet_since)
    worth = money(deal.expected, deal.currency)
    note = (
        f"“{deal.called}” has been in the stage {deal.stage} without a change or an activity since {since}. "
        f"Find out whether it is still wanted: agree on the next step, or close it."
    )
    on = {"account": deal.account, "model": "crm.lead", "id": deal.id}
    confidence = Decimal(1) - Decimal(allowed) / (2 * max(quiet, 1))
    where = f"Odoo ({deal.account})"
    counted = is_currency(deal.currency) and deal.expected > 0
    return Finding(
        key=deal.subject, subject=deal.subject, scope=deal.place,
        version=digest([deal.stage, since, deal.salesperson]),
        title=title(f"Go on with “{deal.called}”, quiet for {count(quiet, 'day')}"),
        operation="odoo_schedule_follow_up" if deal.kind else "odoo_internal_note",
        params={
            **on, "activity_type": deal.kind, "summary": f"Go on with “{name(deal.called, 60)}”", "note": note,
            "due": _next_working_day(now).isoformat(),
            "user": str(deal.salesperson) if deal.salesperson else None,
        } if deal.kind else {**on, "text": note},
        rationale=(
            f"Deals in the stage {deal.stage} are expected to move within {count(allowed, 'day')}; this one has been "
            f"quiet for {count(quiet, 'day')}, and nobody has planned a next step."
        ),
        evidence=(
            Evidence(f"In the stage {deal.stage} since {day_words(deal.moved_at)}", where, deal.read_at, deal.url),
            Evidence(f"Last note or activity: {day_words(deal.touched_at)}" if deal.touched_at
                     else "No note or activity in the time looked at", where, deal.read_at, deal.url),
            Evidence(f"Expected revenue {money(deal.revenue, deal.currency)} at {deal.probability:.0f} %", where,
                     deal.read_at, deal.url),
        ),
        confidence=confidence.quantize(Decimal("0.001")),
        confidence_why=(
            f"Confidence {confidence:.2f}: a half at the limit of {count(allowed, 'day')}, and nearer to one the longer "
            "it has been quiet."
        ),
        weight=deal.expected,
        impact={"revenue_change": {"value": str(deal.expected), "currency": deal.currency}} if counted else {},
        impact_why=f"The estimate is the expected revenue times its probability: {worth}." if counted else "",
        priority=Priority.ATTENTION if quiet >= 2 * allowed else Priority.INFO, risk=Risk.LOW,
        worded=("note",) if deal.kind else ("text",), must_say=(deal.called, deal.stage, since), domains=("sales",),
    )  # fmt: skip


def _next_working_day(now: datetime) -> date:
    tomorrow = now.date() + timedelta(days=1)
    return tomorrow + timedelta(days=7 - tomorrow.weekday() if tomorrow.weekday() >= 5 else 0)


def _of_account(account: str, client: OdooClient, now: datetime, least: int) -> tuple[list[Deal], bool]:
    open_stages = [int(row["id"]) for row in client.search("crm.stage", [], ["name", "is_won"], 200)
                   if not row["is_won"]]  # fmt: skip
    before = (now - timedelta(days=least)).strftime("%Y-%m-%d %H:%M:%S")
    domain = [
        ["type", "=", "opportunity"], ["stage_id", "in", open_stages], ["create_date", "<", before],
        "|", ["date_last_stage_update", "=", False], ["date_last_stage_update", "<", before],
    ]  # fmt: skip
    found = odoo_rows(client, "crm.lead", domain, _FIELDS, order="expected_revenue desc")
    kinds = client.search("mail.activity.type", [["res_model", "=", False]], ["name"], 50) if found.rows else ()
    kind = next((str(row["id"]) for row in kinds), None)
    deals: list[Deal] = []
    for start in range(0, len(found.rows), PAGE):
        rows = found.rows[start : start + PAGE]
        ids = [int(row["id"]) for row in rows]
        planned = _planned(client, ids, now)
        touched = _touched(client, ids, before)
        deals += [_deal(account, client, row, planned, touched, kind, now) for row in rows]
    return deals, found.whole


def _planned(client: OdooClient, ids: Sequence[int], now: datetime) -> frozenset[int]:
    domain = [["res_model", "=", "crm.lead"], ["res_id", "in", list(ids)],
              ["date_deadline", ">=", now.date().isoformat()]]  # fmt: skip
    return frozenset(int(row["res_id"]) for row in client.search("mail.activity", domain, ["res_id"], 5_000))


def _touched(client: OdooClient, ids: Sequence[int], since: str) -> dict[int, datetime]:
    """The last message on each since then; what Odoo logs of changes by itself is none, but a logged activity is."""
    domain = [
        ["model", "=", "crm.lead"], ["res_id", "in", list(ids)], ["date", ">=", since],
        "|", ["message_type", "!=", "notification"], ["mail_activity_type_id", "!=", False],
    ]  # fmt: skip
    found: dict[int, datetime] = {}
    for row in odoo_rows(client, "mail.message", domain, ["res_id", "date"], order="date desc").rows:
        at = moment(row["date"])
        if at is not None:
            found.setdefault(int(row["res_id"]), at)
    return found


def _deal(
    account: str, client: OdooClient, row: Record, planned: frozenset[int], touched: dict[int, datetime],
    kind: str | None, now: datetime,
) -> Deal:  # fmt: skip
    record = int(row["id"])
    stage, seller, currency = related(row["stage_id"]), related(row["user_id"]), related(row["company_currency"])
    moved = moment(row["date_last_stage_update"]) or moment(row["create_date"]) or now
    return Deal(
        account=account, place=client.place, id=record, called=name(row["name"], 60, otherwise=f"deal {record}"),
        customer=name(row["partner_name"], 60, otherwise=""), stage=name(stage[1] if stage else "", 40, otherwise="none"),
        revenue=decimal(row["expected_revenue"]), currency=currency[1] if currency else "",
        probability=min(max(decimal(row["probability"]), Decimal(0)), Decimal(100)), moved_at=moved,
        touched_at=touched.get(record), planned=record in planned, salesperson=seller[0] if seller else None,
        url=client.link("crm.lead", record), read_at=now, kind=kind,
    )  # fmt: skip


RULE = Rule(
    name=NAME,
    title="Stalled deals",
    watches=(
        "Open opportunities in Odoo without a change of stage, a note or an activity for longer than their stage allows, "
        "and with nothing planned. Proposes a follow-up for the salesperson."
    ),
    source="Odoo",
    nouns=("stalled deal", "stalled deals"),
    thresholds=(
        Threshold("days", "Quiet for", 14, 1, 365, "days"),
        Threshold(
            "stages", "Other times by stage", 0, 1, 365, "days", by_name=True,
            help="One stage a line, for example Proposition: 7.",
        ),
    ),
    read=read,
    decide=decide,
    window=timedelta(days=14),
    waits=timedelta(days=3),
    per_look=10,
    per_day=40,
)  # fmt: skip
