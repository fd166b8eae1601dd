"""What BG/NBD and MBG/CNBD-k share: gamma-distributed purchase rates, dropout with beta-distributed probability.

A row's likelihood is a mixture: alive since the last purchase, or dropped out right after it. BG/NBD is k = 1 with
no dropout after the first purchase; its beta distribution has seen x purchases where MBG's has seen x + 1.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import digamma, expit, gammaln, zeta

from crm.scoring.arrays import FloatArray
from lifecycle.scoring.forecast.fitting import Objective
from lifecycle.scoring.forecast.patterns import Timing, group_rows


@dataclass(frozen=True, slots=True)
class Survival:
    """ln of the likelihood that no k-th event has come since the last purchase, over that of no event at time T,
    and its derivatives by r and alpha. Shape (n,) each, or plain zeros for k = 1.
    """

    log: FloatArray | float
    r: FloatArray | float
    alpha: FloatArray | float
    rr: FloatArray | float
    r_alpha: FloatArray | float
    alpha_alpha: FloatArray | float


NONE = Survival(0.0, 0.0, 0.0, 0.0, 0.0, 0.0)


def survival(k: int, shape: FloatArray, waited: FloatArray, end: FloatArray) -> Survival:
    """ln S2 = ln sum_j Gamma(shape + j) / (Gamma(shape) j!) (waited / end)^j, j < k; ``end`` = alpha + T."""
    if k == 1:
        return NONE
    ratio = waited / end
    term = np.ones_like(shape)
    slope, bend = np.zeros_like(shape), np.zeros_like(shape)  # of ln term by r
    total, by_r, by_rr = term.copy(), np.zeros_like(shape), np.zeros_like(shape)
    by_j, by_jj, by_rj = np.zeros_like(shape), np.zeros_like(shape), np.zeros_like(shape)
    for j in range(1, k):
        inverse = 1.0 / (shape + (j - 1))
        term = term * (shape + (j - 1)) * ratio / j
        slope = slope + inverse
        bend = bend - inverse * inverse
        total += term
        by_r += term * slope
        by_rr += term * (slope * slope + bend)
        by_j += term * j
        by_jj += term * (j * (j + 1))
        by_rj += term * slope * j
    r, alpha = by_r / total, -by_j / (total * end)
    return Survival(
        log=np.log(total),
        r=r,
        alpha=alpha,
        rr=by_rr / total - r * r,
        r_alpha=-by_rj / (total * end) - r * alpha,
        alpha_alpha=by_jj / (total * end * end) - alpha * alpha,
    )


def log_dropout_odds(
    parameters: FloatArray, k: int, extra: int, repeats: FloatArray, recency: FloatArray, age: FloatArray
) -> FloatArray:
    """ln of odds that a customer dropped out right after the last purchase, shape (n,)."""
    r, alpha, a, b = parameters
    shape = r + k * repeats
    alive = survival(k, shape, age - recency, alpha + age).log
    return (
        np.log(a)
        - np.log(b + repeats + (extra - 1))
        + shape * np.log((alpha + age) / (alpha + recency))
        - alive
    )


def objective(histories: Timing, k: int, extra: int) -> Objective:
    """Log likelihood of (r, alpha, a, b) with gradient and Hessian. ``extra``: 0 for BG/NBD, 1 for MBG.

    Leaves out the terms without parameters, see ``constant``. Everything that depends on x alone is summed over
    the few distinct x; only the mixture is evaluated row by row.
    """
    counts = group_rows(histories.repeats)
    x = histories.repeats[counts.first]
    per_x = np.bincount(counts.of_row, histories.weight, minlength=len(x))
    customers = float(per_x.sum())
    mixed = histories if extra else histories.at(np.flatnonzero(histories.repeats > 0))
    only_alive = histories.at(np.flatnonzero(histories.repeats == 0)) if not extra else histories.at(slice(0))
    lone_age, lone = only_alive.age, only_alive.weight
    rows, recency, age, weight = mixed.repeats, mixed.recency, mixed.age, mixed.weight
    rows_k, waited = k * rows, age - recency

    def evaluate(parameters: FloatArray) -> tuple[float, FloatArray, FloatArray]:
        r, alpha, a, b = parameters
        gradient, hessian = np.zeros(4), np.zeros((4, 4))

        shapes, seen = r + k * x, b + x + extra
        value = float(
            per_x @ (gammaln(shapes) + gammaln(seen) - gammaln(a + seen))
            + customers * (r * np.log(alpha) - gammaln(r) + gammaln(a + b) - gammaln(b))
        )
        both, total = a + seen, a + b
        gradient[0] = per_x @ digamma(shapes) + customers * (np.log(alpha) - digamma(r))
        gradient[1] = customers * r / alpha
        gradient[2] = customers * digamma(total) - per_x @ digamma(both)
        gradient[3] = gradient[2] + per_x @ digamma(seen) - customers * digamma(b)
        hessian[0, 0] = per_x @ zeta(2, shapes) - customers * zeta(2, r)
        hessian[0, 1] = customers / alpha
        hessian[1, 1] = -customers * r / alpha**2
        hessian[2, 2] = hessian[2, 3] = customers * zeta(2, total) - per_x @ zeta(2, both)
        hessian[3, 3] = hessian[2, 2] + per_x @ zeta(2, seen) - customers * zeta(2, b)

        if len(lone):  # one purchase, and no chance to drop out yet
            end = alpha + lone_age
            value -= r * float(lone @ np.log(end))
            gradient[0] -= lone @ np.log(end)
            gradient[1] -= r * (lone @ (1 / end))
            hessian[0, 1] -= lone @ (1 / end)
            hessian[1, 1] += r * (lone @ (1 / end**2))

        shape = r + rows_k
        one_end, one_last = 1.0 / (alpha + age), 1.0 / (alpha + recency)
        log_end = np.log(alpha + age)
        log_ratio = log_end - np.log(alpha + recency)
        left = b + rows + (extra - 1)  # positive: x >= 1 where nobody drops out after the first purchase
        s = survival(k, shape, waited, alpha + age)
        odds = np.log(a) - np.log(left) + shape * log_ratio - s.log
        gone = expit(odds)
        value += float(weight @ (np.logaddexp(0.0, odds) + s.log - shape * log_end))

        spread = weight * gone * (1.0 - gone)
        gone = weight * gone
        change = one_end - one_last  # derivative of log_ratio by alpha
        d_r, d_alpha, d_b = log_ratio - s.r, shape * change - s.alpha, -1.0 / left
        gradient[0] += weight @ (s.r - log_end) + gone @ d_r
        gradient[1] += weight @ (s.alpha - shape * one_end) + gone @ d_alpha
        dropped, left_to_b = gone.sum(), gone @ d_b
        gradient[2] += dropped / a
        gradient[3] += left_to_b

        spread_r, spread_alpha, spread_b = spread * d_r, spread * d_alpha, spread * d_b
        bend_alpha = shape * (one_last * one_last - one_end * one_end) - s.alpha_alpha
        hessian[0, 0] += _dot(weight, s.rr) - _dot(gone, s.rr) + spread_r @ d_r
        hessian[0, 1] += weight @ (s.r_alpha - one_end) + gone @ (change - s.r_alpha) + spread_r @ d_alpha
        hessian[1, 1] += (
            weight @ (s.alpha_alpha + shape * one_end * one_end) + gone @ bend_alpha + spread_alpha @ d_alpha
        )
        hessian[2, 2] += (spread.sum() / a - dropped / a) / a
        hessian[3, 3] += gone @ (d_b * d_b) + spread_b @ d_b
        hessian[0, 2] += spread_r.sum() / a
        hessian[1, 2] += spread_alpha.sum() / a
        hessian[0, 3] += spread_b @ d_r
        hessian[1, 3] += spread_b @ d_alpha
        hessian[2, 3] += spread_b.sum() / a
        return value, gradient, np.triu(hessian) + np.triu(hessian, 1).T

    return evaluate


def constant(histories: Timing, k: int) -> float:
    """The part of the log likelihood without parameters: how the k - 1 unseen events lie between purchases."""
    if k == 1:
        return 0.0
    logs = (k - 1) * histories.log_intervals - histories.repeats * gammaln(k)
    return float(histories.weight @ logs)


def starts(histories: Timing, k: int) -> list[tuple[float, float, float, float]]:
    """(r, alpha, a, b) with the purchase rate of the data: varied customers, steady ones, and in between."""
    time = float(histories.weight @ histories.age)
    bought = float(histories.weight @ histories.repeats)
    rate = k * (bought + 0.5) / time if time > 0 else 1.0
    return [(r, r / rate, a, b) for r, a, b in ((0.3, 0.8, 2.5), (1.0, 0.2, 5.0), (5.0, 1.0, 1.0))]


def _dot(weight: FloatArray, values: FloatArray | float) -> float:
    return float(np.sum(weight * values))
