"""Visit cadence: how a customer's last contact stands against the interval of its grade."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from crm.scoring.arrays import TOLERANCE, CodeArray, FloatArray

Days = NDArray[np.datetime64]


class CadenceState(IntEnum):
    NO_PLAN = 0  # the grade's policy asks for no visits
    NEVER = 1  # visits are asked for and there was none
    ON_TRACK = 2
    DUE = 3  # within the lead time before the due date, or on it
    OVERDUE = 4


@dataclass(frozen=True)
class CadenceParameters:
    """`kinds`: interactions that count as a visit. Due begins at the last `lead_share` of the interval, at most
    `lead_most_days` before the due date."""

    kinds: tuple[str, ...] = ("visit", "online", "exhibition")
    lead_share: float = 0.2
    lead_most_days: int = 14


@dataclass(frozen=True)
class Cadence:
    """One entry per account. `due_on` is NaT and `days_late` NaN where there is no due date."""

    state: CodeArray
    due_on: Days
    # Days since the due date; negative before it.
    days_late: FloatArray
    # Share of the interval gone by (1 on the due date). Never visited counts as 1, no plan is NaN.
    urgency: FloatArray


def lead_days(interval: FloatArray, parameters: CadenceParameters) -> FloatArray:
    """Whole days before the due date from which a visit is due; NaN where there is no interval."""
    return np.minimum(
        np.floor(interval * parameters.lead_share + TOLERANCE), float(parameters.lead_most_days)
    )


def cadence(
    last_contact: Days, interval: FloatArray, as_of: dt.date, parameters: CadenceParameters
) -> Cadence:
    """Where each account stands on `as_of`.

    `last_contact`: datetime64[D], NaT for never; a contact after `as_of` counts as made on it. `interval`: days, NaN
    where no visits are planned. ValueError for an interval below 1.
    """
    interval = np.asarray(interval, dtype=np.float64)
    planned = np.isfinite(interval)
    if (interval[planned] < 1).any():
        raise ValueError("an interval is at least one day")
    today = np.datetime64(as_of, "D")
    last = np.asarray(last_contact, dtype="datetime64[D]")
    met = ~np.isnat(last)
    last = np.where(met & (last > today), today, last)
    since = np.where(met, (today - last).astype(np.float64), np.nan)
    days_late = since - interval
    state = np.full(interval.shape, CadenceState.ON_TRACK, dtype=np.int8)
    state[days_late >= -lead_days(interval, parameters)] = CadenceState.DUE
    state[days_late > 0] = CadenceState.OVERDUE
    state[~met] = CadenceState.NEVER
    state[~planned] = CadenceState.NO_PLAN
    with_due = planned & met
    whole = np.where(planned, interval, 0).astype("timedelta64[D]")
    due_on = np.where(with_due, last + whole, np.datetime64("NaT", "D"))
    urgency = np.where(planned, np.where(met, since / interval, 1.0), np.nan)
    return Cadence(state, due_on, np.where(with_due, days_late, np.nan), urgency)


@dataclass(frozen=True)
class Limits:
    """For one interval and day: a last contact on or before `due` is due, on or before `overdue` overdue."""

    due: dt.date
    overdue: dt.date


def limits(interval: int, as_of: dt.date, parameters: CadenceParameters) -> Limits:
    """The same rule turned round, for a database to filter by: days of last contact instead of states."""
    lead = int(lead_days(np.array([interval], dtype=np.float64), parameters)[0])
    overdue = as_of - dt.timedelta(days=interval + 1)
    return Limits(as_of - dt.timedelta(days=interval - lead), overdue)
