"""How the tiers and what the customers are worth went, from month's end to month's end."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from crm.charts import Chart
from crm.tables import Column, Table
from lifecycle.queries import EquityMonth
from segmentation.overview.scales import Level, Scale
from segmentation.queries import GradeTotal

MONTHS = 13

ByMonth = Mapping[dt.date, Mapping[int | None, GradeTotal]]


def accounts_trend(scale: Scale, totals: ByMonth) -> Table:
    """Newest first: accounts per grade at each month's end."""
    return _trend(scale, totals, "trend-accounts", _("Accounts per grade over time"), "integer", _accounts)


def profit_trend(scale: Scale, totals: ByMonth) -> Table:
    return _trend(scale, totals, "trend-profit", _("Gross profit per grade over time"), "money", _profit)


def _accounts(total: GradeTotal | None) -> Any:
    return total.accounts if total else 0


def _profit(total: GradeTotal | None) -> Any:
    return total.gross_profit if total else None


def _trend(scale: Scale, totals: ByMonth, slug: str, title: str, kind: str, figure: Any) -> Table:
    levels = _used(scale, totals)
    columns = [Column(_("Month's end"), "date"), *(Column(level.name, kind) for level in levels)]
    rows = [
        [day, *(figure(totals[day].get(level.value)) for level in levels)]
        for day in sorted(totals, reverse=True)
    ]
    return Table(slug, title, columns, rows)


def _used(scale: Scale, totals: ByMonth) -> Sequence[Level]:
    """The level without a grade only where somebody is without one."""
    anybody = {grade for month in totals.values() for grade in month}
    return [level for level in scale.levels if level.value is not None or None in anybody]


def trend_chart(scale: Scale, totals: ByMonth, table: Table) -> Chart:
    """Stacked bars, the best grade at the bottom, in the order of time."""
    kind = table.columns[1].kind if len(table.columns) > 1 else "integer"
    rows = list(reversed(table.rows))
    series = [
        {
            "name": level.name,
            "type": "bar",
            "stack": "grades",
            "tone": level.tone,
            "format": "integer",
            "barMaxWidth": 30,
            "data": [None if row[place] is None else float(row[place]) for row in rows],
        }
        for place, level in enumerate(_used(scale, totals), start=1)
    ]
    option = {
        "legend": {"top": 0, "left": 0, "selectedMode": False},
        "xAxis": {"type": "category", "data": [f"{row[0]:%Y-%m}" for row in rows]},
        "yAxis": {"type": "value", "format": "compact" if kind == "money" else "integer"},
        "series": series,
    }
    return Chart(table.slug, table.title, option, table.headers, table.texts())


def equity_table(months: Sequence[EquityMonth]) -> Table:
    columns = [
        Column(_("Month's end"), "date"),
        Column(_("Sum of lifetime values"), "money"),
        Column(_("Accounts"), "integer"),
    ]
    rows = [[month.month_end, month.value, month.customers] for month in months]
    return Table("equity", _("What the customers are worth together"), columns, rows)


def equity_chart(months: Sequence[EquityMonth]) -> Chart:
    table = equity_table(months)
    rows = list(reversed(months))
    line = {
        "name": _("Sum of lifetime values"),
        "type": "line",
        "tone": "primary",
        "format": "integer",
        "data": [month.value for month in rows],
    }
    option = {
        "xAxis": {"type": "category", "data": [f"{month.month_end:%Y-%m}" for month in rows]},
        "yAxis": {"type": "value", "format": "compact", "scale": True},
        "series": [line],
    }
    return Chart(table.slug, table.title, option, table.headers, table.texts())
