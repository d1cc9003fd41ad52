"""Customer invoices past due: three reminders with rising tone, never one before the last was really sent; then a call."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from core.actions.rules import Priority, Risk
from core.brain.odoo_values import day, decimal, related, text
from core.brain.rule import Evidence, Finding, Past, Rule, Sight, Threshold, Values
from core.brain.sources import Sources, odoo_by_id, odoo_rows
from core.brain.watchers.reminders import LETTERS, Letter
from core.brain.wording import count, is_currency, money, name, title
from core.brain.wording import day as day_words
from core.canonical import digest
from core.connectors.transports.email_params import spelled
from core.connectors.transports.odoo.client import OdooClient, Record

NAME = "overdue_invoices"

_FIELDS = (
    "name", "partner_id", "invoice_date_due", "amount_total", "amount_residual", "amount_residual_signed",
    "currency_id", "payment_state", "invoice_user_id",
)  # fmt: skip
_TONES = ("first", "second", "third")


@dataclass(frozen=True)
class Invoice:
    account: str
    place: str
    """The database it is in; the connection may be called otherwise tomorrow, or be one of two."""
    id: int
    number: str
    customer: str
    email: str | None
    """None where Odoo has none that can be written to."""
    total: Decimal
    open: Decimal
    currency: str
    value: Decimal
    """What is open in the company's own currency, to compare invoices by."""
    due: date
    salesperson: int | None
    url: str
    read_at: datetime
    kind: str | None
    """The id of Odoo's activity type for a call; None where there is none."""
    past: tuple[Past, ...] = ()

    @property
    def subject(self) -> str:
        return f"{self.place}/account.move/{self.id}"

    def sent(self, step: int) -> datetime | None:
        """When this reminder was really sent; steps begin at 1."""
        return next((one.executed_at for one in self.past if one.key == self.key(step) and one.executed_at), None)

    @property
    def called(self) -> bool:
        """Whether a call was arranged: from then on people go on."""
        return any(one.key == f"{self.subject}/call" and one.executed_at for one in self.past)

    def key(self, step: int) -> str:
        return f"{self.subject}/{step}"


def read(sources: Sources, now: datetime, values: Values) -> Sight[list[Invoice]]:
    sight = sources.each_odoo(lambda account, client: _of_account(account, client, now))
    past = sources.history(NAME, {one.subject for one in sight.facts})
    once = {one.subject: one for one in reversed(sight.facts)}  # two connections may see it: the first one's
    invoices = [_with_past(one, past.get(one.subject, ())) for one in reversed(once.values())]
    return Sight(invoices, sight.whole, sight.missed)


def decide(invoices: Sequence[Invoice], now: datetime, values: Values) -> list[Finding]:
    return [finding for one in invoices for finding in _of_invoice(one, now, values)]


def step_due(invoice: Invoice, now: datetime, days: Sequence[int]) -> int | None:
    """Which reminder is due, 1 to 3; None if none is.

    The next is the first that was not sent. It is due when the invoice is late enough, and when as many days have
    passed since the one before was really sent as lie between the two.
    """
    late = (now.date() - invoice.due).days
    for step, after in enumerate(days, 1):
        if invoice.sent(step):
            continue
        before = invoice.sent(step - 1) if step > 1 else None
        if late < after or (before and now - before < timedelta(days=after - days[step - 2])):
            return None
        return step
    return None


def _of_invoice(invoice: Invoice, now: datetime, values: Values) -> list[Finding]:
    if invoice.open <= 0:
        return []
    days = (values["first"], values["second"], values["third"])
    step = step_due(invoice, now, days)
    found = [_reminder(invoice, step, now)] if step else []
    if (step == 3 or invoice.sent(3)) and not invoice.called:
        found.append(_call(invoice, now))
    return found


