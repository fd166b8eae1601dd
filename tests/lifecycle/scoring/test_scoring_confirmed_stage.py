"""When a change of stage is published."""

import pytest

from lifecycle.scoring.stages import (
    Stage,
    confirm,
)

N, P, E, F, S, D, L = Stage


@pytest.mark.parametrize(
    ("computed", "month_before", "published", "expected", "pending"),
    [
        (S, N, N, S, False),  # first figure ever
        (D, S, S, S, True),  # seen once
        (D, D, S, D, False),  # seen twice
        (S, D, S, S, False),  # nothing to change
        (D, F, S, S, True),  # two different surprises do not confirm each other
        (L, S, S, L, False),  # lost counts at once
        (F, L, L, F, False),
        (D, L, L, F, False),  # bought again: starts anew
        (D, D, L, F, False),
        (L, L, L, L, False),
        (E, P, P, E, False),  # a first purchase is a fact
        (P, E, E, P, False),  # an import was undone
    ],
)
def test_a_change_needs_two_month_ends(computed, month_before, published, expected, pending):
    result = confirm([computed], [month_before], [published])
    assert result.stage.tolist() == [expected]
    assert result.pending.tolist() == [pending]
    assert result.reactivated.tolist() == [published == L and computed != L]


def test_confirming_nobody():
    assert confirm([], [], []).stage.shape == (0,)
