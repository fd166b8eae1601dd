"""Credibility spend (Bühlmann & Straub 1970): own mean and portfolio mean, mixed by how much the own says."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from crm.scoring.arrays import FloatArray, floats
from crm.scoring.reasons import Reason


@dataclass(frozen=True, slots=True)
class Credibility:
    """within: s2, variance of one customer's occasions; between: tau2, variance of customers' means; both money
    squared. mu: what a customer is shrunk to, money.

    reason: OK; TOO_FEW_OBS where the variances cannot be told apart (nobody bought twice, or one customer):
    everybody gets the mean; NO_TRADES with mu NaN.
    """

    mu: float
    within: float
    between: float
    customers: int
    occasions: float
    reason: Reason = Reason.OK

    @property
    def ratio(self) -> float:
        """s2 / tau2: as many occasions as make own and portfolio mean count the same; inf where tau2 is 0."""
        return self.within / self.between if self.between > 0 else np.inf

    def weight(self, occasions: ArrayLike) -> FloatArray:
        """Z, the share of the customer's own mean, shape (n,): 0 without occasions, towards 1 with many."""
        n = floats(occasions)
        if not self.between > 0:
            return np.zeros(len(n))
        # Z = n / (n + s2 / tau2), written so that customers far steadier than they differ give 1, not 0 / 0
        return np.divide(n, n + self.ratio, out=np.zeros(len(n)), where=n > 0)

    def expected_spend(self, occasions: ArrayLike, mean: ArrayLike) -> FloatArray:
        """Expected value of a customer's next occasion, shape (n,), money."""
        z = self.weight(occasions)
        return np.where(z > 0, z * floats(mean, len(z)), 0.0) + (1.0 - z) * self.mu


def fit(occasions: ArrayLike, mean: ArrayLike, squares: ArrayLike) -> Credibility:
    """From all occasions, the first included.

    ``occasions`` n, ``mean`` value, ``squares``: sum of squared deviations from that mean; shape (customers,).
    Customers without occasions are left out.
    """
    n = floats(occasions)
    m, within = floats(mean, len(n)), floats(squares, len(n))
    bought = n > 0
    n, m, within = n[bought], m[bought], within[bought]
    customers, total = len(n), float(n.sum())
    if not customers:
        return Credibility(np.nan, 0.0, 0.0, 0, 0.0, Reason.NO_TRADES)
    overall = float(n @ m) / total
    if customers == 1 or total <= customers:
        return Credibility(overall, 0.0, 0.0, customers, total, Reason.TOO_FEW_OBS)
    s2 = float(within.sum()) / (total - customers)
    spread = float(n @ (m - overall) ** 2) - (customers - 1) * s2
    tau2 = max(0.0, spread / (total - float(n @ n) / total))
    model = Credibility(overall, s2, tau2, customers, total)
    if not tau2 > 0:
        return model
    z = model.weight(n)
    return Credibility(float(z @ m) / float(z.sum()), s2, tau2, customers, total)
