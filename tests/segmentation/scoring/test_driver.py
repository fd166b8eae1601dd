"""Which indicator is said to have moved a score."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from segmentation.scoring.movement import driver

CHANGES = st.dictionaries(st.sampled_from("abcdef"), st.floats(-50, 50), min_size=1)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"profit": -9.0, "payment": 8.0, "growth": -2.0}, "profit"),
        # What is newly weighed gives everybody points, and this one fell all the same.
        ({"profit": -6.0, "payment": 8.0, "growth": -5.0}, "profit"),
        ({"profit": 4.0, "payment": -3.0}, "profit"),
        ({"profit": 2.0, "payment": -2.0}, "profit"),
        ({"profit": 0.0}, "profit"),
    ],
)
def test_by_hand(change: dict[str, float], code: str) -> None:
    assert driver(change) == code


@given(CHANGES)
def test_it_goes_the_way_the_score_goes(change: dict[str, float]) -> None:
    moved = sum(change.values())
    points = change[driver(change)]
    if abs(moved) > 1e-6:
        assert points * moved > 0
    assert all(abs(points) >= abs(other) for other in change.values() if other * points > 0)
