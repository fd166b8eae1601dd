"""The grading step: points, total and grade of every customer, by the published scoring models."""

from __future__ import annotations

from typing import Any

import numpy as np
from django.utils.translation import gettext_lazy as _

from crm.copying import copy_columns
from crm.history import publish_intervals
from crm.parameters import from_values
from crm.publication import publish_figures
from crm.scoring.finance import FinanceParameters
from crm.scoring.reasons import Reason
from crm.steps import AccountRange, Context, Prepared, Publication, Step
from segmentation.evaluation import Evaluation, evaluate, populations, read_population
from segmentation.feed import publish_changes
from segmentation.graders import Grader, current_graders
from segmentation.indicators.sources import staged
from segmentation.models import AccountGrade, GradeSnapshot, StagedGrade
from segmentation.operations import ensure_default_model
from segmentation.overview.kpi_sql import freeze_month
from segmentation.scoring.grading import UNRATED

# Exact money comes from the facts of the same run, not through floating point.
_WITH_MONEY = """
SELECT s.*, f.net_sales_12m, f.gross_profit_12m
FROM segmentation_stagedgrade s
JOIN crm_stagedaccountfacts f ON f.run_id = s.run_id AND f.account_id = s.account_id
WHERE s.run_id = %(run)s
"""


class GradeStep(Step):
    """A customer whose indicators are too little known has a row without a grade; a prospect has no row."""

    slug = "segmentation.grade"
    title = _("Grades")
    staged = StagedGrade

    def prepare(self, cursor: Any, context: Context) -> Prepared:
        default = ensure_default_model()
        graders = current_graders()
        for grader in graders:
            grader.model.validate()
        source = staged(context.run_id, context.as_of)
        population = read_population(cursor, graders, source, _finance(context))
        return Prepared(
            {"graders": [grader.to_dict() for grader in graders]}, populations(population), default.number
        )

    def compute(self, cursor: Any, context: Context, accounts: AccountRange) -> int:
        prepared = context.prepared[self.slug]
        graders = [Grader.from_dict(data) for data in prepared.parameters["graders"]]
        source = staged(context.run_id, context.as_of)
        population = read_population(cursor, graders, source, _finance(context), accounts)
        rows = 0
        for evaluated in evaluate(population, prepared.populations):
            columns = {
                "run_id": np.full(len(evaluated.account_id), context.run_id),
                **_columns(evaluated),
            }
            rows += copy_columns(cursor, self.staged._meta.db_table, list(columns), list(columns.values()))
        return rows

    def publish(self, cursor: Any, publication: Publication) -> None:
        if publication.newest:
            # Before the current grades are replaced: the feed tells old from new.
            publish_changes(cursor, publication)
        publish_figures(
            cursor,
            publication,
            self.staged,
            AccountGrade,
            GradeSnapshot,
            source=_WITH_MONEY,
            extra_columns=["net_sales_12m", "gross_profit_12m"],
        )
        publish_intervals(
            cursor,
            "segmentation_gradeinterval",
            f"""
            SELECT f.account_id, CASE WHEN s.account_id IS NOT NULL THEN coalesce(s.grade, {UNRATED}) END::smallint,
                s.version_id, s.score
            FROM crm_stagedaccountfacts f JOIN crm_account a ON a.id = f.account_id
            LEFT JOIN segmentation_stagedgrade s ON s.run_id = f.run_id AND s.account_id = f.account_id
            WHERE f.run_id = {publication.run_id}
            """,  # noqa: S608
            publication.as_of,
            publication.next_as_of,
            publication.run_id,
            ["score"],
            key_columns=["value", "version_id"],
        )
        if publication.month_end and not publication.context.only_changed:
            coverage = _finance(publication.context).min_cost_coverage
            freeze_month(cursor, run_id=publication.run_id, month_end=publication.as_of, coverage=coverage)

    def changed_accounts(self) -> str:
        return (
            "SELECT account_id FROM segmentation_gradeoverride"
            " WHERE created_at > %(since)s OR revoked_at > %(since)s OR decided_at > %(since)s"
        )


def _finance(context: Context) -> FinanceParameters:
    return from_values(FinanceParameters, context.prepared["crm.facts"].parameters)


def _columns(evaluated: Evaluation) -> dict[str, np.ndarray[Any, Any]]:
    result = evaluated.result
    return {
        "account_id": evaluated.account_id,
        "version_id": np.full(len(evaluated.account_id), evaluated.grader.version_id),
        "grade": _or_null(evaluated.shown),
        "computed_grade": _or_null(evaluated.computed),
        "overridden": evaluated.overridden,
        "score": np.where(result.reason == Reason.OK, result.total, np.nan),
        "current_score": result.weighed.current,
        "future_score": result.weighed.future,
        "coverage": result.coverage,
        "rank": evaluated.rank,
        "reason": result.reason,
        "raw": result.raw,
        "points": result.points,
        "reasons": result.reasons,
    }


def _or_null(grade: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    return np.where(grade == UNRATED, np.nan, grade)
