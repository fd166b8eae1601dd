"""When industry buys: workdays, the Spring Festival, the rush of the fourth quarter, the quiet of August."""

from __future__ import annotations

import datetime as dt

import numpy as np
from numpy.typing import NDArray

Days = NDArray[np.int64]  # days since 1970-01-01
Factors = NDArray[np.float64]

# First day of the lunar year. Outside of the table the festival is taken to be on 5 February.
LUNAR_NEW_YEAR = {
    2016: (2, 8), 2017: (1, 28), 2018: (2, 16), 2019: (2, 5), 2020: (1, 25), 2021: (2, 12), 2022: (2, 1),
    2023: (1, 22), 2024: (2, 10), 2025: (1, 29), 2026: (2, 17), 2027: (2, 6), 2028: (1, 26), 2029: (2, 13),
    2030: (2, 3), 2031: (1, 23), 2032: (2, 11), 2033: (1, 31), 2034: (2, 19), 2035: (2, 8),
}  # fmt: skip
# Demand by month, January first.
CHINA = np.array([0.95, 0.85, 1.1, 1.08, 1.0, 0.98, 0.92, 0.94, 1.05, 1.1, 1.22, 1.3])
ABROAD = np.array([0.98, 1.0, 1.08, 1.05, 1.04, 1.02, 0.92, 0.75, 1.1, 1.1, 1.06, 0.8])


def number(day: dt.date) -> int:
    return (day - dt.date(1970, 1, 1)).days


def date(day: int) -> dt.date:
    return dt.date(1970, 1, 1) + dt.timedelta(days=int(day))


def months(days: Days) -> Days:
    """0 is January."""
    return days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64) % 12


def demand(days: Days, *, china: bool) -> Factors:
    return (CHINA if china else ABROAD)[months(days)]


def festival_days(first: int, last: int) -> list[tuple[int, int]]:
    """The closed spells round each Spring Festival between two days: from five days before to nine after."""
    spells = []
    for year in range(date(first).year, date(last).year + 2):
        start = number(dt.date(year, *LUNAR_NEW_YEAR.get(year, (2, 5))))
        spells.append((start - 5, start + 9))
    return spells


def in_festival(days: Days) -> NDArray[np.bool_]:
    closed = np.zeros(len(days), dtype=np.bool_)
    if len(days):
        for start, end in festival_days(int(days.min()), int(days.max())):
            closed |= (days >= start) & (days <= end)
    return closed


def to_workday(days: Days) -> Days:
    """Saturday and Sunday become the Friday before (1970-01-01 was a Thursday)."""
    weekday = (days + 3) % 7
    return days - np.maximum(weekday - 4, 0)
