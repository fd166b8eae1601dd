"""How much retention is enough (models.md section 22): the spend past which more retention loses money."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize_scalar

from crm.scoring.arrays import FloatArray, floats


class NoCurve(ValueError):  # noqa: N818 - reads as a sentence where it is raised
    """The two points do not make a retention curve: the judged maximum must lie above today's retention."""


@dataclass(frozen=True, slots=True)
class RetentionCurve:
    """r(E) = ceiling x (1 - exp(-rate x E)), E = spend per customer and year (Blattberg & Deighton 1996)."""

    ceiling: float
    rate: float

    def retention(self, spend: float | FloatArray) -> FloatArray:
        """Share of customers kept at a spend, 0..1, same shape as ``spend``."""
        kept: FloatArray = self.ceiling * -np.expm1(-self.rate * np.asarray(spend, dtype=np.float64))
        return kept

    def value(self, spend: float | FloatArray, margin: float, discount_rate: float) -> FloatArray:
        """V(E) = (m - E) r / (1 + i - r): worth of a customer, money, same shape as ``spend``."""
        kept = self.retention(spend)
        worth: FloatArray = (margin - np.asarray(spend)) * kept / (1.0 + discount_rate - kept)
        return worth


@dataclass(frozen=True, slots=True)
class Optimum:
    """Spend per customer that is worth most, the retention it buys, and the worth of a customer at it."""

    spend: float
    retention: float
    value: float


def calibrate(spend: float, retention: float, ceiling: float) -> RetentionCurve:
    """The curve through today's spend and retention with the judged highest retention. NoCurve where there is none."""
    if not 0 < retention < ceiling <= 1 or not spend > 0:
        raise NoCurve(f"no curve from {retention} at {spend} to a maximum of {ceiling}")
    return RetentionCurve(ceiling, -float(np.log1p(-retention / ceiling)) / spend)


def best_spend(curve: RetentionCurve, margin: float, discount_rate: float = 0.10) -> Optimum:
    """The spend E* between 0 and the margin that makes a customer worth most. ValueError without a positive margin."""
    if not margin > 0 or not discount_rate > 0:
        raise ValueError("margin and discount rate must be above 0")
    found = minimize_scalar(
        lambda spend: -float(curve.value(spend, margin, discount_rate)),
        bounds=(0.0, margin),
        method="bounded",
        options={"xatol": 1e-9 * margin},
    )
    spend = float(found.x)
    return Optimum(spend, float(curve.retention(spend)), float(curve.value(spend, margin, discount_rate)))


def worth_along(
    curve: RetentionCurve, margin: float, discount_rate: float, points: int = 61
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Spend from 0 to the margin, retention and worth at each, (points,) each: what a chart draws."""
    spend = floats(np.linspace(0.0, margin, points))
    return spend, curve.retention(spend), curve.value(spend, margin, discount_rate)
