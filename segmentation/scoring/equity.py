"""Customer equity 客户资产: value, brand and retention equity; what raising a driver returns.

Source: models.md section 12 after Rust, Lemon & Zeithaml 2004, "Return on Marketing", J. Marketing 68(1).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import log_softmax, softmax

from crm.scoring.arrays import BoolArray, FloatArray, IntArray, floats

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
    """U = inertia x (bought there last) + ratings @ weights; ``weights`` (k,) in the order of the drivers.

    ``errors`` (1 + k,): standard errors, the inertia's first; None where the weights are a person's judgement.
    ``explained``: McFadden's 1 - log-likelihood / log-likelihood of equal chances.
    """

    inertia: float
    weights: FloatArray
    converged: bool
    rows: int
    errors: FloatArray | None = None
    explained: float = float("nan")

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
        return self.matrices(np.asarray(ratings, dtype=np.float64)[np.newaxis])[0]

    def matrices(self, ratings: ArrayLike, present: ArrayLike | None = None) -> FloatArray:
        """Switching matrices (n, s, s) of n customers from ratings (n, s, k); where ``present`` (n, s) is false there
        is no such supplier and nobody goes to it."""
        given = np.asarray(ratings, dtype=np.float64)
        appeal = np.where(_there(present, given.shape[:2]), given @ self.weights, -np.inf)
        stay = self.inertia * np.eye(given.shape[1])
        moves: FloatArray = softmax(appeal[:, np.newaxis, :] + stay, axis=-1)
        return moves


def _there(present: ArrayLike | None, shape: tuple[int, ...]) -> BoolArray:
    return np.ones(shape, dtype=np.bool_) if present is None else np.asarray(present, dtype=np.bool_)


def fit_logit(
    ratings: ArrayLike,
    last: ArrayLike,
    chosen: ArrayLike,
    penalty: float = 1e-3,
    present: ArrayLike | None = None,
) -> Logit:
    """Maximum likelihood over n decisions: ratings (n, s, k), last (n, s) of 0 or 1, chosen (n,) supplier numbers.

    ``present`` (n, s): which suppliers a decision was between; their ratings must be known. Conditional logit by
    Newton's steps, halved until the likelihood rises (it is concave). A small ridge penalty keeps drivers that never
    vary finite; the errors are from the inverse of the information. ValueError on other shapes, on no rows, and where
    somebody chose what was not there.
    """
    x, had = np.asarray(ratings, dtype=np.float64), np.asarray(last, dtype=np.float64)
    picked: IntArray = np.asarray(chosen, dtype=np.int64)
    if x.ndim != 3 or had.shape != x.shape[:2] or picked.shape != x.shape[:1] or not len(picked):
        raise ValueError("expected ratings (n, s, k), last (n, s) and chosen (n,), n > 0")
    there, rows = _there(present, had.shape), np.arange(len(picked))
    if not there[rows, picked].all():
        raise ValueError("a supplier was chosen that was not there")
    design = np.where(there[:, :, np.newaxis], np.concatenate([had[:, :, np.newaxis], x], axis=2), 0.0)

    def likelihood(beta: FloatArray) -> float:
        utility = np.where(there, design @ beta, -np.inf)
        return float(log_softmax(utility, axis=1)[rows, picked].sum()) - penalty * float(beta @ beta)

    beta = np.zeros(design.shape[2])
    reached, converged = likelihood(beta), False
    null = reached
    for _step in range(60):
        chances = softmax(np.where(there, design @ beta, -np.inf), axis=1)
        gap = -chances
        gap[rows, picked] += 1.0
        gradient = np.einsum("ns,nsk->k", gap, design) - 2 * penalty * beta
        information = _information(design, chances, penalty)
        if float(np.abs(gradient).max()) < 1e-6 * len(picked):
            converged = True
            break
        step = np.linalg.solve(information, gradient)
        while (found := likelihood(beta + step)) < reached and float(np.abs(step).max()) > 1e-12:
            step = step / 2
        beta, reached = beta + step, found
    errors = np.sqrt(np.diag(np.linalg.inv(information)))
    explained = 1.0 - reached / null if null < 0 else float("nan")
    return Logit(float(beta[0]), beta[1:], converged, len(picked), errors, explained)


def _information(design: FloatArray, chances: FloatArray, penalty: float) -> FloatArray:
    """Second derivative of minus the likelihood, (1 + k, 1 + k)."""
    mean = np.einsum("ns,nsk->nk", chances, design)
    spread: FloatArray = np.einsum("ns,nsk,nsl->kl", chances, design, design, optimize=True) - mean.T @ mean
    return spread + 2 * penalty * np.eye(len(spread))


def purchases_expected(
    matrices: ArrayLike, purchases_a_year: ArrayLike, discount_rate: float = 0.10, horizon: float = 3.0
) -> FloatArray:
    """Discounted purchases from supplier 0 by the supplier bought from now, (n, s): what ``lifetime_value`` adds up.

    matrices (n, s, s), purchases_a_year (n,). With choice probabilities B and contribution c of a purchase, a
    customer's value is c x sum over s of B_s x this. No purchases a year: 0.
    """
    moves, rate = np.asarray(matrices, dtype=np.float64), floats(purchases_a_year)
    terms = np.where(rate > 0, np.floor(horizon * np.maximum(rate, 0.0)) + 1, 0).astype(np.int64)
    factor = (1.0 + discount_rate) ** (-1.0 / np.where(rate > 0, rate, 1.0))
    step = factor[:, np.newaxis, np.newaxis] * moves
    # Sum of the first N powers of `step`, applied to "it is us", by the bits of N: twice as many terms in each turn.
    total = np.zeros(moves.shape[:2])
    power = np.broadcast_to(np.eye(moves.shape[1]), moves.shape)
    for bit in reversed(range(int(terms.max(initial=0)).bit_length())):
        total = total + _times(power, total)
        power = power @ power
        odd = (terms >> bit & 1).astype(np.bool_)
        once = _times(step, total)
        once[:, 0] += 1.0
        total = np.where(odd[:, np.newaxis], once, total)
        power = np.where(odd[:, np.newaxis, np.newaxis], step @ power, power)
    return total


def _times(matrices: FloatArray, vectors: FloatArray) -> FloatArray:
    found: FloatArray = (matrices @ vectors[:, :, np.newaxis])[:, :, 0]
    return found


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
