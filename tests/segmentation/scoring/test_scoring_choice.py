"""The choice between suppliers: weights of drivers from ratings, and what a portfolio of customers is worth."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from segmentation.scoring import equity


def drawn(rows: int, absent: float, seed: int = 3) -> tuple[np.ndarray, ...]:
    """Choices of people who weigh two drivers by .5 and -.2 and stay by 1.2; some suppliers are not asked about."""
    dice = np.random.default_rng(seed)
    ratings, last = dice.uniform(0, 10, (rows, 3, 2)), np.eye(3)[dice.integers(0, 3, rows)]
    present = dice.uniform(size=(rows, 3)) >= absent
    present[:, :2] = True
    last *= present
    utility = np.where(present, 1.2 * last + ratings @ [0.5, -0.2], -np.inf)
    chosen = (utility + dice.gumbel(size=utility.shape)).argmax(axis=1)
    return np.where(present[:, :, None], ratings, np.nan), last, chosen, present


def test_weights_are_found_where_suppliers_are_missing_and_the_errors_are_honest() -> None:
    ratings, last, chosen, present = drawn(4000, 0.4)
    found = equity.fit_logit(ratings, last, chosen, present=present)
    truth = np.array([1.2, 0.5, -0.2])
    assert found.converged
    assert found.errors is not None
    assert (np.abs(np.array([found.inertia, *found.weights]) - truth) < 3 * found.errors).all()
    assert (found.errors < [0.1, 0.03, 0.03]).all()
    assert 0.2 < found.explained < 0.9


def test_errors_shrink_with_the_root_of_the_answers() -> None:
    few, many = (equity.fit_logit(*drawn(rows, 0.0)[:3]).errors for rows in (500, 8000))
    assert few is not None
    assert many is not None
    np.testing.assert_allclose(few / many, 4, rtol=0.2)


def test_who_always_stays_and_drivers_that_never_vary_stay_finite() -> None:
    same = np.full((120, 2, 3), 7.0)
    found = equity.fit_logit(same, np.tile([1.0, 0.0], (120, 1)), np.zeros(120))
    assert np.isfinite(found.weights).all()
    assert found.inertia > 3
    np.testing.assert_allclose(found.weights, 0, atol=1e-6)


@pytest.mark.parametrize(
    ("ratings", "last", "chosen", "present"),
    [
        (np.zeros((0, 2, 1)), np.zeros((0, 2)), np.zeros(0), None),
        (np.zeros((3, 2)), np.zeros((3, 2)), np.zeros(3), None),
        (np.zeros((1, 2, 1)), np.zeros((1, 2)), np.ones(1), [[True, False]]),
    ],
)
def test_what_is_no_choice_is_refused(ratings: object, last: object, chosen: object, present: object) -> None:
    with pytest.raises(ValueError, match=r"expected|not there"):
        equity.fit_logit(ratings, last, chosen, present=present)  # type: ignore[arg-type]


def test_nobody_goes_to_a_supplier_that_is_not_there() -> None:
    logit = equity.Logit(1.5, np.array([0.4]), True, 0)
    moves = logit.matrices([[[7.5], [7.0], [0.0]]], [[True, True, False]])[0]
    np.testing.assert_allclose(moves[:2, :2], [[0.8455, 0.1545], [0.2142, 0.7858]], atol=5e-5)
    assert (moves[:, 2] == 0).all()


@given(
    st.floats(0, 1),
    st.lists(st.floats(0.01, 0.99), min_size=2, max_size=2),
    st.floats(0, 30),
    st.floats(-50, 50),
)
def test_many_customers_at_once_are_worth_what_each_is(
    share: float, stay: list[float], purchases: float, contribution: float
) -> None:
    matrix = np.array([[stay[0], 1 - stay[0]], [1 - stay[1], stay[1]]])
    one = equity.lifetime_value([share, 1 - share], matrix, purchases, 1, contribution)[0]
    sums = equity.purchases_expected(np.array([matrix, matrix]), [purchases, 4.0])
    assert sums[0] @ [share, 1 - share] * contribution == pytest.approx(one, rel=1e-9, abs=1e-9)


def test_the_worked_example_by_the_sums() -> None:
    sums = equity.purchases_expected([[[0.8, 0.2], [0.3, 0.7]]], [4])
    assert sums[0] @ [0.6, 0.4] * 500 == pytest.approx(3_393.91, abs=0.005)
