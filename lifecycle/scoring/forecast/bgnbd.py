"""BG/NBD (Fader, Hardie & Lee 2005): exponential intervals, dropout possible after every repeat purchase.

Every customer without a repeat is alive for sure in this model: do not use its P(alive) to flag lost customers.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import betaln, expit, gammaln

from crm.scoring.arrays import FloatArray
from lifecycle.scoring.forecast import geometric
from lifecycle.scoring.forecast.expectation import expected_occasions
from lifecycle.scoring.forecast.fitting import DEFAULT_LIMITS, GIVEN, Limits, Report, best_of, report, samples
from lifecycle.scoring.forecast.patterns import Timing


@dataclass(frozen=True, slots=True)
class BgNbd:
    """Rate of purchase ~ Gamma(r, alpha weeks), probability to drop out after a repeat ~ Beta(a, b)."""

    r: float
    alpha: float
    a: float
    b: float
    report: Report = GIVEN

    def p_alive(self, histories: Timing) -> FloatArray:
        """Probability to be alive at the end of observation, shape (n,); 1 without a repeat."""
        return np.where(histories.repeats > 0, expit(-_odds(self, histories)), 1.0)

    def posterior(self, histories: Timing) -> tuple[FloatArray, FloatArray]:
        """Shape and rate (weeks) of the gamma distribution of a living customer's purchase rate, (n,) each."""
        return self.r + histories.repeats, self.alpha + histories.age

    def expected_occasions(self, weeks: ArrayLike, histories: Timing) -> FloatArray:
        """Purchases expected in the next ``weeks``: shape (n,) for one horizon, (n, h) for h of them."""
        shape, rate = self.posterior(histories)
        b = self.b + histories.repeats
        return expected_occasions(weeks, shape, rate, self.p_alive(histories), self.a, b)


def log_likelihood(model: BgNbd, histories: Timing) -> FloatArray:
    """Of every row, shape (n,), weights not applied."""
    x, end = histories.repeats, model.alpha + histories.age
    shape = model.r + x
    return (
        gammaln(shape)
        - gammaln(model.r)
        + model.r * np.log(model.alpha)
        + betaln(model.a, model.b + x)
        - betaln(model.a, model.b)
        - shape * np.log(end)
        + np.where(x > 0, np.logaddexp(0.0, _odds(model, histories)), 0.0)
    )


def fit(histories: Timing, limits: Limits = DEFAULT_LIMITS) -> BgNbd:
    """Maximum likelihood. Too few observations are the caller's affair (see ``models.fit``)."""
    box = (limits.r, limits.alpha, limits.a, limits.b)
    optimum = best_of(
        [geometric.objective(histories.at(chosen), 1, 0) for chosen in samples(len(histories.age))],
        geometric.starts(histories, 1),
        box,
    )
    r, alpha, a, b = optimum.parameters.tolist()
    found = report(optimum, ("r", "alpha", "a", "b"), box, histories.customers, histories.repeaters)
    return BgNbd(r, alpha, a, b, found)


def _odds(model: BgNbd, histories: Timing) -> FloatArray:
    parameters = np.array([model.r, model.alpha, model.a, model.b])
    repeats = np.maximum(histories.repeats, 1.0)  # without a repeat the odds are not used
    return geometric.log_dropout_odds(parameters, 1, 0, repeats, histories.recency, histories.age)
