"""Gamma-gamma spend (Fader & Hardie 2013): what a customer pays per occasion, independent of how often it buys.

On purchase histories of companies credibility is often the better choice: see ``backtest``.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import log

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import digamma, gammaln, zeta

from crm.scoring.arrays import FloatArray, divide, floats
from crm.scoring.reasons import Reason
from lifecycle.scoring.forecast.fitting import (
    DEFAULT_LIMITS,
    GIVEN,
    Limits,
    Objective,
    Report,
    best_of,
    report,
    samples,
)
from lifecycle.scoring.forecast.patterns import pool

BLOCK = 8_192  # rows evaluated at once: they stay in the processor's cache


@dataclass(frozen=True, slots=True)
class GammaGamma:
    """Values of one customer ~ Gamma(p, rate), the rates of customers ~ Gamma(q, v); v is money."""

    p: float
    q: float
    v: float
    report: Report = GIVEN

    @property
    def usable(self) -> bool:
        """With q <= 1 or at a bound there is no mean to shrink to: use credibility instead."""
        return self.q > 1.0 and self.report.reason == Reason.OK

    def expected_spend(self, repeats: ArrayLike, mean: ArrayLike) -> FloatArray:
        """Expected value of a customer's next occasion, shape (n,), money.

        ``mean`` is the mean value of the repeat occasions; it does not matter where there is none. NaN where
        q <= 1 and nothing or too little is known of the customer.
        """
        x = floats(repeats)
        own = np.where(x > 0, x * floats(mean, len(x)), 0.0)
        left = self.p * x + self.q - 1.0
        return np.where(left > 0, self.p * divide(self.v + own, left), np.nan)


def log_likelihood(model: GammaGamma, repeats: ArrayLike, mean: ArrayLike) -> FloatArray:
    """Of every customer with repeats > 0 and mean > 0, shape (n,), weights not applied."""
    x = floats(repeats)
    m = floats(mean, len(x))
    px = model.p * x
    return (
        gammaln(px + model.q)
        - gammaln(px)
        - gammaln(model.q)
        + model.q * np.log(model.v)
        + (px - 1) * np.log(m)
        + px * np.log(x)
        - (px + model.q) * np.log(x * m + model.v)
    )


def fit(
    repeats: ArrayLike, mean: ArrayLike, weight: ArrayLike | None = None, limits: Limits = DEFAULT_LIMITS
) -> GammaGamma:
    """Maximum likelihood over customers with repeats > 0 and mean > 0 (the others say nothing of spend).

    Below ``limits.min_repeaters`` of them: NaN parameters, reason TOO_FEW_OBS.
    """
    x = floats(repeats)
    m = floats(mean, len(x))
    w = np.ones(len(x)) if weight is None else floats(weight, len(x))
    told = (x > 0) & (m > 0)
    customers = float(w.sum())
    x, m, w = x[told], m[told], w[told]
    used = float(w.sum())
    if used < limits.min_repeaters or not used:
        nothing = Report(customers=customers, repeaters=used, reason=Reason.TOO_FEW_OBS)
        return GammaGamma(np.nan, np.nan, np.nan, nothing)

    level = float((w * m).sum()) / used  # the search is in multiples of it: the currency does not matter
    m = m / level
    box = (limits.p, limits.q, limits.v)
    optimum = best_of(
        [_objective(x[chosen], m[chosen], w[chosen]) for chosen in samples(len(x))],
        [(p, q, (q - 1) / p) for p, q in ((1.0, 2.0), (6.0, 4.0), (50.0, 10.0))],
        box,
    )
    optimum = replace(optimum, value=optimum.value - used * np.log(level))
    p, q, v = optimum.parameters.tolist()
    return GammaGamma(p, q, v * level, report(optimum, ("p", "q", "v"), box, customers, used))


def _objective(x: FloatArray, m: FloatArray, weight: FloatArray) -> Objective:
    """Only ln(x m + v) and 1 / (x m + v) are taken row by row; the rest are sums over distinct x."""
    distinct, per_x = pool(x, weight)
    spent, bought = x * m, weight * x
    customers, log_m = float(weight.sum()), float((weight * np.log(m)).sum())
    x_log_xm = float((bought * np.log(spent)).sum())
    # lnGamma(px + q) - lnGamma(q) - lnGamma(px) at every x: factors of p and of q, and what each term counts
    factor = np.concatenate((distinct, [0.0], distinct))
    count = np.concatenate((per_x, [-customers], -per_x))
    with_q = np.zeros(len(factor))
    with_q[: len(distinct) + 1] = 1.0
    by_p_p, by_p_q, by_q_q = count * factor**2, count * factor * with_q, count * with_q
    blocks = [
        (np.array([weight[rows], bought[rows]]), spent[rows])
        for rows in (slice(begin, begin + BLOCK) for begin in range(0, len(x), BLOCK))
    ]

    def evaluate(parameters: FloatArray) -> tuple[float, FloatArray, FloatArray]:
        p, q, v = parameters.tolist()
        table = p * factor + q * with_q
        sums = np.zeros((2, 3))
        for sides, spent_here in blocks:
            total = spent_here + v
            over = 1.0 / total
            sums += sides @ np.array([np.log(total), over, over * over]).T
        (rows_log, rows_over, rows_squared), (bought_log, bought_over, bought_squared) = sums.tolist()
        value = (
            count @ gammaln(table)
            + customers * q * log(v)
            + p * (x_log_xm - bought_log)
            - log_m
            - q * rows_log
        )
        slope, bend = count * digamma(table), zeta(2, table)
        gradient = np.array(
            [
                slope @ factor + x_log_xm - bought_log,
                slope @ with_q + customers * log(v) - rows_log,
                customers * q / v - p * bought_over - q * rows_over,
            ]
        )
        pp, pq, qq = by_p_p @ bend, by_p_q @ bend, by_q_q @ bend
        qv = customers / v - rows_over
        vv = p * bought_squared + q * rows_squared - customers * q / v**2
        hessian = np.array([[pp, pq, -bought_over], [pq, qq, qv], [-bought_over, qv, vv]])
        return float(value), gradient, hessian

    return evaluate
