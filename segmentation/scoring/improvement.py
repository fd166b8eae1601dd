"""What would lift an account to the next grade: one indicator at a time, the others unchanged."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

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
            points = standard.points(population, population)
            reached = np.flatnonzero(points >= goal - TOLERANCE)
            if not len(reached):
                return False, None
            return True, float(population[reached[-1] if lower else reached[0]])
    return False, None