def _reminder(invoice: Invoice, step: int, now: datetime) -> Finding:
    letter = LETTERS[step - 1](
        number=invoice.number, customer=invoice.customer, due=day_words(invoice.due),
        open=money(invoice.open, invoice.currency), total=money(invoice.total, invoice.currency),
        paid=money(invoice.total - invoice.open, invoice.currency) if 0 < invoice.open < invoice.total else "",
    )  # fmt: skip
    operation, params = _by_mail(invoice, letter) if invoice.email else _by_hand(invoice, letter, now)
    late = (now.date() - invoice.due).days
    before = invoice.sent(step - 1) if step > 1 else None
    why = f"The invoice has been due for {count(late, 'day')} and {money(invoice.open, invoice.currency)} is open."
    why += f" Reminder {step - 1} was sent on {day_words(before)}." if before else ""
    why += "" if invoice.email else " Odoo has no e-mail address of the customer that works, so somebody has to call."
    return Finding(
        key=invoice.key(step), subject=invoice.subject, scope=invoice.place,
        version=digest([invoice.open, invoice.total, invoice.currency, invoice.due, invoice.email, invoice.number]),
        title=title(
            f"Send the {_TONES[step - 1]} reminder to {invoice.customer} over {money(invoice.open, invoice.currency)}"
            if invoice.email
            else f"Call {invoice.customer} about {money(invoice.open, invoice.currency)} that is past due"
        ),
        operation=operation, params=params, rationale=why, evidence=_evidence(invoice, before, step),
        confidence=Decimal("0.9"),
        confidence_why="Confidence 0.9: Odoo says that it is open; payments that nobody has booked yet are not known.",
        weight=invoice.value, impact=_impact(invoice),
        impact_why="The estimate is what is open, if all of it is paid." if _impact(invoice) else "",
        priority=(Priority.INFO, Priority.ATTENTION, Priority.CRITICAL)[step - 1],
        risk=(Risk.LOW, Risk.MEDIUM, Risk.HIGH)[step - 1],
        worded=("subject", "body") if invoice.email else (),
        must_say=letter.must_say, domains=("invoicing",),
        steps=_next_steps(step),
    )  # fmt: skip


def _call(invoice: Invoice, now: datetime) -> Finding:
    """The escalation: somebody talks to the customer."""
    open_ = money(invoice.open, invoice.currency)
    letter = Letter(
        subject=f"Call {invoice.customer} about invoice {invoice.number}",
        body=f"{open_} of invoice {invoice.number}, due on {day_words(invoice.due)}, is open after three reminders.",
    )
    operation, params = _by_hand(invoice, letter, now)
    return Finding(
        key=f"{invoice.subject}/call", subject=invoice.subject, scope=invoice.place,
        version=digest([invoice.open, invoice.currency, invoice.salesperson]),
        title=title(f"Have somebody call {invoice.customer} about {open_} of invoice {invoice.number}"),
        operation=operation, params=params,
        rationale="The third reminder is due or was sent: from here on a person talks to the customer.",
        evidence=_evidence(invoice, invoice.sent(3) or invoice.sent(2), 3), confidence=Decimal("0.9"),
        confidence_why="Confidence 0.9: Odoo says that it is open; payments that nobody has booked yet are not known.",
        weight=invoice.value, impact=_impact(invoice),
        impact_why="The estimate is what is open, if all of it is paid." if _impact(invoice) else "",
        priority=Priority.CRITICAL, risk=Risk.MEDIUM, domains=("invoicing",),
    )  # fmt: skip


def _by_mail(invoice: Invoice, letter: Letter) -> tuple[str, Mapping[str, Any]]:
    return "email_send", {"to": [invoice.email], "subject": letter.subject, "body": letter.body}


def _by_hand(invoice: Invoice, letter: Letter, now: datetime) -> tuple[str, Mapping[str, Any]]:
    on = {"account": invoice.account, "model": "account.move", "id": invoice.id}
    if invoice.kind is None:
        return "odoo_internal_note", {**on, "text": f"{letter.subject}\n{letter.body}"}
    return "odoo_schedule_follow_up", {
        **on, "activity_type": invoice.kind, "summary": letter.subject, "note": letter.body,
        "due": (now.date() + timedelta(days=1)).isoformat(),
        "user": str(invoice.salesperson) if invoice.salesperson else None,
    }  # fmt: skip


def _impact(invoice: Invoice) -> Mapping[str, Any]:
    if not is_currency(invoice.currency):
        return {}
    return {"revenue_change": {"value": str(invoice.open), "currency": invoice.currency}}


