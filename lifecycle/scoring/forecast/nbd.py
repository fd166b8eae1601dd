"""NBD: Poisson purchases with gamma-distributed rates and no dropout; also what is left where data are too few."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import digamma, gammaln, zeta

from crm.scoring.arrays import FloatArray, divide
from crm.scoring.reasons import Reason
from lifecycle.scoring.forecast.expectation import horizons
from lifecycle.scoring.forecast.fitting import (
    DEFAULT_LIMITS,
    GIVEN,
    Limits,
    Objective,
    Report,
    best_of,
    report,
)
from lifecycle.scoring.forecast.patterns import Timing, group_rows, pool, total_by

POPULATION_SHAPE = 1.0  # [D] the population's rate counts as much as one repeat purchase of one's own


@dataclass(frozen=True, slots=True)
class Nbd:
    """Rate of purchase ~ Gamma(r, alpha weeks)."""

    r: float
    alpha: float
    report: Report = GIVEN

    def p_alive(self, histories: Timing) -> FloatArray:
        """1 for everybody: nobody drops out in this model. Shape (n,)."""
        return np.ones(len(histories.repeats))

    def posterior(self, histories: Timing) -> tuple[FloatArray, FloatArray]:
        """Shape and rate (weeks) of the gamma distribution of a customer's purchase rate, (n,) each."""
        return self.r + histories.repeats, self.alpha + histories.age

    def expected_occasions(self, weeks: ArrayLike, histories: Timing) -> FloatArray:
        """(r + x) / (alpha + T) t: shape (n,) for one horizon, (n, h) for h of them; 0 where age and alpha are."""
        shape, rate = self.posterior(histories)
        spans, single = horizons(weeks)
        out = np.nan_to_num(divide(shape, rate))[:, np.newaxis] * spans
        return out[:, 0] if single else out


def log_likelihood(model: Nbd, histories: Timing) -> FloatArray:
    """Of every row, shape (n,), weights not applied; terms without parameters left out."""
    shape = model.r + histories.repeats
    return (
        gammaln(shape)
        - gammaln(model.r)
        + model.r * np.log(model.alpha)
        - shape * np.log(model.alpha + histories.age)
    )


def fit(histories: Timing, limits: Limits = DEFAULT_LIMITS) -> Nbd:
    """Maximum likelihood over (r, alpha)."""
    box = (limits.r, limits.alpha)
    starts = [(r, r / histories.rate) for r in (0.3, 1.0, 5.0)]
    optimum = best_of([_objective(histories)], starts, box)
    r, alpha = optimum.parameters.tolist()
    found = report(optimum, ("r", "alpha"), box, histories.customers, histories.repeaters)
    return Nbd(r, alpha, found)


def population_rate(histories: Timing) -> Nbd:
    """Not fitted: everybody's purchases over everybody's time, each customer's own rate shrunk to it.

    A single customer is forecast by what it did, x / T. Reason TOO_FEW_OBS.
    """
    found = Report(customers=histories.customers, repeaters=histories.repeaters, reason=Reason.TOO_FEW_OBS)
    if histories.customers <= 1:
        return Nbd(0.0, 0.0, found)
    return Nbd(POPULATION_SHAPE, POPULATION_SHAPE / histories.rate, found)


def _objective(histories: Timing) -> Objective:
    """Everything is a sum over distinct x or over distinct T."""
    x, per_x = pool(histories.repeats, histories.weight)
    groups = group_rows(histories.age)
    age = histories.age[groups.first]
    per_age = total_by(groups.of_row, len(age), histories.weight)
    bought = total_by(groups.of_row, len(age), histories.weight * histories.repeats)
    customers = histories.customers

    def evaluate(parameters: FloatArray) -> tuple[float, FloatArray, FloatArray]:
        r, alpha = parameters.tolist()
        end, log_end = alpha + age, np.log(alpha + age)
        shape = r * per_age + bought
        value = per_x @ gammaln(r + x) + customers * (r * np.log(alpha) - gammaln(r)) - shape @ log_end
        gradient = np.array(
            [
                per_x @ digamma(r + x) + customers * (np.log(alpha) - digamma(r)) - per_age @ log_end,
                customers * r / alpha - shape @ (1 / end),
            ]
        )
        mixed = customers / alpha - per_age @ (1 / end)
        hessian = np.array(
            [
                [per_x @ zeta(2, r + x) - customers * zeta(2, r), mixed],
                [mixed, shape @ (1 / end**2) - customers * r / alpha**2],
            ]
        )
        return float(value), gradient, hessian

    return evaluate
