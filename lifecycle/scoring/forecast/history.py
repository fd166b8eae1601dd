"""Purchase occasions of many customers summed up into what the models need."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from crm.scoring.arrays import FloatArray, IntArray, divide, floats
from lifecycle.scoring.forecast.patterns import DAYS, Timing, timing, total_by


@dataclass(frozen=True, slots=True)
class History:
    """Arrays of shape (n,), one entry per customer who has bought, in ascending order of ``customer``.

    mean, squares: mean value of all occasions and sum of squared deviations from it; repeat_mean: without the
    first occasion, NaN where it is the only one; second_last_interval, last_interval: days, NaN where there
    are fewer than two.
    """

    customer: IntArray
    occasions: FloatArray
    timing: Timing
    mean: FloatArray
    squares: FloatArray
    repeat_mean: FloatArray
    second_last_interval: FloatArray
    last_interval: FloatArray


def summarise(customer: ArrayLike, day: ArrayLike, value: ArrayLike, end_day: int) -> History:
    """Histories as of the end of ``end_day`` (whole days since any epoch).

    One row per customer and day, in any order. Rows after ``end_day`` and rows with a value of 0 or less (returns,
    credit notes) are left out. ValueError: two rows of one customer on one day, values not finite.
    """
    who, when, money = _occasions(customer, day, value, end_day)
    new = np.ones(len(who), dtype=np.bool_)
    new[1:] = who[1:] != who[:-1]
    start = np.flatnonzero(new)
    count = np.diff(np.append(start, len(who)))
    stop = start + count - 1
    row = np.cumsum(new) - 1
    n = len(start)

    interval = np.diff(when, prepend=0).astype(np.float64)
    interval[start] = np.nan
    logs = total_by(row[~new], n, np.log(interval[~new] / DAYS))
    occasions = count.astype(np.float64)
    total = total_by(row, n, money)
    mean = divide(total, occasions)
    squares = total_by(row, n, (money - mean[row]) ** 2)
    many = count >= 3
    return History(
        customer=who[start],
        occasions=occasions,
        timing=timing(
            occasions - 1.0,
            (when[stop] - when[start]) / DAYS,
            (end_day - when[start]) / DAYS,
            logs,
        ),
        mean=mean,
        squares=squares,
        repeat_mean=divide(total - money[start], occasions - 1.0),
        second_last_interval=np.where(many, interval[np.maximum(stop - 1, 0)], np.nan),
        last_interval=np.where(many, interval[stop], np.nan),
    )


def totals_between(
    customers: IntArray, customer: ArrayLike, day: ArrayLike, value: ArrayLike, after: int, until: int
) -> tuple[FloatArray, FloatArray]:
    """Occasions and value of each of ``customers`` (ascending) in (after, until], shape (n,) each."""
    who, when, money = _occasions(customer, day, value, until)
    inside = when > after
    who, money = who[inside], money[inside]
    place = np.minimum(np.searchsorted(customers, who), max(len(customers) - 1, 0))
    known = customers[place] == who if len(customers) else np.zeros(len(who), dtype=np.bool_)
    place, money = place[known], money[known]
    n = len(customers)
    return total_by(place, n, np.ones(len(place))), total_by(place, n, money)


def _occasions(
    customer: ArrayLike, day: ArrayLike, value: ArrayLike, end_day: int
) -> tuple[IntArray, IntArray, FloatArray]:
    who = np.asarray(customer, dtype=np.int64)
    when = np.asarray(day, dtype=np.int64)
    money = floats(value, len(who))
    if when.shape != who.shape:
        raise ValueError(f"expected {len(who)} days, got shape {when.shape}")
    if not np.isfinite(money).all():
        raise ValueError("values of occasions must be finite")
    kept = (when <= end_day) & (money > 0)
    who, when, money = who[kept], when[kept], money[kept]
    order = np.lexsort((when, who))
    who, when, money = who[order], when[order], money[order]
    if ((who[1:] == who[:-1]) & (when[1:] == when[:-1])).any():
        raise ValueError("two occasions of one customer on one day are one occasion")
    return who, when, money
