"""Which customers to visit on which day: the most urgent first, and with them whoever is near."""

from __future__ import annotations

import numpy as np

from crm.scoring.arrays import FloatArray, IntArray
from crm.scoring.route import haversine_km

# Straight-line km within which customers share a day: an hour's drive or so.
SAME_DAY_KM = 80.0
# Whoever is left over may still fill a day this far away, rather than not be visited.
FARTHEST_KM = 240.0
NO_DAY = -1


def propose_days(
    urgency: FloatArray,
    latitude: FloatArray,
    longitude: FloatArray,
    room: IntArray,
    anchor_latitude: FloatArray,
    anchor_longitude: FloatArray,
    same_day_km: float = SAME_DAY_KM,
    farthest_km: float = FARTHEST_KM,
) -> IntArray:
    """The day (position in `room`) of each candidate, NO_DAY for those left over.

    `urgency`: the higher the sooner, NaN never. `room`: visits that still fit each day, never exceeded. A day that
    already has a place to go to is anchored there (degrees, NaN: free); a free one goes to the most urgent candidate
    left. Whoever is placed within `same_day_km` comes along, most urgent first. Then those left over go to the nearest
    day with room within `farthest_km`, and candidates without a place fill what room is left at the end. Equal
    urgencies go by the order given. ValueError for arrays of different lengths.
    """
    count, days = len(urgency), len(room)
    if not (
        len(latitude) == len(longitude) == count and len(anchor_latitude) == len(anchor_longitude) == days
    ):
        raise ValueError("one place for each candidate, one anchor for each day")
    urgency = np.asarray(urgency, dtype=np.float64)
    placed = np.isfinite(latitude) & np.isfinite(longitude)
    # A stable sort: equals keep their order. NaN sorts last and is left out.
    ranking = np.argsort(-urgency, kind="stable")
    ranking = ranking[np.isfinite(urgency[ranking])]
    day_of = np.full(count, NO_DAY, dtype=np.int64)
    left = np.maximum(np.asarray(room, dtype=np.int64), 0)
    anchored = np.isfinite(anchor_latitude) & np.isfinite(anchor_longitude)
    centre = np.stack(
        [np.asarray(anchor_latitude, np.float64), np.asarray(anchor_longitude, np.float64)], axis=1
    )
    # Days bound to a place choose first among their neighbours, then free days take the most urgent of the rest.
    for day in [*np.flatnonzero(anchored), *np.flatnonzero(~anchored)]:
        if not left[day]:
            continue
        waiting = ranking[(day_of[ranking] == NO_DAY) & placed[ranking]]
        if not len(waiting):
            break
        if not anchored[day]:
            centre[day] = latitude[waiting[0]], longitude[waiting[0]]
        away = haversine_km(latitude[waiting], longitude[waiting], centre[day, 0], centre[day, 1])
        chosen = waiting[away <= same_day_km][: left[day]]
        day_of[chosen] = day
        left[day] -= len(chosen)
    for candidate in ranking[(day_of[ranking] == NO_DAY) & placed[ranking]]:
        away = haversine_km(latitude[candidate], longitude[candidate], centre[:, 0], centre[:, 1])
        within = np.flatnonzero((left > 0) & (away <= farthest_km))
        if len(within):
            nearest = within[np.argmin(away[within])]
            day_of[candidate] = nearest
            left[nearest] -= 1
    for candidate in ranking[~placed[ranking]]:
        free = np.flatnonzero(left > 0)
        if not len(free):
            break
        day_of[candidate] = free[0]
        left[free[0]] -= 1
    return day_of
