"""The bridge adds up whatever was traded; the rhythm says when the next order is due."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.scoring.trade_history import profit_bridge, rhythm, waterfall

amounts = st.lists(
    st.tuples(*[st.floats(-1e4, 1e6).map(lambda value: round(value, 2)) for _ in range(6)]),
    min_size=0,
    max_size=8,
)


def test_the_waterfall_ends_at_the_contribution() -> None:
    found = waterfall(900, 100, 300, 20, 10)
    assert (found.list_value, found.cost, found.contribution) == (1000, 600, 270)
    assert found.margin == pytest.approx(1 / 3)
    assert np.isnan(waterfall(900, 0, float("nan"), 1, 1).contribution)
    assert np.isnan(waterfall(0, 0, 0, 0, 0).margin)


def test_each_part_of_the_bridge_alone() -> None:
    base = ([10.0, 10.0], [100.0, 200.0], [40.0, 100.0])
    volume = profit_bridge(*base, [20, 20], [200, 400], [80, 200])
    assert volume.volume == pytest.approx(140)
    assert (volume.mix, volume.price, volume.cost) == (pytest.approx(0), pytest.approx(0), pytest.approx(0))
    mix = profit_bridge(*base, [5, 15], [50, 300], [20, 150])
    assert mix.mix == pytest.approx(30)
    assert mix.volume == pytest.approx(0)
    dearer = profit_bridge(*base, [10, 10], [110, 200], [50, 100])
    assert (dearer.price, dearer.cost) == (pytest.approx(10), pytest.approx(0))
    costlier = profit_bridge(*base, [10, 10], [100, 200], [40, 70])
    assert (costlier.price, costlier.cost) == (pytest.approx(0), pytest.approx(-30))
    changed = profit_bridge([10, 0, 5], [100, 0, 50], [40, 0, 20], [10, 3, 0], [100, 30, 0], [40, 9, 0])
    assert (changed.new, changed.lost) == (9, -20)


@given(amounts)
def test_the_parts_add_up_to_the_change(rows: list[tuple[float, ...]]) -> None:
    columns = np.array(rows, dtype=float).reshape(-1, 6).T
    found = profit_bridge(*columns)
    scale = 1 + np.abs(columns).sum() * (1 + np.abs(columns[[0, 3]]).max(initial=0))
    assert sum(found.parts) == pytest.approx(found.after - found.before, abs=1e-9 * scale)


def test_rhythm() -> None:
    found = rhythm([0, 30, 60, 60, 100, 500], 130)
    assert found.gaps.tolist() == [30, 30, 40]
    assert (found.median, found.last_day, found.next_day, found.since, found.pressure) == (
        30,
        100,
        130,
        30,
        1,
    )
    assert not found.is_late
    assert rhythm([0, 30, 60], 120).is_late


@pytest.mark.parametrize("days", [[], [5.0], [500.0]])
def test_without_two_occasions_there_is_no_rhythm(days: list[float]) -> None:
    found = rhythm(days, 130)
    assert np.isnan(found.median)
    assert not found.is_late
