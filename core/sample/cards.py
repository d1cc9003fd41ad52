"""The action cards of the sample data: what waits to be decided, word for word; companies and people are invented."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from core.actions.rules import Priority, Risk

COLLECTIONS, PIPELINE, SUPPORT, REPORTING = (
    "sample-collections", "sample-pipeline", "sample-support", "sample-reporting",
)  # fmt: skip


CARDS = 12
"""How many wait."""


@dataclass(frozen=True)
class Card:
    """What an agent proposes; the parts are those of `ActionService.propose`."""

    agent_id: str
    operation: str
    params: Mapping[str, Any]
    title: str
    body: str
    priority: Priority
    risk: Risk
    confidence: str
    rationale: str
    sources: Sequence[Mapping[str, str]]
    impact: Mapping[str, Any]
    steps: Sequence[str] = ()
    hours: int = 48
    domains: Sequence[str] = field(default=())


@dataclass(frozen=True)
class Invoice:
    company: str
    contact: str
    address: str
    number: str
    amount: Decimal
    currency: str
    days_late: int

    @property
    def sum(self) -> str:
        return f"{self.currency} {self.amount:,.2f}"


_TEXTS = {
    1: (
        "Invoice {number} is past its date",
        "Hello {contact},\n\ninvoice {number} over {sum} was due {days} days ago and we have not seen a payment yet. "
        "Perhaps it is on its way already; then this message has crossed it.\n\nIf anything about the invoice is "
        "unclear, a short answer is enough and we look into it today.\n\nKind regards\nAccounts",
    ),
    2: (
        "Second reminder: invoice {number}, {sum}",
        "Hello {contact},\n\nwe wrote to you about invoice {number} over {sum}, which is now {days} days past its date. "
        "We have had no answer and no payment so far.\n\nTransfer the amount within seven days, or tell us the day on "
        "which we can expect it. If you dispute the invoice, tell us which line.\n\nKind regards\nAccounts",
    ),
    3: (
        "Last reminder before we pause your orders: {number}",
        "Hello {contact},\n\ninvoice {number} over {sum} is {days} days past its date, and two reminders stayed without "
        "an answer.\n\nIf the amount has not reached us within five working days, we pause open orders and hand the "
        "matter to our credit control. We would rather agree on instalments: call us, and we settle it in ten "
        "minutes.\n\nKind regards\nAccounts",
    ),
}


def reminder(invoice: Invoice, level: int, **more: Any) -> Card:
    subject, text = (
        part.format(number=invoice.number, sum=invoice.sum, days=invoice.days_late, contact=invoice.contact)
        for part in _TEXTS[level]
    )
    asked = ("none was sent so far", "the first one had no answer", "two had no answer")[level - 1]
    priority = (Priority.INFO, Priority.ATTENTION, Priority.CRITICAL)[level - 1]
    risk = (Risk.LOW, Risk.LOW, Risk.MEDIUM)[level - 1]
    facts: dict[str, Any] = {
        "agent_id": COLLECTIONS,
        "operation": "email_send",
        "params": {"to": [invoice.address], "subject": subject, "body": text},
        "title": f"Send reminder {level} to {invoice.company}",
        "body": f"{invoice.sum} has been open for {invoice.days_late} days.",
        "priority": priority,
        "risk": risk,
        "confidence": ("0.94", "0.9", "0.81")[level - 1],
        "rationale": f"Invoice {invoice.number} was due {invoice.days_late} days ago; of the reminders, {asked}. "
        "Customers of this kind pay within nine days of a reminder in two cases of three.",
        "sources": [{"label": f"Invoice {invoice.number}"}, {"label": "Payments received until yesterday"}],
        "impact": {
            "revenue_change": {"value": str(invoice.amount), "currency": invoice.currency},
            "cash_runway_change_days": round(float(invoice.amount) / (9_000 if invoice.currency == "INR" else 420), 1),
        },
        "steps": ["Send the message", "Look for the payment after five days", "Propose the next step if there is none"],
        "hours": (96, 48, 20)[level - 1],
    }
    return Card(**(facts | more))


def waiting_cards() -> list[Card]:
    """Twelve cards: reminders of rising tone, other messages, and two changes in Odoo."""
    return [
        reminder(_invoice("Meridian Ltd", "Ms Ashdown", "meridian", "2231", "4860.00", "USD", 24), 2),
        reminder(
            _invoice("Kesari Weaves", "Mr Talpade", "kesari", "2198", "186400.00", "INR", 47), 3, domains=("finance",)
        ),
        reminder(_invoice("Bluefern Studio", "Ms Oyelara", "bluefern", "2247", "1275.50", "USD", 9), 1),
        reminder(_invoice("Harrowgate Tools", "Mr Pell", "harrowgate", "2226", "3310.00", "USD", 28), 2, hours=30),
        reminder(_invoice("Tamarind Lane Foods", "Ms Subbarayan", "tamarind", "2251", "42750.00", "INR", 7), 1),
        reminder(_invoice("Northmoor Dental", "Dr Achterberg", "northmoor", "2174", "7925.00", "USD", 61), 3, hours=10),
        _proposal_follow_up(),
        _renewal(),
        _apology(),
        _weekly_report(),
        _move_deal(),
        _record_lead(),
    ]


def spare_cards() -> list[Card]:
    """Stand in for cards that this installation cannot plan, because a sample must not touch the real system they are for."""
    return [
        reminder(_invoice("Larkspur Yoga", "Ms Mbekile", "larkspur", "2243", "640.00", "USD", 12), 1),
        reminder(_invoice("Calder Roofing", "Mr Staniforth", "calder", "2219", "5580.00", "USD", 33), 2, hours=54),
    ]


def _invoice(company: str, contact: str, box: str, number: str, amount: str, currency: str, days: int) -> Invoice:
    return Invoice(company, contact, f"accounts@{box}.example.com", number, Decimal(amount), currency, days)


def _proposal_follow_up() -> Card:
    return Card(
        agent_id=PIPELINE,
        operation="email_send",
        params={
            "to": ["l.fairweather@alderbrook.example.com"],
            "subject": "Your booking assistant: two questions are open",
            "body": "Hello Ms Fairweather,\n\ntwelve days ago we sent you the proposal for a booking assistant. Two "
            "points were still open on your side: who answers on Sundays, and whether the assistant may see the "
            "calendar.\n\nBoth can be left out of the first version; then we could begin on the first of the month at "
            "the price we named. Does Thursday at 10:00 suit you for a short call?\n\nKind regards\nSales",
        },
        title="Ask Alderbrook Physio about the open proposal",
        body="The deal has stood still for 12 days; similar deals were lost after 18.",
        priority=Priority.ATTENTION,
        risk=Risk.LOW,
        confidence="0.72",
        rationale="The proposal was opened four times, last on Tuesday. Of 41 deals that stood still for 12 days, "
        "those that were asked a concrete question went on in 44 % of cases, the others in 17 %.",
        sources=[{"label": "Deal Alderbrook Physio, stage Proposal"}, {"label": "41 deals of the last half year"}],
        impact={"revenue_change": {"value": "6400", "currency": "USD"}},
        steps=["Send the message", "Move the deal to Negotiation when they answer"],
        hours=60,
    )


def _renewal() -> Card:
    return Card(
        agent_id=PIPELINE,
        operation="email_send",
        params={
            "to": ["office@copperleaf.example.com"],
            "subject": "Your plan renews on the first; here is what changed",
            "body": "Hello,\n\nyour plan renews on the first of next month. Since last year your team has grown from "
            "four people to seven, and the larger plan would cost you less than the extra seats do now: 1,180 instead "
            "of 1,420 dollars a year.\n\nIf you answer “larger”, we change it on the day of the renewal. If you do "
            "nothing, all stays as it is.\n\nKind regards\nCustomer care",
        },
        title="Offer Copperleaf Events the plan that fits",
        body="They pay USD 240 a year more than they need to; telling them keeps them.",
        priority=Priority.INFO,
        risk=Risk.MEDIUM,
        confidence="0.66",
        rationale="Seven seats are in use and four are in the plan. Of customers who were told, 9 of 10 stayed; of "
        "those who found out themselves, 6 of 10.",
        sources=[{"label": "Seats in use, this month"}, {"label": "Renewals of the last two years"}],
        impact={"revenue_change": {"value": "-240", "currency": "USD"}, "risk_reduction_score": 0.4},
        hours=120,
    )


def _apology() -> Card:
    return Card(
        agent_id=SUPPORT,
        operation="email_send",
        params={
            "to": ["r.castellanos@ferrymoor.example.com"],
            "subject": "Your order 88121: what went wrong, and when it arrives",
            "body": "Hello Mr Castellanos,\n\nyou asked three times where your order 88121 is, and each time you were "
            "told to wait. That was our mistake: the parcel went to the old address.\n\nIt left again this morning and "
            "arrives on Wednesday. We have refunded the delivery charge of 18 dollars.\n\nKind regards\nSupport",
        },
        title="Answer Mr Castellanos about order 88121",
        body="Third question about the same parcel; nobody has answered it in substance.",
        priority=Priority.CRITICAL,
        risk=Risk.LOW,
        confidence="0.88",
        rationale="The customer wrote on three days and got the same standard answer. The parcel's record shows the "
        "old address and a new dispatch this morning.",
        sources=[{"label": "Messages on order 88121"}, {"label": "Carrier's record"}],
        impact={"time_saved_hours": 0.5, "risk_reduction_score": 0.7},
        hours=6,
    )


def _weekly_report() -> Card:
    return Card(
        agent_id=REPORTING,
        operation="email_send",
        params={
            "to": ["board@lanternhill.example.com", "finance@lanternhill.example.com"],
            "subject": "The week in five lines",
            "body": "Hello,\n\n1. Runs completed: 92, eleven more than the week before.\n2. Success: 58 %, within what "
            "the last month would let us expect.\n3. Slowest step: the approval of the messaging account, four days in "
            "the middle.\n4. Money that waits: two invoices make up most of it.\n5. For you to decide: nothing.\n\n"
            "Kind regards\nOperations",
        },
        title="Send the weekly figures to Lantern Hill",
        body="The same five lines as every week, with this week's numbers.",
        priority=Priority.AUTOMATED,
        risk=Risk.LOW,
        confidence="0.97",
        rationale="It is Monday's report; the numbers were computed last night.",
        sources=[{"label": "Figures as of last night"}],
        impact={"time_saved_hours": 1.5},
        hours=36,
    )


def _move_deal() -> Card:
    return Card(
        agent_id=PIPELINE,
        operation="odoo_update",
        params={"model": "crm.lead", "ids": [41], "values": {"probability": 60, "priority": "2"}},
        title="Raise the odds of the Quillstone deal to 60 %",
        body="They asked for the contract; the record still says 30 %.",
        priority=Priority.INFO,
        risk=Risk.LOW,
        confidence="0.79",
        rationale="Deals in which the customer asked for the contract were won in 6 of 10 cases.",
        sources=[{"label": "Message of Quillstone Printing, yesterday"}, {"label": "Deals won and lost this year"}],
        impact={"time_saved_hours": 0.1, "risk_reduction_score": 0.2},
        hours=72,
    )


def _record_lead() -> Card:
    return Card(
        agent_id=SUPPORT,
        operation="odoo_create",
        params={
            "model": "crm.lead",
            "values": {
                "name": "Messaging assistant for three shops",
                "contact_name": "Nomvula Dlangamandla",
                "email_from": "nomvula@saltmarsh.example.com",
                "expected_revenue": 5200,
            },
        },
        title="Record Saltmarsh Bikes as a new lead",
        body="A support question turned into an enquiry for three shops.",
        priority=Priority.ATTENTION,
        risk=Risk.LOW,
        confidence="0.85",
        rationale="The customer asked for a price and a date. No lead with this address exists.",
        sources=[{"label": "Support conversation of this morning"}],
        impact={"revenue_change": {"value": "5200", "currency": "USD"}},
        hours=40,
    )


def decided_invoices() -> list[Invoice]:
    """The invoices behind the reminders that were decided in the past months."""
    companies = (
        ("Oakhaven Press", "Ms Lindgreen", "oakhaven"), ("Pemberton Glass", "Mr Osei-Tutuh", "pemberton"),
        ("Saffron Row", "Ms Bhagatwala", "saffronrow"), ("Greyfriars Audio", "Mr Halloran", "greyfriars"),
        ("Juniper & Slate", "Ms Iwamoto", "juniper"), ("Millrace Cycles", "Mr Dupontel", "millrace"),
        ("Vermilion Prints", "Ms Azikiwen", "vermilion"), ("Thornbury Pets", "Mr Castelhano", "thornbury"),
    )  # fmt: skip
    return [
        _invoice(
            *companies[number % len(companies)], str(2040 + 3 * number), f"{410 + 173 * number}.00", "USD", 6 + number
        )
        for number in range(46)
    ]
