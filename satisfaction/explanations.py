"""The satisfaction of one account explained: every attribute by the function that made the whole."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np
from django.db import connection

from crm.models import Run, RunStep
from crm.once import once_per_page
from crm.parameters import from_values
from crm.scoring.arrays import known
from satisfaction.answers import answers_of_account
from satisfaction.models import SurveyItem
from satisfaction.models.surveys import SurveyMeasure
from satisfaction.scoring.ratio import RatioParameters, account_satisfaction, is_fresh, stale_before

STEP = "satisfaction.ratio"


@dataclass(frozen=True)
class Attribute:
    """One question: expected and perceived in percent of the highest mark, and C of this question alone."""

    text: str
    expected: float | None
    perceived: float | None
    ratio: float | None
    answers: int


@once_per_page
def parameters_of(run: Run) -> RatioParameters:
    stored = RunStep.objects.filter(run=run, slug=STEP).values_list("parameters", flat=True).first()
    return from_values(RatioParameters, (stored or {}).get("values", {}))


def attributes_of(account_id: int, as_of: dt.date, parameters: RatioParameters) -> list[Attribute]:
    """Per question what was expected and perceived, the widest disappointment first; stale answers do not count."""
    with connection.cursor() as cursor:
        answers = answers_of_account(cursor, account_id, as_of, [SurveyMeasure.ATTRIBUTE], parameters)
    items, index = np.unique(answers.item, return_inverse=True)
    oldest = stale_before(np.datetime64(as_of, "D"), parameters.fresh_months)
    # Each question takes the place of an account; a respondent belongs to one only, so every answer is its own.
    found = account_satisfaction(
        len(items),
        index,
        np.arange(len(index)),
        answers.weight,
        answers.importance,
        answers.expected,
        answers.perceived,
        lo=answers.low,
        hi=answers.high,
        fresh=is_fresh(answers.answered_on, oldest),
        parameters=parameters,
    )
    texts = SurveyItem.objects.in_bulk([int(item) for item in items])
    lines = [
        Attribute(
            text=str(texts[int(item)]),
            expected=known(found.expected[i]),
            perceived=known(found.perceived[i]),
            ratio=known(found.ratio[i]),
            answers=int(found.answers[i]),
        )
        for i, item in enumerate(items)
        if found.answers[i]
    ]
    return sorted(lines, key=lambda line: (line.ratio is None, line.ratio or 0.0))
