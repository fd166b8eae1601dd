"""The answers that count on a date: of each person the latest to what is measured, stale ones included."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from crm.copying import read_columns
from crm.models import DecisionRole
from crm.scoring.arrays import FloatArray, IntArray
from crm.steps import AccountRange, Context
from satisfaction.models.surveys import SurveyMeasure
from satisfaction.scoring.ratio import RatioParameters, respondent_weights

# An answer off its questionnaire's scale is no answer, and C = b/a has no meaning on a scale below 0.
_LATEST = """
SELECT account_id, dense_rank() OVER (ORDER BY account_id, respondent) - 1, answered_on, role, measure, importance,
    expected, perceived, scale_low, scale_high, item
FROM (
    SELECT r.account_id, i.id AS item, coalesce(r.contact_id, -r.id) AS respondent, r.answered_on,
        s.scale_low, s.scale_high,
        coalesce(array_position(%(roles)s::varchar[], p.decision_role), 0) AS role,
        array_position(%(measures)s::varchar[], i.measure) - 1 AS measure,
        greatest(coalesce(a.importance, i.importance), 0) AS importance,
        CASE WHEN a.expected BETWEEN s.scale_low AND s.scale_high THEN a.expected END AS expected,
        CASE WHEN a.perceived BETWEEN s.scale_low AND s.scale_high THEN a.perceived END AS perceived,
        dense_rank() OVER (
            PARTITION BY r.account_id, coalesce(r.contact_id, -r.id), i.measure
            ORDER BY r.answered_on DESC, r.id DESC
        ) AS age,
        a.id AS answer
    FROM {accounts} f
    JOIN satisfaction_surveyresponse r ON r.account_id = f.account_id
    JOIN satisfaction_survey s ON s.id = r.survey_id
    JOIN satisfaction_surveyanswer a ON a.response_id = r.id
    JOIN satisfaction_surveyitem i ON i.id = a.item_id
    LEFT JOIN crm_position p ON p.contact_id = r.contact_id AND p.account_id = r.account_id
    WHERE r.answered_on <= %(as_of)s AND i.measure = ANY(%(measures)s) AND s.scale_low >= 0
) answer
WHERE age = 1
ORDER BY account_id, respondent, answer
"""
_OF_RUN = """(
    SELECT account_id FROM crm_stagedaccountfacts
    WHERE run_id = %(run)s AND account_id BETWEEN %(lower)s AND %(upper)s
)"""
_OF_ACCOUNT = "(SELECT %(account)s::bigint AS account_id)"
_COLUMNS = {
    "account_id": "int",
    "respondent": "int",
    "answered_on": "date",
    "role": "int",
    "measure": "int",
    "importance": "float",
    "expected": "float",
    "perceived": "float",
    "low": "float",
    "high": "float",
    "item": "int",
}


@dataclass(frozen=True)
class Answers:
    """Flat arrays, one entry per answer. `measure` indexes the measures asked for; `weight` is the respondent's."""

    account_id: IntArray
    respondent: IntArray
    answered_on: NDArray[np.datetime64]
    measure: IntArray
    weight: FloatArray
    importance: FloatArray
    expected: FloatArray
    perceived: FloatArray
    low: FloatArray
    high: FloatArray
    item: IntArray


def latest_answers(
    cursor: Any,
    context: Context,
    accounts: AccountRange,
    measures: Sequence[SurveyMeasure],
    parameters: RatioParameters,
) -> Answers:
    """Of the accounts that a run covers."""
    values = {
        "run": context.run_id,
        "as_of": context.as_of,
        "lower": accounts.lower,
        "upper": accounts.upper,
    }
    return _read(cursor, _OF_RUN, values, measures, parameters)


def answers_of_account(
    cursor: Any,
    account_id: int,
    as_of: dt.date,
    measures: Sequence[SurveyMeasure],
    parameters: RatioParameters,
) -> Answers:
    """Of one account, for the explanation on its page."""
    return _read(cursor, _OF_ACCOUNT, {"account": account_id, "as_of": as_of}, measures, parameters)


def _read(
    cursor: Any,
    accounts: str,
    values: dict[str, Any],
    measures: Sequence[SurveyMeasure],
    parameters: RatioParameters,
) -> Answers:
    roles = list(DecisionRole.values)
    named = {"roles": roles, "measures": [str(measure.value) for measure in measures]}
    rows = read_columns(cursor, _LATEST.format(accounts=accounts), {**values, **named}, _COLUMNS)
    weights = respondent_weights(["", *roles], parameters)
    return Answers(weight=weights[rows.pop("role")], **rows)
