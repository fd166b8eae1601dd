"""Expected purchases of a customer who is alive, without the closed form's hypergeometric function.

The published form, (a+b-1)/(a-1) [1 - (...)^r 2F1(...)], divides by a - 1 and overflows for large parameters. It is
the mean over the dropout probability p ~ Beta(a, b) of the purchases made before dropping out,
(1 - (1 + p s)^-shape) / p with s = t / (alpha + T), which is smooth, positive and bounded; so it is taken as just
that, by quadrature. Nothing special happens at a = 1: there is nothing to nudge.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import betaln

from crm.scoring.arrays import FloatArray
from lifecycle.scoring.forecast.patterns import group_rows

BLOCK = 2_048  # rows evaluated at once: a matrix of some 2 MB
COARSEST = 0.4  # step in logit p
SPREAD_STEP = 0.7  # of the spread of logit p
SPREADS = 9.0  # either side of the mean
TAIL = 36.0  # e^-36 is less than the last digit of a double


def horizons(weeks: ArrayLike) -> tuple[FloatArray, bool]:
    """Horizons of shape (h,), and whether a single one was given. ValueError: negative or not finite."""
    spans = np.asarray(weeks, dtype=np.float64)
    if not np.isfinite(spans).all() or (spans < 0).any() or spans.ndim > 1:
        raise ValueError("a horizon is a number of weeks, 0 or more")
    return np.atleast_1d(spans), spans.ndim == 0


def expected_occasions(
    weeks: ArrayLike, shape: FloatArray, rate: FloatArray, alive: FloatArray, a: float, b: FloatArray
) -> FloatArray:
    """Expected purchases of n customers in the next ``weeks``: (n,) for one horizon, (n, h) for h of them.

    Purchase rate ~ Gamma(shape, rate weeks), dropout after each purchase ~ Beta(a, b), ``alive`` = P(alive); (n,).
    """
    spans, single = horizons(weeks)
    groups = group_rows(b, shape, rate)  # customers with the same x and T differ in P(alive) only
    first = groups.first
    per_group = _purchases_before_dropout(shape[first], spans / rate[first, np.newaxis], a, b[first])
    out = alive[:, np.newaxis] * per_group[groups.of_row]
    return out[:, 0] if single else out


def _purchases_before_dropout(shape: FloatArray, span: FloatArray, a: float, b: FloatArray) -> FloatArray:
    """Mean of f(p) = (1 - (1 + p span)^-shape) / p over p ~ Beta(a, b).

    ``shape`` (n,), ``span`` (n, h): horizon over alpha + T, ``b`` (n,). Result (n, h).
    """
    out = np.empty(span.shape)
    if not out.size:
        return out
    values, of_value = np.unique(b, return_inverse=True)
    p, weights = _rule(a, values, float(np.log1p(shape.max() * span.max())))
    share = a / (a + b)  # the mean of p
    for begin in range(0, len(shape), BLOCK):
        rows = slice(begin, begin + BLOCK)
        weight = weights[of_value[rows]]
        for h in range(span.shape[1]):
            r, s = shape[rows], span[rows, h]
            f = -np.expm1(-r[:, np.newaxis] * np.log1p(p * s[:, np.newaxis])) / p
            at_0, at_1 = r * s, -np.expm1(-r * np.log1p(s))
            # The straight line between both ends has its mean known; the rest vanishes at both ends, which tames
            # the poles that the density of p has there when a or b is small.
            f -= at_0[:, np.newaxis]
            f -= (at_1 - at_0)[:, np.newaxis] * p
            bent = np.einsum("ij,ij->i", weight, f)
            out[rows, h] = at_0 + (at_1 - at_0) * share[rows] + bent
    return np.maximum(out, 0.0)


def _rule(a: float, b: FloatArray, reach: float) -> tuple[FloatArray, FloatArray]:
    """Points p (m,) and weights (len(b), m) of the trapezoidal rule over u = logit p for densities Beta(a, b) and
    functions that vanish at p = 0 and 1, and change most where p is e^-``reach`` or more.

    In u the functions are smooth on a scale of 1 and the densities on that of their spread, and both fall off
    exponentially: the rule converges geometrically.
    """
    step = min(COARSEST, SPREAD_STEP * np.sqrt(1.0 / a + 1.0 / b.max()))
    around = SPREADS * np.sqrt(1.0 / a + 1.0 / b.min())
    left = min(0.0, np.log(a / b.max())) - TAIL / (a + 1.0) - around - reach
    right = max(0.0, np.log(a / b.min())) + TAIL / (b.min() + 1.0) + around
    u = np.arange(left, right + step, step)
    log_p, log_rest = -np.logaddexp(0.0, -u), -np.logaddexp(0.0, u)
    log_weight = a * log_p + b[:, np.newaxis] * log_rest - betaln(a, b)[:, np.newaxis]
    # what the function adds to the decay: it is at most about e^reach p near 0, and 1 - p near 1
    size = log_weight.max(axis=0) + np.minimum(0.0, reach + log_p) + log_rest
    kept = np.flatnonzero(size > size.max() - TAIL)
    chosen = slice(kept[0], kept[-1] + 1)
    return np.exp(log_p[chosen]), step * np.exp(log_weight[:, chosen])
