import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.scoring.ranking import percentile_rank, prepare_population
from crm.scoring.reasons import Reason

values = st.lists(st.integers(-1000, 1000).map(float), min_size=1, max_size=60)


def test_rank_counts_less_and_half_of_equal():
    population = prepare_population([10, 20, 20, 40])
    assert percentile_rank([5, 10, 20, 30, 40, 50], population).tolist() == [0, 0.125, 0.5, 0.75, 0.875, 1]


def test_all_identical_rank_in_the_middle():
    assert percentile_rank([7.0] * 5, prepare_population([7.0] * 5)).tolist() == [0.5] * 5


def test_missing_values_are_not_ranked_and_not_compared_with():
    population = prepare_population([3, np.nan, 1])
    assert population.tolist() == [1, 3]
    ranks = percentile_rank([np.nan, 3], population)
    assert np.isnan(ranks[0])
    assert ranks[1] == 0.75


def test_nobody_to_compare_with():
    assert np.isnan(percentile_rank([1.0, 2.0], prepare_population([]))).all()
    assert percentile_rank([], prepare_population([1.0])).shape == (0,)


@given(values)
def test_members_of_the_population_lie_strictly_inside_and_average_one_half(xs):
    ranks = percentile_rank(xs, prepare_population(xs))
    assert ((ranks > 0) & (ranks < 1)).all()
    assert ranks.mean() == pytest.approx(0.5)


@given(values, st.randoms(use_true_random=False))
def test_order_of_accounts_does_not_matter(xs, random):
    by_value = dict(zip(xs, percentile_rank(xs, prepare_population(xs)), strict=True))
    shuffled = random.sample(xs, len(xs))
    assert percentile_rank(shuffled, prepare_population(shuffled)).tolist() == [by_value[x] for x in shuffled]


@given(values, st.sampled_from([0.01, 0.5, 7.25, 1e6]))
def test_unit_of_money_does_not_matter(xs, rate):
    scaled = np.asarray(xs) * rate
    expected = percentile_rank(xs, prepare_population(xs))
    assert percentile_rank(scaled, prepare_population(scaled)).tolist() == expected.tolist()


def test_stored_numbers_of_reasons_are_stable():
    assert {reason.name: reason.value for reason in Reason} == {
        "OK": 0,
        "NO_TRADES": 1,
        "SINGLE_PURCHASE": 2,
        "ZERO_EXPECTATION": 3,
        "NO_SURVEY": 4,
        "STALE_SURVEY": 5,
        "NO_COST": 6,
        "ZERO_DENOMINATOR": 7,
        "TOO_FEW_OBS": 8,
        "DEGENERATE_FIT": 9,
        "MISSING_INPUT": 10,
        "LOW_COVERAGE": 11,
        "OUT_OF_RANGE": 12,
    }
