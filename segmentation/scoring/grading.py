"""Grading 客户价值评分与分级 (models.md section 1): the grades, and the door to the whole of it.

Model (``model``), score (``scores``), grade (here) and explanation (``explanation``) are meant to be
imported from this module. The nightly job, the what-if preview, the explanation on the page and the tests
all call these functions.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from crm.scoring.arrays import TOLERANCE, BoolArray, CodeArray, FloatArray, floats
from crm.scoring.reasons import Reason
from segmentation.scoring.explanation import Explanation, IndicatorExplanation, explain, explain_row
from segmentation.scoring.model import (
    BY_SCORE,
    BY_SHARE,
    DEFAULT_MODEL,
    GradeBy,
    GradingModel,
    Half,
    Indicator,
    Missing,
    Threshold,
)
from segmentation.scoring.scores import ScoreResult, Weighed, score, weigh

__all__ = [
    "BY_SCORE",
    "BY_SHARE",
    "DEFAULT_MODEL",
    "UNRATED",
    "ConfirmedGrades",
    "Explanation",
    "GradeBy",
    "Grades",
    "GradingModel",
    "Half",
    "Indicator",
    "IndicatorExplanation",
    "Missing",
    "ScoreResult",
    "Threshold",
    "Weighed",
    "assign_grades",
    "confirm_grades",
    "explain",
    "explain_row",
    "points_to_next_grade",
    "score",
    "share_population",
    "weigh",
]

UNRATED = -1  # index of "no grade"; its reason stands beside it
_DECIMALS = 9  # totals equal to this many decimals are tied


@dataclass(frozen=True, slots=True)
class Grades:
    """grade: index into ``model.grades`` or UNRATED, int8 (n,); reason int8 (n,); cuts: least points of
    each grade but the last, descending (in share mode those the population gave; inf where nobody
    qualifies).
    """

    grade: CodeArray
    reason: CodeArray
    cuts: FloatArray


def share_population(result: ScoreResult) -> FloatArray:
    """The totals of the gradable accounts, sorted: what share mode compares with."""
    return np.sort(np.round(result.total[result.reason == Reason.OK], _DECIMALS))


def assign_grades(model: GradingModel, result: ScoreResult, population: FloatArray | None = None) -> Grades:
    """Grade of each account. ``population`` (``share_population`` of all accounts) matters in share mode
    only; None compares the accounts with each other. Equal totals get equal grades; a tie at a cut goes
    up.
    """
    own = share_population(result) if population is None else population
    cuts = _score_cuts(model, own)
    grade = np.where(result.reason == Reason.OK, _grade_index(result.total, cuts), UNRATED)
    return Grades(grade.astype(np.int8), result.reason, cuts)


@dataclass(frozen=True, slots=True)
class ConfirmedGrades:
    """grade: int8 (n,), what to publish; pending: bool (n,), the computed grade differs but is not yet
    confirmed.
    """

    grade: CodeArray
    pending: BoolArray


def confirm_grades(
    model: GradingModel,
    grades: Grades,
    total: ArrayLike,
    previous_published: ArrayLike,
    previous_computed: ArrayLike,
) -> ConfirmedGrades:
    """Keep grades from flickering at a cut-off.

    A change is published as far as the total lies ``model.hysteresis`` points beyond the cut-offs
    crossed, or when the previous snapshot computed the same grade already. Without a previous grade
    (UNRATED), or losing it, the computed one stands. All arrays (n,).
    """
    computed = grades.grade
    published = np.asarray(previous_published, dtype=np.int8)
    before = np.asarray(previous_computed, dtype=np.int8)
    totals = floats(total, len(computed))
    # Index 0 is best: from a worse grade one rises to `risen`, from a better one one falls to `fallen`.
    risen = _grade_index(totals - model.hysteresis, grades.cuts)
    fallen = _grade_index(totals + model.hysteresis, grades.cuts)
    damped = np.clip(published, fallen, risen)
    at_once = (computed == UNRATED) | (published == UNRATED) | (computed == before)
    grade = np.where(at_once, computed, damped).astype(np.int8)
    return ConfirmedGrades(grade, grade != computed)


def points_to_next_grade(total: ArrayLike, grade: ArrayLike, cuts: FloatArray) -> FloatArray:
    """Points missing to the next better grade's cut-off, shape (n,); NaN for the best grade and for
    unrated.
    """
    index = np.asarray(grade, dtype=np.int64)
    totals = floats(total, len(index))
    if not len(cuts):
        return np.full(len(index), np.nan)
    above = cuts[np.clip(index - 1, 0, len(cuts) - 1)]
    gap = np.maximum(above - totals, 0.0)
    return np.where((index > 0) & np.isfinite(above), gap, np.nan)


def _score_cuts(model: GradingModel, population: FloatArray) -> FloatArray:
    given = np.asarray([t.cut for t in model.thresholds[:-1]], dtype=np.float64)
    if model.grade_by is GradeBy.SCORE:
        return given
    # The best ceil(share x n) accounts, and whoever is tied with the last of them.
    places = np.ceil(np.cumsum(given) * len(population) - TOLERANCE).astype(np.int64)
    if not len(population):
        return np.full(len(given), np.inf)
    descending = population[::-1]
    return np.where(places > 0, descending[np.clip(places, 1, len(population)) - 1], np.inf)


def _grade_index(total: FloatArray, cuts: FloatArray) -> CodeArray:
    """Number of cut-offs not reached; NaN reaches none."""
    rounded = np.round(total, _DECIMALS)[:, np.newaxis]
    return (~(rounded >= cuts - TOLERANCE)).sum(axis=1).astype(np.int8)
