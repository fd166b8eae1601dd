"""Rates of the key figures of a period (models.md section 16). Counts come from the frozen months."""

import datetime as dt
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from crm.scoring.arrays import FloatArray, divide


@dataclass(frozen=True, slots=True)
class CustomerRates:
    """Fractions of the customers active in the period before, shape (n,); NaN where nobody was."""

    new: FloatArray
    loss: FloatArray
    retention: FloatArray


def customer_rates(active_before: ArrayLike, new: ArrayLike, lost: ArrayLike) -> CustomerRates:
    """New and lost customers of n periods or groups against those active before; counts of shape (n,).

    New customers can outnumber those before (a rate above 1); lost ones cannot: ValueError.
    """
    before, gone = _counts(active_before), _counts(lost)
    if (gone > before).any():
        raise ValueError("more customers lost than were active before")
    loss = divide(gone, before)
    return CustomerRates(new=divide(_counts(new), before), loss=loss, retention=1.0 - loss)


def move_rate(moved: ArrayLike, graded_at_both_ends: ArrayLike) -> FloatArray:
    """Upgraded (or downgraded) customers as fractions of those graded at both ends; NaN where there are none."""
    some, both = _counts(moved), _counts(graded_at_both_ends)
    if (some > both).any():
        raise ValueError("more customers moved than were graded at both ends")
    return divide(some, both)


def average_profitability(
    gross_profit: ArrayLike, cost_to_serve: ArrayLike, customers: ArrayLike
) -> FloatArray:
    """(Gross profit - cost to serve) per active customer whose cost is known, money of shape (n,); NaN without any."""
    profit = np.asarray(gross_profit, dtype=np.float64) - np.asarray(cost_to_serve, dtype=np.float64)
    return divide(profit, _counts(customers))


def adds_up(
    active_before: ArrayLike, active: ArrayLike, new: ArrayLike, lost: ArrayLike, reactivated: ArrayLike
) -> NDArray[np.bool_]:
    """Where active = active before - lost + new + reactivated holds, as it must everywhere."""
    expected = _counts(active_before) - _counts(lost) + _counts(new) + _counts(reactivated)
    equal: NDArray[np.bool_] = _counts(active) == expected
    return equal


def before_records(first_trade: dt.date | None, period_before: dt.date) -> bool:
    """True for the first two periods on record, in which everybody looks new: nothing is known of before.

    ``period_before``: the day before the first one of the period compared with.
    """
    return first_trade is None or first_trade > period_before


def months_before(month_end: dt.date, months: int) -> dt.date:
    """The month's end so many months earlier."""
    count = month_end.year * 12 + month_end.month - 1 - months + 1
    return dt.date(count // 12, count % 12 + 1, 1) - dt.timedelta(days=1)


def _counts(values: ArrayLike) -> NDArray[np.int64]:
    counts = np.asarray(values, dtype=np.int64)
    if (counts < 0).any():
        raise ValueError("a count cannot be negative")
    return counts
