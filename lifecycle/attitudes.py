"""What people said in surveys about recommending us, about competitors and about prices, per account."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from crm.scoring.arrays import FloatArray, IntArray, divide
from crm.steps import AccountRange, Context
from satisfaction.answers import latest_answers
from satisfaction.models.surveys import SurveyMeasure
from satisfaction.scoring.ratio import RatioParameters, is_fresh, rescale, stale_before

_MEASURES = (SurveyMeasure.RECOMMEND, SurveyMeasure.COMPETITORS, SurveyMeasure.PRICE)


@dataclass(frozen=True)
class Attitudes:
    """Arrays in the order of the accounts, NaN where nobody answered lately: 0..10, 1..5, 1..5."""

    recommend: FloatArray
    competitors: FloatArray
    price: FloatArray


def attitudes(
    cursor: Any, context: Context, accounts: AccountRange, account_ids: IntArray, parameters: RatioParameters
) -> Attitudes:
    """Means over an account's people, weighted by their say in the decision, from any scale. Stale answers are out."""
    answers = latest_answers(cursor, context, accounts, _MEASURES, parameters)
    oldest = stale_before(np.datetime64(context.as_of, "D"), parameters.fresh_months)
    counted = is_fresh(answers.answered_on, oldest) & ~np.isnan(answers.perceived)
    place = np.searchsorted(account_ids, answers.account_id)
    share = rescale(answers.perceived, answers.low, answers.high) / 100.0

    def mean(measure: int) -> FloatArray:
        where = counted & (answers.measure == measure)
        weight, size = answers.weight[where], len(account_ids)
        total = np.bincount(place[where], weights=weight * share[where], minlength=size)
        return divide(total, np.bincount(place[where], weights=weight, minlength=size))

    return Attitudes(
        recommend=10.0 * mean(0),
        competitors=1.0 + 4.0 * mean(1),
        price=1.0 + 4.0 * mean(2),
    )
