"""Weighted-score grading; cases 1, 3, 5, 10 and 12 of models.md Appendix B."""

from dataclasses import replace

import numpy as np
import pytest
from grading_models import CODES, PLAIN, SHARES, A, graded, grades_of, index_model
from hypothesis import given
from hypothesis import strategies as st

from crm.scoring.ranking import prepare_population
from crm.scoring.reasons import Reason
from segmentation.scoring.grading import (
    BY_SHARE,
    DEFAULT_MODEL,
    UNRATED,
    GradeBy,
    Missing,
    assign_grades,
    confirm_grades,
    explain,
    explain_row,
    points_to_next_grade,
)


def test_total_by_hand():
    """Four customers; the first: profit rank 3.5/4, sales rank 2.5/4, cost ratio rank 0.5/4 (lower is better)."""
    result = graded(
        {
            "gross_profit": [90, 10, 20, -5],
            "net_sales": [300, 100, 200, 400],
            "marketing_cost_ratio": [0.01, 0.02, 0.03, np.nan],
            "industry_position": [5, 1, 3, 2],
            "cooperation_years": [4, 0.5, 12, 2],
            "satisfaction": [70, 50, np.nan, 90],
        }
    )
    first = 0.3 * 87.5 + 0.2 * 62.5 + 0.1 * (100 - 100 * 0.5 / 3) + 0.1 * 100 + 0.1 * 60 + 0.2 * 70
    assert result.total[0] == pytest.approx(first)
    third = (0.3 * 62.5 + 0.2 * 37.5 + 0.1 * (100 - 100 * 2.5 / 3) + 0.1 * 60 + 0.1 * 100) / 0.8
    assert result.total[2] == pytest.approx(third)
    assert result.coverage[:3].tolist() == pytest.approx([1, 1, 0.8])
    current = (0.3 * 87.5 + 0.2 * 62.5 + 0.1 * (100 - 100 * 0.5 / 3)) / 0.6
    assert result.weighed.current[0] == pytest.approx(current)
    assert result.weighed.future[0] == pytest.approx((0.1 * 100 + 0.1 * 60 + 0.2 * 70) / 0.4)
    assert result.reasons[2].tolist() == [0, 0, 0, 0, 0, Reason.MISSING_INPUT]


def test_contributions_add_up_to_the_very_total():
    result = graded({code: np.linspace(1, 5, 41) for code in CODES})
    for i in range(41):
        added = 0.0
        for line in explain_row(DEFAULT_MODEL, result, i).indicators:
            added += line.contribution
        assert added == result.total[i]


def test_explanation_says_what_was_applied_and_what_is_missing():
    raw = {code: [np.nan, 2.0] for code in CODES} | {"gross_profit": [10, 20], "net_sales": [5, 6]}
    result = graded(raw, reasons={"satisfaction": [Reason.STALE_SURVEY, 0]})
    explanation = explain_row(DEFAULT_MODEL, result, 0)
    profit, *_, satisfaction = explanation.indicators
    assert (profit.raw, profit.points, profit.reason) == (10, 25, Reason.OK)
    assert profit.applied.facts == {"population": 2}
    assert profit.weight == 0.3
    assert profit.effective_weight == pytest.approx(0.6)
    assert (satisfaction.raw, satisfaction.points) == (None, None)
    assert satisfaction.reason == Reason.STALE_SURVEY
    assert (satisfaction.effective_weight, satisfaction.contribution) == (0, 0)
    assert explanation.future is None
    assert explanation.coverage == pytest.approx(0.5)
    assert explain_row(DEFAULT_MODEL, result, 1).indicators[4].applied.facts["row"] == 2


def test_explanation_from_stored_values_equals_the_one_of_the_run():
    result = graded({code: [1.0, 2.0, np.nan] for code in CODES})
    for i in range(3):
        of_run = explain_row(DEFAULT_MODEL, result, i)
        stored = [
            [None if np.isnan(v) else float(v) for v in matrix[i]] for matrix in (result.raw, result.points)
        ]
        again = explain(
            DEFAULT_MODEL, *stored, result.reasons[i].tolist(), result.population_sizes, of_run.reason
        )
        assert again == of_run


def test_too_little_known_is_unrated_and_half_is_enough():
    model = index_model(0.3, 0.1, 0.1, 0.5)
    nan = np.nan
    result = graded({"x0": [90, 90], "x1": [90, nan], "x2": [90, 90], "x3": [nan, nan]}, model)
    grades = assign_grades(model, result)
    assert grades.grade.tolist() == [A, UNRATED]
    assert grades.reason.tolist() == [Reason.OK, Reason.LOW_COVERAGE]
    assert result.coverage.tolist() == pytest.approx([0.5, 0.4])


def test_nothing_known_has_no_total():
    result = graded({code: [np.nan] for code in CODES})
    assert np.isnan(result.total[0])
    assert result.coverage.tolist() == [0]
    assert result.reason.tolist() == [Reason.LOW_COVERAGE]
    assert explain_row(DEFAULT_MODEL, result, 0).total is None


def test_a_prospect_is_not_graded():
    result = graded({"x0": [90, 90]}, PLAIN, not_gradable=[Reason.NO_TRADES, 0])
    grades = assign_grades(PLAIN, result)
    assert grades.grade.tolist() == [UNRATED, A]
    assert grades.reason.tolist() == [Reason.NO_TRADES, Reason.OK]


