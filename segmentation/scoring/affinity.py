"""Affinity of suppliers: who is met at the same customers more often than chance (models.md section 20)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from crm.scoring.arrays import FloatArray, floats

FEWEST_PAIRS = 30  # [D] for how the share of wallet goes with a gap of ratings


@dataclass(frozen=True, slots=True)
class Affinity:
    """both: customers with the two; share: of the customers of the one with fewer; lift: against chance, NaN where one
    of the two is nowhere (1: as often as chance, 2: twice as often)."""

    both: int
    share: float
    lift: float


def affinity(first: ArrayLike, second: ArrayLike) -> Affinity:
    """Of two suppliers met (true) or not at each of n customers."""
    a, b = np.asarray(first, dtype=np.bool_), np.asarray(second, dtype=np.bool_)
    both, here, there = int((a & b).sum()), int(a.sum()), int(b.sum())
    if not here or not there:
        return Affinity(both, float("nan"), float("nan"))
    return Affinity(both, both / min(here, there), both * len(a) / (here * there))


def goes_with(shares: ArrayLike, gaps: ArrayLike) -> FloatArray:
    """Correlation of our share of wallet (n,) with our lead in each driver (n, k); NaN below 30 pairs or where one of
    the two never varies. An association, not a cause."""
    share, lead = floats(shares), np.asarray(gaps, dtype=np.float64)
    found = np.full(lead.shape[1], np.nan)
    for column in range(lead.shape[1]):
        use = ~np.isnan(share) & ~np.isnan(lead[:, column])
        x, y = share[use], lead[use, column]
        if len(x) >= FEWEST_PAIRS and x.std() > 0 and y.std() > 0:
            found[column] = np.corrcoef(x, y)[0, 1]
    return found
