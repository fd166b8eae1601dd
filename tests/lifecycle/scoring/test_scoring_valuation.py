"""What a customer is worth: by hand, and what must hold whatever the inputs."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crm.scoring.reasons import Reason
from lifecycle.scoring.lifetime import tier_cuts, value_tiers
from lifecycle.scoring.valuation import (
    Judged,
    Portfolio,
    Recorded,
    Valuation,
    ValueParameters,
    margin_rate,
    valuate,
)

MONEY = {
    *("demand", "ours", "sales", "profit", "cases_referral", "cases_information", "cases_knowledge"),
    *("cases_trade", "pipeline", "spending", "reached_value", "information", "knowledge", "transaction"),
}
PORTFOLIO = Portfolio(margin=0.3, retention=0.8, purchase_margin=1000.0)


def recorded(n: int = 1, **given: Any) -> Recorded:
    """Customers of whom nothing is known but that they bought."""
    values: dict[str, Any] = {one.name: np.full(n, np.nan) for one in fields(Recorded)}
    values |= {"consented": np.zeros(n, dtype=bool), "bought": np.ones(n, dtype=bool)}
    values |= {"completeness": np.zeros(n), "sales": np.zeros(n)}
    values |= {name: np.broadcast_to(np.asarray(value), (n,)) for name, value in given.items()}
    return Recorded(**values)


def judged(n: int = 1, **given: Any) -> Judged:
    values = {one.name: np.full(n, np.nan) for one in fields(Judged)}
    return Judged(**(values | {name: np.full(n, float(value)) for name, value in given.items()}))


def of(told: Recorded, words: Judged | None = None) -> Valuation:
    return valuate(told, words or judged(len(told.demand)), PORTFOLIO, ValueParameters())


def test_margin_of_the_year_or_of_all_years() -> None:
    found = margin_rate(
        np.array([20.0, np.nan, 0.0, 0.0]), np.array([100.0, 100.0, 0.0, 0.0]),
        np.array([1.0, 1.0, 30.0, np.nan]), np.array([10.0, 10.0, 100.0, 100.0]),
    )  # fmt: skip
    np.testing.assert_allclose(found, [0.2, np.nan, 0.3, np.nan])


def test_only_what_is_judged_replaces_what_is_recorded() -> None:
    told = recorded(demand=8000.0, ours=2000.0, margin=0.4, sales=2000.0, profit=800.0, alive=0.9)
    assert of(told).purchase[0] == pytest.approx(800)
    assert of(told, judged(spending=10_000)).purchase[0] == pytest.approx(
        800
    )  # our part of it is smaller then
    assert of(told, judged(share=50)).share[0] == 50  # fractions are the caller's affair
    assert of(told, judged(margin=0.1)).purchase[0] == pytest.approx(200)
    assert of(told, judged(spending=10_000, share=0.5)).purchase[0] == pytest.approx(2000)


def test_without_demand_the_present_profit_counts_at_the_judged_margin() -> None:
    told = recorded(margin=0.4, sales=2000.0, profit=800.0, alive=0.9)
    assert (of(told).purchase[0], of(told).reason[0]) == (800, Reason.MISSING_INPUT)
    assert of(told, judged(margin=0.5)).purchase[0] == 1000


def test_word_of_mouth_counts_once() -> None:
    told = recorded(profit=0.0, margin=0.1, cases_referral=500.0, alive=1.0)
    assert of(told).referral[0] == 500
    spoken = of(told, judged(influence=0.2, reach=3))
    assert spoken.referral[0] == pytest.approx(0.2 * 3 * 1000)
    assert spoken.worth.total[0] - spoken.worth.without_referrals[0] == pytest.approx(600 * spoken.annuity[0])


def test_information_needs_consent() -> None:
    told = recorded(profit=0.0, completeness=0.5, alive=1.0)
    assert of(told).information[0] == 0
    assert of(replace(told, consented=np.array([True]))).information[0] == 250
    assert of(replace(told, cases_information=np.array([70.0]))).information[0] == 70


def test_prospects_and_those_nothing_is_known_of() -> None:
    never = recorded(bought=False, pipeline=1000.0)
    assert (of(never).purchase[0], of(never).reason[0]) == (300, Reason.NO_TRADES)
    assert np.isnan(of(recorded(bought=False)).worth.total[0])
    assert of(recorded(bought=False), judged(spending=100, share=0.5, margin=0.2)).purchase[0] == 10
    assert of(recorded(sales=5.0)).reason[0] == Reason.NO_COST
    stranded = valuate(
        recorded(profit=5.0), judged(), replace(PORTFOLIO, retention=np.nan), ValueParameters()
    )
    assert (stranded.worth.year[0], stranded.reason[0]) == (5, Reason.TOO_FEW_OBS)


def customers(seed: int, n: int = 6) -> tuple[Recorded, Judged]:
    """Of every input some known, some not, some 0, and equal ones among them."""
    dice = np.random.default_rng(seed)

    def column(name: str) -> Any:
        if name in ("consented", "bought"):
            return dice.random(n) < 0.5
        top = 10.0 ** dice.integers(0, 8) if name in MONEY or name == "reach" else 1.0
        values = np.round(dice.random(n) * dice.integers(0, 4)) / 3 * top
        return np.where(dice.random(n) < 0.4, np.nan, values)

    told = {one.name: column(one.name) for one in fields(Recorded)}
    told["sales"], told["completeness"] = np.nan_to_num(told["sales"]), np.nan_to_num(told["completeness"])
    told["ours"] = np.where(np.isnan(told["demand"]), np.nan, np.nan_to_num(told["ours"]))
    return Recorded(**told), Judged(**{one.name: column(one.name) for one in fields(Judged)})


seeds = st.integers(0, 2**32)
PATIENT = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


@PATIENT
@given(seeds, st.sampled_from([0.01, 7.3, 1000.0]))
def test_the_currency_does_not_matter(seed: int, rate: float) -> None:
    told, words = customers(seed)
    scaled = [
        replace(one, **{f.name: getattr(one, f.name) * rate for f in fields(one) if f.name in MONEY})
        for one in (told, words)
    ]
    before = of(told, words)
    parameters = ValueParameters(survey_unit_cost=500.0 * rate)
    portfolio = replace(PORTFOLIO, purchase_margin=PORTFOLIO.purchase_margin * rate)
    after = valuate(scaled[0], scaled[1], portfolio, parameters)  # type: ignore[arg-type]
    np.testing.assert_allclose(after.worth.total, before.worth.total * rate, rtol=1e-9)
    np.testing.assert_array_equal(after.reason, before.reason)


@PATIENT
@given(seeds)
def test_the_order_of_accounts_does_not_matter_and_equals_are_equal(seed: int) -> None:
    told, words = customers(seed)
    order = np.random.default_rng(seed + 1).permutation(len(told.demand))
    turned = [
        replace(one, **{f.name: getattr(one, f.name)[order] for f in fields(one)}) for one in (told, words)
    ]
    straight = of(told, words).worth.total
    np.testing.assert_array_equal(of(turned[0], turned[1]).worth.total, straight[order])  # type: ignore[arg-type]
    np.testing.assert_array_equal(value_tiers(straight)[order], value_tiers(straight[order]))


@PATIENT
@given(seeds)
def test_nothing_is_infinite_and_what_is_missing_has_a_reason(seed: int) -> None:
    found = of(*customers(seed))
    assert not np.isinf(found.worth.total).any()
    assert (found.reason[np.isnan(found.worth.total)] != Reason.OK).all()
    for part in (found.referral, found.information, found.knowledge, found.transaction):
        assert (part[~np.isnan(part)] >= 0).all()


@PATIENT
@given(st.lists(st.floats(-1e9, 1e9), min_size=1, max_size=40))
def test_tiers_fall_with_value(values: list[float]) -> None:
    tiers = value_tiers(values)
    high, medium = tier_cuts(values)
    assert high >= medium
    order = np.argsort(values)
    assert (np.diff(tiers[order]) <= 0).all()
    assert (tiers == 0).sum() >= -(-len(values) // 3)
