"""Arithmetic of the pipeline: weighted amounts, win rates, times in stages and to a decision.

Arrays go in and out; a row is an opportunity. NaN stands for "unknown" and is never counted as 0.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from crm.scoring.arrays import BoolArray, FloatArray, divide, floats, masks

CountArray = NDArray[np.intp]
# Fewer finished passages than this say nothing about what is usual.
FEWEST = 5


def weighted(amounts: ArrayLike, probabilities: ArrayLike) -> FloatArray:
    """Amount x probability, shape (n,). `probabilities` in percent, 0 to 100; NaN where either is unknown.

    Raises ValueError for a probability outside 0..100.
    """
    chances = floats(probabilities)
    if np.any((chances < 0) | (chances > 100)):
        raise ValueError("probabilities are percent: 0 to 100")
    return np.asarray(floats(amounts) * chances / 100.0)


@dataclass(frozen=True)
class Sums:
    """Per group, shape (groups,): how many, their amounts, and those amounts weighted.

    `unknown` counts rows without a known amount: they are in `count`, not in the amounts.
    """

    count: CountArray
    amount: FloatArray
    weighted: FloatArray
    unknown: CountArray


def sums_by(groups: ArrayLike, size: int, amounts: ArrayLike, probabilities: ArrayLike) -> Sums:
    """Sums over `groups` (shape (n,), whole numbers in 0..size-1)."""
    places = np.asarray(groups, dtype=np.intp)
    money, chance = floats(amounts), floats(probabilities)
    known = ~np.isnan(money)
    expected = weighted(np.where(known, money, 0.0), chance)
    return Sums(
        count=np.bincount(places, minlength=size),
        amount=_add(places, np.where(known, money, 0.0), size),
        weighted=_add(places, expected, size),
        unknown=np.bincount(places[~known], minlength=size),
    )


@dataclass(frozen=True)
class Rates:
    """Won among the decided, per group, shape (groups,). NaN where nothing is decided."""

    won: CountArray
    lost: CountArray
    won_amount: FloatArray
    lost_amount: FloatArray
    by_count: FloatArray
    by_amount: FloatArray


def win_rates(groups: ArrayLike, size: int, won: ArrayLike, amounts: ArrayLike) -> Rates:
    """Win rates of decided opportunities. `won` is boolean, shape (n,); unknown amounts are left out of the amounts.

    By count: won / (won + lost). By amount: amount won / amount decided.
    """
    places = np.asarray(groups, dtype=np.intp)
    is_won = masks(won, len(places))
    money = np.nan_to_num(floats(amounts), nan=0.0)
    won_count = np.bincount(places[is_won], minlength=size)
    lost_count = np.bincount(places[~is_won], minlength=size)
    won_amount = _add(places[is_won], money[is_won], size)
    lost_amount = _add(places[~is_won], money[~is_won], size)
    return Rates(
        won=won_count,
        lost=lost_count,
        won_amount=won_amount,
        lost_amount=lost_amount,
        by_count=divide(won_count, won_count + lost_count),
        by_amount=divide(won_amount, won_amount + lost_amount),
    )


def medians(groups: ArrayLike, size: int, days: ArrayLike, fewest: int = 1) -> FloatArray:
    """Median of `days` in each group, shape (size,); NaN where fewer than `fewest` days are known."""
    places, values = np.asarray(groups, dtype=np.intp), floats(days)
    known = ~np.isnan(values)
    places, values = places[known], values[known]
    out = np.full(size, np.nan)
    order = np.lexsort((values, places))
    places, values = places[order], values[order]
    counts = np.bincount(places, minlength=size)
    starts = np.cumsum(counts) - counts
    enough = np.flatnonzero(counts >= max(fewest, 1))
    low = starts[enough] + (counts[enough] - 1) // 2
    high = starts[enough] + counts[enough] // 2
    out[enough] = (values[low] + values[high]) / 2.0
    return out


def is_stale(days_in_stage: ArrayLike, usual_days: ArrayLike, days_overdue: ArrayLike) -> BoolArray:
    """Longer in its stage than is usual for won ones, or its expected date has passed; shape (n,).

    `days_overdue` is positive after the expected date. Unknown usual days (NaN) make nobody stale.
    """
    here, usual, late = floats(days_in_stage), floats(usual_days), floats(days_overdue)
    with np.errstate(invalid="ignore"):
        return np.asarray((here > usual) | (late > 0))


def _add(places: CountArray, values: FloatArray, size: int) -> FloatArray:
    return np.asarray(np.bincount(places, values, minlength=size), dtype=np.float64)
