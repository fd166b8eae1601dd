"""The order of a day's stops and the days of a week's proposals, as arithmetic."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from crm.scoring.route import (
    EXACT_STOPS,
    haversine_km,
    nearest_first,
    path_km,
    shortest_path,
    suggest_route,
    untangle,
)
from crm.scoring.week import FARTHEST_KM, NO_DAY, SAME_DAY_KM, propose_days

# A machine may be busy: neither inputs nor answers are timed.
PATIENT = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
SHANGHAI, HANGZHOU, BEIJING = (31.2304, 121.4737), (30.2741, 120.1551), (39.9042, 116.4074)


def places(most: int, nan: bool = False) -> st.SearchStrategy[np.ndarray]:
    degree = st.floats(-60, 60) | st.just(float("nan")) if nan else st.floats(-60, 60)
    return st.integers(1, most).flatmap(lambda count: arrays(np.float64, (count, 2), elements=degree))


def matrix(points: np.ndarray) -> np.ndarray:
    lat, lon = points.T
    return haversine_km(lat[:, None], lon[:, None], lat[None, :], lon[None, :])


def test_distances_are_those_of_the_globe() -> None:
    assert haversine_km(*map(np.array, (*SHANGHAI, *HANGZHOU))) == pytest.approx(164.4, abs=1)
    assert haversine_km(*map(np.array, (*SHANGHAI, *BEIJING))) == pytest.approx(1067, abs=3)
    assert haversine_km(*map(np.array, (0.0, 0.0, 0.0, 180.0))) == pytest.approx(np.pi * 6371.0088)


@PATIENT
@given(places(6))
def test_few_stops_are_ordered_in_the_best_way_there_is(points: np.ndarray) -> None:
    distances = matrix(points)
    best = min(
        path_km(np.array([0, *rest], dtype=np.int64), distances)
        for rest in permutations(range(1, len(points)))
    )
    assert path_km(shortest_path(distances), distances) == pytest.approx(best, abs=1e-6)


@PATIENT
@given(places(30))
def test_many_stops_are_never_longer_than_always_taking_the_nearest(points: np.ndarray) -> None:
    distances = matrix(points)
    path, greedy = shortest_path(distances), nearest_first(distances)
    assert sorted(path) == list(range(len(points)))
    assert path[0] == 0
    assert path_km(path, distances) <= path_km(greedy, distances) + 1e-6
    assert path_km(untangle(greedy, distances), distances) <= path_km(greedy, distances) + 1e-6


@PATIENT
@given(places(12, nan=True), st.none() | st.tuples(st.floats(-60, 60), st.floats(-60, 60)))
def test_every_stop_is_driven_to_once_or_listed_as_without_a_place(
    points: np.ndarray, start: tuple[float, float] | None
) -> None:
    route = suggest_route(points[:, 0], points[:, 1], start)
    again = suggest_route(points[:, 0], points[:, 1], start)
    assert sorted([*route.order, *route.unplaced]) == list(range(len(points)))
    assert np.isfinite(points[route.order]).all()
    assert list(route.order) == list(again.order)
    assert len(route.legs_km) == len(route.order)
    if len(route.order) and start is None:
        assert route.order[0] == min(route.order)
        assert route.legs_km[0] == 0


def test_the_route_begins_where_the_rep_stands() -> None:
    stops = np.array([SHANGHAI, BEIJING, HANGZHOU])
    from_first = suggest_route(stops[:, 0], stops[:, 1])
    assert list(from_first.order) == [0, 2, 1]
    from_beijing = suggest_route(stops[:, 0], stops[:, 1], start=BEIJING)
    assert from_beijing.order[0] == 1
    assert from_beijing.legs_km[0] == pytest.approx(0)


def test_two_crossing_legs_are_untangled_beyond_the_exact_number() -> None:
    """A line of stops given in a shuffled order comes out as a line."""
    longitudes = np.array([0, 5, 1, 9, 3, 7, 2, 8, 4, 6, 10, 11], dtype=np.float64)
    assert len(longitudes) > EXACT_STOPS + 1
    route = suggest_route(np.zeros(12), longitudes)
    assert list(longitudes[route.order]) == sorted(longitudes)


@PATIENT
@given(
    places(25, nan=True),
    st.lists(st.integers(-1, 5), max_size=6),
    st.data(),
)
def test_a_proposal_never_exceeds_the_room_of_a_day(
    points: np.ndarray, room: list[int], data: st.DataObject
) -> None:
    count = len(points)
    urgency = np.array(
        data.draw(st.lists(st.floats(0, 9) | st.just(float("nan")), min_size=count, max_size=count))
    )
    anchors = np.full((len(room), 2), np.nan)
    if room and data.draw(st.booleans()):
        anchors[0] = SHANGHAI
    arguments = (
        urgency,
        points[:, 0],
        points[:, 1],
        np.array(room, dtype=np.int64),
        anchors[:, 0],
        anchors[:, 1],
    )
    days = propose_days(*arguments)
    for day, most in enumerate(room):
        assert (days == day).sum() <= max(most, 0)
    assert set(days) <= {NO_DAY, *range(len(room))}
    assert (days[np.isnan(urgency)] == NO_DAY).all()
    assert list(days) == list(propose_days(*arguments))


def test_the_most_urgent_brings_its_neighbours_along() -> None:
    near = (SHANGHAI[0] + 0.2, SHANGHAI[1])
    points = np.array([BEIJING, SHANGHAI, near, (np.nan, np.nan)])
    urgency = np.array([2.0, 3.0, 0.9, 0.95])
    free = np.full(2, np.nan)
    days = propose_days(urgency, points[:, 0], points[:, 1], np.array([3, 3]), free, free)
    assert list(days) == [1, 0, 0, 0]


def test_a_day_with_a_visit_planned_stays_in_its_region() -> None:
    points = np.array([BEIJING, HANGZHOU, SHANGHAI])
    nowhere = np.array([np.nan])
    # Hangzhou is 164 km from Shanghai: another day's work, but not out of reach where there is room.
    days = propose_days(
        np.array([9.0, 1.0, 1.0]),
        points[:, 0],
        points[:, 1],
        np.array([1, 1]),
        np.array([SHANGHAI[0], np.nan]),
        np.array([SHANGHAI[1], np.nan]),
    )
    assert list(days) == [1, NO_DAY, 0]
    assert SAME_DAY_KM < 164 < FARTHEST_KM
    days = propose_days(
        np.array([9.0, 1.0, 1.0]),
        points[:, 0],
        points[:, 1],
        np.array([2, 1]),
        np.array([SHANGHAI[0], np.nan]),
        np.array([SHANGHAI[1], np.nan]),
    )
    assert list(days) == [1, 0, 0]
    assert list(propose_days(nowhere, nowhere, nowhere, np.array([1]), nowhere, nowhere)) == [NO_DAY]


def test_arrays_that_do_not_fit_are_refused() -> None:
    with pytest.raises(ValueError, match="one length"):
        suggest_route(np.zeros(2), np.zeros(3))
    with pytest.raises(ValueError, match="one place"):
        propose_days(np.zeros(2), np.zeros(3), np.zeros(2), np.array([1]), np.zeros(1), np.zeros(1))
