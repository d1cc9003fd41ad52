"""The letters of the ladder: friendly, firm, last."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Letter:
    subject: str
    body: str
    must_say: tuple[str, ...] = ()


def _said(number: str, customer: str, due: str, open: str, total: str, paid: str) -> tuple[str, ...]:
    return tuple(one for one in (number, customer, due, open, total if paid else "", paid) if one)


def _sum(open: str, total: str, paid: str) -> str:
    return f"Of {total}, {paid} has arrived; {open} is still open." if paid else f"{open} is open."


def first(*, number: str, customer: str, due: str, open: str, total: str, paid: str) -> Letter:
    body = (
        f"Hello {customer},\n\n"
        f"our invoice {number} was due on {due}. {_sum(open, total, paid)} Perhaps it was overlooked.\n\n"
        "If you have paid it in the meantime, there is nothing left to do. If something about it is unclear, answer "
        "this e-mail and we will look into it.\n\n"
        "Kind regards"
    )
    return Letter(f"Invoice {number} was due on {due}", body, _said(number, customer, due, open, total, paid))


def second(*, number: str, customer: str, due: str, open: str, total: str, paid: str) -> Letter:
    body = (
        f"Hello {customer},\n\n"
        f"we wrote to you about our invoice {number}, which was due on {due}, and have seen no full payment since. "
        f"{_sum(open, total, paid)}\n\n"
        "We ask you to pay it this week, or to answer this e-mail with the day on which you will. If there is a reason "
        "to hold the payment back, we want to know it.\n\n"
        "Kind regards"
    )
    return Letter(f"Second reminder: invoice {number}, due on {due}", body,
                  _said(number, customer, due, open, total, paid))  # fmt: skip


def third(*, number: str, customer: str, due: str, open: str, total: str, paid: str) -> Letter:
    body = (
        f"Hello {customer},\n\n"
        f"this is our last reminder of invoice {number}, which was due on {due}. {_sum(open, total, paid)} Two "
        "reminders have remained without payment.\n\n"
        "Pay it at once, or call us to agree on how it will be paid. A colleague will contact you about it in the next "
        "days.\n\n"
        "Kind regards"
    )
    return Letter(f"Last reminder: invoice {number}, due on {due}", body,
                  _said(number, customer, due, open, total, paid))  # fmt: skip


LETTERS: tuple[Callable[..., Letter], ...] = (first, second, third)
