"""Value matrix 客户当前价值×增值潜力 (models.md section 13). Its names are not those of the profit pyramid."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import ArrayLike

from crm.scoring.arrays import TOLERANCE, BoolArray, CodeArray, FloatArray, floats
from crm.scoring.ranking import percentile_rank, prepare_population


class Quadrant(IntEnum):
    """Cell of the matrix, stored as smallint: current value, then growth potential."""

    UNRATED = -1
    PLATINUM = 0  # high, high: spare no effort, grow
    GOLD = 1  # high, low: keep at a high level
    IRON = 2  # low, high: invest to rebuild
    LEAD = 3  # low, low: no extra investment


class CurrentBasis(IntEnum):
    """What a customer's current value stands on."""

    UNKNOWN = -1
    FORECAST = 0  # discounted margin of the purchase forecast
    RUN_RATE = 1  # this year's gross profit, continued
    SALES = 2  # cost unknown: net sales at the margin of all customers


class PotentialBasis(IntEnum):
    """What a customer's growth potential stands on."""

    UNKNOWN = -1
    DEMAND = 0  # margin obtainable from the demand that others supply
    SCORE = 1  # demand unknown: the future-value half of the grade


@dataclass(frozen=True, slots=True)
class MatrixParameters:
    """All [D] of models.md section 13."""

    carry: float = 0.80  # share of the positive current value that the high ones bring
    discount_rate: float = 0.10
    years: int = 3


DEFAULT_MATRIX = MatrixParameters()


@dataclass(frozen=True, slots=True)
class ValueMatrix:
    """quadrant int8 (n,); the cut-offs in the units of the axes, NaN where nobody has a figure. ``potential_cut`` is
    that of the whole population, or of the first basis where bases are told apart.
    """

    quadrant: CodeArray
    current_cut: float
    potential_cut: float


@dataclass(frozen=True, slots=True)
class Axis:
    """values (n,), NaN unknown; basis int8 (n,), CurrentBasis or PotentialBasis."""

    values: FloatArray
    basis: CodeArray


def annuity(discount_rate: float, years: int) -> float:
    """Worth today of 1 at the end of each of so many years."""
    return float(((1.0 + discount_rate) ** -np.arange(1, years + 1, dtype=np.float64)).sum())


def current_value(
    forecast: ArrayLike, profit: ArrayLike, sales: ArrayLike, parameters: MatrixParameters = DEFAULT_MATRIX
) -> Axis:
    """Worth today of the profit if present buying continues, all (n,) in one currency, NaN unknown.

    ``forecast``: discounted margin over the horizon. Without it ``profit`` of 12 months continued over the years;
    where the cost is not known, net ``sales`` at the margin of those whose cost is known (the sales themselves where
    no cost is known at all), so that both stand on one scale.
    """
    given = floats(forecast)
    gained, sold = floats(profit, len(given)), floats(sales, len(given))
    costed = ~np.isnan(gained) & ~np.isnan(sold)
    total = sold[costed].sum()
    margin = max(gained[costed].sum() / total, 0.0) if total > 0 else 1.0
    factor = annuity(parameters.discount_rate, parameters.years)
    basis = np.select(
        [~np.isnan(given), ~np.isnan(gained), ~np.isnan(sold)],
        [CurrentBasis.FORECAST, CurrentBasis.RUN_RATE, CurrentBasis.SALES],
        CurrentBasis.UNKNOWN,
    )
    values = np.select(
        [basis == CurrentBasis.FORECAST, basis == CurrentBasis.RUN_RATE, basis == CurrentBasis.SALES],
        [given, gained * factor, sold * margin * factor],
        np.nan,
    )
    return Axis(values, basis.astype(np.int8))


def potential_rank(obtainable: ArrayLike, future_score: ArrayLike) -> Axis:
    """Growth potential as a rank of 0 to 100, (n,): among those with money ``obtainable``, else among the others by
    ``future_score``. Two kinds of figures on one axis are comparable only as ranks each in its own kind.
    """
    money = floats(obtainable)
    score = floats(future_score, len(money))
    by_money = ~np.isnan(money)
    score = np.where(by_money, np.nan, score)
    rank = np.where(
        by_money,
        percentile_rank(money, prepare_population(money)),
        percentile_rank(score, prepare_population(score)),
    )
    basis = np.select(
        [by_money, ~np.isnan(score)], [PotentialBasis.DEMAND, PotentialBasis.SCORE], PotentialBasis.UNKNOWN
    )
    return Axis(100.0 * rank, basis.astype(np.int8))


def growth_potential(
    spending: ArrayLike,
    sales: ArrayLike,
    satisfaction: ArrayLike,
    loyalty: ArrayLike,
    margin: ArrayLike,
    discount_rate: float = 0.10,
    years: int = 3,
) -> FloatArray:
    """Margin obtainable with extra effort: sum over the years of (demand - our sales) x attainable share x margin,
    discounted. attainable share = 0.5 x S/100 x L/100. All (n,), NaN unknown gives NaN; demand below sales gives 0.
    """
    demand = floats(spending)
    n = len(demand)
    gap = np.maximum(demand - floats(sales, n), 0.0)
    attainable = 0.5 * floats(satisfaction, n) / 100.0 * floats(loyalty, n) / 100.0
    potential: FloatArray = gap * attainable * floats(margin, n) * annuity(discount_rate, years)
    return potential


def value_matrix(
    current: ArrayLike, potential: ArrayLike, carry: float = 0.80, basis: ArrayLike | None = None
) -> ValueMatrix:
    """Quadrant of each customer. current (n,): worth of the present business; potential (n,): any scale; NaN unknown.

    Current is high for the smallest set that brings ``carry`` of all positive current value (ties go up); potential
    is high above the median, of those of one's own ``basis`` (codes, (n,)) where that is given. Unknown on either
    axis is unrated.
    """
    worth, growth = floats(current), floats(potential)
    if worth.shape != growth.shape:
        raise ValueError("both axes must have one entry per customer")
    high_now, current_cut = _carriers(worth, carry)
    kinds = np.zeros(len(growth), dtype=np.int8) if basis is None else np.asarray(basis, dtype=np.int8)
    if kinds.shape != growth.shape:
        raise ValueError("every customer has one basis")
    median, high_later = float("nan"), np.zeros(len(growth), dtype=np.bool_)
    for kind in np.unique(kinds[~np.isnan(growth)])[::-1]:
        own = kinds == kind
        median = float(np.nanmedian(growth[own]))
        high_later |= own & (growth > median + TOLERANCE)
    unknown = np.isnan(worth) | np.isnan(growth)
    quadrant = np.select(
        [unknown, high_now & high_later, high_now, high_later],
        [Quadrant.UNRATED, Quadrant.PLATINUM, Quadrant.GOLD, Quadrant.IRON],
        Quadrant.LEAD,
    )
    return ValueMatrix(quadrant.astype(np.int8), current_cut, median)


def _carriers(worth: FloatArray, carry: float) -> tuple[BoolArray, float]:
    """Who belongs to the smallest set that brings ``carry`` of the positive value, and the least value in it."""
    positive = np.sort(worth[worth > 0])[::-1]
    if not len(positive):
        return np.zeros(len(worth), dtype=np.bool_), float("nan")
    running = np.cumsum(positive)
    last = int(np.searchsorted(running, carry * running[-1] - TOLERANCE * running[-1]))
    cut = float(positive[min(last, len(positive) - 1)])
    high: BoolArray = worth >= cut
    return high, cut