def test_a_mark_the_standard_does_not_list_is_not_called_missing():
    result = graded({code: [1.0, 2.0] for code in CODES} | {"industry_position": [9, np.nan]})
    assert result.reasons[:, 3].tolist() == [Reason.OUT_OF_RANGE, Reason.MISSING_INPUT]


def test_missing_may_be_scored_lowest_but_never_counts_as_known():
    model = index_model(0.6, 0.4)
    harsh = replace(
        model, indicators=(model.indicators[0], replace(model.indicators[1], missing=Missing.LOWEST))
    )
    raw = {"x0": [80.0], "x1": [np.nan]}
    assert graded(raw, model).total.tolist() == pytest.approx([80])
    assert graded(raw, harsh).total.tolist() == pytest.approx([48])
    assert graded(raw, harsh).coverage.tolist() == pytest.approx([0.6])


def test_all_customers_identical_get_one_grade():
    result = graded({code: [3.0] * 50 for code in CODES})
    assert (result.points[:, :3] == 50).all()
    assert len(set(assign_grades(DEFAULT_MODEL, result).grade.tolist())) == 1
    assert grades_of([50.0] * 7, SHARES) == [A] * 7


def test_negative_profit_for_everybody_still_ranks():
    result = graded({code: [1.0, 2.0] for code in CODES} | {"gross_profit": [-100, -1]})
    assert result.points[:, 0].tolist() == [25, 75]


def test_nobody():
    result = graded({code: [] for code in CODES})
    grades = assign_grades(DEFAULT_MODEL, result)
    assert grades.grade.shape == (0,)
    assert confirm_grades(DEFAULT_MODEL, grades, [], [], []).grade.shape == (0,)
    empty = assign_grades(SHARES, graded({"x0": []}, SHARES))
    assert points_to_next_grade([50.0], [UNRATED], empty.cuts).shape == (1,)


def test_population_without_members():
    result = graded({code: [1.0] for code in CODES}, populations={code: np.zeros(0) for code in CODES})
    assert result.reasons[0, :3].tolist() == [Reason.TOO_FEW_OBS] * 3


maybe = st.one_of(st.just(np.nan), st.integers(-200, 200).map(float))


account = st.fixed_dictionaries(
    {
        "gross_profit": maybe,
        "net_sales": maybe,
        "marketing_cost_ratio": maybe,
        "industry_position": st.one_of(st.just(np.nan), st.integers(1, 5).map(float)),
        "cooperation_years": st.one_of(st.just(np.nan), st.floats(0, 30)),
        "satisfaction": st.one_of(st.just(np.nan), st.floats(0, 100)),
    }
)


accounts = st.lists(account, min_size=1, max_size=12)


def columns_of(rows):
    return {code: [row[code] for row in rows] for code in CODES}


@given(accounts)
def test_totals_are_bounded_and_contributions_sum_to_them(rows):
    result = graded(columns_of(rows))
    known = ~np.isnan(result.total)
    assert ((result.total[known] >= 0) & (result.total[known] <= 100 + 1e-9)).all()
    assert result.weighed.contributions.sum(axis=1) == pytest.approx(np.nan_to_num(result.total))
    assert ((result.coverage >= 0) & (result.coverage <= 1 + 1e-9)).all()
    grade = assign_grades(DEFAULT_MODEL, result).grade
    assert ((grade == UNRATED) == (result.reason != Reason.OK)).all()


@given(accounts, st.randoms(use_true_random=False))
def test_order_of_accounts_does_not_matter(rows, random):
    order = random.sample(range(len(rows)), len(rows))
    total = graded(columns_of(rows)).total
    assert np.array_equal(graded(columns_of([rows[i] for i in order])).total, total[order], equal_nan=True)


@given(accounts, st.sampled_from([0.5, 4.0, 1024.0]))
def test_currency_does_not_matter(rows, rate):
    raw = columns_of(rows)
    money = {code: np.asarray(raw[code]) * rate for code in ("gross_profit", "net_sales")}
    assert np.array_equal(graded(raw | money).total, graded(raw).total, equal_nan=True)


@given(accounts, st.sampled_from([GradeBy.SCORE, GradeBy.SHARE]))
def test_equal_accounts_get_equal_grades_and_better_totals_no_worse_ones(rows, mode):
    model = (
        DEFAULT_MODEL if mode is GradeBy.SCORE else replace(DEFAULT_MODEL, thresholds=BY_SHARE, grade_by=mode)
    )
    result = graded(columns_of([*rows, *rows]), model)
    grade = assign_grades(model, result).grade
    assert grade[: len(rows)].tolist() == grade[len(rows) :].tolist()
    rated = np.flatnonzero(grade != UNRATED)
    ranked = grade[rated[np.argsort(-result.total[rated], kind="stable")]]
    assert (np.diff(ranked.astype(int)) >= 0).all()


@given(accounts, st.integers(0, 11), st.sampled_from(CODES), st.data())
def test_a_better_indicator_never_lowers_the_total(rows, which, code, data):
    which %= len(rows)
    if np.isnan(rows[which][code]):
        return
    other = data.draw(st.integers(1, 5).map(float))
    better, worse = max(rows[which][code], other), min(rows[which][code], other)
    if code == "industry_position":
        better, worse = (float(round(v)) for v in (better, worse))
    if code == "marketing_cost_ratio":
        better, worse = worse, better
    populations = {c: prepare_population(values) for c, values in columns_of(rows).items()}

    def total_with(value):
        changed = [*rows[:which], {**rows[which], code: value}, *rows[which + 1 :]]
        return graded(columns_of(changed), populations=populations).total[which]

    assert total_with(better) >= total_with(worse) - 1e-9
