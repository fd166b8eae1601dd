"""Movement between two dates: migration of grades or tiers, and the customer counts of models.md section
16.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from crm.scoring.arrays import TOLERANCE, FloatArray, IntArray, masks
from segmentation.scoring.kpis import customer_rates

Matrix = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Migration:
    """matrix[i, j]: accounts that went from grade i to grade j; the last row and column are "unrated".

    Grades are indices, 0 = best. Rates are fractions of the accounts graded at both ends (NaN: there are
    none).
    """

    matrix: Matrix
    upgraded: int
    downgraded: int
    unchanged: int
    graded_at_both_ends: int
    upgrade_rate: float
    downgrade_rate: float

    @property
    def newly_graded(self) -> int:
        """Accounts unrated (or not there) before, graded after."""
        return int(self.matrix[-1, :-1].sum())

    @property
    def no_longer_graded(self) -> int:
        """Accounts graded before, unrated after."""
        return int(self.matrix[:-1, -1].sum())


def migration(before: ArrayLike, after: ArrayLike, grades: int) -> Migration:
    """Count movements of n accounts. Both arrays (n,) of 0..grades-1, or -1 = unrated (or not there then).

    ValueError for any other number.
    """
    start = np.asarray(before, dtype=np.int64)
    end = np.asarray(after, dtype=np.int64)
    if start.shape != end.shape:
        raise ValueError("before and after must have one entry per account each")
    for array in (start, end):
        if ((array < -1) | (array >= grades)).any():
            raise ValueError(f"grades run from -1 to {grades - 1}")
    size = grades + 1
    cells = np.where(start < 0, grades, start) * size + np.where(end < 0, grades, end)
    matrix = np.bincount(cells, minlength=size * size).reshape(size, size).astype(np.int64)
    graded = matrix[:grades, :grades]
    both = int(graded.sum())
    upgraded, downgraded = int(np.tril(graded, -1).sum()), int(np.triu(graded, 1).sum())
    return Migration(
        matrix=matrix,
        upgraded=upgraded,
        downgraded=downgraded,
        unchanged=both - upgraded - downgraded,
        graded_at_both_ends=both,
        upgrade_rate=upgraded / both if both else float("nan"),
        downgrade_rate=downgraded / both if both else float("nan"),
    )


@dataclass(frozen=True, slots=True)
class CustomerCounts:
    """Per group (shape (groups,)): counts, and rates as fractions of the customers active before (NaN: none).

    active = active_before - lost + new + reactivated holds for every group.
    """

    active_before: IntArray
    active: IntArray
    new: IntArray
    lost: IntArray
    reactivated: IntArray
    new_rate: FloatArray
    loss_rate: FloatArray
    retention: FloatArray


def customer_counts(
    active_before: ArrayLike,
    active: ArrayLike,
    first_purchase: ArrayLike,
    group: ArrayLike | None = None,
    groups: int = 1,
) -> CustomerCounts:
    """New, lost, reactivated and retained customers of a period P against the one before.

    Masks of shape (n,): bought in P-1, bought in P, bought for the first time ever in P. ``group``: index
    of each account's tier or team, 0..groups-1. ValueError when a first-time buyer was active before or
    not in P.
    """
    was = np.asarray(active_before, dtype=np.bool_)
    now = masks(active, len(was))
    first = masks(first_purchase, len(was))
    if (first & (was | ~now)).any():
        raise ValueError("a customer who buys for the first time in a period is active in it and not before")
    place = np.zeros(len(was), dtype=np.int64) if group is None else np.asarray(group, dtype=np.int64)

    def count(where: NDArray[np.bool_]) -> IntArray:
        return np.bincount(place[where], minlength=groups).astype(np.int64)

    before, lost, new = count(was), count(was & ~now), count(first)
    rates = customer_rates(before, new, lost)
    return CustomerCounts(
        active_before=before,
        active=count(now),
        new=new,
        lost=lost,
        reactivated=count(now & ~was & ~first),
        new_rate=rates.new,
        loss_rate=rates.loss,
        retention=rates.retention,
    )


def driver(change: Mapping[str, float]) -> str:
    """The code of what moved a score: of the changes in points of it, by code, the largest that goes the way the whole
    goes. A newly weighed indicator adds points to everybody: it is not why somebody falls. Where the whole stands
    still, the largest change at all.
    """
    moved = sum(change.values())
    that_way = [code for code, points in change.items() if abs(moved) > TOLERANCE and points * moved > 0]
    return max(that_way or change, key=lambda code: abs(change[code]))
