"""The picture of an account's index over time."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext as _

from crm.charts import Chart
from crm.tables import Column, Table
from satisfaction.sentiment.account import MonthIndex


def history_chart(months: Sequence[MonthIndex]) -> Chart | None:
    """The index with its band at each month's end; None where no date has one."""
    if not any(month.figure for month in months):
        return None
    columns = [
        Column(_("As of"), "date"),
        Column(_("Index"), "score"),
        Column(_("Band from"), "score"),
        Column(_("Band to"), "score"),
    ]
    rows = [
        [m.month_end, *((f.value, f.low, f.high) if (f := m.figure) else (None, None, None))] for m in months
    ]
    table = Table("sentiment-history", _("Sentiment index over time"), columns, rows)
    series = [
        {
            "name": str(column.title),
            "type": "line",
            "data": [[f"{row[0]:%Y-%m-%d}", row[place]] for row in rows],
            "tone": "primary" if place == 1 else "muted",
            "format": "score",
            "symbolSize": 6 if place == 1 else 0,
            "lineStyle": {"width": 3} if place == 1 else {"width": 1, "type": "dashed"},
        }
        for place, column in enumerate(columns)
        if place
    ]
    option = {
        "legend": {"top": 0, "left": 0},
        "grid": {"left": 8, "right": 16, "top": 32, "bottom": 8, "containLabel": True},
        "xAxis": {"type": "time"},
        "yAxis": {"type": "value", "min": 0, "max": 100, "interval": 25},
        "series": series,
    }
    return Chart(table.slug, table.title, option, table.headers, table.texts())
