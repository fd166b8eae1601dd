"""What a forecast needs to know of a customer's purchases, and customers with the same history counted once.

Times are weeks. A repeat is any purchase occasion (customer-day) after the first.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from crm.scoring.arrays import FloatArray, IntArray, floats

DAYS = 7.0  # a week
LONGEST_TABLE = 1_000_000


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
    def rate(self) -> float:
        """Repeats a week of everybody together, half a purchase added so that it is never 0; (1 if no time)."""
        time = float((self.weight * self.age).sum())
        return (float((self.weight * self.repeats).sum()) + 0.5) / time if time > 0 else 1.0

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
    """Checked histories. ``log_intervals`` not given: NaN, and Erlang-k intervals with k > 1 refuse them.

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
    logs = np.full(n, np.nan) if log_intervals is None else floats(log_intervals, n)
    if log_intervals is not None and not np.isfinite(logs).all():
        raise ValueError("sums of logarithms of intervals must be finite")
    return Timing(x, last, end, logs, weights)


def total_by(of_row: IntArray, groups: int, values: FloatArray) -> FloatArray:
    """Sum of ``values`` (n,) over the rows of each group, shape (groups,)."""
    return np.bincount(of_row, values, minlength=groups).astype(np.float64, copy=False)


def pool(values: FloatArray, weight: FloatArray, per_unit: float = 1.0) -> tuple[FloatArray, FloatArray]:
    """The distinct ``values``, ascending, and the total weight of each. Quick where ``values * per_unit`` are whole
    numbers and not too large.
    """
    counted = values * per_unit
    whole = np.rint(counted)
    if (
        len(values)
        and (whole >= 0).all()
        and whole.max() < LONGEST_TABLE
        and np.abs(counted - whole).max() < 1e-9
    ):
        table = np.bincount(whole.astype(np.int64), weight)
        used = np.flatnonzero(table)
        return used / per_unit, table[used].astype(np.float64, copy=False)
    distinct, of_row = np.unique(values, return_inverse=True)
    return distinct, total_by(of_row, len(distinct), weight)


def pool_singles(histories: Timing) -> tuple[Timing, Timing]:
    """Customers without a repeat, one entry per age, and all others as they are.

    Histories with repeats are too different to be worth sorting, except for ``group`` where a fit is long.
    """
    single = histories.repeats == 0
    age, weight = pool(histories.age[single], histories.weight[single], DAYS)
    nothing = np.zeros(len(age))
    return Timing(nothing, nothing, age, nothing, weight), histories.at(np.flatnonzero(~single))


@dataclass(frozen=True, slots=True)
class Groups:
    """``first``: index of one row of each group; ``of_row``: the group of every row, shape (n,)."""

    first: IntArray
    of_row: IntArray


def group_rows(*columns: FloatArray) -> Groups:
    """Rows that agree in every column, in ascending order of the columns."""
    n = len(columns[0])
    order = np.lexsort(columns[::-1])
    new = np.zeros(n, dtype=np.bool_)
    new[:1] = True
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
    n = len(groups.first)
    weight = total_by(groups.of_row, n, histories.weight)
    logs = total_by(groups.of_row, n, histories.weight * histories.log_intervals)
    one = histories.at(groups.first)
    return Timing(one.repeats, one.recency, one.age, logs / weight, weight)
