"""What would lift an account to the next grade: one indicator at a time, the others unchanged."""

from bisect import bisect_left, bisect_right
from collections.abc import Mapping
from dataclasses import dataclass

from crm.scoring.arrays import TOLERANCE, FloatArray
from segmentation.scoring.explanation import Explanation
from segmentation.scoring.model import GradingModel
from segmentation.scoring.standards import (
    MAX_POINTS,
    Bands,
    Direction,
    Identity,
    Linear,
    Lookup,
    Percentile,
    Standard,
)


@dataclass(frozen=True, slots=True)
class Way:
    """Raising indicator ``code`` from ``raw`` to ``target`` closes the gap. ``points_needed`` is what its
    points must gain; ``target`` is None where it cannot be told (no comparison population at hand).
    """

    code: str
    raw: float
    target: float | None
    points: float
    points_needed: float


def ways_up(
    model: GradingModel,
    explanation: Explanation,
    gap: float,
    populations: Mapping[str, FloatArray] | None = None,
) -> list[Way]:
    """Every single-indicator way to gain ``gap`` points of the total, the smallest gain in points first.

    Only indicators that are known: a missing one would change the weights of all. An indicator whose
    points cannot rise so far is left out. ``populations``: sorted, per code, for percentile standards.
    """
    found = []
    for indicator, line in zip(model.indicators, explanation.indicators, strict=True):
        if line.points is None or line.raw is None or line.effective_weight <= 0:
            continue
        needed = gap / line.effective_weight
        goal = line.points + needed
        if goal > MAX_POINTS + TOLERANCE:
            continue
        known, target = raw_for(indicator.standard, goal, (populations or {}).get(indicator.code))
        if known:
            found.append(Way(indicator.code, line.raw, target, line.points, needed))
    return sorted(found, key=lambda way: way.points_needed)


def raw_for(
    standard: Standard, goal: float, population: FloatArray | None = None
) -> tuple[bool, float | None]:
    """(reachable, the raw value nearest to the present side that has at least ``goal`` points).

    The value is None where a percentile has no population to be looked up in.
    """
    lower = standard.direction is Direction.LOWER
    match standard:
        case Identity():
            return True, MAX_POINTS - goal if lower else goal
        case Linear():
            share = 1.0 - goal / MAX_POINTS if lower else goal / MAX_POINTS
            return True, standard.lo + share * (standard.hi - standard.lo)
        case Lookup():
            marks = [mark for mark, points in standard.table if points >= goal - TOLERANCE]
            return (True, marks[-1] if lower else marks[0]) if marks else (False, None)
        case Bands():
            rows = [row for row in standard.rows if row.points >= goal - TOLERANCE]
            if not rows:
                return False, None
            return True, rows[-1].upper if lower else rows[0].lower
        case Percentile():
            if population is None or not len(population):
                return True, None
            return _member_with(standard, goal - TOLERANCE, population, lower)
    return False, None


def _member_with(
    standard: Percentile, goal: float, population: FloatArray, lower: bool
) -> tuple[bool, float | None]:
    """(whether any member has so many points, the value of the one who only just has).

    Points rise with the place in the sorted population, or fall: halving asks for twenty members of a million.
    """

    def points(place: int) -> float:
        return float(standard.points(population[place : place + 1], population)[0])

    places = range(len(population))
    if lower:
        place = bisect_right(places, -goal, key=lambda at: -points(at)) - 1
    else:
        place = bisect_left(places, goal, key=points)
    return (True, float(population[place])) if place in places else (False, None)
