"""What a forecast needs to know of a customer's purchases, and customers with the same history counted once.

Times are weeks. A repeat is any purchase occasion (customer-day) after the first.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from crm.scoring.arrays import FloatArray, IntArray, floats


@dataclass(frozen=True, slots=True)
class Timing:
    """Arrays of shape (n,): repeats x, recency t_x (first to last purchase), age T (first purchase to the end of
    observation), log_intervals (sum of ln of the x intervals; only Erlang-k intervals need it), weight
    (customers each entry stands for).
    """

    repeats: FloatArray
    recency: FloatArray
    age: FloatArray
    log_intervals: FloatArray
    weight: FloatArray

    @property
    def customers(self) -> float:
        return float(self.weight.sum())

    @property
    def repeaters(self) -> float:
        return float(self.weight[self.repeats > 0].sum())

    def at(self, chosen: slice | IntArray) -> Timing:
        return Timing(
            self.repeats[chosen],
            self.recency[chosen],
            self.age[chosen],
            self.log_intervals[chosen],
            self.weight[chosen],
        )


def timing(
    repeats: ArrayLike,
    recency: ArrayLike,
    age: ArrayLike,
    log_intervals: ArrayLike | None = None,
    weight: ArrayLike | None = None,
) -> Timing:
    """Checked histories. ``log_intervals`` not given: as if the intervals of a customer were all equal.

    ValueError: repeats not whole or negative, recency outside [0, age], recency of a customer without repeats
    not 0, a repeater with recency 0 (purchases of one day are one occasion), weight not positive, NaN.
    """
    x = floats(repeats)
    n = len(x)
    last, end = floats(recency, n), floats(age, n)
    weights = np.ones(n) if weight is None else floats(weight, n)
    if not (np.isfinite(x) & np.isfinite(last) & np.isfinite(end) & np.isfinite(weights)).all():
        raise ValueError("purchase histories must be finite numbers")
    if (x < 0).any() or (x != np.floor(x)).any():
        raise ValueError("repeats must be whole numbers, not negative")
    if (last > end).any() or ((x == 0) != (last == 0)).any() or (last < 0).any():
        raise ValueError("recency must lie between 0 and age, and be 0 exactly where there is no repeat")
    if (weights <= 0).any():
        raise ValueError("weights must be positive")
    if log_intervals is None:
        logs = x * np.log(np.divide(last, x, out=np.ones(n), where=x > 0))
    else:
        logs = floats(log_intervals, n)
        if not np.isfinite(logs).all():
            raise ValueError("sums of logarithms of intervals must be finite")
    return Timing(x, last, end, logs, weights)


@dataclass(frozen=True, slots=True)
class Groups:
    """``first``: index of one row of each group; ``of_row``: the group of every row, shape (n,)."""

    first: IntArray
    of_row: IntArray


def group_rows(*columns: FloatArray) -> Groups:
    """Rows that agree in every column, in ascending order of the columns."""
    n = len(columns[0])
    order = np.lexsort(columns[::-1])
    new = np.ones(n, dtype=np.bool_)
    if n:
        new[1:] = False
    for column in columns:
        ordered = column[order]
        new[1:] |= ordered[1:] != ordered[:-1]
    of_row = np.empty(n, dtype=np.int64)
    of_row[order] = np.cumsum(new) - 1
    return Groups(order[new], of_row)


def group(histories: Timing) -> Timing:
    """Each pattern (x, t_x, T) once, its weight the sum. log_intervals becomes the mean of the pattern, which
    leaves every likelihood as it was: they are linear in it.
    """
    groups = group_rows(histories.repeats, histories.recency, histories.age)
    weight = np.bincount(groups.of_row, histories.weight, minlength=len(groups.first))
    logs = np.bincount(groups.of_row, histories.weight * histories.log_intervals, minlength=len(groups.first))
    one = histories.at(groups.first)
    return Timing(one.repeats, one.recency, one.age, logs / weight, weight)


def thin(patterns: Timing, at_most: int = 1000) -> Timing:
    """Every k-th pattern, so that no more than ``at_most`` remain: enough to see where a maximum lies."""
    step = -(-len(patterns.repeats) // at_most)
    return patterns if step <= 1 else patterns.at(slice(step // 2, None, step))
