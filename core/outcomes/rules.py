"""What may be measured and in which unit, and the states of a review."""

from __future__ import annotations

from enum import StrEnum


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
