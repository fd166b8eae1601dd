"""What should worry us about those who decide (models.md section 21): red flags over many accounts at once."""

from __future__ import annotations

import calendar
import datetime as dt
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class AlertParameters:
    """When information is old. Defaults are ours; a company may publish others under "crm.decisions"."""

    unmet_days: int = 90
    stale_months: int = 6
    key_influence: int = 4

    def __post_init__(self) -> None:
        if self.unmet_days < 1 or self.stale_months < 1 or not 1 <= self.key_influence <= 5:
            raise ValueError("days and months are at least 1, the influence of key people is 1 to 5")


@dataclass(frozen=True)
class People:
    """Those who are still there. Arrays of shape (n,); days are ordinals of dates, nan where nothing is known."""

    group: NDArray[np.int64]  # which map each belongs to, 0 to groups - 1
    decider: Bools
    influence: Floats
    stance: Floats
    noted_day: Floats
    met_day: Floats


@dataclass(frozen=True)
class Flags:
    decider_unknown: Bools  # shape (groups,)
    opposes: Bools  # the rest: shape (n,), in the order of the people
    unmet: Bools
    stale: Bools


def red_flags(people: People, *, groups: int, as_of: dt.date, parameters: AlertParameters) -> Flags:
    """A decider who opposes; no decider; key people not met; stances noted too long ago or on no known day."""
    known = np.zeros(groups, dtype=bool)
    known[people.group[people.decider]] = True
    key = people.decider | (people.influence >= parameters.key_influence)
    last_met = as_of.toordinal() - parameters.unmet_days
    oldest = months_earlier(as_of, parameters.stale_months).toordinal()
    return Flags(
        decider_unknown=~known,
        opposes=people.decider & (people.stance == -1),
        # Comparisons with nan are false: who was never met, or when nobody knows, is flagged too.
        unmet=key & ~(people.met_day >= last_met),
        stale=~np.isnan(people.stance) & ~(people.noted_day >= oldest),
    )


def months_earlier(day: dt.date, months: int) -> dt.date:
    """The same day of an earlier month, or that month's last one."""
    index = day.year * 12 + day.month - 1 - months
    year, month = index // 12, index % 12 + 1
    return dt.date(year, month, min(day.day, calendar.monthrange(year, month)[1]))
