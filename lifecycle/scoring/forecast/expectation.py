"""Expected purchases of a customer who is alive, without the closed form's hypergeometric function.

The published form, (a+b-1)/(a-1) [1 - (...)^r 2F1(...)], divides by a - 1 and overflows for large parameters. It is
the mean over the dropout probability p ~ Beta(a, b) of the purchases made before dropping out,
(1 - (1 + p s)^-shape) / p with s = t / (alpha + T), which is smooth, positive and bounded; so it is taken as just
that, by Gauss-Jacobi quadrature. Nothing special happens at a = 1: there is nothing to nudge.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy.linalg import eigh_tridiagonal

from crm.scoring.arrays import FloatArray
from lifecycle.scoring.forecast.patterns import group_rows

NODES = 48
BLOCK = 16_384  # rows evaluated at once: a matrix of about 6 MB


def beta_rule(a: float, b: float) -> tuple[FloatArray, FloatArray]:
    """Points in (0, 1) and weights (sum 1) whose weighted mean of f is E f(p), p ~ Beta(a, b). Shape (NODES,).

    Golub and Welsch: eigenvalues of the recurrence of the Jacobi polynomials. Weights come from the eigenvectors, so
    that no beta function can underflow.
    """
    n = np.arange(1, NODES, dtype=np.float64)
    total = a + b
    diagonal = np.empty(NODES)
    diagonal[0] = (a - b) / total
    diagonal[1:] = (a - b) * (total - 2.0) / ((2 * n + total - 2.0) * (2 * n + total))
    squares = (
        4 * n * (n + a - 1) * (n + b - 1) * (n + total - 2) / ((2 * n + total - 2) ** 2 * (2 * n + total - 1))
    )
    squares[1:] /= 2 * n[1:] + total - 3
    # n = 1: the factor n + a + b - 2 of the numerator cancels against the last of the denominator
    squares[0] = 4 * a * b / (total**2 * (total + 1))
    nodes, vectors = eigh_tridiagonal(diagonal, np.sqrt(squares))
    return np.clip((1 + nodes) / 2, 1e-300, 1.0), vectors[0] ** 2


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
    """Mean over p ~ Beta(a, b) of (1 - (1 + p span)^-shape) / p.

    ``shape`` (n,), ``span`` (n, h): horizon over alpha + T, ``b`` (n,). Result (n, h).
    """
    values, of_value = np.unique(b, return_inverse=True)
    rules = [beta_rule(a, value) for value in values]
    points = np.array([rule[0] for rule in rules]).reshape(-1, NODES)
    weights = np.array([rule[1] for rule in rules]).reshape(-1, NODES)
    out = np.empty(span.shape)
    for begin in range(0, len(shape), BLOCK):
        rows = slice(begin, begin + BLOCK)
        p = points[of_value[rows]]
        over_p = weights[of_value[rows]] / p
        for h in range(span.shape[1]):
            lost = -np.expm1(-shape[rows, np.newaxis] * np.log1p(p * span[rows, h, np.newaxis]))
            out[rows, h] = np.einsum("ij,ij->i", over_p, lost)
    return out
