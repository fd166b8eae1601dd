"""Does the model work? Scores and grades of a past date against the gross profit that followed.

Sources: models.md sections 1 and 14; normalised Gini and capture as in ``lifecycle.scoring.forecast.backtest``.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from crm.scoring.arrays import FloatArray, IntArray, divide, floats
from lifecycle.scoring.forecast.backtest import normalised_gini

TOP_SHARE = 0.20
DECILES = 10


@dataclass(frozen=True, slots=True)
class Foresight:
    """How well one score ranked what followed. NaN where undefined (fewer than two accounts, no profit at all).

    n: accounts with a score and a known profit; gini: normalised, 1 ranks like the profits themselves, 0 like
    chance; top_capture: part of the positive profit that the best-scored fifth brought; best_capture: what the
    best fifth by actual profit brought (the most that is possible); lift: mean profit of the best fifth over the
    mean of all; gains: cumulated share of the positive profit after each tenth of the accounts, shape (10,).
    """

    n: int
    gini: float
    top_capture: float
    best_capture: float
    lift: float
    gains: FloatArray


@dataclass(frozen=True, slots=True)
class GradeOutcome:
    """What followed, per grade (shape (g,), best first, the unrated last): accounts, profit, mean profit per account
    and its lift over the mean of all; NaN where there is nobody.
    """

    accounts: IntArray
    profit: FloatArray
    mean: FloatArray
    lift: FloatArray


def foresight(score: ArrayLike, profit: ArrayLike) -> Foresight:
    """Judge a score (n,) by the profit that followed (n,). Accounts with either unknown (NaN) are left out.

    Equal scores share what they bring, so the order of the accounts does not matter.
    """
    scored, gained = floats(score), floats(profit)
    if scored.shape != gained.shape:
        raise ValueError("score and profit must have one entry per account each")
    known = ~np.isnan(scored) & ~np.isnan(gained)
    scored, gained = scored[known], gained[known]
    n = len(scored)
    positive = np.maximum(gained, 0.0)
    total = float(positive.sum())
    undefined = n < 2 or not total > 0
    curve = _captured(scored, positive)
    best = _captured(positive, positive)
    mean = float(gained.mean()) if n else float("nan")
    top = _captured(scored, gained)
    return Foresight(
        n=n,
        gini=float("nan") if undefined else normalised_gini(positive, scored),
        top_capture=float("nan") if undefined else curve(TOP_SHARE * n) / total,
        best_capture=float("nan") if undefined else best(TOP_SHARE * n) / total,
        lift=float("nan") if undefined or not mean > 0 else top(TOP_SHARE * n) / (TOP_SHARE * n) / mean,
        gains=np.array(
            [float("nan") if undefined else curve(k * n / DECILES) / total for k in range(1, DECILES + 1)]
        ),
    )


def grade_outcomes(grade: ArrayLike, profit: ArrayLike, grades: int) -> GradeOutcome:
    """What each grade (n,) of 0..grades-1, -1 = unrated, brought. Accounts whose profit is unknown are left out."""
    gained = floats(profit)
    place = np.asarray(grade, dtype=np.int64)
    known = ~np.isnan(gained)
    place = np.where(place[known] < 0, grades, place[known])
    accounts = np.bincount(place, minlength=grades + 1).astype(np.int64)
    money = np.bincount(place, weights=gained[known], minlength=grades + 1).astype(np.float64)
    mean = divide(money, accounts)
    overall = float(gained[known].mean()) if known.any() else float("nan")
    lift = mean / overall if overall > 0 else np.full(len(mean), np.nan)
    return GradeOutcome(accounts, money, mean, lift)


def stability(before: ArrayLike, after: ArrayLike) -> float:
    """Share of the accounts graded at both dates (n,) that kept their grade; NaN where there are none."""
    start, end = np.asarray(before, dtype=np.int64), np.asarray(after, dtype=np.int64)
    both = (start >= 0) & (end >= 0)
    return float((start[both] == end[both]).mean()) if both.any() else float("nan")


class _captured:  # noqa: N801 - a curve, called like a function
    """Sum of ``worth`` over the first k accounts in order of ``score``, for any real k; ties share evenly."""

    def __init__(self, score: FloatArray, worth: FloatArray) -> None:
        levels, place, counts = np.unique(-score, return_inverse=True, return_counts=True)
        sums = np.bincount(place, weights=worth, minlength=len(levels))
        self.edges = np.concatenate([[0.0], np.cumsum(counts)])
        self.sums = np.concatenate([[0.0], np.cumsum(sums)])

    def __call__(self, k: float) -> float:
        return float(np.interp(k, self.edges, self.sums))
