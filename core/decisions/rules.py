"""What a decision is made of: states, votes and policies, and the tally, as pure values."""

from __future__ import annotations

from enum import StrEnum


class DecisionState(StrEnum):
    OPEN = "open"
    APPROVED = "approved"
    REJECTED = "rejected"
    EXPIRED = "expired"


class Vote(StrEnum):
    APPROVE = "approve"
    REJECT = "reject"
    ABSTAIN = "abstain"
