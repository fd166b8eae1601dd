"""The search for the maximum, grouping of customers, and what is refused (Appendix B 13 and 14)."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lifecycle.scoring.forecast import bgnbd, mbgcnbd
from lifecycle.scoring.forecast.fitting import best_of, climb
from lifecycle.scoring.forecast.models import Purchases
from lifecycle.scoring.forecast.patterns import group, pool, timing

FITTED = [Purchases.BG_NBD, Purchases.MBG_CNBD, Purchases.NBD]

FITTED = [Purchases.BG_NBD, Purchases.MBG_CNBD, Purchases.NBD]


def test_search_finds_the_higher_of_two_hills_and_stops_at_the_box():
    def hills(place):
        """Two bumps in ln x at ln 0.5 (height 1) and ln 20 (height 2)."""
        (x,) = place
        u = np.log(x)
        value = slope_u = bend_u = 0.0
        for centre, height in ((np.log(0.5), 1.0), (np.log(20.0), 2.0)):
            bump = height * np.exp(-((u - centre) ** 2))
            value += bump
            slope_u += -2 * (u - centre) * bump
            bend_u += (4 * (u - centre) ** 2 - 2) * bump
        # to x: d/dx = d/du / x
        return value, np.array([slope_u / x]), np.array([[(bend_u - slope_u) / x**2]])

    found = best_of([hills], [(0.3,), (15.0,)], [(1e-3, 1e3)])
    assert found.parameters == pytest.approx([20.0], rel=1e-2)
    boxed = climb(hills, (5.0,), [(1e-3, 10.0)])
    assert boxed.parameters.tolist() == [10.0]
    assert boxed.converged


history_rows = st.lists(
    st.tuples(st.integers(0, 30), st.integers(0, 200), st.integers(0, 100)), min_size=1, max_size=30
)


@given(history_rows)
def test_grouping_keeps_every_likelihood(rows):
    x, gap, wait = np.array(rows, dtype=float).T
    recency = np.where(x > 0, x + gap, 0.0) / 7
    logs = np.where(x > 0, gap / 50, 0.0)
    histories = timing(x, recency, recency + wait / 7, logs, 1.0 + wait % 3)
    patterns = group(histories)
    assert patterns.customers == histories.customers
    keys = list(zip(patterns.repeats, patterns.recency, patterns.age, strict=True))
    assert len(set(keys)) == len(keys)
    model = mbgcnbd.MbgCnbd(3, 0.8, 5.0, 0.9, 2.0)
    whole, short = (h.weight @ mbgcnbd.log_likelihood(model, h) for h in (histories, patterns))
    assert short == pytest.approx(whole, rel=1e-10)
    distinct, weight = pool(histories.age, histories.weight, 7.0)
    assert distinct * 7 == pytest.approx(np.unique(np.rint(histories.age * 7)))
    assert weight.sum() == histories.customers
    uncounted, same = pool(np.rint(histories.age * 7) + 0.25, histories.weight)
    assert uncounted - 0.25 == pytest.approx(distinct * 7)
    assert same == pytest.approx(weight)


@settings(deadline=None)
@given(
    st.sampled_from([0, 1, 4, 12]),
    st.tuples(*[st.floats(-2, 2)] * 4),
    st.integers(1, 200),
    st.floats(0.01, 0.98),
    st.floats(0.5, 500),
)
def test_alive_is_a_probability_and_rises_with_recency(k, logs, x, share, age):
    parameters = 10.0 ** np.array(logs)
    model = mbgcnbd.MbgCnbd(k, *parameters) if k else bgnbd.BgNbd(*parameters)
    pair = timing([x, x], [age * share, age * (share + 0.01)], [age, age])
    earlier, later = model.p_alive(pair)
    assert 0 <= earlier <= later <= 1
    both = model.expected_occasions([1, 52], pair)
    assert (both[0] <= both[1] + 1e-12).all()
    assert (both >= 0).all()


@pytest.mark.parametrize(
    "columns",
    [
        ([1.5], [3], [9]),
        ([-1], [0], [9]),
        ([1], [10], [9]),
        ([0], [1], [9]),
        ([1], [0], [9]),
        ([1], [np.nan], [9]),
        ([1], [3], [9], [np.inf]),
        ([1], [3], [9], [0.0], [0.0]),
    ],
)
def test_impossible_histories_are_refused(columns):
    with pytest.raises(ValueError):  # noqa: PT011 - each has its own message
        timing(*columns)


def test_of_equally_likely_k_the_least_regular_is_taken():
    """Without a repeat there is no interval: k = 1."""
    assert mbgcnbd.fit(timing(np.zeros(60), np.zeros(60), np.arange(60.0), np.zeros(60))).k == 1


def test_regularity_needs_the_intervals():
    x = np.full(60, 3.0)
    with pytest.raises(ValueError, match="log_intervals"):
        mbgcnbd.fit(timing(x, 10 * x, 12 * x))
