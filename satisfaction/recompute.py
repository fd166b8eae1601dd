"""The satisfaction step: C = b/a of every account that anybody answered for."""

from __future__ import annotations

from typing import Any

import numpy as np
from django.utils.translation import gettext_lazy as _

from crm.copying import copy_columns
from crm.parameters import from_values, load, to_values
from crm.publication import publish_figures
from crm.steps import AccountRange, Context, Prepared, Publication, Step
from satisfaction.answers import latest_answers
from satisfaction.models import AccountSatisfaction, SatisfactionSnapshot, StagedSatisfaction
from satisfaction.models.surveys import SurveyMeasure
from satisfaction.scoring.ratio import RatioParameters, account_satisfaction, is_fresh, stale_before


class RatioStep(Step):
    """An account without a row was never asked (NO_SURVEY)."""

    slug = "satisfaction.ratio"
    title = _("Satisfaction")
    staged = StagedSatisfaction

    def prepare(self, cursor: Any, context: Context) -> Prepared:
        parameters, version = load(self.slug, RatioParameters)
        return Prepared(to_values(parameters), version=version)

    def compute(self, cursor: Any, context: Context, accounts: AccountRange) -> int:
        parameters = from_values(RatioParameters, context.prepared[self.slug].parameters)
        answers = latest_answers(cursor, context, accounts, [SurveyMeasure.ATTRIBUTE], parameters)
        ids, index = np.unique(answers.account_id, return_inverse=True)
        oldest = stale_before(np.datetime64(context.as_of, "D"), parameters.fresh_months)
        result = account_satisfaction(
            len(ids),
            index,
            answers.respondent,
            answers.weight,
            answers.importance,
            answers.expected,
            answers.perceived,
            lo=answers.low,
            hi=answers.high,
            fresh=is_fresh(answers.answered_on, oldest),
            parameters=parameters,
        )
        last = np.full(len(ids), np.datetime64("0001-01-01", "D"))
        np.maximum.at(last, index, answers.answered_on)
        columns = {
            "run_id": np.full(len(ids), context.run_id),
            "account_id": ids,
            "ratio": result.ratio,
            "mean_of_ratios": result.mean_of_ratios,
            "difference": result.difference,
            "satisfaction_class": np.where(result.ratio_class < 0, np.nan, result.ratio_class),
            "index": result.index,
            "respondents": result.respondents,
            "spread": result.spread,
            "answered_on": last,
            "reason": result.reason,
        }
        return copy_columns(cursor, self.staged._meta.db_table, list(columns), list(columns.values()))

    def publish(self, cursor: Any, publication: Publication) -> None:
        publish_figures(cursor, publication, self.staged, AccountSatisfaction, SatisfactionSnapshot)

    def changed_accounts(self) -> str:
        return "SELECT account_id FROM satisfaction_surveyresponse WHERE created_at > %(since)s"
