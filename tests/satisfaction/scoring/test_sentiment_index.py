"""The sentiment index: its reference value, and what must hold whatever the interactions are."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from satisfaction.scoring.sentiment_index import (
    SentimentIndex,
    SentimentParameters,
    evidence,
    optimism,
    sentiment_index,
    sentiment_trend,
    strongest,
)

P = SentimentParameters()
# Age, score, reliability, role weight, contact.
interaction = st.tuples(
    st.integers(0, 400),
    st.floats(-1, 1),
    st.floats(0, 1),
    st.sampled_from([0.5, 1.0, 1.5]),
    st.integers(0, 3),
)
# Enough of these make an index.
recent = st.tuples(st.integers(0, 30), st.floats(-1, 1), st.floats(0.5, 1), st.just(1.5), st.integers(0, 9))
Row = tuple[int, float, float, float, int]


def index_of(rows: list[Row], parameters: SentimentParameters = P) -> SentimentIndex:
    columns = list(zip(*rows, strict=True)) if rows else [()] * 5
    return sentiment_index(1, np.zeros(len(rows), dtype=int), *columns, parameters)  # type: ignore[arg-type]


def test_the_example_of_the_specification() -> None:
    """models.md section 18, with its half-life of 90 days and two pseudo-interactions."""
    rows = [(5, 0.8, 0.9, 1.0, 1), (40, -0.4, 0.8, 1.0, 2), (100, 0.2, 0.6, 1.5, 3), (200, -0.9, 1.0, 1.0, 4)]
    section = replace(P, half_life_days=90.0, pseudo_interactions=2.0)
    found = index_of(rows, section)
    assert found.total_weight[0] == pytest.approx(2.0848, abs=5e-5)
    assert 50 + 50 * found.index[0] == pytest.approx(54.26, abs=5e-3)
    unshrunk = index_of(rows, replace(section, pseudo_interactions=0.0))
    assert 50 + 50 * unshrunk.index[0] == pytest.approx(58.35, abs=5e-3)


def test_by_hand() -> None:
    """Two fresh interactions of weight 1 and 1.5: index, band and error as the page about the index defines them."""
    found = index_of([(0, 1.0, 1.0, 1.0, 1), (60, -1.0, 1.0, 1.5, 2)])
    w = np.array([1.0, 0.75])
    index = (1.0 - 0.75) / 2.75
    variance = (w @ (np.array([1, -1]) - index) ** 2 + 0.25) / 2.75
    effective = 1.75**2 / (1 + 0.75**2)
    error = math.sqrt(variance / effective + 0.01 * (0.75 * 60 / 1.75) / 30)
    assert found.index[0] == pytest.approx(index)
    assert found.effective[0] == pytest.approx(effective)
    assert found.error[0] == pytest.approx(error)
    assert found.low[0] == pytest.approx(index - 1.28 * error)
    assert found.high[0] == pytest.approx(min(index + 1.28 * error, 1))


@given(st.lists(interaction, max_size=12), st.randoms())
def test_the_order_of_rows_is_irrelevant(rows: list[Row], random: object) -> None:
    shuffled = list(rows)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    for name in ("index", "low", "high", "total_weight"):
        assert getattr(index_of(rows), name) == pytest.approx(
            getattr(index_of(shuffled), name), nan_ok=True, abs=1e-12
        )


@given(interaction.filter(lambda row: row[0] <= 300))
def test_a_half_life_halves_the_weight_exactly(row: Row) -> None:
    assume(row[2] > 1e-6)
    older = (row[0] + int(P.half_life_days), *row[1:])
    assert index_of([older]).weight[0] == index_of([row]).weight[0] / 2


@given(st.lists(recent, min_size=4, max_size=10), interaction, st.floats(0, 1))
def test_an_interaction_above_the_index_never_lowers_it(rows: list[Row], added: Row, share: float) -> None:
    before = index_of(rows)
    assume(bool(before.known[0]))
    index = float(before.index[0])
    # With somebody else, so that it does not share a day under the cap.
    above = (added[0], index + share * (1 - index), added[2], added[3], 99)
    assert index_of([*rows, above]).index[0] >= index - 1e-12


@given(st.lists(interaction, min_size=2, max_size=10))
def test_index_and_band_stay_in_range(rows: list[Row]) -> None:
    found = index_of(rows)
    if found.known[0]:
        assert -1 <= found.low[0] <= found.index[0] <= found.high[0] <= 1
    else:
        assert np.isnan(found.low[0])
        assert np.isnan(found.high[0])


@given(st.floats(-1, 1), st.integers(2, 20), st.integers(0, 90))
def test_the_band_shrinks_with_more_equal_evidence(score: float, n: int, age: int) -> None:
    rows: list[Row] = [(age, score, 1.0, 1.0, contact) for contact in range(n)]
    fewer, more = index_of(rows), index_of([*rows, (age, score, 1.0, 1.0, n)])
    assume(fewer.known[0])
    assert more.error[0] < fewer.error[0]


@given(st.lists(interaction, max_size=8), interaction)
def test_unknowns_and_the_future_move_nothing(rows: list[Row], row: Row) -> None:
    before = index_of(rows)
    unknown = (row[0], math.nan, 0.0, row[3], row[4])
    future = (-1 - row[0], *row[1:])
    after = index_of([*rows, unknown, future])
    for name in ("index", "low", "high", "total_weight", "counted"):
        assert getattr(after, name) == pytest.approx(getattr(before, name), nan_ok=True)


def test_too_little_is_no_number() -> None:
    assert not index_of([]).known[0]
    assert not index_of([(0, 1.0, 1.0, 1.5, 1)]).known[0], "one interaction is never enough"
    assert not index_of([(0, 1.0, 1.0, 0.5, 1), (0, 1.0, 0.9, 0.5, 2)]).known[0], "less than weight 1"
    assert index_of([(0, 1.0, 1.0, 0.5, 1), (0, 1.0, 1.0, 0.5, 2)]).known[0]
    nobody = sentiment_index(0, [], [], [], [], [], [], P)
    assert nobody.index.shape == (0,)
    assert nobody.total_weight.dtype == np.float64


def test_ten_calls_in_a_day_do_not_drown_a_quarter() -> None:
    calls: list[Row] = [(0, -1.0, 1.0, 1.0, 7)] * 10
    assert index_of(calls).total_weight[0] == pytest.approx(1.5)
    assert index_of([*calls, (1, -1.0, 1.0, 1.0, 7)]).total_weight[0] == pytest.approx(1.5 + 2 ** (-1 / 60))
    assert index_of([*calls, (0, -1.0, 1.0, 1.0, 8)]).total_weight[0] == pytest.approx(2.5), "another person"
    aged = [(60, *call[1:]) for call in calls]
    assert index_of(aged).total_weight[0] == pytest.approx(0.75), "the cap comes before the decay"


def test_groups_do_not_mix() -> None:
    rows = [(0, 1.0, 1.0, 1.0, 1), (0, 0.5, 1.0, 1.0, 2), (0, -1.0, 1.0, 1.0, 1), (0, -1.0, 1.0, 1.0, 2)]
    columns = list(zip(*rows, strict=True))
    both = sentiment_index(3, [0, 0, 2, 2], *columns, P)  # type: ignore[arg-type]
    assert both.index[0] == pytest.approx(index_of(rows[:2]).index[0])
    assert both.index[2] == pytest.approx(index_of(rows[2:]).index[0])
    assert np.isnan(both.index[1])


@given(st.integers(-2, 2), st.floats(-1, 1), st.floats(1 / 3, 1))
def test_a_rating_replaces_the_score(rating: int, score: float, confidence: float) -> None:
    value, reliability = evidence([rating], [score], [confidence])
    assert (value[0], reliability[0]) == (rating / 2, 1.0)


def test_evidence_without_a_rating() -> None:
    nan = math.nan
    value, reliability = evidence(
        [nan, nan, nan, 2], [0.4, nan, 0.4, 0.1], [0.6, nan, 1.0, 0.9], [0, 0, 0, 1]
    )
    assert value[:3] == pytest.approx([0.4, nan, 0.4], nan_ok=True)
    assert reliability == pytest.approx([0.4, 0, 1, 0])
    assert np.isnan(value[3]), "not about us: the rating does not count either"


def test_trend_is_an_arrow_only_beyond_the_error_of_both() -> None:
    def trend(now: float, then: float) -> tuple[float, int]:
        rows = [(age, now if age < 30 else then, 1.0, 1.0, age) for age in range(0, 120, 5)]
        ages, *rest = zip(*rows, strict=True)
        found = sentiment_trend(1, np.zeros(len(rows), dtype=int), ages, *rest, P)
        return float(found.change[0]), int(found.direction[0])

    change, direction = trend(-1.0, 1.0)
    assert change < -0.3
    assert direction == -1
    assert trend(1.0, -1.0)[1] == 1
    small, none = trend(0.1, 0.2)
    assert small < 0
    assert none == 0
    only_now = sentiment_trend(1, [0, 0], [1, 2], [1, 1], [1, 1], [1, 1], [1, 2], P)
    assert np.isnan(only_now.change[0])
    assert only_now.direction[0] == 0


@given(st.lists(interaction, min_size=1, max_size=10))
def test_as_of_in_the_past_sees_no_later_row(rows: list[Row]) -> None:
    """The index of 30 days ago is the index of the rows there were then, 30 days younger."""
    ages, *rest = zip(*rows, strict=True)
    found = sentiment_trend(1, np.zeros(len(rows), dtype=int), ages, *rest, P)
    then = [(age - P.trend_days, *others) for age, *others in rows if age >= P.trend_days]
    assert found.before.index == pytest.approx(index_of(then).index, nan_ok=True)  # type: ignore[arg-type]


def test_the_strongest_of_each_group() -> None:
    group = [1, 0, 1, 1, 1, 0]
    weight = [1.0, 1.0, 0.5, 1.0, 0.1, 0.0]
    score = [0.2, -0.3, -0.9, -0.4, 1.0, math.nan]
    assert strongest(group, weight, score, 3).tolist() == [1, 2, 3, 0]
    assert strongest([], [], []).tolist() == []


def test_optimism_is_drawn_towards_the_team() -> None:
    lean, n = optimism(3, [0] * 20 + [1] * 20, [0.4] * 20 + [0.0] * 20, 20.0)
    assert n.tolist() == [20, 20, 0]
    assert lean[:2] == pytest.approx([0.1, -0.1])
    assert np.isnan(lean[2])
    few, _n = optimism(2, [0] + [1] * 40, [1.0] + [0.0] * 40, 20.0)
    assert few[0] == pytest.approx((1 - 1 / 41) / 21)
    assert optimism(0, [], [], 20.0)[0].shape == (0,)
