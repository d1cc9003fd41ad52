"""How surprising a count is, and how sure a difference: exact where it is cheap, standard library only."""

from __future__ import annotations

from decimal import Decimal
from math import erf, exp, lgamma, log, sqrt


def binomial_tail(hits: int, n: int, p: float) -> float:
    """P(X ≥ hits) for n independent tries with chance p each: what its own past says of so many failures."""
    if hits <= 0:
        return 1.0
    if p <= 0:
        return 0.0
    if p >= 1:
        return 1.0
    total = 0.0
    for k in range(hits, n + 1):
        total += exp(lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1) + k * log(p) + (n - k) * log(1 - p))
    return min(1.0, total)


def chance_better(hits: int, n: int, other_hits: int, other_n: int) -> float:
    """The chance that the first share is truly above the second: a normal difference of two shares,
    each with one hit and one miss more (Agresti and Caffo, The American Statistician 54, 2000, p. 280)."""
    p, q = (hits + 1) / (n + 2), (other_hits + 1) / (other_n + 2)
    spread = sqrt(p * (1 - p) / (n + 2) + q * (1 - q) / (other_n + 2))
    return 0.5 * (1 + erf((p - q) / spread / sqrt(2)))


def as_confidence(chance: float) -> Decimal:
    """To three places, and never quite 1: nothing that was counted is certain of tomorrow."""
    return Decimal(str(round(min(max(chance, 0.0), 0.999), 3)))
