"""Satisfaction of one customer: C = b/a and D = b - a from expected (a) and perceived (b) answers.

Source: models.md section 2. One call handles all accounts from flat arrays of answers.

Scales. A ratio has a meaning only where 0 means "nothing", so C and D are taken on "percent of the
highest mark", 100 x v / hi: with one scale C is the quotient of the very numbers people ticked, and
questionnaires with different scales can be added up. The satisfaction index is taken on 0-100 = (v - lo)
/ (hi - lo) x 100 like every index.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from types import MappingProxyType

import numpy as np
from numpy.typing import ArrayLike, NDArray

from crm.scoring.arrays import TOLERANCE, BoolArray, CodeArray, FloatArray, IntArray, divide, floats, masks
from crm.scoring.reasons import Reason

_ROLE_WEIGHTS: Mapping[str, float] = MappingProxyType(
    {"decider": 3.0, "influencer": 2.0, "negotiator": 2.0, "executor": 1.0, "user": 1.0, "gatekeeper": 1.0}
)


class RatioClass(IntEnum):
    """Class of C. Stored as smallint."""

    UNDEFINED = -1
    WHOLLY_UNMET = 0  # 期望完全未实现
    DISSATISFIED = 1  # 不满意
    NEUTRAL = 2  # 比较满意(一般)
    EXCEEDED = 3  # 超出期望


class DifferenceClass(IntEnum):
    """Class of D. Stored as smallint."""

    UNDEFINED = -1
    DISSATISFIED = 1  # 不满意
    SATISFIED = 2  # 满意
    DELIGHTED = 3  # 欣喜


@dataclass(frozen=True, slots=True)
class RatioParameters:
    epsilon: float = 0.05  # |C - 1| up to this is neutral
    delta: float = 0.05  # |D| up to this share of the scale's range is satisfied
    fresh_months: int = 18  # older answers are stale
    mean_cap: float = 2.0  # a single C counts as at most this in a population mean
    role_weights: Mapping[str, float] = field(default_factory=lambda: _ROLE_WEIGHTS)
    other_role_weight: float = 1.0  # role unknown or not listed


DEFAULT_RATIO = RatioParameters()


@dataclass(frozen=True, slots=True)
class Satisfaction:
    """One row per account; all arrays of shape (accounts,). NaN where undefined; ``reason`` speaks of the
    ratio.

    ratio C; mean_of_ratios (weighted mean of single b/a); difference D in percent of the highest mark;
    index 0-100 (weighted perceived, its reason apart); expected and perceived are the weighted means
    behind C; spread = highest minus lowest respondent's index (NaN with fewer than two); respondents and
    answers are counts.
    """

    ratio: FloatArray
    mean_of_ratios: FloatArray
    difference: FloatArray
    index: FloatArray
    expected: FloatArray
    perceived: FloatArray
    ratio_class: CodeArray
    difference_class: CodeArray
    respondents: IntArray
    answers: IntArray
    spread: FloatArray
    reason: CodeArray
    index_reason: CodeArray


def rescale(values: ArrayLike, lo: ArrayLike, hi: ArrayLike) -> FloatArray:
    """Answers on a scale lo..hi as 0-100: (v - lo) / (hi - lo) x 100, shape (n,).

    NaN stays NaN. ValueError when lo >= hi or an answer lies outside its scale.
    """
    answers, low, high = _checked(values, lo, hi)
    return (answers - low) / (high - low) * 100.0


def percent_of_maximum(values: ArrayLike, lo: ArrayLike, hi: ArrayLike) -> FloatArray:
    """Answers as percent of the highest mark: 100 x v / hi, shape (n,); keeps ratios. Errors as
    ``rescale``.
    """
    answers, _, high = _checked(values, lo, hi)
    return answers / high * 100.0


def respondent_weights(roles: Sequence[str], parameters: RatioParameters = DEFAULT_RATIO) -> FloatArray:
    """Weight of each respondent by their role in the decision, shape (n,)."""
    if not len(roles):
        return np.zeros(0)
    distinct, inverse = np.unique(np.asarray(roles, dtype=np.str_), return_inverse=True)
    table = [parameters.role_weights.get(str(role), parameters.other_role_weight) for role in distinct]
    return np.asarray(table, dtype=np.float64)[inverse]


def is_fresh(answered_on: ArrayLike, oldest_fresh: np.datetime64) -> BoolArray:
    """True where the answer (datetime64[D]) is later than ``oldest_fresh`` (see ``stale_before``); NaT is
    not.
    """
    answered = np.asarray(answered_on, dtype="datetime64[D]")
    return np.asarray(answered > oldest_fresh, dtype=np.bool_)


def stale_before(as_of: np.datetime64, months: int = DEFAULT_RATIO.fresh_months) -> np.datetime64:
    """The last stale day: the same day ``months`` calendar months before ``as_of`` (month's end where
    shorter).
    """
    day = as_of.astype("datetime64[D]")
    month = day.astype("datetime64[M]")
    target = month - np.timedelta64(months, "M")
    last = (target + np.timedelta64(1, "M")).astype("datetime64[D]") - np.timedelta64(1, "D")
    moved = target.astype("datetime64[D]") + (day - month.astype("datetime64[D]"))
    return np.datetime64(min(moved, last), "D")


def account_satisfaction(
    accounts: int,
    account_index: ArrayLike,
    respondent_index: ArrayLike,
    respondent_weight: ArrayLike,
    importance: ArrayLike,
    expected: ArrayLike,
    perceived: ArrayLike,
    *,
    lo: ArrayLike = 1.0,
    hi: ArrayLike = 10.0,
    fresh: ArrayLike | None = None,
    parameters: RatioParameters = DEFAULT_RATIO,
) -> Satisfaction:
    """Satisfaction of ``accounts`` accounts from m flat answers (one per respondent and attribute).

    account_index, respondent_index: int, 0-based (a respondent belongs to one account). An answer's
    weight is respondent_weight x importance. ``fresh``: mask of answers young enough (default all). NaN
    in expected or perceived: the pair is left out of C and D; a perceived mark without an expectation
    still counts for the index. ValueError for answers outside lo..hi, negative scales, or negative or
    missing weights.
    """
    account = np.asarray(account_index, dtype=np.int64)
    m = len(account)
    respondent = np.asarray(respondent_index, dtype=np.int64)
    weight = floats(respondent_weight, m) * floats(importance, m)
    if m and not (weight >= 0).all():
        raise ValueError("respondent weights and importance must be known and not negative")
    usable = np.ones(m, dtype=np.bool_) if fresh is None else masks(fresh, m)
    a = percent_of_maximum(expected, lo, hi)
    b = percent_of_maximum(perceived, lo, hi)
    b100 = rescale(perceived, lo, hi)

    def per_account(values: FloatArray, where: BoolArray) -> FloatArray:
        return np.bincount(account[where], weights=values[where], minlength=accounts).astype(np.float64)

    rated = usable & (weight > 0) & ~np.isnan(b)
    paired = rated & ~np.isnan(a)
    pair_weight = per_account(weight, paired)
    sum_a, sum_b = per_account(weight * a, paired), per_account(weight * b, paired)
    ratio = divide(sum_b, sum_a)
    mean_a, mean_b = divide(sum_a, pair_weight), divide(sum_b, pair_weight)
    difference = mean_b - mean_a
    span = divide(per_account(weight * _range(lo, hi, m), paired), pair_weight)

    divisible = paired & (a > 0)
    single = divide(b, a)
    mean_of_ratios = divide(per_account(weight * single, divisible), per_account(weight, divisible))
    index = divide(per_account(weight * b100, rated), per_account(weight, rated))

    answers = np.bincount(account[rated], minlength=accounts).astype(np.int64)
    respondents, spread = _respondents(accounts, account, respondent, weight, b100, rated)
    asked = np.bincount(account, minlength=accounts) > 0
    recent = np.bincount(account[usable], minlength=accounts) > 0
    nobody = [~asked, ~recent]
    absent = [Reason.NO_SURVEY, Reason.STALE_SURVEY]
    reason = np.select(
        [*nobody, pair_weight == 0, sum_a == 0],
        [*absent, Reason.MISSING_INPUT, Reason.ZERO_EXPECTATION],
        Reason.OK,
    )
    index_reason = np.select([*nobody, answers == 0], [*absent, Reason.MISSING_INPUT], Reason.OK)
    return Satisfaction(
        ratio=ratio,
        mean_of_ratios=mean_of_ratios,
        difference=difference,
        index=index,
        expected=mean_a,
        perceived=mean_b,
        ratio_class=classify_ratio(ratio, parameters.epsilon),
        difference_class=classify_difference(difference, span, parameters.delta),
        respondents=respondents,
        answers=answers,
        spread=spread,
        reason=reason.astype(np.int8),
        index_reason=index_reason.astype(np.int8),
    )


def classify_ratio(ratio: ArrayLike, epsilon: float = DEFAULT_RATIO.epsilon) -> CodeArray:
    """``RatioClass`` of each C, int8 of shape (n,)."""
    c = floats(ratio)
    conditions = [np.isnan(c), c == 0, np.abs(c - 1.0) <= epsilon + TOLERANCE, c < 1.0]
    classes = [RatioClass.UNDEFINED, RatioClass.WHOLLY_UNMET, RatioClass.NEUTRAL, RatioClass.DISSATISFIED]
    return np.select(conditions, classes, RatioClass.EXCEEDED).astype(np.int8)


def classify_difference(
    difference: ArrayLike, scale_range: ArrayLike = 100.0, delta: float = DEFAULT_RATIO.delta
) -> CodeArray:
    """``DifferenceClass`` of each D, int8 of shape (n,); ``scale_range`` is in the unit of D."""
    d = floats(difference)
    limit = delta * floats(scale_range, len(d))
    conditions = [np.isnan(d), np.abs(d) <= limit + TOLERANCE, d < 0]
    classes = [DifferenceClass.UNDEFINED, DifferenceClass.SATISFIED, DifferenceClass.DISSATISFIED]
    return np.select(conditions, classes, DifferenceClass.DELIGHTED).astype(np.int8)


@dataclass(frozen=True, slots=True)
class PopulationRatio:
    """C over the customers that have one: mean (each C capped), median, count. NaN when count is 0."""

    mean: float
    median: float
    count: int


def population_ratio(ratio: ArrayLike, cap: float = DEFAULT_RATIO.mean_cap) -> PopulationRatio:
    c = floats(ratio)
    c = c[~np.isnan(c)]
    if not len(c):
        return PopulationRatio(float("nan"), float("nan"), 0)
    return PopulationRatio(float(np.minimum(c, cap).mean()), float(np.median(c)), len(c))


def _checked(values: ArrayLike, lo: ArrayLike, hi: ArrayLike) -> tuple[FloatArray, FloatArray, FloatArray]:
    answers = floats(values)
    low, high = floats(lo, len(answers)), floats(hi, len(answers))
    if (low < 0).any() or not (low < high).all():
        raise ValueError("a scale runs from lo >= 0 up to hi > lo")
    wrong = np.flatnonzero((answers < low) | (answers > high))
    if len(wrong):
        i = int(wrong[0])
        raise ValueError(
            f"answer {answers[i]:g} at position {i} is outside its scale {low[i]:g}..{high[i]:g}"
        )
    return answers, low, high


def _range(lo: ArrayLike, hi: ArrayLike, m: int) -> FloatArray:
    high = floats(hi, m)
    return (high - floats(lo, m)) / high * 100.0


def _respondents(
    accounts: int,
    account: NDArray[np.int64],
    respondent: NDArray[np.int64],
    weight: FloatArray,
    marks: FloatArray,
    rated: BoolArray,
) -> tuple[IntArray, FloatArray]:
    """Number of respondents per account, and highest minus lowest respondent's own index."""
    people = int(respondent.max()) + 1 if len(respondent) else 0
    who = respondent[rated]
    total = np.bincount(who, weights=weight[rated], minlength=people)
    own = divide(np.bincount(who, weights=(weight * marks)[rated], minlength=people), total)
    home = np.zeros(people, dtype=np.int64)
    home[who] = account[rated]
    present = np.flatnonzero(total > 0)
    count = np.bincount(home[present], minlength=accounts).astype(np.int64)
    highest, lowest = np.full(accounts, -np.inf), np.full(accounts, np.inf)
    np.maximum.at(highest, home[present], own[present])
    np.minimum.at(lowest, home[present], own[present])
    spread = np.full(accounts, np.nan)
    several = count >= 2
    spread[several] = highest[several] - lowest[several]
    return count, spread
