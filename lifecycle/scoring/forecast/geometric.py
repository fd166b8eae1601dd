"""What BG/NBD and MBG/CNBD-k share: gamma-distributed purchase rates, dropout with beta-distributed probability.

A row's likelihood is a mixture: alive since the last purchase, or dropped out right after it. BG/NBD is k = 1 with
no dropout after the first purchase; its beta distribution has seen x purchases where MBG's has seen x + 1.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import log

import numpy as np
from scipy.special import digamma, gammaln, zeta

from crm.scoring.arrays import FloatArray
from lifecycle.scoring.forecast.fitting import Objective
from lifecycle.scoring.forecast.patterns import Timing, pool, pool_singles

BLOCK = 8_192  # rows


@dataclass(frozen=True, slots=True)
class Survival:
    """ln of the likelihood that no k-th event has come since the last purchase, over that of no event at time T,
    and its derivatives by r and alpha. Shape (n,) each; (1,), zero, for k = 1.
    """

    log: FloatArray
    r: FloatArray
    alpha: FloatArray
    rr: FloatArray
    r_alpha: FloatArray
    alpha_alpha: FloatArray


NONE = Survival(*np.zeros(6)[:, np.newaxis])


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

    Leaves out the terms without parameters, see ``constant``. What depends on x alone is summed over the few
    distinct x; only the mixture is evaluated row by row, in blocks that stay in the processor's cache.
    """
    customers = histories.customers
    # lnGamma(r + x) - lnGamma(r) and its like: an x of 0 with minus everybody stands for the second term
    distinct, total = pool(histories.repeats, histories.weight)
    x, per_x = np.append(distinct, 0.0), np.append(total, -customers)
    seen = np.append(distinct + extra, 0.0)
    singles, others = pool_singles(histories)
    lone = singles.at(slice(0)) if extra else singles  # one purchase, and no chance to drop out yet
    blocks = [
        rows.at(slice(begin, begin + BLOCK))
        for rows in ([others, singles] if extra else [others])
        for begin in range(0, len(rows.age), BLOCK)
    ]

    def evaluate(parameters: FloatArray) -> tuple[float, FloatArray, FloatArray]:
        r, alpha, a, b = parameters.tolist()
        table = np.array([r + k * x, b + seen, a + b + seen])
        height, slope, bend = gammaln(table) @ per_x, digamma(table) @ per_x, zeta(2, table) @ per_x
        value = height[0] + height[1] - height[2] + customers * r * log(alpha)
        gradient = np.array(
            [slope[0] + customers * log(alpha), customers * r / alpha, -slope[2], slope[1] - slope[2]]
        )
        hessian = np.zeros((4, 4))
        hessian[0, 0] = bend[0]
        hessian[0, 1] = hessian[1, 0] = customers / alpha
        hessian[1, 1] = -customers * r / alpha**2
        hessian[2, 2] = hessian[2, 3] = hessian[3, 2] = -bend[2]
        hessian[3, 3] = bend[1] - bend[2]

        if len(lone.age):
            end = alpha + lone.age
            logs, over, squared = lone.weight @ np.array([np.log(end), 1 / end, end**-2.0]).T
            value -= r * logs
            gradient[0] -= logs
            gradient[1] -= r * over
            hessian[0, 1] -= over
            hessian[1, 0] -= over
            hessian[1, 1] += r * squared
        for block in blocks:
            value += _mixture(block, k, extra, parameters, gradient, hessian)
        return float(value), gradient, hessian

    return evaluate


def _mixture(
    rows: Timing, k: int, extra: int, parameters: FloatArray, gradient: FloatArray, hessian: FloatArray
) -> float:
    """Sum of the ln of alive + dropped out; adds its derivatives to ``gradient`` and ``hessian``."""
    r, alpha, a, b = parameters.tolist()
    weight = rows.weight
    shape = r + k * rows.repeats if k > 1 else r + rows.repeats
    left = rows.repeats + (
        b + (extra - 1)
    )  # positive: x >= 1 where nobody drops out after the first purchase
    end, last = alpha + rows.age, alpha + rows.recency
    log_end, over_end, over_last = np.log(end), 1.0 / end, 1.0 / last
    log_ratio = log_end - np.log(last)
    s = survival(k, shape, rows.age - rows.recency, end)
    odds = log(a) - np.log(left) + shape * log_ratio - s.log
    small = np.exp(-np.abs(odds))
    gone = np.where(odds > 0, 1.0, small) / (1.0 + small)
    value = weight @ (np.log(1.0 + small) + np.maximum(odds, 0.0) + s.log - shape * log_end)

    # derivatives of the odds by r, alpha, a, b
    change = over_end - over_last
    slopes = np.empty((4, len(shape)))
    slopes[0] = log_ratio - s.r
    slopes[1] = shape * change - s.alpha
    slopes[2] = 1.0 / a
    slopes[3] = -1.0 / left
    dropped = weight * gone
    gradient += slopes @ dropped
    gradient[0] += weight @ (s.r - log_end)
    gradient[1] += weight @ (s.alpha - shape * over_end)

    hessian += (slopes * (dropped * (1.0 - gone))) @ slopes.T
    r_alpha = dropped @ change - weight @ over_end
    hessian[1, 1] += (weight - dropped) @ (shape * over_end**2) + dropped @ (shape * over_last**2)
    hessian[2, 2] -= dropped.sum() / a**2
    hessian[3, 3] += dropped @ slopes[3] ** 2
    if k > 1:
        kept = weight - dropped
        hessian[0, 0] += kept @ s.rr
        hessian[1, 1] += kept @ s.alpha_alpha
        r_alpha += kept @ s.r_alpha
    hessian[0, 1] += r_alpha
    hessian[1, 0] += r_alpha
    return float(value)


def constant(histories: Timing, k: int) -> float:
    """The part of the log likelihood without parameters: how the k - 1 unseen events lie between purchases."""
    if k == 1:
        return 0.0
    logs = (k - 1) * histories.log_intervals - histories.repeats * gammaln(k)
    return float((histories.weight * logs).sum())


def starts(histories: Timing, k: int) -> list[tuple[float, float, float, float]]:
    """(r, alpha, a, b) with the purchase rate of the data: varied customers, steady ones, and in between."""
    rate = k * histories.rate
    return [(r, r / rate, a, b) for r, a, b in ((0.3, 0.8, 2.5), (1.0, 0.2, 5.0), (5.0, 1.0, 1.0))]
