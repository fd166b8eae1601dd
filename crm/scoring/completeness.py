"""How much of an account's profile is on record: a score from 0 to 100 out of weighted criteria."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from crm.scoring.arrays import BoolArray, FloatArray, IntArray, floats


def completeness(met: ArrayLike, weights: ArrayLike) -> FloatArray:
    """100 x weight of the criteria met / weight of all; shape (n,), in [0, 100].

    ``met``: shape (n, k), booleans; ``weights``: shape (k,), not negative, not all 0. Raises ValueError otherwise.
    """
    marks, weight = _checked(met, weights)
    scores: FloatArray = 100.0 * (marks @ weight) / weight.sum()
    # Sums of fractions may miss the ends by a rounding.
    return np.clip(scores, 0.0, 100.0)


def next_gaps(met: ArrayLike, weights: ArrayLike, most: int = 3) -> list[IntArray]:
    """For each row the criteria not met, the weightiest first (ties in the given order), at most ``most``."""
    marks, weight = _checked(met, weights)
    order = np.argsort(-weight, kind="stable")
    return [order[~row[order]][:most] for row in marks]


def _checked(met: ArrayLike, weights: ArrayLike) -> tuple[BoolArray, FloatArray]:
    weight = floats(weights)
    marks = np.asarray(met, dtype=np.bool_)
    if marks.ndim != 2 or marks.shape[1] != len(weight):
        raise ValueError(f"expected marks of shape (n, {len(weight)}), got {marks.shape}")
    if not len(weight) or np.isnan(weight).any() or (weight < 0).any() or weight.sum() <= 0:
        raise ValueError("weights must not be negative, and not all 0")
    return marks, weight
