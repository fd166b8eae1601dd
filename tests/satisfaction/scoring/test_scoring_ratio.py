"""C = b/a, D = b - a and the index; cases 1, 4 and 11 of models.md Appendix B."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.scoring.reasons import Reason
from satisfaction.scoring.ratio import (
    DifferenceClass,
    RatioClass,
    account_satisfaction,
    classify_difference,
    classify_ratio,
    is_fresh,
    percent_of_maximum,
    population_ratio,
    rescale,
    respondent_weights,
    stale_before,
)


def one_account(expected, perceived, *, importance=None, respondent=None, weight=None, **kwargs):
    m = len(expected)
    return account_satisfaction(
        1,
        np.zeros(m, dtype=int),
        respondent or [0] * m,
        weight or [1.0] * m,
        importance or [1.0] * m,
        expected,
        perceived,
        **kwargs,
    )


def test_reference_example_with_three_attributes():
    result = one_account([8, 9, 6], [7.2, 9.5, 6], importance=[0.40, 0.35, 0.25])
    assert result.ratio[0] == pytest.approx(0.9815, abs=5e-5)
    assert result.mean_of_ratios[0] == pytest.approx(0.9794, abs=5e-5)
    assert result.difference[0] == pytest.approx(-1.45)  # -0.145 of 10 marks
    assert result.ratio_class[0] == RatioClass.NEUTRAL
    assert result.difference_class[0] == DifferenceClass.SATISFIED
    assert result.answers[0] == 3
    assert result.respondents[0] == 1
    assert result.reason[0] == Reason.OK


@pytest.mark.parametrize(("perceived", "difference"), [(0.0, 0.0), (4.0, 40.0)])
def test_expecting_nothing_leaves_no_ratio_but_a_difference(perceived, difference):
    result = one_account([0], [perceived], lo=0, hi=10)
    assert np.isnan(result.ratio[0])
    assert result.reason[0] == Reason.ZERO_EXPECTATION
    assert result.ratio_class[0] == RatioClass.UNDEFINED
    assert result.difference[0] == difference
    assert result.index_reason[0] == Reason.OK


def test_one_zero_expectation_among_several_keeps_the_headline_and_drops_the_single_ratio():
    result = one_account([0, 8], [2, 8], lo=0, hi=10)
    assert result.ratio[0] == pytest.approx(10 / 8)
    assert result.mean_of_ratios[0] == 1


def test_classes_of_the_ratio_include_their_limits():
    assert classify_ratio([0, 0.5, 0.94, 0.95, 1, 1.05, 1.06, np.nan]).tolist() == [
        RatioClass.WHOLLY_UNMET,
        RatioClass.DISSATISFIED,
        RatioClass.DISSATISFIED,
        RatioClass.NEUTRAL,
        RatioClass.NEUTRAL,
        RatioClass.NEUTRAL,
        RatioClass.EXCEEDED,
        RatioClass.UNDEFINED,
    ]


def test_classes_of_the_difference_include_their_limits():
    assert classify_difference([-5.1, -5, 0, 5, 5.1, np.nan]).tolist() == [
        DifferenceClass.DISSATISFIED,
        DifferenceClass.SATISFIED,
        DifferenceClass.SATISFIED,
        DifferenceClass.SATISFIED,
        DifferenceClass.DELIGHTED,
        DifferenceClass.UNDEFINED,
    ]


def test_numbers_of_the_classes_are_stable():
    assert [c.value for c in RatioClass] == [-1, 0, 1, 2, 3]
    assert [c.value for c in DifferenceClass] == [-1, 1, 2, 3]


def test_the_final_decider_weighs_three_times_the_executor():
    weights = respondent_weights(["decider", "executor", "negotiator", "", "unheard of"])
    assert weights.tolist() == [3, 1, 2, 1, 1]
    result = one_account([10, 10], [10, 6], respondent=[0, 1], weight=[3.0, 1.0], lo=0, hi=10)
    assert result.index[0] == pytest.approx(90)
    assert result.ratio[0] == pytest.approx(0.9)


def test_two_respondents_who_disagree_show_count_and_spread():
    result = one_account([8, 8, 8, 8], [9, 9, 3, 5], respondent=[0, 0, 1, 1], lo=0, hi=10)
    assert result.respondents[0] == 2
    assert result.spread[0] == pytest.approx(50)  # 90 against 40


def test_one_respondent_has_no_spread():
    assert np.isnan(one_account([8], [9]).spread[0])


def test_mixed_scales_meet_on_one():
    scales = {"lo": [1, 1, 0], "hi": [5, 7, 10]}
    assert rescale([3, 4, 5], **scales).tolist() == [50, 50, 50]
    top = one_account([5, 7, 10], [5, 7, 10], **scales)
    assert top.ratio[0] == 1
    assert top.index[0] == 100
    # 4 of 5, 5.6 of 7 and 8 of 10 against the highest mark: the same ratio on every scale
    same = one_account([5, 7, 10], [4, 5.6, 8], **scales)
    assert same.ratio[0] == pytest.approx(0.8)
    assert same.mean_of_ratios[0] == pytest.approx(0.8)


def test_ratio_is_the_quotient_of_the_marks_themselves():
    assert one_account([8], [7.2], lo=1, hi=10).ratio[0] == pytest.approx(0.9)
    assert percent_of_maximum([7.2], 1, 10).tolist() == pytest.approx([72])


def test_difference_is_judged_by_the_range_people_could_use():
    # one mark of nine possible steps is 11 %, one of a hundred is not worth a word
    assert one_account([8], [7], lo=1, hi=10).difference_class[0] == DifferenceClass.DISSATISFIED
    # 4.8 of 100 points, where the scale leaves a range of 90 and so a limit of 4.5
    assert one_account([8], [7.52], lo=1, hi=10).difference_class[0] == DifferenceClass.DISSATISFIED
    assert one_account([8], [7.52], lo=0, hi=10).difference_class[0] == DifferenceClass.SATISFIED
    assert one_account([80], [79], lo=0, hi=100).difference_class[0] == DifferenceClass.SATISFIED


def test_no_survey_stale_survey_and_unanswered_are_told_apart():
    result = account_satisfaction(
        4,
        [1, 2, 3],
        [0, 1, 2],
        [1, 1, 1],
        [1, 1, 1],
        [8, np.nan, 8],
        [8, 7, 8],
        fresh=[False, True, True],
    )
    reasons = [Reason.NO_SURVEY, Reason.STALE_SURVEY, Reason.MISSING_INPUT, Reason.OK]
    assert result.reason.tolist() == reasons
    assert np.isnan(result.ratio[:3]).all()
    assert np.isnan(result.index[:2]).all()
    # a mark without an expectation still says how satisfied they are
    assert result.index[2] == pytest.approx(100 * 6 / 9)
    assert result.index_reason.tolist() == [Reason.NO_SURVEY, Reason.STALE_SURVEY, Reason.OK, Reason.OK]


def test_eighteen_months_and_not_a_day_more():
    as_of = np.datetime64("2024-08-31")
    limit = stale_before(as_of, 18)
    assert limit == np.datetime64("2023-02-28")
    answered = np.array(["2023-02-28", "2023-03-01", "2024-08-31", "NaT"], dtype="datetime64[D]")
    assert is_fresh(answered, limit).tolist() == [False, True, True, False]
    assert stale_before(np.datetime64("2025-08-29"), 18) == np.datetime64("2024-02-29")


def test_nobody_asked_at_all():
    empty = account_satisfaction(0, [], [], [], [], [], [])
    assert empty.ratio.shape == (0,)
    nobody = account_satisfaction(3, [], [], [], [], [], [])
    assert nobody.reason.tolist() == [Reason.NO_SURVEY] * 3
    assert np.isnan(nobody.ratio).all()


@pytest.mark.parametrize(
    ("kwargs", "message"),
    [
        ({"expected": [11], "perceived": [5]}, "outside its scale"),
        ({"expected": [5], "perceived": [0.5]}, "outside its scale"),
        ({"expected": [5], "perceived": [5], "lo": -3, "hi": 3}, "scale runs"),
        ({"expected": [5], "perceived": [5], "lo": 5, "hi": 5}, "scale runs"),
        ({"expected": [5], "perceived": [5], "weight": [-1.0]}, "not negative"),
        ({"expected": [5], "perceived": [5], "importance": [float("nan")]}, "known"),
    ],
)
def test_nonsense_is_refused(kwargs, message):
    with pytest.raises(ValueError, match=message):
        one_account(**kwargs)


def test_population_mean_caps_a_single_ratio_and_the_median_does_not_care():
    summary = population_ratio([0.8, 1.0, 9.0, np.nan])
    assert (summary.mean, summary.median, summary.count) == (pytest.approx(3.8 / 3), 1.0, 3)
    assert population_ratio([]).count == 0
    assert np.isnan(population_ratio([]).mean)


marks = st.integers(1, 10).map(float)
answer = st.tuples(st.integers(0, 4), st.integers(0, 2), marks, marks, st.sampled_from([0.1, 0.25, 1.0]))


def satisfaction_of(rows):
    account, person, a, b, weight = (np.asarray(c) for c in zip(*rows, strict=True))
    return account_satisfaction(5, account, account * 3 + person, np.ones(len(a)), weight, a, b)


@given(st.lists(answer, min_size=1, max_size=40))
def test_ratio_and_difference_never_disagree_in_sign(rows):
    result = satisfaction_of(rows)
    known = result.reason == Reason.OK
    above = np.where(np.abs(result.ratio - 1) < 1e-9, 0, np.sign(result.ratio - 1))
    gain = np.where(np.abs(result.difference) < 1e-9, 0, np.sign(result.difference))
    assert above[known].tolist() == gain[known].tolist()
    assert ((result.index[known] >= 0) & (result.index[known] <= 100 + 1e-9)).all()


@given(st.lists(answer, min_size=1, max_size=40), st.randoms(use_true_random=False))
def test_order_of_answers_does_not_matter(rows, random):
    one, other = satisfaction_of(rows), satisfaction_of(random.sample(rows, len(rows)))
    for name in ("ratio", "difference", "index", "spread"):
        assert getattr(one, name) == pytest.approx(getattr(other, name), nan_ok=True)
    assert one.respondents.tolist() == other.respondents.tolist()


@given(st.lists(answer, min_size=1, max_size=30), st.integers(0, 29))
def test_a_better_mark_never_lowers_satisfaction(rows, which):
    which %= len(rows)
    account, person, a, b, weight = rows[which]
    better = [*rows[:which], (account, person, a, min(10.0, b + 1), weight), *rows[which + 1 :]]
    before, after = satisfaction_of(rows), satisfaction_of(better)
    known = before.reason == Reason.OK
    assert (after.ratio[known] >= before.ratio[known] - 1e-12).all()
    assert (after.index[known] >= before.index[known] - 1e-12).all()
