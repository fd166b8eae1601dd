"""80/20 and the customer pyramid 二八定律·客户金字塔 (models.md section 14)."""

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import ArrayLike

from crm.scoring.arrays import TOLERANCE, CodeArray, FloatArray, IntArray, floats
from crm.scoring.reasons import Reason


@dataclass(frozen=True, slots=True)
class Pareto:
    """Concentration of profit or sales over n customers (those with a known figure).

    order: positions in the input, largest first; cumulative: running sum in that order; cumulative_share:
    the same as a fraction of the total. Shares, ``customers_for_80`` and the peak are undefined (NaN,
    None) unless the total is positive; ``reason`` then says ZERO_DENOMINATOR, or NO_TRADES when nobody is
    left. ``peak_share`` exceeds 1 where some customers lose money; ``peak_at`` customers reach it. Gini
    (0 = all equal) and HHI (1 = one customer) are taken over the customers with a positive figure only.
    """

    order: IntArray
    cumulative: FloatArray
    cumulative_share: FloatArray
    n: int
    missing: int
    negative: int
    total: float
    top_count: int
    top_share: float
    customers_for_80: int | None
    peak_share: float
    peak_at: int | None
    gini: float
    hhi: float
    reason: Reason


def pareto(values: ArrayLike, top: float = 0.2, goal: float = 0.8) -> Pareto:
    """Concentration of ``values`` (money, shape (n,), NaN = unknown and left out).

    ``top_share`` is the share of the ceil(top x n) largest; ``customers_for_80`` the smallest number of
    customers whose sum reaches ``goal`` of the total.
    """
    given = floats(values)
    known = np.flatnonzero(~np.isnan(given))
    order = known[np.argsort(-given[known], kind="stable")]
    ranked = given[order]
    n = len(ranked)
    cumulative = np.cumsum(ranked)
    total = float(cumulative[-1]) if n else 0.0
    top_count = _ceil(top * n)
    positive = ranked[ranked > 0]

    share = np.full(n, np.nan)
    top_share = peak_share = float("nan")
    enough = peak_at = None
    if total > 0:
        share = cumulative / total
        top_share = float(share[top_count - 1])
        enough = int(np.argmax(share >= goal - TOLERANCE)) + 1
        peak_at = int(np.argmax(share)) + 1
        peak_share = float(share[peak_at - 1])
    reason = Reason.OK if total > 0 else Reason.ZERO_DENOMINATOR
    return Pareto(
        order=order,
        cumulative=cumulative,
        cumulative_share=share,
        n=n,
        missing=len(given) - n,
        negative=int((ranked < 0).sum()),
        total=total,
        top_count=top_count,
        top_share=top_share,
        customers_for_80=enough,
        peak_share=peak_share,
        peak_at=peak_at,
        gini=gini(positive),
        hhi=concentration(positive),
        reason=reason if n else Reason.NO_TRADES,
    )


def gini(values: ArrayLike) -> float:
    """Gini coefficient of the positive values, in [0, 1); NaN when there is none."""
    x = _positive(values)
    if not len(x):
        return float("nan")
    rank = np.arange(1, len(x) + 1)
    return max(0.0, float((2.0 * rank - len(x) - 1.0) @ x / (len(x) * x.sum())))


def concentration(values: ArrayLike) -> float:
    """Herfindahl-Hirschman index of the positive values: sum of squared shares, in (0, 1]; NaN when none."""
    x = _positive(values)
    return float(np.square(x / x.sum()).sum()) if len(x) else float("nan")


def lorenz(values: ArrayLike, points: int = 100) -> tuple[FloatArray, FloatArray]:
    """Lorenz curve of the positive values at no more than points + 1 places: share of customers (smallest
    first) against their share of the sum, both from 0 to 1. Empty arrays when no value is positive.
    """
    x = _positive(values)
    if not len(x):
        return np.zeros(0), np.zeros(0)
    places = np.unique(np.linspace(0, len(x), min(points, len(x)) + 1).round().astype(np.int64))
    running = np.concatenate(([0.0], np.cumsum(x)))
    return places / len(x), running[places] / running[-1]


