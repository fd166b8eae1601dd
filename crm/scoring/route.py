"""In which order to drive to a day's customers: the shortest way by straight lines, without a map service.

Up to EXACT_STOPS stops the order is the best there is (dynamic programming over subsets; Held & Karp 1962). Beyond that
the nearest stop is taken first and crossings are undone (2-opt; Croes 1958). Equal distances go by the order given, so
the same input always gives the same route.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from crm.scoring.arrays import FloatArray, IntArray

EARTH_KM = 6371.0088  # mean radius, IUGG
EXACT_STOPS = 8
# A gain below a millimetre is rounding.
_EPSILON_KM = 1e-6


@dataclass(frozen=True)
class Route:
    """`order` and `unplaced` are positions in what was given; `legs_km[i]` leads to `order[i]`, 0 to a first stop."""

    order: IntArray
    legs_km: FloatArray
    unplaced: IntArray

    @property
    def total_km(self) -> float:
        return float(self.legs_km.sum())


def haversine_km(
    latitude: FloatArray, longitude: FloatArray, to_latitude: FloatArray, to_longitude: FloatArray
) -> FloatArray:
    """Great-circle distances in km between points in degrees; shapes broadcast. NaN where a coordinate is NaN."""
    lat1, lon1, lat2, lon2 = (
        np.radians(np.asarray(x, dtype=np.float64)) for x in (latitude, longitude, to_latitude, to_longitude)
    )
    half = np.sin((lat2 - lat1) / 2) ** 2 + np.cos(lat1) * np.cos(lat2) * np.sin((lon2 - lon1) / 2) ** 2
    return 2 * EARTH_KM * np.arcsin(np.sqrt(np.clip(half, 0.0, 1.0)))


def suggest_route(
    latitude: FloatArray, longitude: FloatArray, start: tuple[float, float] | None = None
) -> Route:
    """A way through all stops (degrees, NaN: no place known) that begins at `start`, else at the first placed stop.

    It does not lead back. Stops without a place are in `unplaced`. ValueError for arrays of different lengths.
    """
    lat, lon = np.asarray(latitude, dtype=np.float64), np.asarray(longitude, dtype=np.float64)
    if lat.shape != lon.shape or lat.ndim != 1:
        raise ValueError("latitude and longitude are one-dimensional and of one length")
    placed = np.flatnonzero(np.isfinite(lat) & np.isfinite(lon))
    unplaced = np.setdiff1d(np.arange(len(lat)), placed)
    if not len(placed):
        return Route(placed, np.zeros(0), unplaced)
    lat, lon = lat[placed], lon[placed]
    if start is not None:
        lat, lon = np.concatenate([[start[0]], lat]), np.concatenate([[start[1]], lon])
    distances = haversine_km(lat[:, None], lon[:, None], lat[None, :], lon[None, :])
    path = shortest_path(distances)
    legs = np.concatenate([[0.0], distances[path[:-1], path[1:]]])
    if start is not None:
        return Route(placed[path[1:] - 1], legs[1:], unplaced)
    return Route(placed[path], legs, unplaced)


def shortest_path(distances: FloatArray) -> IntArray:
    """All nodes of a square matrix, from node 0 on: the best order of up to EXACT_STOPS others, a good one of more."""
    if len(distances) <= EXACT_STOPS + 1:
        return _exact(distances)
    return untangle(nearest_first(distances), distances)


def nearest_first(distances: FloatArray) -> IntArray:
    """From node 0 always on to the nearest node not seen yet."""
    left = np.ones(len(distances), dtype=bool)
    path = [0]
    left[0] = False
    while left.any():
        nearest = int(np.argmin(np.where(left, distances[path[-1]], np.inf)))
        path.append(nearest)
        left[nearest] = False
    return np.array(path, dtype=np.int64)


def untangle(path: IntArray, distances: FloatArray) -> IntArray:
    """2-opt: turn a stretch round wherever that shortens the way, until nowhere does. The first node stays first."""
    path = path.copy()
    improved = True
    while improved:
        improved = False
        for i in range(1, len(path) - 1):
            # What turning path[i..j] round saves, for every j behind i at once; the last node has no way on.
            ends = path[i + 1 :]
            after = np.append(path[i + 2 :], -1)
            onward = np.where(after >= 0, distances[ends, after], 0.0)
            onward_turned = np.where(after >= 0, distances[path[i], after], 0.0)
            gain = distances[path[i - 1], path[i]] + onward - distances[path[i - 1], ends] - onward_turned
            best = int(np.argmax(gain))
            if gain[best] > _EPSILON_KM:
                path[i : i + best + 2] = path[i : i + best + 2][::-1]
                improved = True
    return path


def path_km(path: IntArray, distances: FloatArray) -> float:
    return float(distances[path[:-1], path[1:]].sum())


def _exact(distances: FloatArray) -> IntArray:
    """cost[set][k]: the shortest way from node 0 through `set` that ends in its member k."""
    count = len(distances) - 1
    if count < 1:
        return np.arange(len(distances), dtype=np.int64)
    cost = np.full((1 << count, count), np.inf)
    came_from = np.full((1 << count, count), -1, dtype=np.int64)
    for k in range(count):
        cost[1 << k, k] = distances[0, k + 1]
    between = distances[1:, 1:]
    for visited in range(1, 1 << count):
        for k in range(count):
            if visited & (1 << k) and (rest := visited ^ (1 << k)):
                via = cost[rest] + between[:, k]
                came_from[visited, k] = np.argmin(via)
                cost[visited, k] = via[came_from[visited, k]]
    visited = (1 << count) - 1
    last = int(np.argmin(cost[visited]))
    path = []
    while last >= 0:
        path.append(last + 1)
        visited, last = visited ^ (1 << last), int(came_from[visited, last])
    return np.array([0, *reversed(path)], dtype=np.int64)
