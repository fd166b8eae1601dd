"""Lifetime value against the figures of models.md sections 10, 11 and 22."""

from __future__ import annotations

import numpy as np
import pytest

from crm.scoring.reasons import Reason
from lifecycle.scoring import lifetime, retention
from lifecycle.scoring.forecast.value import annuity


def test_the_worked_example_of_one_year() -> None:
    purchase = lifetime.purchase_value([2_000_000.0], [0.35], [0.18], [np.nan], [np.nan])
    assert purchase.value[0] == pytest.approx(126_000)
    referral = lifetime.referral_value([0.15], [6], [40_000])
    assert referral[0] == pytest.approx(36_000)
    found = lifetime.lifetime_value(purchase.value, referral, [500], [20_000], [8_000], [1.0])
    assert found.year[0] == found.total[0] == pytest.approx(190_500)
    assert found.without_referrals[0] == pytest.approx(154_500)


def test_missing_spending_power_follows_from_sales_and_share() -> None:
    found = lifetime.purchase_value(
        [np.nan, np.nan, np.nan], [0.5, np.nan, 0.0], [0.2] * 3, [300.0] * 3, [50.0, 50.0, np.nan]
    )
    np.testing.assert_allclose(found.value, [60.0, 50.0, np.nan])
    assert found.spending[0] == 600
    assert found.estimated.tolist() == [1, 1, 1]
    assert found.reason.tolist() == [Reason.OK, Reason.OK, Reason.NO_COST]


def test_a_negative_margin_is_a_negative_value() -> None:
    assert lifetime.purchase_value([100.0], [0.5], [-0.1], [50.0], [-5.0]).value[0] == pytest.approx(-5)


def test_unknown_parts_count_nothing_but_an_unknown_purchase_value_leaves_no_total() -> None:
    found = lifetime.lifetime_value(
        [100.0, np.nan], [np.nan, 5.0], [np.nan, 1.0], [0.0, 1.0], [0.0, 1.0], [2.0, 2.0]
    )
    assert found.total[0] == 200
    assert np.isnan(found.total[1])


def test_information_is_worth_nothing_without_consent() -> None:
    assert lifetime.information_value(1000.0, [0.5, 0.5, np.nan], [True, False, True]).tolist() == [500, 0, 0]


def test_revenue_and_cost() -> None:
    found = lifetime.cohort_value(1_200_000, 150_000, 250_000, customers=200, new=30)
    assert (found.per_customer, found.unit_acquisition) == (4_000, 5_000)
    assert np.isnan(lifetime.cohort_value(1.0, 1.0, 1.0, customers=0, new=0).per_customer)
    nobody_new = lifetime.cohort_value(100.0, 20.0, 10.0, customers=7, new=0)
    assert nobody_new.per_customer == 10
    assert np.isnan(nobody_new.unit_acquisition)
    with pytest.raises(ValueError, match="not negative"):
        lifetime.cohort_value(1, 1, 1, customers=-1, new=0)


@pytest.mark.parametrize(
    ("kept", "rate", "multiple"), [(0.8, 0.10, 2.667), (0.8, 0.12, 2.5), (0.9, 0.10, 4.5)]
)
def test_margin_multiples(kept: float, rate: float, multiple: float) -> None:
    assert lifetime.margin_multiple([kept], rate)[0] == pytest.approx(multiple, abs=5e-4)
    assert lifetime.margin_multiple([kept], rate, margin_now=True)[0] == pytest.approx(1 + multiple, abs=5e-4)


@pytest.mark.parametrize(("kept", "gain"), [(0.7, 0.22), (0.8, 0.28), (0.9, 0.41)])
def test_five_points_more_retention(kept: float, gain: float) -> None:
    # The published figures are rounded to whole percents.
    low, high = lifetime.margin_multiple([kept, kept + 0.05], 0.10)
    assert high / low - 1 == pytest.approx(gain, abs=0.006)


def test_retention_of_one_is_allowed_and_endless_sums_are_not() -> None:
    assert lifetime.margin_multiple([1.0], 0.10)[0] == pytest.approx(10)
    with pytest.raises(ValueError, match="above 0"):
        lifetime.margin_multiple([0.9], 0.0)


def test_terciles_of_value() -> None:
    tiers = lifetime.value_tiers([90, 80, 70, 60, 50, 40, np.nan, 80])
    assert tiers.tolist() == [0, 0, 1, 1, 2, 2, -1, 0]
    assert lifetime.value_tiers([5, 5, 5]).tolist() == [0, 0, 0]
    assert lifetime.value_tiers([]).tolist() == []


def test_the_annuity_of_the_five_values() -> None:
    assert annuity([1.0], 0.10, 5)[0] == pytest.approx(3.790787, abs=1e-6)


def test_the_retention_optimum_of_the_example() -> None:
    curve = retention.RetentionCurve(0.9, 0.02)
    best = retention.best_spend(curve, 500, 0.10)
    assert best.spend == pytest.approx(174.05, abs=0.01)
    assert best.retention == pytest.approx(0.8723, abs=5e-5)
    assert best.value == pytest.approx(1_248.69, abs=0.01)
    spend, _kept, worth = retention.worth_along(curve, 500, 0.10, 501)
    assert worth.max() <= best.value + 1e-9
    assert abs(spend[worth.argmax()] - best.spend) <= 1


def test_the_curve_goes_through_the_two_points() -> None:
    curve = retention.calibrate(100, 0.7, 0.9)
    assert curve.retention(100) == pytest.approx(0.7)
    assert curve.retention(0) == 0
    assert retention.best_spend(curve, 800).retention < 0.9


@pytest.mark.parametrize(
    ("spend", "kept", "ceiling"),
    [(100, 0.9, 0.9), (100, 0.95, 0.9), (0, 0.5, 0.9), (100, 0, 0.9), (100, 0.5, 1.1)],
)
def test_without_a_curve_the_inputs_are_asked_for(spend: float, kept: float, ceiling: float) -> None:
    with pytest.raises(retention.NoCurve):
        retention.calibrate(spend, kept, ceiling)
