"""Value matrix, relationship levels, key-account checklist and customer equity against models.md."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from segmentation.scoring import equity, matrix, relationships
from segmentation.scoring.matrix import Quadrant
from segmentation.scoring.relationships import Level


def test_the_four_quadrants() -> None:
    found = matrix.value_matrix([500, 300, 100, 50, 50, np.nan], [9, 1, 9, 1, 5, 9])
    # 500 + 300 bring exactly 80 %; the median of the potential is 7.
    assert found.current_cut == 300
    assert found.potential_cut == 7
    assert found.quadrant.tolist() == [
        Quadrant.PLATINUM, Quadrant.GOLD, Quadrant.IRON, Quadrant.LEAD, Quadrant.LEAD, Quadrant.UNRATED,
    ]  # fmt: skip


@pytest.mark.parametrize("current", [[], [np.nan], [-5.0, 0.0]])
def test_without_positive_value_nobody_is_high(current: list[float]) -> None:
    found = matrix.value_matrix(current, np.ones(len(current)))
    assert np.isnan(found.current_cut)
    assert not set(found.quadrant.tolist()) & {Quadrant.PLATINUM, Quadrant.GOLD}


@given(hnp.arrays(float, st.integers(1, 30), elements=st.integers(-50, 500).map(float)), st.floats(0.01, 100))
def test_neither_order_nor_currency_matters_and_equals_are_equal(worth: np.ndarray, rate: float) -> None:
    growth = np.roll(worth, 1)
    quadrant = matrix.value_matrix(worth, growth).quadrant
    order = np.random.default_rng(1).permutation(len(worth))
    np.testing.assert_array_equal(
        matrix.value_matrix(worth[order] * rate, growth[order]).quadrant, quadrant[order]
    )
    if (worth > 0).any():
        high = np.isin(quadrant, [Quadrant.PLATINUM, Quadrant.GOLD])
        assert worth[high].sum() >= 0.8 * worth[worth > 0].sum() - 1e-6
        assert worth[high].min() > worth[~high].max(initial=-np.inf)


def test_growth_potential() -> None:
    found = matrix.growth_potential(
        [1000, 100, np.nan], [400, 300, 1], [80, 80, 80], [50, 50, 50], [0.3, 0.3, 0.3], 0.10, 1
    )
    np.testing.assert_allclose(found, [600 * 0.5 * 0.8 * 0.5 * 0.3 / 1.1, 0, np.nan])


def test_target_levels_by_fixed_bands_and_by_terciles() -> None:
    few = relationships.target_levels([150, 50, 5], [0.1, 0.2, 0.4])
    assert few.tolist() == [Level.BASIC, Level.ACCOUNTABLE, Level.PARTNERSHIP]
    margins = [0.05, 0.06, 0.07, 0.08, 0.09, 0.10]
    assert relationships.target_levels([5] * 6, margins).tolist() == [2, 2, 3, 3, 4, 4]
    assert relationships.target_levels([200], [np.nan]).tolist() == [Level.BASIC]


def test_actual_levels() -> None:
    found = relationships.actual_levels(
        [1, 0, 0, 0, 0, 0], [0, 4, 3, 0, 0, 0], [0, 0, 2, 0, 0, 0], [9, 9, 4, 5, 0, 0], [0, 4, 3, 1, 0, 2]
    )
    assert found.tolist() == [4, 3, 2, 1, 0, 1]


def test_the_checklist() -> None:
    total = relationships.checklist([[4, 4, 3, 3, 4, 3], [5, 5, 5, 5, 5, np.nan], [3] * 6])
    np.testing.assert_allclose(total, [0.7, np.nan, 0.6])
    assert relationships.is_candidate(total).tolist() == [True, False, False]
    assert relationships.is_candidate(total, [True, False, False]).tolist() == [False, False, False]
    with pytest.raises(ValueError, match="0 to 5"):
        relationships.checklist([[6, 0, 0, 0, 0, 0]])


M = [[0.8, 0.2], [0.3, 0.7]]
A = [0.6, 0.4]
BUYING = {"purchases_a_year": 4, "quantity": 10, "contribution": 50, "discount_rate": 0.10, "horizon": 3}


def test_the_worked_example_of_customer_equity() -> None:
    own = equity.lifetime_value(A, M, **BUYING)[0]  # type: ignore[arg-type]
    assert own == pytest.approx(3_393.91, abs=0.005)
    assert own * 250 == pytest.approx(848_477, abs=1)
    better = equity.lifetime_value(A, [[0.85, 0.15], [0.3, 0.7]], **BUYING)[0]  # type: ignore[arg-type]
    assert better == pytest.approx(3_699.03, abs=0.005)
    found = equity.return_on_spend(own * 250, better * 250, 50_000)
    assert found.gain == pytest.approx(76_280, abs=1)
    assert found.roi == pytest.approx(0.526, abs=5e-4)


def test_the_logit_row_of_the_example() -> None:
    logit = equity.Logit(1.5, np.array([0.4]), True, 0)
    matrix_ = logit.matrix([[7.5], [7.0]])
    np.testing.assert_allclose(matrix_, [[0.8455, 0.1545], [0.2142, 0.7858]], atol=5e-5)


def test_rows_that_do_not_add_up() -> None:
    assert equity.switching_matrix([[0.799, 0.2], [0.3, 0.7]]).sum(axis=1) == pytest.approx([1, 1])
    for bad in ([[1.0, 0.2], [0.3, 0.7]], [[1.1, -0.1], [0.3, 0.7]]):
        with pytest.raises(equity.BadMatrix) as refused:
            equity.switching_matrix(bad)
        assert refused.value.row == 0


def test_no_purchases_and_a_negative_contribution() -> None:
    assert equity.lifetime_value(A, M, 0, 10, 50).tolist() == [0, 0]
    assert (equity.lifetime_value(A, M, 4, 10, -5) < 0).all()


def test_observed_switching_is_smoothed() -> None:
    found = equity.observed_matrix([0, 0, 0, 1], [0, 0, 1, 1], 2)
    np.testing.assert_allclose(found, [[2.5 / 4, 1.5 / 4], [0.5 / 2, 1.5 / 2]])


def test_a_logit_finds_the_weights_that_made_the_choices() -> None:
    dice = np.random.default_rng(7)
    ratings, last = dice.uniform(0, 10, (4000, 3, 2)), np.eye(3)[dice.integers(0, 3, 4000)]
    truth = equity.Logit(1.2, np.array([0.5, -0.2]), True, 0)
    chances = truth.choice(ratings, last).cumsum(axis=1)
    chosen = (dice.uniform(size=(4000, 1)) > chances).sum(axis=1)
    found = equity.fit_logit(ratings, last, chosen)
    assert found.converged
    assert found.inertia == pytest.approx(1.2, abs=0.15)
    np.testing.assert_allclose(found.weights, truth.weights, atol=0.05)


def test_equity_scores_and_importance() -> None:
    scores = equity.equity_scores(
        {"quality": 8, "price": 6, "awareness": 5}, {"quality": 3, "price": 1, "awareness": 1}
    )
    assert scores["value"] == pytest.approx(75)
    assert scores["brand"] == pytest.approx(50)
    assert np.isnan(scores["retention"])
    share = equity.group_importance([0.5, -0.5, 1.0], [1, 1, 1], ("quality", "price", "attitude"))
    assert share == {"value": pytest.approx(0.5), "brand": pytest.approx(0.5), "retention": 0.0}
