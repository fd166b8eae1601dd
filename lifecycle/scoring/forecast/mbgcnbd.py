"""MBG/CNBD-k (Platzer & Reutterer; Reutterer, Platzer & Schröder 2020): Erlang-k intervals, dropout possible after
every purchase, the first one included. k = 1 is MBG/NBD (Batislam et al. 2007).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import betaln, expit, gammaln

from crm.scoring.arrays import FloatArray
from lifecycle.scoring.forecast import geometric
from lifecycle.scoring.forecast.expectation import expected_occasions
from lifecycle.scoring.forecast.fitting import DEFAULT_LIMITS, GIVEN, Limits, Report, best_of, report, samples
from lifecycle.scoring.forecast.patterns import Timing, group

HIGHEST_K = 12
FEWEST_K = 4
SAME_HEIGHT = 1e-6  # of log likelihood


@dataclass(frozen=True, slots=True)
class MbgCnbd:
    """Every k-th event of a stream of rate ~ Gamma(r, alpha weeks) is a purchase; dropout ~ Beta(a, b)."""

    k: int
    r: float
    alpha: float
    a: float
    b: float
    report: Report = GIVEN

    def p_alive(self, histories: Timing) -> FloatArray:
        """Probability to be alive at the end of observation, shape (n,)."""
        return expit(-_odds(self, histories))

    def posterior(self, histories: Timing) -> tuple[FloatArray, FloatArray]:
        """Shape and rate (weeks) of the gamma distribution of a living customer's purchase rate, (n,) each.

        The published approximation for k > 1: purchases as a Poisson stream of the same mean rate.
        """
        return self.r + histories.repeats, self.k * self.alpha + histories.age

    def expected_occasions(self, weeks: ArrayLike, histories: Timing) -> FloatArray:
        """Purchases expected in the next ``weeks``: shape (n,) for one horizon, (n, h) for h of them."""
        shape, rate = self.posterior(histories)
        b = self.b + histories.repeats + 1.0
        return expected_occasions(weeks, shape, rate, self.p_alive(histories), self.a, b)


def log_likelihood(model: MbgCnbd, histories: Timing) -> FloatArray:
    """Of every row, shape (n,), weights not applied."""
    x, end = histories.repeats, model.alpha + histories.age
    shape = model.r + model.k * x
    between = (model.k - 1) * histories.log_intervals - x * gammaln(model.k) if model.k > 1 else 0.0
    return (
        between
        + betaln(model.a, model.b + x + 1)
        - betaln(model.a, model.b)
        + gammaln(shape)
        - gammaln(model.r)
        + model.r * np.log(model.alpha)
        - shape * np.log(end)
        + geometric.survival(model.k, shape, histories.age - histories.recency, end).log
        + np.logaddexp(0.0, _odds(model, histories))
    )


def fit(histories: Timing, limits: Limits = DEFAULT_LIMITS, highest_k: int = HIGHEST_K) -> MbgCnbd:
    """Maximum likelihood over (r, alpha, a, b) and k = 1 ... ``highest_k``. ValueError: no log_intervals, k > 1.

    Higher k are no more tried once the likelihood has fallen twice running (from FEWEST_K on), as in Platzer's
    BTYDplus: it has one summit in k.
    """
    patterns = group(histories)
    models: list[MbgCnbd] = []
    for k in range(1, highest_k + 1):
        models.append(_fit_k(patterns, k, limits))
        if k > FEWEST_K and _falls([model.report.log_likelihood for model in models[-3:]]):
            break
    best = max(model.report.log_likelihood for model in models)
    # the least regular of equals: where intervals tell nothing, rounding must not choose
    return next(model for model in models if model.report.log_likelihood >= best - SAME_HEIGHT)


def fit_k(histories: Timing, k: int, limits: Limits = DEFAULT_LIMITS) -> MbgCnbd:
    """Maximum likelihood with k given."""
    return _fit_k(group(histories), k, limits)


def _fit_k(patterns: Timing, k: int, limits: Limits) -> MbgCnbd:
    if k > 1 and np.isnan(patterns.log_intervals).any():
        raise ValueError("regular intervals (k > 1) cannot be told from histories without log_intervals")
    box = (limits.r, limits.alpha, limits.a, limits.b)
    optimum = best_of(
        [geometric.objective(patterns.at(chosen), k, 1) for chosen in samples(len(patterns.age))],
        geometric.starts(patterns, k),
        box,
    )
    optimum = replace(optimum, value=optimum.value + geometric.constant(patterns, k))
    r, alpha, a, b = optimum.parameters.tolist()
    found = report(optimum, ("r", "alpha", "a", "b"), box, patterns.customers, patterns.repeaters)
    return MbgCnbd(k, r, alpha, a, b, found)


def _falls(heights: Sequence[float]) -> bool:
    return all(after < before for before, after in pairwise(heights))


def _odds(model: MbgCnbd, histories: Timing) -> FloatArray:
    parameters = np.array([model.r, model.alpha, model.a, model.b])
    return geometric.log_dropout_odds(
        parameters, model.k, 1, histories.repeats, histories.recency, histories.age
    )
