"""Visit cadence as arithmetic."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from segmentation.scoring.cadence import CadenceParameters, CadenceState, cadence, lead_days, limits

AS_OF = dt.date(2026, 7, 1)
# A machine may be busy: neither inputs nor answers are timed.
PATIENT = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
RULES = CadenceParameters()
NEVER = np.datetime64("NaT", "D")
S = CadenceState


def of(last: list[dt.date | None], interval: list[float]) -> object:
    days = np.array([NEVER if day is None else np.datetime64(day, "D") for day in last])
    return cadence(days, np.array(interval), AS_OF, RULES)


def test_the_five_states() -> None:
    # Interval 30: 6 days of lead; interval 180: a fifth would be 36 days, 14 are the most.
    ago = [AS_OF - dt.timedelta(days=days) for days in (23, 24, 30, 31, 165, 166)]
    found = of([*ago, None, None, AS_OF], [30, 30, 30, 30, 180, 180, 30, np.nan, np.nan])
    assert [S(state) for state in found.state] == [
        S.ON_TRACK, S.DUE, S.DUE, S.OVERDUE, S.ON_TRACK, S.DUE, S.NEVER, S.NO_PLAN, S.NO_PLAN,
    ]  # fmt: skip
    assert found.due_on[2] == np.datetime64(AS_OF)
    assert found.days_late[3] == 1
    assert found.urgency[2] == 1
    assert np.isnat(found.due_on[6:]).all()
    assert np.isnan(found.days_late[6:]).all()
    assert found.urgency[6] == 1
    assert np.isnan(found.urgency[7])


def test_a_contact_after_the_date_counts_as_made_on_it() -> None:
    found = of([AS_OF + dt.timedelta(days=9)], [30])
    assert found.due_on[0] == np.datetime64(AS_OF + dt.timedelta(days=30))


def test_an_interval_of_no_day_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one day"):
        of([AS_OF], [0])


def test_nobody_gives_nothing() -> None:
    assert len(of([], []).state) == 0


@PATIENT
@given(st.integers(0, 900), st.integers(0, 900), st.integers(1, 400))
def test_a_later_contact_is_never_more_urgent(one: int, other: int, interval: int) -> None:
    earlier, later = AS_OF - dt.timedelta(days=max(one, other)), AS_OF - dt.timedelta(days=min(one, other))
    found = of([earlier, later], [interval, interval])
    assert found.state[0] >= found.state[1]
    assert found.urgency[0] >= found.urgency[1]
    assert found.due_on[0] <= found.due_on[1]


@PATIENT
@given(st.integers(0, 900), st.integers(1, 400), st.floats(0, 1), st.integers(0, 60))
def test_the_limits_for_a_database_say_the_same_as_the_states(
    since: int, interval: int, share: float, most: int
) -> None:
    rules = CadenceParameters(lead_share=share, lead_most_days=most)
    last = AS_OF - dt.timedelta(days=since)
    found = cadence(np.array([np.datetime64(last)]), np.array([float(interval)]), AS_OF, rules)
    at = limits(interval, AS_OF, rules)
    assert (found.state[0] == S.OVERDUE) == (last <= at.overdue)
    assert (found.state[0] >= S.DUE) == (last <= at.due)


def test_the_lead_is_a_share_with_a_most() -> None:
    assert list(lead_days(np.array([7.0, 30, 35, 60, 90]), RULES)) == [1, 6, 7, 12, 14]
