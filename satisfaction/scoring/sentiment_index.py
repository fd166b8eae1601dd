"""The sentiment index of accounts (or of contacts) from their interactions, all of them at once.

Source: the measurements for this product (docs/sentiment.md); the form is models.md section 18 with a half-life of
60 days and one neutral pseudo-interaction. Scores lie in [-1, 1]; pages show 50 + 50 * index.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from crm.scoring.arrays import BoolArray, CodeArray, FloatArray, IntArray, divide, floats, masks

CLASSES = 3
# A weight so small is none, and its square would be nothing at all.
_NOTHING = 1e-6


@dataclass(frozen=True)
class SentimentParameters:
    """Starting values by judgement where docs/sentiment.md does not say that they were measured."""

    half_life_days: float = 60.0
    decider_weight: float = 1.5
    technical_weight: float = 1.0
    purchasing_weight: float = 1.0
    other_weight: float = 0.5
    # So that ten calls on one day do not drown a quarter.
    most_per_contact_day: float = 1.5
    pseudo_interactions: float = 1.0
    least_weight: float = 1.0
    least_interactions: int = 2
    band_width: float = 1.28
    pseudo_variance: float = 0.25
    # How much a mood may have drifted, as variance per 30 days of mean age.
    drift_variance: float = 0.01
    trend_days: int = 30
    # After 12 half-lives a weight is below 1/4000: such rows are not even read.
    horizon_half_lives: float = 12.0
    red_flag: float = -0.6
    red_flag_days: int = 14
    optimism_prior: float = 20.0

    @property
    def horizon_days(self) -> int:
        return int(self.half_life_days * self.horizon_half_lives) + self.trend_days


@dataclass(frozen=True)
class SentimentIndex:
    """Per group, shape (groups,); NaN where there is not enough data. `weight` is per interaction, 0 where ignored."""

    index: FloatArray
    low: FloatArray
    high: FloatArray
    error: FloatArray
    total_weight: FloatArray
    effective: FloatArray
    counted: IntArray
    weight: FloatArray

    @property
    def known(self) -> BoolArray:
        return np.asarray(~np.isnan(self.index), dtype=np.bool_)


@dataclass(frozen=True)
class SentimentTrend:
    """`change` is NaN unless both dates have an index; `direction` is -1, 0 or 1, 0 within one standard error."""

    now: SentimentIndex
    before: SentimentIndex
    change: FloatArray
    direction: CodeArray


def evidence(
    rating: ArrayLike, score: ArrayLike, confidence: ArrayLike, ignored: ArrayLike | None = None
) -> tuple[FloatArray, FloatArray]:
    """Effective score in [-1, 1] and reliability in [0, 1] of n interactions.

    `rating` is the rep's, -2..2, and always wins (score rating/2, reliability 1). Without one the machine's `score`
    counts with (confidence - 1/3) / (2/3); NaN in both is unknown: reliability 0 and score NaN. `ignored` marks
    interactions that are not about us.
    """
    ratings = floats(rating)
    n = len(ratings)
    scores, sure = floats(score, n), floats(confidence, n)
    rated = ~np.isnan(ratings)
    machine = np.clip((sure - 1 / CLASSES) / (1 - 1 / CLASSES), 0.0, 1.0)
    effective = np.where(rated, ratings / 2, scores)
    reliability = np.where(rated, 1.0, machine)
    unknown = np.isnan(effective) | np.isnan(reliability) | masks(ignored, n)
    return np.where(unknown, np.nan, effective), np.where(unknown, 0.0, reliability)


def sentiment_index(
    groups: int,
    group: ArrayLike,
    age_days: ArrayLike,
    score: ArrayLike,
    reliability: ArrayLike,
    role_weight: ArrayLike,
    contact: ArrayLike,
    parameters: SentimentParameters,
) -> SentimentIndex:
    """The index of every group (account or contact) from interactions in any order.

    All arrays have one entry an interaction. `group` is 0..groups-1; `age_days` whole days before the date asked
    for, negative ones lie in its future and are not seen; `contact` says whom the weight of a day is capped by
    (any integer; the same group, contact and age share `most_per_contact_day`, in proportion, before decay).
    """
    of = np.asarray(group, dtype=np.int64)
    n = len(of)
    age, value = floats(age_days, n), floats(score, n)
    raw = floats(reliability, n) * floats(role_weight, n)
    seen = (age >= 0) & (age <= parameters.half_life_days * parameters.horizon_half_lives)
    seen &= ~np.isnan(value) & (raw > _NOTHING)
    raw = np.where(seen, raw, 0.0)
    value = np.where(seen, value, 0.0)
    age = np.where(seen, age, 0.0)
    raw = raw * _share_of_day(of, np.asarray(contact, dtype=np.int64), age, raw, parameters)
    # Whole half-lives apart, so that one more halves exactly.
    halvings, rest = np.divmod(age, parameters.half_life_days)
    weight = raw * np.exp2(-rest / parameters.half_life_days) * np.exp2(-halvings)

    # Without any interaction bincount counts in whole numbers.
    total = floats(np.bincount(of, weight, groups))
    squares = np.bincount(of, weight**2, groups)
    denominator = total + parameters.pseudo_interactions
    index = divide(np.bincount(of, weight * value, groups), denominator)
    deviation = np.bincount(of, weight * (value - index[of]) ** 2, groups)
    variance = divide(deviation + parameters.pseudo_variance, denominator)
    effective = divide(total**2, squares)
    mean_age = divide(np.bincount(of, weight * age, groups), total)
    error = np.sqrt(divide(variance, effective) + parameters.drift_variance * mean_age / 30)
    counted = np.bincount(of, weight > 0, groups).astype(np.int64)
    enough = (total >= parameters.least_weight) & (counted >= parameters.least_interactions)

    def known(values: FloatArray) -> FloatArray:
        return np.where(enough, values, np.nan)

    return SentimentIndex(
        index=known(index),
        low=known(np.clip(index - parameters.band_width * error, -1, 1)),
        high=known(np.clip(index + parameters.band_width * error, -1, 1)),
        error=known(error),
        total_weight=total,
        effective=np.where(np.isnan(effective), 0.0, effective),
        counted=counted,
        weight=weight,
    )


def sentiment_trend(
    groups: int,
    group: ArrayLike,
    age_days: ArrayLike,
    score: ArrayLike,
    reliability: ArrayLike,
    role_weight: ArrayLike,
    contact: ArrayLike,
    parameters: SentimentParameters,
) -> SentimentTrend:
    """The index and the same formula as of `trend_days` before; arguments as for `sentiment_index`."""
    earlier = floats(age_days) - parameters.trend_days
    now = sentiment_index(groups, group, age_days, score, reliability, role_weight, contact, parameters)
    before = sentiment_index(groups, group, earlier, score, reliability, role_weight, contact, parameters)
    change = now.index - before.index
    both = np.sqrt(now.error**2 + before.error**2)
    moved = np.nan_to_num(np.abs(change)) > np.nan_to_num(both)
    direction = np.where(moved, np.sign(np.nan_to_num(change)), 0).astype(np.int8)
    return SentimentTrend(now, before, change, direction)


def strongest(group: ArrayLike, weight: ArrayLike, score: ArrayLike, most: int = 3) -> IntArray:
    """Positions of the `most` interactions of every group with the largest |weight * score|, grouped, largest first."""
    of = np.asarray(group, dtype=np.int64)
    pull = np.nan_to_num(np.abs(floats(weight, len(of)) * floats(score, len(of))))
    order = np.lexsort((np.arange(len(of)), -pull, of))
    starts = np.searchsorted(of[order], of[order], side="left")
    kept: NDArray[np.bool_] = (np.arange(len(of)) - starts < most) & (pull[order] > 0)
    return order[kept]


def optimism(reps: int, rep: ArrayLike, difference: ArrayLike, prior: float) -> tuple[FloatArray, IntArray]:
    """How much kinder than the machine each rep rates, against the team, shrunk by n / (n + prior); and n.

    `difference` is rating/2 minus the machine's score per interaction, shape (n,). NaN for a rep without any.
    """
    who = np.asarray(rep, dtype=np.int64)
    gap = floats(difference, len(who))
    n = np.bincount(who, minlength=reps)
    mean = divide(np.bincount(who, gap, reps), n)
    team = gap.mean() if len(gap) else np.nan
    return (mean - team) * n / (n + prior), n.astype(np.int64)


def _share_of_day(
    group: IntArray, contact: IntArray, age: FloatArray, raw: FloatArray, parameters: SentimentParameters
) -> FloatArray:
    """What is left of each weight under the cap: 1, or less where a contact's day is over it."""
    if not len(group):
        return np.ones(0)
    keys = np.stack((group, contact, age.astype(np.int64)))
    order = np.lexsort(keys)
    ordered = keys[:, order]
    new = np.concatenate(([True], (ordered[:, 1:] != ordered[:, :-1]).any(axis=0)))
    day = np.empty(len(group), dtype=np.int64)
    day[order] = np.cumsum(new) - 1
    total = np.bincount(day, raw)
    share = np.minimum(1.0, divide(np.full(len(total), parameters.most_per_contact_day), total))
    return np.nan_to_num(share, nan=1.0)[day]
