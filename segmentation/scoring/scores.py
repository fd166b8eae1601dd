"""Points, contributions and total of a weighted score (models.md section 1).

n accounts, k indicators in the order of ``model.indicators``; matrices have shape (n, k).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from crm.scoring.arrays import TOLERANCE, CodeArray, FloatArray, divide, floats
from crm.scoring.reasons import Reason
from segmentation.scoring.model import GradingModel, Half, Missing


@dataclass(frozen=True, slots=True)
class Weighed:
    """contributions and effective_weights (n, k); total, coverage, current, future (n,), NaN where
    undefined.
    """

    contributions: FloatArray
    effective_weights: FloatArray
    total: FloatArray
    coverage: FloatArray
    current: FloatArray
    future: FloatArray


@dataclass(frozen=True, slots=True)
class ScoreResult:
    """raw, points (NaN = missing), reasons: (n, k). ``reason`` (n,): why an account cannot be graded,
    else OK.
    """

    raw: FloatArray
    points: FloatArray
    reasons: CodeArray
    weighed: Weighed
    population_sizes: tuple[int | None, ...]
    reason: CodeArray

    @property
    def total(self) -> FloatArray:
        return self.weighed.total

    @property
    def coverage(self) -> FloatArray:
        return self.weighed.coverage


def score(
    model: GradingModel,
    raw: Mapping[str, ArrayLike],
    populations: Mapping[str, FloatArray],
    *,
    reasons: Mapping[str, ArrayLike] | None = None,
    not_gradable: ArrayLike | None = None,
) -> ScoreResult:
    """Score n accounts.

    raw: per indicator code an array (n,), NaN = missing. populations: per code the sorted comparison
    population (``crm.scoring.ranking.prepare_population``), needed for percentile standards only.
    reasons: per code why raw values are missing (int8, default MISSING_INPUT). not_gradable: reason (n,)
    why an account gets no grade at all (NO_TRADES for a prospect), 0 = may be graded. Raises
    InvalidModel, and KeyError for an absent indicator.
    """
    model.validate()
    columns = [floats(raw[code]) for code in model.codes]
    n = len(columns[0])
    values = _matrix(columns, n)
    points = np.full_like(values, np.nan)
    why = np.zeros(values.shape, dtype=np.int8, order="F")
    for j, indicator in enumerate(model.indicators):
        points[:, j] = indicator.standard.points(values[:, j], populations.get(indicator.code))
        given = (reasons or {}).get(indicator.code)
        stated = np.zeros(n, dtype=np.int8) if given is None else np.asarray(given, dtype=np.int8)
        absent = np.where(stated != Reason.OK, stated, Reason.MISSING_INPUT)
        # Known, but without points: nobody to compare with, or a mark the standard does not list.
        no_points = Reason.TOO_FEW_OBS if indicator.standard.needs_population else Reason.OUT_OF_RANGE
        unscored = np.where(np.isnan(values[:, j]), absent, no_points)
        why[:, j] = np.where(np.isnan(points[:, j]), unscored, Reason.OK)
    weighed = weigh(model, points)
    barred = np.zeros(n, dtype=np.int8) if not_gradable is None else np.asarray(not_gradable, dtype=np.int8)
    reason = np.where(barred != Reason.OK, barred, _coverage_reason(model, weighed))
    sizes = tuple(len(populations[i.code]) if i.standard.needs_population else None for i in model.indicators)
    return ScoreResult(values, points, why, weighed, sizes, reason.astype(np.int8))


def weigh(model: GradingModel, points: FloatArray) -> Weighed:
    """Weighted mean of the points (n, k) over the indicators present; the contributions sum to the total."""
    present = ~np.isnan(points)
    weights = np.asarray([indicator.weight for indicator in model.indicators])
    lowest = np.asarray([indicator.missing is Missing.LOWEST for indicator in model.indicators])
    counted = (present | lowest) * weights
    used = np.nan_to_num(points)
    effective = np.nan_to_num(divide(counted, counted.sum(axis=1, keepdims=True)))
    contributions = effective * used
    # Added one by one, left to right, so that whoever adds up the shown contributions gets this very number.
    total = np.zeros(len(points))
    for j in range(points.shape[1]):
        total += contributions[:, j]
    total[counted.sum(axis=1) == 0] = np.nan
    coverage = divide((present * weights).sum(axis=1), weights.sum())
    halves = [
        _half_score(counted, used, [indicator.half is half for indicator in model.indicators])
        for half in (Half.CURRENT, Half.FUTURE)
    ]
    return Weighed(contributions, effective, total, coverage, *halves)


def _matrix(columns: Sequence[FloatArray], n: int) -> FloatArray:
    matrix = np.empty((n, len(columns)), order="F")
    for j, column in enumerate(columns):
        matrix[:, j] = floats(column, n)
    return matrix


def _half_score(counted: FloatArray, points: FloatArray, chosen: Sequence[bool]) -> FloatArray:
    weights = counted[:, np.asarray(chosen)]
    return divide((weights * points[:, np.asarray(chosen)]).sum(axis=1), weights.sum(axis=1))


def _coverage_reason(model: GradingModel, weighed: Weighed) -> CodeArray:
    low = (weighed.coverage < model.min_coverage - TOLERANCE) | np.isnan(weighed.total)
    return np.where(low, Reason.LOW_COVERAGE, Reason.OK).astype(np.int8)
