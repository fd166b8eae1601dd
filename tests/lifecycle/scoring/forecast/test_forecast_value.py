"""Range of outcomes, present value, annuity, regularity."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import nbinom

from lifecycle.scoring.forecast.mbgcnbd import MbgCnbd
from lifecycle.scoring.forecast.nbd import Nbd
from lifecycle.scoring.forecast.patterns import timing
from lifecycle.scoring.forecast.regularity import erlang_shape
from lifecycle.scoring.forecast.value import annuity, occasion_interval, present_value


def test_interval_of_the_living_is_negative_binomial():
    shape, mean = np.array([0.3, 2.0, 40.0]), np.array([0.1, 3.0, 25.0])
    low, high = occasion_interval(mean, [1, 1, 1], shape)
    assert low.tolist() == nbinom.ppf(0.1, shape, shape / (shape + mean)).tolist()
    assert high.tolist() == nbinom.ppf(0.9, shape, shape / (shape + mean)).tolist()


def test_interval_allows_for_customers_who_are_gone():
    low, high = occasion_interval([4.0, 4.0 * 0.5, 4.0 * 0.05, 0.0], [1.0, 0.5, 0.05, 0.0], [5.0] * 4)
    assert low[0] > 0
    assert low[1:].tolist() == [0, 0, 0]  # gone with a probability of more than 10 %
    # the upper tail of everybody is the upper fifth of the half that is alive
    assert high[1] == nbinom.ppf(0.8, 5, 5 / 9)
    assert high[2:].tolist() == [0, 0]


@given(st.floats(0.0, 200.0), st.floats(0.0, 1.0), st.floats(0.01, 500.0), st.sampled_from([0.5, 0.8, 0.95]))
def test_interval_holds_what_it_says(mean, alive, shape, central):
    low, high = (bound[0] for bound in occasion_interval([mean * alive], [alive], [shape], central))
    assert 0 <= low <= high
    assert low == int(low)
    tail = (1 - central) / 2

    def probability_up_to(n):
        if n < 0:
            return 0.0
        return (1 - alive) + alive * nbinom.cdf(n, shape, shape / (shape + mean))

    if alive * mean > 0:
        assert probability_up_to(high) >= 1 - tail - 1e-7
        assert probability_up_to(high - 1) <= 1 - tail + 1e-7
        assert probability_up_to(low - 1) <= tail + 1e-7


def test_four_in_five_outcomes_fall_into_the_interval():
    draw = np.random.default_rng(4)
    rate = draw.gamma(1.5, 1 / 10.0, 4000)
    bought, later = draw.poisson(rate * 40), draw.poisson(rate * 60)
    histories = timing(bought, np.where(bought > 0, 20.0, 0.0), np.full(4000, 40.0))
    model = Nbd(1.5, 10.0)
    low, high = occasion_interval(
        model.expected_occasions(60, histories), model.p_alive(histories), model.posterior(histories)[0]
    )
    assert 0.8 <= ((later >= low) & (later <= high)).mean() <= 0.92  # whole numbers: rather more than less


def test_annuity():
    assert annuity([0.8], 0.10, 2) == pytest.approx([0.8 / 1.1 + 0.64 / 1.21])
    assert annuity([0.8, 0.8, 0.9, 0.0], 0.10, 400) == pytest.approx([2.667, 2.667, 4.5, 0], abs=5e-4)
    assert annuity([0.8], 0.12, 400) == pytest.approx([2.5])
    assert annuity([1.0]) == pytest.approx([3.790787])  # five years at 10 %


def test_present_value_discounts_every_period_from_its_end():
    assert present_value([[10.0, 15.0]], 0.10) == pytest.approx([10 / 1.1 + 5 / 1.21])
    quarters = present_value([[1.0, 2.0, 3.0, 4.0]], 0.10, 0.25)
    assert quarters == pytest.approx([sum(1.1 ** -(q / 4) for q in (1, 2, 3, 4))])
    assert present_value(np.zeros((0, 4))).shape == (0,)
    with pytest.raises(ValueError, match="periods"):
        present_value([1.0, 2.0])


def test_discounted_forecast_is_worth_less_than_the_forecast():
    model = MbgCnbd(2, 0.9, 4.0, 0.6, 3.0)
    histories = timing([0, 5, 12], [0, 40, 50], [52, 52, 52], [0, 10, 17])
    years = model.expected_occasions(52 * np.arange(1, 6), histories)
    worth = present_value(years)
    assert (worth < years[:, -1]).all()
    assert (worth > years[:, -1] / 1.1**5).all()
    assert present_value(years, 0.0) == pytest.approx(years[:, -1])


def test_erlang_shape():
    draw = np.random.default_rng(9)
    for k in (1, 4, 12):
        older, newer = draw.gamma(k, 30 / k, (2, 50_000))
        assert erlang_shape(older, newer) == pytest.approx(k, rel=0.03)
    assert erlang_shape([30, 30, np.nan], [30, 30, 5]) == np.inf
    assert np.isnan(erlang_shape([30, np.nan], [20, 10]))
    assert np.isnan(erlang_shape([], []))
