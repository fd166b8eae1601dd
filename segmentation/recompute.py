"""The grading step: points, total and grade of every customer, by the published scoring model."""

from __future__ import annotations

from typing import Any

import numpy as np
from django.utils.translation import gettext_lazy as _

from crm.copying import copy_columns
from crm.history import publish_intervals
from crm.parameters import from_values
from crm.publication import publish_figures
from crm.scoring.finance import FinanceParameters
from crm.scoring.ranking import prepare_population
from crm.scoring.reasons import Reason
from crm.steps import AccountRange, Context, Prepared, Publication, Step
from segmentation.feed import publish_changes
from segmentation.models import AccountGrade, GradeSnapshot, StagedGrade
from segmentation.operations import ensure_default_model
from segmentation.raw_values import EVERYBODY, RawValues, read_raw_values
from segmentation.scoring.grading import (
    UNRATED,
    GradingModel,
    ScoreResult,
    assign_grades,
    confirm_grades,
    score,
    share_population,
)

TOTALS = "total"  # the name of the sorted totals among the populations

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
        version = ensure_default_model()
        model = GradingModel.from_dict(version.definition)
        model.validate()
        values = read_raw_values(cursor, context, version.pk, EVERYBODY, _finance(context))
        populations = {
            indicator.code: prepare_population(values.raw[indicator.code])
            for indicator in model.indicators
            if indicator.standard.needs_population
        }
        result = score(model, values.raw, populations, reasons=values.reasons)
        return Prepared(
            {"version_id": version.pk, "definition": version.definition},
            {**populations, TOTALS: share_population(result)},
            version.number,
        )

    def compute(self, cursor: Any, context: Context, accounts: AccountRange) -> int:
        prepared = context.prepared[self.slug]
        version_id = int(prepared.parameters["version_id"])
        model = GradingModel.from_dict(prepared.parameters["definition"])
        values = read_raw_values(cursor, context, version_id, accounts, _finance(context))
        result = score(model, values.raw, prepared.populations, reasons=values.reasons)
        size = len(values.account_id)
        columns = {
            "run_id": np.full(size, context.run_id),
            "account_id": values.account_id,
            "version_id": np.full(size, version_id),
            **_grade_columns(model, values, result, prepared.populations[TOTALS]),
            "raw": result.raw,
            "points": result.points,
            "reasons": result.reasons,
        }
        return copy_columns(cursor, self.staged._meta.db_table, list(columns), list(columns.values()))

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

    def changed_accounts(self) -> str:
        return (
            "SELECT account_id FROM segmentation_gradeoverride"
            " WHERE created_at > %(since)s OR revoked_at > %(since)s"
        )


def _finance(context: Context) -> FinanceParameters:
    return from_values(FinanceParameters, context.prepared["crm.facts"].parameters)


def _grade_columns(
    model: GradingModel, values: RawValues, result: ScoreResult, totals: Any
) -> dict[str, np.ndarray[Any, Any]]:
    grades = assign_grades(model, result, totals)
    confirmed = confirm_grades(model, grades, result.total, values.previous, values.previous_computed)
    overridden = values.override != UNRATED
    # A model with fewer grades than the one the person chose from: the nearest it has.
    chosen = np.minimum(values.override, len(model.grades) - 1)
    shown = np.where(overridden, chosen, confirmed.grade)
    rated = result.reason == Reason.OK
    total = np.where(rated, result.total, np.nan)
    better = len(totals) - np.searchsorted(totals, np.round(total, 9), side="right")
    return {
        "grade": _or_null(shown),
        "computed_grade": _or_null(grades.grade),
        "overridden": overridden,
        "score": total,
        "current_score": result.weighed.current,
        "future_score": result.weighed.future,
        "coverage": result.coverage,
        "rank": np.where(rated, better + 1.0, np.nan),
        "reason": result.reason,
    }


def _or_null(grade: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    return np.where(grade == UNRATED, np.nan, grade)