def _evidence(invoice: Invoice, before: datetime | None, step: int) -> Sequence[Evidence]:
    where = f"Odoo ({invoice.account})"
    found = [
        Evidence(f"Invoice {invoice.number} of {invoice.customer} was due on {day_words(invoice.due)}", where,
                 invoice.read_at, invoice.url),
        Evidence(f"{money(invoice.open, invoice.currency)} of {money(invoice.total, invoice.currency)} is open", where,
                 invoice.read_at, invoice.url),
    ]  # fmt: skip
    if before:
        found.append(Evidence(f"An earlier reminder was sent on {day_words(before)}", "This installation", before))
    return found


def _next_steps(step: int) -> tuple[str, ...]:
    match step:
        case 1:
            return ("If it is still open, the second reminder is proposed after its interval.",)
        case 2:
            return ("If it is still open, the third reminder and a call are proposed after its interval.",)
    return ("A card for a call is proposed with it.",)


def _of_account(account: str, client: OdooClient, now: datetime) -> tuple[list[Invoice], bool]:
    domain = [
        ["move_type", "=", "out_invoice"], ["state", "=", "posted"],
        ["payment_state", "in", ["not_paid", "partial"]], ["invoice_date_due", "<", now.date().isoformat()],
    ]  # fmt: skip
    found = odoo_rows(client, "account.move", domain, _FIELDS, order="amount_residual_signed desc")
    partners = {one[0] for row in found.rows if (one := related(row["partner_id"]))}
    people = odoo_by_id(client, "res.partner", partners, ("name", "email"))
    kinds = client.search("mail.activity.type", [["res_model", "=", False]], ["name"], 50) if found.rows else ()
    kind = next((str(row["id"]) for row in kinds if str(row["name"]).casefold() == "call"), None)
    kind = kind or next((str(row["id"]) for row in kinds), None)
    invoices = (_invoice(account, client, row, people, kind, now) for row in found.rows)
    return [one for one in invoices if one is not None], found.whole


def _invoice(
    account: str, client: OdooClient, row: Record, people: Mapping[int, Record], kind: str | None, now: datetime
) -> Invoice | None:
    due, partner, currency = day(row["invoice_date_due"]), related(row["partner_id"]), related(row["currency_id"])
    if due is None or currency is None:
        return None
    person = people.get(partner[0], {}) if partner else {}
    seller = related(row["invoice_user_id"])
    record = int(row["id"])
    return Invoice(
        account=account, place=client.place, id=record, number=name(row["name"], 40, otherwise=f"number {record}"),
        customer=name(person.get("name") or (partner[1] if partner else ""), 60, otherwise="a customer without a name"),
        email=_address(text(person.get("email"))), total=decimal(row["amount_total"]),
        open=decimal(row["amount_residual"]), currency=currency[1], value=decimal(row["amount_residual_signed"]),
        due=due, salesperson=seller[0] if seller else None, url=client.link("account.move", record), read_at=now,
        kind=kind,
    )  # fmt: skip


def _address(value: str) -> str | None:
    """One address that can be written to; several in a field are for a person to choose from."""
    try:
        return spelled(value) if value else None
    except ValueError:
        return None


def _with_past(invoice: Invoice, past: Sequence[Past]) -> Invoice:
    return Invoice(**{**vars(invoice), "past": tuple(past)})


def _rising(values: Values) -> str | None:
    if values["first"] < values["second"] < values["third"]:
        return None
    return "the three reminders come one after the other: use rising numbers of days."


RULE = Rule(
    name=NAME,
    title="Overdue invoices",
    watches=(
        "Posted customer invoices in Odoo that are past due and not paid. Proposes a first, a second and a third "
        "reminder by e-mail, each only after the one before was sent, and with the third a call."
    ),
    source="Odoo",
    nouns=("overdue invoice to remind of", "reminders or calls for overdue invoices"),
    thresholds=(
        Threshold("first", "First reminder", 3, 1, 365, "days past due"),
        Threshold("second", "Second reminder", 14, 2, 365, "days past due"),
        Threshold("third", "Third reminder and a call", 30, 3, 365, "days past due"),
    ),
    read=read,
    decide=decide,
    window=timedelta(days=7),
    waits=timedelta(days=3),
    per_look=10,
    per_day=40,
    still_so=lambda invoices: [one.subject for one in invoices if one.open > 0],
    check=_rising,
)
