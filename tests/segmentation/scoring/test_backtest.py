"""Foresight of a score: perfect, useless, backwards; ties; unknown profit."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from segmentation.scoring.backtest import foresight, grade_outcomes, stability

PROFIT = np.array([500.0, 300.0, 100.0, 50.0, 50.0, 0.0, 0.0, 0.0, 0.0, 0.0])


def test_a_score_like_the_profit_itself_is_perfect() -> None:
    found = foresight(PROFIT, PROFIT)
    assert found.gini == pytest.approx(1.0)
    assert found.top_capture == found.best_capture == pytest.approx(0.8)
    assert found.lift == pytest.approx(400 / 100)
    np.testing.assert_allclose(found.gains, [0.5, 0.8, 0.9, 0.95, 1, 1, 1, 1, 1, 1])


def test_a_score_that_says_nothing_captures_its_share() -> None:
    found = foresight(np.ones(10), PROFIT)
    assert found.gini == pytest.approx(0.0)
    assert found.top_capture == pytest.approx(0.2)
    assert found.lift == pytest.approx(1.0)


def test_backwards_is_worse_than_nothing() -> None:
    assert foresight(-PROFIT, PROFIT).gini == pytest.approx(-1.0)
    assert foresight(-PROFIT, PROFIT).top_capture == 0.0


def test_losses_count_against_the_lift_but_not_the_captured_profit() -> None:
    found = foresight([2.0, 1.0], [-50.0, 150.0])
    assert found.top_capture == 0.0
    assert found.lift == pytest.approx(-50 / 50)


def test_unknown_scores_and_profits_are_left_out() -> None:
    scores = np.append(PROFIT, [9.0, np.nan])
    profits = np.append(PROFIT, [np.nan, 1000.0])
    assert foresight(scores, profits).n == 10
    assert foresight(scores, profits).gini == pytest.approx(1.0)


@pytest.mark.parametrize("profit", [[], [5.0], [0.0, 0.0], [-1.0, -2.0]])
def test_without_two_accounts_or_any_profit_there_is_no_figure(profit: list[float]) -> None:
    found = foresight(np.arange(len(profit), dtype=float), profit)
    assert np.isnan([found.gini, found.top_capture, found.best_capture, found.lift, *found.gains]).all()


def test_outcomes_per_grade() -> None:
    found = grade_outcomes([0, 0, 1, -1, 1], [100.0, 300.0, 10.0, 90.0, np.nan], 3)
    assert found.accounts.tolist() == [2, 1, 0, 1]
    assert found.profit.tolist() == [400, 10, 0, 90]
    np.testing.assert_allclose(found.mean, [200, 10, np.nan, 90])
    np.testing.assert_allclose(found.lift, [200 / 125, 10 / 125, np.nan, 90 / 125])


def test_stability_is_of_those_graded_twice() -> None:
    assert stability([0, 1, 2, -1], [0, 2, 2, 1]) == pytest.approx(2 / 3)
    assert np.isnan(stability([-1], [0]))


@given(
    hnp.arrays(float, st.integers(2, 40), elements=st.integers(0, 9).map(float)),
    st.randoms(use_true_random=False),
    st.floats(0.01, 1000),
)
def test_neither_the_order_of_accounts_nor_the_currency_matters(
    profit: np.ndarray, dice: object, rate: float
) -> None:
    score = np.roll(profit, 1)
    order = np.random.default_rng(len(profit)).permutation(len(profit))
    one, other = foresight(score, profit), foresight(score[order], profit[order] * rate)
    np.testing.assert_allclose(
        [one.gini, one.top_capture, one.lift, *one.gains],
        [other.gini, other.top_capture, other.lift, *other.gains],
        rtol=1e-9,
        atol=1e-9,
    )
    if profit.sum() > 0:
        assert -1e-9 <= one.top_capture <= one.best_capture + 1e-9 <= 1 + 2e-9
        assert (np.diff(one.gains) >= -1e-9).all()
