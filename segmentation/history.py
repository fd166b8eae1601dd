"""The grade of one account over the years: chart and tables."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from crm.charting import history_line
from crm.charts import Chart
from crm.snapshots import month_ends
from crm.tables import Column, Table
from segmentation.causes import Change, cause_text, changes_of
from segmentation.explanations import grade_name
from segmentation.models import GradeSnapshot
from segmentation.scoring.grading import GradingModel

if TYPE_CHECKING:
    from crm.models import Account


def frozen_scores(account: Account) -> list[tuple[dt.date, float | None]]:
    """The score at every month's end."""
    ends = month_ends(GradeSnapshot)
    rows = GradeSnapshot.objects.filter(account=account, month_end__in=ends).order_by("month_end")
    return list(rows.values_list("month_end", "score"))


def grade_history(account: Account, until: dt.date) -> Chart:
    """Steps of the grade with the score behind them; the table says what caused each."""
    changes = changes_of(account)

    def name(one: Change) -> str:
        return one.grade or _("Unrated")

    columns = [
        Column(_("Grade")),
        Column(_("From"), "date"),
        Column(_("Until"), "date"),
        Column(_("Because")),
        Column(_("Score at the start"), "score"),
        Column(_("Model")),
    ]
    rows = [
        [
            name(one),
            one.interval.valid_from,
            one.interval.valid_to,
            cause_text(one),
            one.interval.score,
            str(one.interval.version),
        ]
        for one in reversed(changes)
    ]
    table = Table("grade-history", _("Grade"), columns, rows)
    levels = list(dict.fromkeys(grade for one in changes for grade in one.model.grades))
    if any(one.interval.value < 0 for one in changes):
        levels.append(_("Unrated"))
    steps = [(one.interval.valid_from, name(one)) for one in changes]
    return history_line(table, levels, steps, until, frozen_scores(account), _("Score"))


def score_table(account: Account) -> Table:
    """What every month's end froze, newest first."""
    ends = month_ends(GradeSnapshot)
    rows = (
        GradeSnapshot.objects.select_related("version__model")
        .filter(account=account, month_end__in=ends)
        .order_by("-month_end")
    )
    columns = [
        Column(_("Month's end"), "date"),
        Column(_("Grade")),
        Column(_("Score"), "score"),
        Column(_("Current value"), "score"),
        Column(_("Future value"), "score"),
        Column(_("Net sales"), "money"),
        Column(_("Gross profit"), "money"),
    ]
    models: dict[int, GradingModel] = {}
    lines = []
    for row in rows:
        model = models.setdefault(row.version_id, GradingModel.from_dict(row.version.definition))
        lines.append(
            [
                row.month_end,
                grade_name(model, row.grade) or _("Unrated"),
                row.score,
                row.current_score,
                row.future_score,
                row.net_sales_12m,
                row.gross_profit_12m,
            ]
        )
    return Table("scores", _("Score at months' ends"), columns, lines)
