"""Percentile rank: PR(v) = (#less + 0.5 #equal) / n over a comparison population (models.md section 0)."""

import numpy as np
from numpy.typing import ArrayLike

from crm.scoring.arrays import FloatArray, floats


def prepare_population(values: ArrayLike) -> FloatArray:
    """The comparison population: NaN dropped, ascending. Shape (m,), m may be 0."""
    array = floats(values)
    return np.sort(array[~np.isnan(array)])


def percentile_rank(values: ArrayLike, population: FloatArray) -> FloatArray:
    """Rank of each value within ``population`` (from ``prepare_population``), in [0, 1], same shape as
    values.

    A member of the population lies strictly inside (0, 1); tied values get the same rank; the order of the
    accounts and the unit of the values do not matter. NaN in, NaN out; everything NaN if nobody is in the
    population.
    """
    array = floats(values)
    out = np.full(len(array), np.nan)
    known = ~np.isnan(array)
    if len(population) == 0 or not known.any():
        return out
    looked_up = array[known]
    less = np.searchsorted(population, looked_up, side="left")
    not_greater = np.searchsorted(population, looked_up, side="right")
    out[known] = (less + not_greater) / (2.0 * len(population))
    return out
