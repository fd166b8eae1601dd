"""How the people who decide at an account stand towards us (models.md section 21)."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike


def support_index(influence: ArrayLike, stance: ArrayLike) -> float:
    """Sum of influence x stance over sum of influence, in [-1, 1]; nan where nobody's stance is known.

    `influence`: shape (n,), 1 to 5, nan unknown (counts as 1); `stance`: shape (n,), -1, 0 or 1, nan unknown.
    """
    standing = np.asarray(stance, dtype=np.float64)
    weight = np.asarray(influence, dtype=np.float64)
    known = ~np.isnan(standing)
    if not known.any():
        return float("nan")
    weights = np.where(np.isnan(weight[known]), 1.0, weight[known])
    return float(np.sum(weights * standing[known]) / np.sum(weights))
