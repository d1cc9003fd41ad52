"""What may be measured and in which unit, and the states of a review."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import assert_never

from core.actor import Role
from core.errors import CountersignError, InvalidInput
from core.executions.rules import OPEN, ExecutionState


class MetricType(StrEnum):
    REVENUE = "revenue"
    TIME_SAVED = "time_saved"
    CUSTOMERS = "customers"
    CUSTOM = "custom"


class ProofType(StrEnum):
    SCREENSHOT = "screenshot"
    INVOICE = "invoice"
    TEXT = "text"
    NONE = "none"


class ReviewState(StrEnum):
    PENDING = "pending"
    VERIFIED = "verified"
    REJECTED = "rejected"


LOGGABLE = OPEN | {ExecutionState.COMPLETED}
"""States of a run in which something can have come of it."""

MOST_VALUE = Decimal(10) ** 12
MOST_DECIMALS = 4
MOST_NOTE = 2_000
MOST_UNIT = 40
MOST_PROOFS = 5
MOST_PROOF_BYTES = 5 * 1024 * 1024

TIME_UNITS = ("minutes", "hours", "days")
CUSTOMER_UNIT = "customers"

REVIEWERS = frozenset({Role.OPERATOR, Role.COUNCIL, Role.ADMIN})


class UnitDoesNotFit(CountersignError):
    """{unit} is no unit for {metric}. {remedy} Nothing was saved."""

    http_status = 422


class ValueRefused(CountersignError):
    """The value {value} cannot be logged: {problem} Nothing was saved."""

    http_status = 422


class ProofDoesNotFit(CountersignError):
    """None of the files is {wanted}. Add one that is, or choose another kind of proof; nothing was saved."""

    http_status = 422


class NothingToLog(CountersignError):
    """This run was {state}, so nothing came of it that could be counted. Log the result on the run that brought it."""

    http_status = 409


class OwnOutcome(CountersignError):
    """You logged this outcome yourself. Someone else has to review it; nothing was changed."""

    http_status = 403


class AlreadyReviewed(CountersignError):
    """{who} has already marked this outcome as {verdict}. Nothing was changed."""

    http_status = 409


class NoProofToVerify(CountersignError):
    """This outcome has no proof, so there is nothing to verify. It counts as measured until a proof is added."""

    http_status = 409


def checked_value(metric: MetricType, value: Decimal | int | str) -> Decimal:
    """`value` exactly, or ValueRefused; customers are counted in whole."""
    try:
        number = Decimal(value.strip() if isinstance(value, str) else value)
    except (InvalidOperation, ValueError, TypeError):
        raise ValueRefused(value=repr(value)[:40], problem="it is not a number.") from None
    if not number.is_finite():
        raise ValueRefused(value=number, problem="it is not a number.")
    if not 0 < number <= MOST_VALUE:
        raise ValueRefused(value=f"{number:.8g}", problem=f"use a number above 0 and up to {MOST_VALUE:,}.")
    exact = number.quantize(Decimal(1).scaleb(-MOST_DECIMALS))
    if exact != number:
        raise ValueRefused(value=f"{number:.20g}", problem=f"use at most {MOST_DECIMALS} decimals.")
    if metric is MetricType.CUSTOMERS and exact != exact.to_integral_value():
        raise ValueRefused(value=f"{number:f}", problem="customers are counted in whole.")
    return exact


def checked_unit(metric: MetricType, unit: str, currencies: Collection[str]) -> str:
    """The unit as it is stored, or UnitDoesNotFit: hours carry no currency, and money has one."""
    given = " ".join(unit.split())
    match metric:
        case MetricType.REVENUE:
            if given.upper() in currencies:
                return given.upper()
            raise _no_unit(metric, given, "Use a currency code, for example USD or INR.")
        case MetricType.TIME_SAVED:
            plural = given.lower().rstrip("s") + "s"
            if plural in TIME_UNITS:
                return plural
            raise _no_unit(metric, given, "Use minutes, hours or days.")
        case MetricType.CUSTOMERS:
            if given.lower() in {"", "count", "customer", CUSTOMER_UNIT}:
                return CUSTOMER_UNIT
            raise _no_unit(metric, given, "Customers are counted; leave the unit as it is.")
        case MetricType.CUSTOM:
            if not given or len(given) > MOST_UNIT:
                raise _no_unit(metric, given, f"Name what you counted in 1 to {MOST_UNIT} characters.")
            if given.upper() in currencies or (len(given) == 3 and given.isascii() and given.isupper()):
                raise _no_unit(metric, given, "It reads as a currency: log money as revenue, or name it in full.")
            return given
        case _:
            assert_never(metric)


def proof_type_of(content_types: Sequence[str], claimed: ProofType | None) -> ProofType:
    """What the proof is, from what was really uploaded; without a file it is none, whatever was claimed."""
    if not content_types:
        return ProofType.NONE
    pictures = any(kind.startswith("image/") for kind in content_types)
    documents = any(kind == "application/pdf" for kind in content_types)
    if claimed is None or claimed is ProofType.NONE:
        return ProofType.SCREENSHOT if pictures else ProofType.INVOICE if documents else ProofType.TEXT
    if claimed is ProofType.TEXT:
        if not any(kind.startswith("text/") for kind in content_types):
            raise ProofDoesNotFit(wanted="a text")
    elif not (pictures or documents):
        raise ProofDoesNotFit(wanted="an image or a PDF")
    return claimed


def verdict_on(current: ReviewState, verdict: ReviewState, proof: ProofType, *, reviewed_by: str | None) -> ReviewState:
    """The state after a review, or why there can be none."""
    if current is not ReviewState.PENDING:
        raise AlreadyReviewed(who=reviewed_by or "Someone", verdict=current.value)
    if verdict is ReviewState.PENDING:
        raise InvalidInput(field="Verdict", problem="it is verified or rejected.")
    if verdict is ReviewState.VERIFIED and proof is ProofType.NONE:
        raise NoProofToVerify()
    return verdict


def _no_unit(metric: MetricType, unit: str, remedy: str) -> UnitDoesNotFit:
    shown = repr(unit[:MOST_UNIT]) if unit else "Nothing"
    return UnitDoesNotFit(unit=shown, metric=metric.replace("_", " "), remedy=remedy)
