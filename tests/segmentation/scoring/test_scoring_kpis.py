"""Rates of models.md section 16 and its edges in Appendix B."""

import datetime as dt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from segmentation.scoring.kpis import (
    adds_up,
    average_profitability,
    before_records,
    customer_rates,
    months_before,
    move_rate,
)


def test_rates_by_hand():
    rates = customer_rates([40, 0, 10], [10, 3, 0], [4, 0, 10])
    assert rates.new[0] == 0.25
    assert rates.loss[0] == 0.1
    assert rates.retention[0] == 0.9
    # Nobody was active before: unknown, not zero. All lost, none new: known.
    assert np.isnan([rates.new[1], rates.loss[1], rates.retention[1]]).all()
    assert [rates.new[2], rates.loss[2], rates.retention[2]] == [0, 1, 0]


def test_moves_and_profitability_by_hand():
    assert move_rate([3, 0], [12, 0])[0] == 0.25
    assert np.isnan(move_rate([0], [0])[0])
    assert average_profitability([900.0], [100.0], [4])[0] == 200
    assert average_profitability([100.0], [300.0], [2])[0] == -100
    assert np.isnan(average_profitability([0.0], [0.0], [0])[0])


def test_the_identity():
    assert adds_up([5], [6], [2], [2], [1]).all()
    assert not adds_up([5], [6], [2], [2], [0]).any()
    # New = 0, lost = all.
    assert adds_up([7], [0], [0], [7], [0]).all()
    assert adds_up([], [], [], [], []).shape == (0,)


@pytest.mark.parametrize(
    "call",
    [
        lambda: customer_rates([1], [0], [2]),
        lambda: move_rate([2], [1]),
        lambda: customer_rates([-1], [0], [0]),
    ],
)
def test_impossible_counts_are_refused(call):
    with pytest.raises(ValueError, match=r"more customers|negative"):
        call()


def test_the_first_two_periods_on_record_are_told():
    first = dt.date(2024, 2, 10)
    # Quarters to the end of March, June and September: the period before begins after September, December, March.
    assert before_records(first, dt.date(2023, 9, 30))
    assert before_records(first, dt.date(2023, 12, 31))
    assert not before_records(first, dt.date(2024, 3, 31))
    assert before_records(None, dt.date(2024, 3, 31))


@pytest.mark.parametrize(
    ("months", "before"),
    [
        (1, dt.date(2024, 2, 29)),
        (3, dt.date(2023, 12, 31)),
        (12, dt.date(2023, 3, 31)),
        (2, dt.date(2024, 1, 31)),
    ],
)
def test_months_before(months, before):
    assert months_before(dt.date(2024, 3, 31), months) == before


@given(st.integers(1, 60), st.integers(1990 * 12, 2100 * 12))
def test_months_before_ends_a_month_and_can_be_walked(months, count):
    end = dt.date(count // 12, count % 12 + 1, 1) - dt.timedelta(days=1)
    there = months_before(end, months)
    assert (there + dt.timedelta(days=1)).day == 1
    assert (end.year * 12 + end.month) - (there.year * 12 + there.month) == months


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(0, 50)), min_size=1))
def test_rates_are_bounded_and_scale_free(pairs):
    before = np.array([max(pair) for pair in pairs])
    lost = np.array([min(pair) for pair in pairs])
    rates, tenfold = customer_rates(before, lost, lost), customer_rates(before * 10, lost * 10, lost * 10)
    known = ~np.isnan(rates.loss)
    assert ((rates.loss[known] >= 0) & (rates.loss[known] <= 1)).all()
    np.testing.assert_allclose(rates.loss, tenfold.loss)
    np.testing.assert_allclose(rates.loss[known] + rates.retention[known], 1)
