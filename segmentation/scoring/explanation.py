"""Why an account has its total: every indicator's raw value, standard, points, weight and contribution."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from crm.scoring.arrays import floats, known
from crm.scoring.reasons import Reason
from segmentation.scoring.model import GradingModel, Half
from segmentation.scoring.scores import ScoreResult, weigh
from segmentation.scoring.standards import Applied


@dataclass(frozen=True, slots=True)
class IndicatorExplanation:
    """One line of the explanation; raw and points are None where missing, and ``reason`` says why."""

    code: str
    half: Half
    raw: float | None
    points: float | None
    applied: Applied
    weight: float
    effective_weight: float
    contribution: float
    reason: Reason


@dataclass(frozen=True, slots=True)
class Explanation:
    """How one account came by its total: the contributions, added in order, are the total."""

    indicators: tuple[IndicatorExplanation, ...]
    total: float | None
    coverage: float
    current: float | None
    future: float | None
    reason: Reason


def explain_row(model: GradingModel, result: ScoreResult, i: int) -> Explanation:
    """Explanation of account ``i`` of a score result."""
    return explain(
        model,
        result.raw[i],
        result.points[i],
        [int(code) for code in result.reasons[i]],
        result.population_sizes,
        Reason(int(result.reason[i])),
    )


def explain(
    model: GradingModel,
    raw: ArrayLike,
    points: ArrayLike,
    reasons: Sequence[int],
    population_sizes: Sequence[int | None] | None = None,
    reason: Reason = Reason.OK,
) -> Explanation:
    """Explanation from one account's stored raw values, points and reasons, each in the order of the
    indicators (None or NaN = missing). Weighs them by the same ``weigh`` as the job, so the page cannot
    disagree with it.
    """
    k = len(model.indicators)
    values, scored = floats(raw), floats(points, k)
    weighed = weigh(model, scored[np.newaxis, :])
    sizes = population_sizes or (None,) * k
    lines = tuple(
        IndicatorExplanation(
            code=indicator.code,
            half=indicator.half,
            raw=known(values[j]),
            points=known(scored[j]),
            applied=indicator.standard.applied(known(values[j]), sizes[j]),
            weight=indicator.weight,
            effective_weight=float(weighed.effective_weights[0, j]),
            contribution=float(weighed.contributions[0, j]),
            reason=Reason(reasons[j]),
        )
        for j, indicator in enumerate(model.indicators)
    )
    return Explanation(
        indicators=lines,
        total=known(weighed.total[0]),
        coverage=float(weighed.coverage[0]),
        current=known(weighed.current[0]),
        future=known(weighed.future[0]),
        reason=reason,
    )
