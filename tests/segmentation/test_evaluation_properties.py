"""What holds of every grading, through the one way that job, preview, back-test and explanation go."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from segmentation.evaluation import Evaluation, Population, evaluate, populations
from segmentation.graders import Grader
from segmentation.indicators.reading import RawValues
from segmentation.scoring.grading import BY_SHARE, DEFAULT_MODEL, UNRATED, GradeBy, GradingModel
from segmentation.scoring.standards import Direction, Percentile

CODES = DEFAULT_MODEL.codes
MONEY = ("gross_profit", "net_sales")
BY_SHARES = replace(DEFAULT_MODEL, thresholds=BY_SHARE, grade_by=GradeBy.SHARE)
MODELS = st.sampled_from([DEFAULT_MODEL, BY_SHARES])
KNOWN = st.one_of(st.none(), st.integers(-50, 50).map(float))
# What each indicator may be: years and marks are not negative, a mark is 1 to 5.
VALUES = {
    "gross_profit": KNOWN,
    "net_sales": st.one_of(st.none(), st.integers(0, 50).map(float)),
    "marketing_cost_ratio": st.one_of(st.none(), st.integers(0, 50).map(lambda cents: cents / 100)),
    "industry_position": st.one_of(st.none(), st.integers(1, 5).map(float)),
    "cooperation_years": st.one_of(st.none(), st.integers(0, 20).map(float)),
    "satisfaction": st.one_of(st.none(), st.integers(0, 100).map(float)),
}
CUSTOMER = st.fixed_dictionaries(VALUES)
BASE = st.lists(CUSTOMER, min_size=1, max_size=12)
Row = dict[str, float | None]
# A busy machine is no defect.
PATIENT = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


def population(rows: Sequence[Row], model: GradingModel) -> Population:
    n = len(rows)
    windows = {indicator.code: indicator.window for indicator in model.indicators}
    raw = {
        (code, windows[code]): np.array([np.nan if row[code] is None else row[code] for row in rows], float)
        for code in CODES
    }
    nobody = np.full(n, UNRATED)
    extra: dict[str, Any] = dict.fromkeys(("override", "previous", "previous_computed"), nobody)
    extra["previous_version"] = np.full(n, -1)
    values = RawValues(np.arange(1, n + 1), raw, {}, extra)
    return Population([Grader(1, model)], values, np.zeros(n, np.int64))


def graded(rows: Sequence[Row], model: GradingModel) -> Evaluation:
    found = population(rows, model)
    return next(evaluate(found, populations(found)))


def same(one: Any, other: Any) -> None:
    np.testing.assert_array_almost_equal(one, other, decimal=9)


@PATIENT
@given(BASE, MODELS)
def test_bounded(rows: list[Row], model: GradingModel) -> None:
    found = graded(rows, model)
    total = found.result.total[~np.isnan(found.result.total)]
    assert ((total >= -1e-9) & (total <= 100 + 1e-9)).all()
    assert set(found.shown) <= {UNRATED, *range(len(model.grades))}
    rank = found.rank[~np.isnan(found.rank)]
    assert ((rank >= 1) & (rank <= len(rows))).all()
    assert (np.isnan(found.rank) == (found.computed == UNRATED)).all()


@PATIENT
@given(BASE, MODELS)
def test_customers_alike_are_graded_alike(rows: list[Row], model: GradingModel) -> None:
    found = graded([*rows, *rows], model)
    n = len(rows)
    same(found.result.total[:n], found.result.total[n:])
    assert found.computed[:n].tolist() == found.computed[n:].tolist()
    same(found.rank[:n], found.rank[n:])


@PATIENT
@given(BASE, MODELS, st.randoms(use_true_random=False))
def test_the_order_of_accounts_does_not_matter(rows: list[Row], model: GradingModel, random: Any) -> None:
    order = list(range(len(rows)))
    random.shuffle(order)
    straight, mixed = graded(rows, model), graded([rows[i] for i in order], model)
    same(straight.result.total[order], mixed.result.total)
    assert straight.computed[order].tolist() == mixed.computed.tolist()
    same(straight.rank[order], mixed.rank)


@PATIENT
@given(BASE, MODELS, st.sampled_from([0.125, 8.0, 1024.0]))
def test_the_scale_of_the_currency_does_not_matter(rows: list[Row], model: GradingModel, rate: float) -> None:
    converted = [
        {code: value * rate if code in MONEY and value is not None else value for code, value in row.items()}
        for row in rows
    ]
    here, there = graded(rows, model), graded(converted, model)
    same(here.result.total, there.result.total)
    assert here.computed.tolist() == there.computed.tolist()


@PATIENT
@given(BASE, MODELS, st.integers(0, 11), st.sampled_from(CODES), st.data())
def test_a_better_value_never_brings_a_lower_score_rank_or_grade(
    rows: list[Row], model: GradingModel, place: int, code: str, data: st.DataObject
) -> None:
    """Of one customer, the others unchanged; whatever the standard, in the direction that is better."""
    place %= len(rows)
    value = rows[place][code]
    other = data.draw(VALUES[code])
    if value is None or other is None:
        return
    standard = next(one.standard for one in model.indicators if one.code == code)
    fewer = standard.direction is Direction.LOWER
    better, worse = (
        (min(value, other), max(value, other)) if fewer else (max(value, other), min(value, other))
    )
    with_better = graded([*rows[:place], {**rows[place], code: better}, *rows[place + 1 :]], model)
    with_worse = graded([*rows[:place], {**rows[place], code: worse}, *rows[place + 1 :]], model)
    if np.isnan(with_worse.result.total[place]):
        return
    assert with_better.result.total[place] >= with_worse.result.total[place] - 1e-9
    if with_worse.computed[place] != UNRATED:
        assert with_better.computed[place] <= with_worse.computed[place]
        assert with_better.rank[place] <= with_worse.rank[place]


@PATIENT
@given(BASE)
def test_a_better_total_is_never_graded_lower(rows: list[Row]) -> None:
    found = graded(rows, BY_SHARES)
    rated = found.computed != UNRATED
    order = np.argsort(-found.result.total[rated], kind="stable")
    assert (np.diff(found.computed[rated][order]) >= 0).all()


@pytest.mark.parametrize("model", [DEFAULT_MODEL, BY_SHARES])
@pytest.mark.parametrize("profit", [100.0, 0.0, -100.0])
def test_one_customer_and_customers_all_equal(model: GradingModel, profit: float) -> None:
    row: Row = {"gross_profit": profit, "net_sales": 10.0, "marketing_cost_ratio": 0.1,
                "industry_position": 3.0, "cooperation_years": 4.0, "satisfaction": 70.0}  # fmt: skip
    alone, many = graded([row], model), graded([row] * 9, model)
    percentiles = [j for j, one in enumerate(model.indicators) if isinstance(one.standard, Percentile)]
    assert percentiles
    assert (alone.result.points[:, percentiles] == 50).all()
    same(many.result.total, np.full(9, alone.result.total[0]))
    assert len(set(many.computed.tolist())) == 1
    assert not np.isnan(many.result.total).any()


@pytest.mark.parametrize("model", [DEFAULT_MODEL, BY_SHARES])
def test_negative_profit_of_everybody_still_ranks(model: GradingModel) -> None:
    rows: list[Row] = [
        {"gross_profit": -float(place), "net_sales": 10.0, "marketing_cost_ratio": 0.1,
         "industry_position": 3.0, "cooperation_years": 4.0, "satisfaction": 70.0}
        for place in range(1, 6)
    ]  # fmt: skip
    assert graded(rows, model).rank.tolist() == [1, 2, 3, 4, 5]


def test_nobody_is_no_error() -> None:
    found = graded([], DEFAULT_MODEL)
    assert len(found.account_id) == len(found.computed) == 0
