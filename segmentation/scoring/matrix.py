"""Value matrix 客户当前价值×增值潜力 (models.md section 13). Its names are not those of the profit pyramid."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import ArrayLike

from crm.scoring.arrays import TOLERANCE, BoolArray, CodeArray, FloatArray, floats


class Quadrant(IntEnum):
    """Cell of the matrix, stored as smallint: current value, then growth potential."""

    UNRATED = -1
    PLATINUM = 0  # high, high: spare no effort, grow
    GOLD = 1  # high, low: keep at a high level
    IRON = 2  # low, high: invest to rebuild
    LEAD = 3  # low, low: no extra investment


@dataclass(frozen=True, slots=True)
class ValueMatrix:
    """quadrant int8 (n,); the cut-offs in the units of the axes, NaN where nobody has a figure."""

    quadrant: CodeArray
    current_cut: float
    potential_cut: float


def growth_potential(
    spending: ArrayLike,
    sales: ArrayLike,
    satisfaction: ArrayLike,
    loyalty: ArrayLike,
    margin: ArrayLike,
    discount_rate: float = 0.10,
    years: int = 3,
) -> FloatArray:
    """Margin obtainable with extra effort: sum over the years of (demand - our sales) x attainable share x margin,
    discounted. attainable share = 0.5 x S/100 x L/100. All (n,), NaN unknown gives NaN; demand below sales gives 0.
    """
    demand = floats(spending)
    n = len(demand)
    gap = np.maximum(demand - floats(sales, n), 0.0)
    attainable = 0.5 * floats(satisfaction, n) / 100.0 * floats(loyalty, n) / 100.0
    factor = ((1.0 + discount_rate) ** -np.arange(1, years + 1, dtype=np.float64)).sum()
    potential: FloatArray = gap * attainable * floats(margin, n) * factor
    return potential


def value_matrix(current: ArrayLike, potential: ArrayLike, carry: float = 0.80) -> ValueMatrix:
    """Quadrant of each customer. current (n,): worth of the present business; potential (n,): any scale; NaN unknown.

    Current is high for the smallest set that brings ``carry`` of all positive current value (ties go up); potential
    is high above the median. Unknown on either axis is unrated.
    """
    worth, growth = floats(current), floats(potential)
    if worth.shape != growth.shape:
        raise ValueError("both axes must have one entry per customer")
    high_now, current_cut = _carriers(worth, carry)
    known = growth[~np.isnan(growth)]
    median = float(np.median(known)) if len(known) else float("nan")
    high_later = growth > median + TOLERANCE
    unknown = np.isnan(worth) | np.isnan(growth)
    quadrant = np.select(
        [unknown, high_now & high_later, high_now, high_later],
        [Quadrant.UNRATED, Quadrant.PLATINUM, Quadrant.GOLD, Quadrant.IRON],
        Quadrant.LEAD,
    )
    return ValueMatrix(quadrant.astype(np.int8), current_cut, median)


def _carriers(worth: FloatArray, carry: float) -> tuple[BoolArray, float]:
    """Who belongs to the smallest set that brings ``carry`` of the positive value, and the least value in it."""
    positive = np.sort(worth[worth > 0])[::-1]
    if not len(positive):
        return np.zeros(len(worth), dtype=np.bool_), float("nan")
    running = np.cumsum(positive)
    last = int(np.searchsorted(running, carry * running[-1] - TOLERANCE * running[-1]))
    cut = float(positive[min(last, len(positive) - 1)])
    high: BoolArray = worth >= cut
    return high, cut
