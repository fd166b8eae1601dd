"""Which forecast to trust: every candidate predicts the last 30 % of the company's own history.

Calibration and holdout as in models.md section 9. Forecasts know neither seasons nor price rises: the holdout
should cover the same months as the horizon one means to forecast.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from crm.scoring.arrays import FloatArray, floats
from crm.scoring.ranking import percentile_rank, prepare_population
from crm.scoring.reasons import Reason
from lifecycle.scoring.forecast import credibility, gamma_gamma
from lifecycle.scoring.forecast.fitting import DEFAULT_LIMITS, Limits
from lifecycle.scoring.forecast.history import History, summarise, totals_between
from lifecycle.scoring.forecast.models import Purchases, Spend, fit
from lifecycle.scoring.forecast.patterns import DAYS

HOLDOUT_SHARE = 0.30  # [D] of the time
GINI_TIE = 0.01  # candidates this close to the best rank equally well; the smaller error wins
TOP_SHARE = 0.20


@dataclass(frozen=True, slots=True)
class Candidate:
    """One row of the table. gini: normalised, of holdout value ranked by prediction, 1 = perfect; mae: money per
    customer; correlation with actual value; top_share: part of actual value in the top predicted 20 %;
    occasions, value: predicted totals. NaN where undefined.

    reason: DEGENERATE_FIT or TOO_FEW_OBS of either model; ``eligible``: may be chosen.
    """

    purchases: Purchases
    spend: Spend
    gini: float
    mae: float
    correlation: float
    top_share: float
    occasions: float
    value: float
    reason: Reason
    eligible: bool


@dataclass(frozen=True, slots=True)
class Backtest:
    """chosen is None when nothing can be compared: fewer than two customers, or no sales in the holdout."""

    calibration_end: int
    holdout_days: int
    customers: int
    occasions: float
    value: float
    candidates: tuple[Candidate, ...]
    chosen: Candidate | None


def calibration_end(first_day: int, last_day: int, holdout_share: float = HOLDOUT_SHARE) -> int:
    """Last day of calibration: what is after it, up to and including ``last_day``, is held out."""
    return first_day + int((1.0 - holdout_share) * (last_day - first_day) + 1e-9)


def run(
    customer: ArrayLike, day: ArrayLike, value: ArrayLike, last_day: int, limits: Limits = DEFAULT_LIMITS
) -> Backtest:
    """Split at 70 % of the time from the first purchase to ``last_day``, fit, predict and compare.

    Arrays as for ``history.summarise``. Customers who first bought in the holdout are not forecast.
    """
    days = np.asarray(day, dtype=np.int64)
    past = days[(days <= last_day) & (floats(value, len(days)) > 0)]
    end = calibration_end(int(past.min()), last_day) if len(past) else last_day
    held_out = last_day - end
    history = summarise(customer, day, value, end)
    occasions, actual = totals_between(history.customer, customer, day, value, end, last_day)
    before = totals_between(history.customer, customer, day, value, end - held_out, end)
    candidates = tuple(
        _judge(actual, *prediction) for prediction in _predictions(history, before, held_out, limits)
    )
    return Backtest(
        calibration_end=end,
        holdout_days=held_out,
        customers=len(history.customer),
        occasions=float(occasions.sum()),
        value=float(actual.sum()),
        candidates=candidates,
        chosen=choose(candidates),
    )


def choose(candidates: tuple[Candidate, ...]) -> Candidate | None:
    """The highest Gini; among those within 0.01 of it the smallest error."""
    eligible = [one for one in candidates if one.eligible and np.isfinite(one.gini)]
    if not eligible:
        return None
    best = max(one.gini for one in eligible)
    return min((one for one in eligible if one.gini >= best - GINI_TIE), key=_error)


def normalised_gini(actual: ArrayLike, predicted: ArrayLike) -> float:
    """How well ``predicted`` ranks ``actual``: 1 like the actual values themselves, 0 like chance, -1 backwards.

    Equal predictions share their rank, so the order of rows does not matter. NaN where all actual values are equal.
    """
    truth = floats(actual)
    if len(truth) < 2:
        return float("nan")
    possible = float(truth @ _centred_ranks(truth))
    if not possible > 0:
        return float("nan")
    return float(truth @ _centred_ranks(floats(predicted, len(truth)))) / possible


Prediction = tuple[Purchases, Spend, FloatArray, FloatArray, Reason, bool]


def _predictions(
    history: History, before: tuple[FloatArray, FloatArray], held_out: int, limits: Limits
) -> Iterator[Prediction]:
    """(purchases, spend, expected occasions, expected value, reason, eligible) of every candidate."""
    if not len(history.customer):
        return
    mean = credibility.fit(history.occasions, history.mean, history.squares)
    repeat_mean = np.nan_to_num(history.repeat_mean)
    spent = gamma_gamma.fit(history.timing.repeats, repeat_mean, limits=limits)
    spends = [
        (Spend.CREDIBILITY, mean.expected_spend(history.occasions, history.mean), mean.reason, True),
        (
            Spend.GAMMA_GAMMA,
            spent.expected_spend(history.timing.repeats, repeat_mean),
            spent.report.reason,
            spent.usable,
        ),
    ]
    for purchases in Purchases:
        reason = Reason.OK
        if purchases is Purchases.LAST_PERIOD:
            expected = before[0]
        else:
            model = fit(purchases, history.timing, limits)
            expected = model.expected_occasions(held_out / DAYS, history.timing)
            reason = model.report.reason
        for spend, each, spend_reason, usable in spends:
            yield purchases, spend, expected, expected * each, reason or spend_reason, usable
    yield Purchases.LAST_PERIOD, Spend.LAST_PERIOD, *before, Reason.OK, True


def _judge(
    actual: FloatArray,
    purchases: Purchases,
    spend: Spend,
    occasions: FloatArray,
    value: FloatArray,
    reason: Reason,
    usable: bool,
) -> Candidate:
    finite = bool(np.isfinite(value).all())
    top = np.argsort(-value, kind="stable")[: int(np.ceil(TOP_SHARE * len(value) - 1e-9))]
    total = float(actual.sum())
    varied = finite and float(np.ptp(actual)) > 0 and float(np.ptp(value)) > 0
    return Candidate(
        purchases=purchases,
        spend=spend,
        gini=normalised_gini(actual, value) if finite else float("nan"),
        mae=float(np.abs(value - actual).mean()),
        correlation=float(np.corrcoef(value, actual)[0, 1]) if varied else float("nan"),
        top_share=float(actual[top].sum()) / total if finite and total > 0 else float("nan"),
        occasions=float(occasions.sum()),
        value=float(value.sum()),
        reason=reason,
        eligible=usable and finite,
    )


def _centred_ranks(values: FloatArray) -> FloatArray:
    return percentile_rank(values, prepare_population(values)) - 0.5


def _error(candidate: Candidate) -> float:
    return candidate.mae
