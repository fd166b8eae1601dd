"""Net promoter score with its standard error (models.md section 5)."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from crm.scoring.arrays import floats
from crm.scoring.reasons import Reason

MIN_ANSWERS = 10  # below, the score is not shown


@dataclass(frozen=True, slots=True)
class PromoterScore:
    """score in -100..100 and its standard error (NaN: see reason); promoters and detractors as fractions;
    n answers.
    """

    score: float
    standard_error: float
    promoters: float
    detractors: float
    n: int
    reason: Reason


def net_promoter_score(recommend: ArrayLike, min_answers: int = MIN_ANSWERS) -> PromoterScore:
    """NPS = % of 9-10 minus % of 0-6 over all answers (0-10, NaN dropped), SE = 100 sqrt((p + d - (p -
    d)^2) / n).

    Below ``min_answers`` score and error are NaN with TOO_FEW_OBS. ValueError for an answer outside 0..10.
    """
    answers = floats(recommend)
    answers = answers[~np.isnan(answers)]
    if ((answers < 0) | (answers > 10)).any():
        raise ValueError("recommendation answers run from 0 to 10")
    n = len(answers)
    p = float((answers >= 9).mean()) if n else float("nan")
    d = float((answers <= 6).mean()) if n else float("nan")
    if n < max(min_answers, 1):
        return PromoterScore(float("nan"), float("nan"), p, d, n, Reason.TOO_FEW_OBS)
    error = 100.0 * float(np.sqrt(max(0.0, p + d - (p - d) ** 2) / n))
    return PromoterScore(100.0 * (p - d), error, p, d, n, Reason.OK)
