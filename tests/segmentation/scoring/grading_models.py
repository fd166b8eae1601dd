"""Small models and the plainest way to score with them, for the tests of this folder."""

from dataclasses import replace

import numpy as np

from crm.scoring.ranking import prepare_population
from segmentation.scoring.grading import (
    BY_SHARE,
    DEFAULT_MODEL,
    GradeBy,
    Half,
    Indicator,
    assign_grades,
    score,
)
from segmentation.scoring.standards import Identity

CODES = DEFAULT_MODEL.codes
A, B, C, D = range(4)


def graded(raw, model=DEFAULT_MODEL, populations=None, **kwargs):
    raw = {code: np.asarray(values, dtype=float) for code, values in raw.items()}
    populations = populations or {code: prepare_population(values) for code, values in raw.items()}
    return score(model, raw, populations, **kwargs)


def index_model(*weights, **kwargs):
    """Indicators x0, x1, ... that are their own points."""
    indicators = tuple(
        Indicator(f"x{j}", weight, Half.CURRENT if j == 0 else Half.FUTURE, Identity())
        for j, weight in enumerate(weights)
    )
    return replace(DEFAULT_MODEL, indicators=indicators, **kwargs)


PLAIN = index_model(1.0)
SHARES = index_model(1.0, thresholds=BY_SHARE, grade_by=GradeBy.SHARE)


def grades_of(totals, model=PLAIN):
    return assign_grades(model, graded({"x0": totals}, model)).grade.tolist()
