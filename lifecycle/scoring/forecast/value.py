"""From expected purchases to money: range of outcomes, present value, annuity (models.md sections 9 to 11)."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import nbdtrik

from crm.scoring.arrays import FloatArray, floats

CENTRAL = 0.80  # [D] share of outcomes an interval holds


def occasion_interval(
    expected: ArrayLike, alive: ArrayLike, shape: ArrayLike, central: float = CENTRAL
) -> tuple[FloatArray, FloatArray]:
    """Lowest and highest number of purchases, (n,) each, cutting off (1 - central) / 2 on either side.

    Poisson-gamma posterior: with probability ``alive`` purchases are negative binomial with the posterior's
    ``shape`` and mean expected / alive, otherwise there are none.
    """
    mean = floats(expected)
    n = len(mean)
    p, size = floats(alive, n), floats(shape, n)
    tail = (1.0 - central) / 2.0
    return _quantile(tail, mean, p, size), _quantile(1.0 - tail, mean, p, size)


def annuity(retention: ArrayLike, discount_rate: float = 0.10, years: int = 5) -> FloatArray:
    """sum_{t=1}^{years} retention^t / (1 + discount_rate)^t, shape (n,): worth of one unit of money a year."""
    kept = floats(retention)[:, np.newaxis] / (1.0 + discount_rate)
    return (kept ** np.arange(1, years + 1)).sum(axis=1)


def present_value(
    cumulative: ArrayLike, discount_rate: float = 0.10, years_per_period: float = 1.0
) -> FloatArray:
    """Worth today of expected purchases, shape (n,), in their unit (occasions; times spend and margin: money).

    ``cumulative`` (n, h): expected by the end of periods 1 ... h, as ``expected_occasions`` gives them; each
    period's part is discounted from the end of the period.
    """
    totals = np.asarray(cumulative, dtype=np.float64)
    if totals.ndim != 2:
        raise ValueError(f"expected an array of shape (n, periods), got {totals.shape}")
    periods = np.diff(totals, axis=1, prepend=0.0)
    years = years_per_period * np.arange(1, totals.shape[1] + 1)
    return periods @ (1.0 + discount_rate) ** -years


def _quantile(level: float, expected: FloatArray, alive: FloatArray, shape: FloatArray) -> FloatArray:
    """Smallest count whose cumulated probability reaches ``level``."""
    out = np.zeros(len(expected))
    some = np.flatnonzero((alive > 1.0 - level) & (expected > 0) & (shape > 0))
    among_alive = (level - (1.0 - alive[some])) / alive[some]
    size = shape[some]
    success = size * alive[some] / (size * alive[some] + expected[some])
    bought = among_alive > success**size  # beyond the probability of no purchase at all
    # nbdtrik inverts the distribution function, continued between whole numbers
    exact = nbdtrik(np.minimum(among_alive[bought], 1 - 1e-12), size[bought], success[bought])
    out[some[bought]] = np.maximum(np.ceil(exact - 1e-9), 0.0)
    return out
