"""From expected purchases to money: range of outcomes, present value, annuity (models.md sections 9 to 11)."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import betainc, nbdtrik, ndtri

from crm.scoring.arrays import FloatArray, floats

CENTRAL = 0.80  # [D] share of outcomes an interval holds
_LAST_DIGITS = 1e-12  # of a cumulated probability, which reaches a level it equals


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
    # A level of 1 itself would be reached at infinity.
    levels = np.minimum(among_alive[bought], 1 - 1e-12)
    out[some[bought]] = _count_reaching(levels, size[bought], success[bought])
    return out


_STEPS = 12


def _count_reaching(level: FloatArray, size: FloatArray, success: FloatArray) -> FloatArray:
    """Smallest count whose negative binomial cumulated probability reaches ``level``, to the last digits of a float.

    Cornish and Fisher's expansion is nearly always at most a count or two off: stepping from there is four times as
    fast as inverting the distribution. Those still under way after a few steps are inverted.
    """
    sought = level - _LAST_DIGITS
    count = _near(level, size, success)
    open_ = np.arange(len(count))
    enough = betainc(size, count + 1.0, success) >= sought
    direction = np.where(enough, -1.0, 1.0)
    for _step in range(_STEPS):
        # Downwards while the count below would do as well, upwards until one does.
        following = count[open_] + direction[open_]
        reached = (following >= 0) & (
            betainc(size[open_], np.maximum(following, 0.0) + 1.0, success[open_]) >= sought[open_]
        )
        down = direction[open_] < 0
        count[open_] = np.where(down & ~reached, count[open_], following)
        open_ = open_[down == reached]
        if not len(open_):
            return count
    exact = nbdtrik(level[open_], size[open_], success[open_])
    count[open_] = np.maximum(np.ceil(exact - 1e-9), 0.0)
    return count


def _near(level: FloatArray, size: FloatArray, success: FloatArray) -> FloatArray:
    """Cornish and Fisher's second-order quantile, as a whole number from 0."""
    z = ndtri(level)
    mean = size * (1.0 - success) / success
    deviation = np.sqrt(mean / success)
    skewness = (2.0 - success) / np.sqrt(size * (1.0 - success))
    near: FloatArray = np.maximum(np.round(mean + deviation * (z + skewness * (z * z - 1.0) / 6.0)), 0.0)
    return near
