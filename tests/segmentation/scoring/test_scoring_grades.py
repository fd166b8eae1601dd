"""From totals to grades, and when a change of grade is published."""

import numpy as np
import pytest
from grading_models import PLAIN, SHARES, A, B, C, D, graded, grades_of, index_model
from hypothesis import given
from hypothesis import strategies as st

from segmentation.scoring.grading import (
    DEFAULT_MODEL,
    UNRATED,
    Grades,
    assign_grades,
    confirm_grades,
    points_to_next_grade,
    share_population,
)


def test_grades_begin_at_their_cut():
    assert grades_of([100, 80, 79.99, 60, 59.9, 40, 39.9, 0]) == [A, A, B, B, C, C, D, D]


def test_a_total_of_eighty_with_rounding_noise_is_an_a():
    model = index_model(0.1, 0.2, 0.3, 0.4)
    result = graded({f"x{j}": [80.0] for j in range(4)}, model)
    assert assign_grades(model, result).grade.tolist() == [A]


@pytest.mark.parametrize(
    ("totals", "expected"),
    [
        (range(10, 0, -1), [0] * 2 + [1] * 3 + [2] * 5),
        ([9, 8, 8, 8, 5, 4, 3, 2, 1, 0], [0, 0, 0, 0, 1, 2, 2, 2, 2, 2]),  # a tie at the cut goes up
        ([3, 2, 1], [0, 1, 2]),
        ([7], [0]),
    ],
)
def test_grades_by_share(totals, expected):
    assert grades_of(list(totals), SHARES) == expected


def test_share_mode_compares_with_the_population_given():
    everybody = share_population(graded({"x0": np.arange(100.0)}, SHARES))
    part = graded({"x0": [79.0, 80.0, 49.0, 50.0]}, SHARES)
    grades = assign_grades(SHARES, part, everybody)
    assert grades.grade.tolist() == [1, 0, 2, 1]
    assert grades.cuts.tolist() == [80, 50]


def test_unrated_accounts_do_not_take_a_share():
    result = graded({"x0": [90, 80, 70, 60, 50, np.nan, np.nan]}, SHARES)
    assert assign_grades(SHARES, result).grade.tolist() == [0, 1, 1, 2, 2, UNRATED, UNRATED]


@pytest.mark.parametrize(
    ("total", "published", "before", "expected"),
    [
        (81.9, B, B, B),  # not far enough
        (82, B, B, A),
        (81, B, A, A),  # second time
        (78.1, A, A, A),
        (77.9, A, A, B),
        (79, A, B, B),
        (81, C, C, B),  # certainly above 60, not yet certainly above 80
        (39, B, C, C),  # certainly below 60
        (50, UNRATED, UNRATED, C),
        (79, UNRATED, UNRATED, B),
        (50, C, C, C),
    ],
)
def test_a_grade_changes_two_points_beyond_the_cut_or_the_second_time(total, published, before, expected):
    grades = assign_grades(PLAIN, graded({"x0": [total]}, PLAIN))
    confirmed = confirm_grades(PLAIN, grades, [total], [published], [before])
    assert confirmed.grade.tolist() == [expected]
    assert confirmed.pending.tolist() == [expected != grades.grade[0]]


def test_losing_the_grade_shows_at_once():
    grades = assign_grades(PLAIN, graded({"x0": [np.nan]}, PLAIN))
    confirmed = confirm_grades(PLAIN, grades, [np.nan], [A], [A])
    assert confirmed.grade.tolist() == [UNRATED]


def test_points_to_the_next_grade():
    cuts = np.array([80.0, 60.0, 40.0])
    missing = points_to_next_grade([90, 75, 10, 81, np.nan], [A, B, D, B, UNRATED], cuts)
    assert missing[1:4].tolist() == [5, 30, 0]
    assert np.isnan(missing[[0, 4]]).all()
    assert np.isnan(points_to_next_grade([5.0], [0], np.zeros(0))).all()


@given(st.lists(st.floats(0, 100), min_size=1, max_size=10), st.integers(0, 3), st.integers(0, 3))
def test_a_confirmed_grade_lies_between_the_old_and_the_computed_one(totals, published, before):
    grades = assign_grades(PLAIN, graded({"x0": totals}, PLAIN))
    n = len(totals)
    confirmed = confirm_grades(PLAIN, grades, totals, [published] * n, [before] * n).grade
    assert (confirmed >= np.minimum(grades.grade, published)).all()
    assert (confirmed <= np.maximum(grades.grade, published)).all()


def test_grades_can_be_rebuilt_from_stored_arrays():
    stored = Grades(np.array([B], dtype=np.int8), np.zeros(1, dtype=np.int8), np.array([80.0, 60.0, 40.0]))
    assert confirm_grades(DEFAULT_MODEL, stored, [79.0], [A], [A]).grade.tolist() == [A]
