"""A device whose clock is wrong: what it wrote is put right, and never lies in the future."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crm.visits.clock import corrected

NOW = dt.datetime(2026, 3, 10, 12, 0, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)
HOUR = dt.timedelta(hours=1)
NONE = dt.timedelta(0)


def test_a_right_clock_changes_nothing() -> None:
    for seconds in (0, 90, -90):
        device = NOW + dt.timedelta(seconds=seconds)
        assert corrected(NOW - HOUR, device_now=device, saved_at=device - HOUR, now=NOW) == (NOW - HOUR, NONE)


@pytest.mark.parametrize("off", [DAY, -DAY, 3 * HOUR])
def test_a_clock_that_is_off_is_put_right(off: dt.timedelta) -> None:
    """The visit was two hours before the sending, whatever the device called those moments."""
    moment, shift = corrected(NOW - 2 * HOUR + off, device_now=NOW + off, saved_at=NOW - HOUR + off, now=NOW)
    assert (moment, shift) == (NOW - 2 * HOUR, -off)


def test_a_clock_set_right_between_saving_and_sending_gives_itself_away() -> None:
    moment, shift = corrected(NOW + DAY - HOUR, device_now=NOW, saved_at=NOW + DAY, now=NOW)
    assert (moment, shift) == (NOW - HOUR, -DAY)


def test_what_was_typed_as_future_stays_so_and_is_the_forms_to_refuse() -> None:
    moment, _shift = corrected(NOW + DAY, device_now=NOW, saved_at=NOW, now=NOW)
    assert moment == NOW + DAY
    moment, _shift = corrected(NOW + 3 * DAY, device_now=NOW + DAY, saved_at=NOW + DAY, now=NOW)
    assert moment == NOW + 2 * DAY


def test_without_the_devices_clock_nothing_is_guessed() -> None:
    assert corrected(NOW - DAY, device_now=None, saved_at=None, now=NOW) == (NOW - DAY, NONE)


MINUTES = st.integers(min_value=0, max_value=90 * 1440)


# On a busy machine the first draw alone may take seconds.
@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(off=st.integers(min_value=-600_000, max_value=600_000), ago=MINUTES, waited=MINUTES)
def test_what_happened_before_it_was_saved_is_never_in_the_future(off: int, ago: int, waited: int) -> None:
    def minutes(number: int) -> dt.timedelta:
        return dt.timedelta(minutes=number)

    saved = NOW - minutes(waited) + minutes(off)
    moment, _shift = corrected(saved - minutes(ago), device_now=NOW + minutes(off), saved_at=saved, now=NOW)
    assert moment <= NOW + minutes(10)
    assert abs(moment - (NOW - minutes(waited) - minutes(ago))) <= minutes(10)
