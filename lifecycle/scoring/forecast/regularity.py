"""Whether customers buy at regular intervals (Wheat & Morrison 1990)."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from crm.scoring.arrays import floats


def erlang_shape(second_last: ArrayLike, last: ArrayLike) -> float:
    """k of Erlang-k intervals estimated from each customer's last two intervals; 1 = purely random, NaN below two
    customers, inf where everybody's two intervals are equal.

    With M = second last / (second last + last), k = (1 - 4 Var M) / (8 Var M). Customers with fewer than two
    intervals have NaN in either array and are left out.
    """
    older = floats(second_last)
    newer = floats(last, len(older))
    known = (older + newer) > 0
    shares = older[known] / (older[known] + newer[known])
    if len(shares) < 2:
        return float("nan")
    variance = float(np.var(shares, ddof=1))
    return (1.0 - 4.0 * variance) / (8.0 * variance) if variance > 0 else float("inf")