class Risk(IntEnum):
    """How much hangs on a few customers."""

    LOW = 0
    MEDIUM = 1
    HIGH = 2


@dataclass(frozen=True, slots=True)
class DependenceParameters:
    """[D]: shares of the total from which dependence is medium or high."""

    largest_medium: float = 0.10
    largest_high: float = 0.25
    five_medium: float = 0.35
    five_high: float = 0.60


DEFAULT_DEPENDENCE = DependenceParameters()


@dataclass(frozen=True, slots=True)
class Dependence:
    """Shares of the positive figures' sum, and the number of equal customers that would be as concentrated (1/HHI).
    NaN and None where nobody has a positive figure.
    """

    largest_share: float
    five_share: float
    equal_customers: float
    risk: Risk | None


def dependence(values: ArrayLike, parameters: DependenceParameters = DEFAULT_DEPENDENCE) -> Dependence:
    """What hangs on the largest customer and the five largest. values (n,), NaN unknown and left out.

    Of the positive part, as Gini: a loss elsewhere does not make the largest one larger.
    """
    x = _positive(values)[::-1]
    if not len(x):
        return Dependence(float("nan"), float("nan"), float("nan"), None)
    p, total = parameters, x.sum()
    largest, five = float(x[0] / total), float(x[:5].sum() / total)
    # Where there are hardly more than five customers, their sum says nothing of its own.
    telling = five if len(x) > 10 else 0.0
    if largest >= p.largest_high - TOLERANCE or telling >= p.five_high - TOLERANCE:
        risk = Risk.HIGH
    elif largest >= p.largest_medium - TOLERANCE or telling >= p.five_medium - TOLERANCE:
        risk = Risk.MEDIUM
    else:
        risk = Risk.LOW
    return Dependence(largest, five, 1.0 / concentration(x), risk)


class Tier(IntEnum):
    """Level of the profit pyramid, best first. Stored as smallint. Not the value matrix's names of
    section 13.
    """

    UNRATED = -1
    PLATINUM = 0
    GOLD = 1
    IRON = 2
    LEAD = 3


@dataclass(frozen=True, slots=True)
class PyramidParameters:
    platinum: float = 0.05  # share of customers
    gold: float = 0.15  # the next
    small_base: int = 20  # below so many customers, counts instead of shares
    small_platinum: int = 1
    small_gold: int = 3


DEFAULT_PYRAMID = PyramidParameters()


def pyramid_tiers(profit: ArrayLike, parameters: PyramidParameters = DEFAULT_PYRAMID) -> CodeArray:
    """``Tier`` of each customer by 24-month profit, int8 (n,).

    Platinum and gold are the best ceil(share x n); a tie at the cut goes up. No profit or a loss is lead
    whatever the rank; NaN is unrated and not counted in n.
    """
    p = parameters
    values = floats(profit)
    known = ~np.isnan(values)
    population = np.sort(values[known])
    n = len(population)
    if n < p.small_base:
        platinum, gold = p.small_platinum, p.small_platinum + p.small_gold
    else:
        platinum, gold = _ceil(p.platinum * n), _ceil((p.platinum + p.gold) * n)
    better = n - np.searchsorted(population, values, side="right")  # how many earn strictly more
    tiers = np.select(
        [~known, values <= 0, better < platinum, better < gold],
        [Tier.UNRATED, Tier.LEAD, Tier.PLATINUM, Tier.GOLD],
        Tier.IRON,
    )
    return tiers.astype(np.int8)


def _positive(values: ArrayLike) -> FloatArray:
    x = floats(values)
    return np.sort(x[x > 0])


def _ceil(value: float) -> int:
    return int(np.ceil(value - TOLERANCE))
