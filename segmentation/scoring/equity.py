"""Customer equity 客户资产: value, brand and retention equity; what raising a driver returns.

Source: models.md section 12 after Rust, Lemon & Zeithaml 2004, "Return on Marketing", J. Marketing 68(1).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize import minimize
from scipy.special import log_softmax, softmax

from crm.scoring.arrays import FloatArray, IntArray, floats

ROW_TOLERANCE = 0.01  # rows of a switching matrix further from 1 are refused
FEWEST_ROWS = 100  # [D] for a logit
GROUPS: Mapping[str, tuple[str, ...]] = {
    "value": ("quality", "price", "convenience"),
    "brand": ("awareness", "attitude", "ethics"),
    "retention": ("programmes", "relationship", "switching"),
}


class BadMatrix(ValueError):  # noqa: N818 - reads as a sentence where it is raised
    """A switching matrix whose rows are not probabilities; ``row`` counts from 0."""

    def __init__(self, row: int, total: float) -> None:
        super().__init__(f"row {row} adds up to {total}")
        self.row = row
        self.total = total


def switching_matrix(rows: ArrayLike) -> FloatArray:
    """(s, s) probabilities of buying next from each supplier, by the last one; rows within 0.01 of 1 are normalised."""
    matrix = np.asarray(rows, dtype=np.float64)
    if matrix.ndim != 2 or matrix.shape[0] != matrix.shape[1] or not matrix.size:
        raise ValueError(f"expected a square matrix, got shape {matrix.shape}")
    totals = matrix.sum(axis=1)
    for row, total in enumerate(totals):
        if (matrix[row] < 0).any() or not abs(total - 1.0) <= ROW_TOLERANCE:
            raise BadMatrix(row, float(total))
    normalised: FloatArray = matrix / totals[:, np.newaxis]
    return normalised


def observed_matrix(last: ArrayLike, following: ArrayLike, suppliers: int) -> FloatArray:
    """Switching counts with half an observation added to each cell; arrays (n,) of supplier numbers 0..s-1."""
    start, end = np.asarray(last, dtype=np.int64), np.asarray(following, dtype=np.int64)
    counts = np.bincount(start * suppliers + end, minlength=suppliers * suppliers).reshape(
        suppliers, suppliers
    )
    smoothed = counts + 0.5
    matrix: FloatArray = smoothed / smoothed.sum(axis=1, keepdims=True)
    return matrix


def lifetime_value(
    choice: ArrayLike,
    matrix: ArrayLike,
    purchases_a_year: float,
    quantity: float,
    contribution: float,
    discount_rate: float = 0.10,
    horizon: float = 3.0,
) -> FloatArray:
    """CLV towards each supplier, money, shape (s,).

    choice (s,): present choice probabilities; sum over t = 0 ... int(horizon x f) of (1 + d)^(-t/f) x quantity x
    contribution x B_t with B_t = choice x matrix^t. No purchases: 0. Contribution may be negative.
    """
    shares = floats(choice)
    moves = switching_matrix(matrix)
    if len(shares) != len(moves):
        raise ValueError("one choice probability per supplier")
    if purchases_a_year <= 0:
        return np.zeros(len(shares))
    total = np.zeros(len(shares))
    for t in range(int(horizon * purchases_a_year) + 1):
        total += (1.0 + discount_rate) ** (-t / purchases_a_year) * shares
        shares = shares @ moves
    return total * quantity * contribution


@dataclass(frozen=True, slots=True)
class Logit:
    """U = inertia x (bought there last) + ratings @ weights; ``weights`` (k,) in the order of the drivers."""

    inertia: float
    weights: FloatArray
    converged: bool
    rows: int

    def choice(self, ratings: ArrayLike, last: ArrayLike) -> FloatArray:
        """Probability of each supplier next: ratings (..., s, k), last (..., s) of 0 or 1; shape (..., s)."""
        utility = (
            self.inertia * np.asarray(last, dtype=np.float64)
            + np.asarray(ratings, dtype=np.float64) @ self.weights
        )
        chances: FloatArray = softmax(utility, axis=-1)
        return chances

    def matrix(self, ratings: ArrayLike) -> FloatArray:
        """Switching matrix (s, s) from mean ratings (s, k)."""
        given = np.asarray(ratings, dtype=np.float64)
        return np.vstack([self.choice(given, row) for row in np.eye(len(given))])


def fit_logit(ratings: ArrayLike, last: ArrayLike, chosen: ArrayLike, penalty: float = 1e-3) -> Logit:
    """Maximum likelihood over n decisions: ratings (n, s, k), last (n, s) of 0 or 1, chosen (n,) supplier numbers.

    A small ridge penalty keeps drivers that never vary finite. ValueError on other shapes.
    """
    x, had = np.asarray(ratings, dtype=np.float64), np.asarray(last, dtype=np.float64)
    picked: IntArray = np.asarray(chosen, dtype=np.int64)
    if x.ndim != 3 or had.shape != x.shape[:2] or picked.shape != x.shape[:1]:
        raise ValueError("expected ratings (n, s, k), last (n, s) and chosen (n,)")
    design = np.concatenate([had[:, :, np.newaxis], x], axis=2)
    rows = np.arange(len(picked))

    def loss(beta: FloatArray) -> tuple[float, FloatArray]:
        utility = design @ beta
        likelihood = log_softmax(utility, axis=1)[rows, picked].sum()
        gap = softmax(utility, axis=1)
        gap[rows, picked] -= 1.0
        gradient = np.einsum("ns,nsk->k", gap, design) + 2 * penalty * beta
        return -float(likelihood) + penalty * float(beta @ beta), gradient

    found = minimize(loss, np.zeros(design.shape[2]), jac=True, method="L-BFGS-B")
    return Logit(float(found.x[0]), found.x[1:], bool(found.success), len(picked))


@dataclass(frozen=True, slots=True)
class Return:
    """What raising drivers brings: equity before and after in money, and (gain - spend) / spend, NaN without spend."""

    before: float
    after: float
    gain: float
    roi: float


def return_on_spend(before: float, after: float, spend: float) -> Return:
    """ROI of a change of customer equity for a discounted spend."""
    gain = after - before
    return Return(before, after, gain, (gain - spend) / spend if spend > 0 else float("nan"))


def equity_scores(ratings: Mapping[str, float], weights: Mapping[str, float]) -> dict[str, float]:
    """Value, brand and retention equity, 0..100, from mean ratings of us (0..10) and the drivers' weights.

    A group whose drivers have no rating or no weight is NaN.
    """
    scores = {}
    for group, drivers in GROUPS.items():
        known = [name for name in drivers if name in ratings and weights.get(name, 0.0) > 0]
        total = sum(weights[name] for name in known)
        scores[group] = (
            sum(weights[name] * ratings[name] for name in known) / total * 10 if total else float("nan")
        )
    return scores


def group_importance(weights: ArrayLike, spread: ArrayLike, drivers: tuple[str, ...]) -> dict[str, float]:
    """Share of each group in sum |beta x standard deviation|; weights and spread (k,) in the order of ``drivers``."""
    force = np.abs(floats(weights) * floats(spread))
    total = float(force.sum())
    return {
        group: float(sum(force[i] for i, name in enumerate(drivers) if name in names)) / total
        if total > 0
        else float("nan")
        for group, names in GROUPS.items()
    }
