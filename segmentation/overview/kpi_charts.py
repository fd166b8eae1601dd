"""Key figures over the months as pictures, each with its own small table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _

from crm.charts import Chart
from crm.tables import Column, Table
from segmentation.overview.kpis import Kpi


def won_lost_table(months: Sequence[Kpi]) -> Table:
    """Newest first, like every table of months."""
    columns = [
        Column(_("Month"), "date"),
        Column(_("New customers"), "integer"),
        Column(_("Reactivated"), "integer"),
        Column(_("Lost customers"), "integer"),
    ]
    rows = [[kpi.key, kpi.new, kpi.reactivated, kpi.lost] for kpi in months]
    return Table("won-lost", _("Customers won and lost"), columns, rows)


def moves_table(months: Sequence[Kpi]) -> Table:
    columns = [
        Column(_("Month"), "date"),
        Column(_("Upgraded"), "integer"),
        Column(_("Share"), "percent"),
        Column(_("Downgraded"), "integer"),
        Column(_("Share"), "percent"),
    ]
    rows = [[kpi.key, kpi.upgraded, kpi.upgrade_rate, kpi.downgraded, kpi.downgrade_rate] for kpi in months]
    return Table("moves", _("Upgraded and downgraded customers"), columns, rows)


def profitability_table(months: Sequence[Kpi]) -> Table:
    columns = [
        Column(_("Month"), "date"),
        Column(_("Average profitability"), "money"),
        Column(_("Gross profit"), "money"),
        Column(_("Cost to serve"), "money"),
        Column(_("Cost known"), "integer"),
    ]
    rows = [[kpi.key, kpi.profitability, kpi.gross_profit, kpi.cost_to_serve, kpi.costed] for kpi in months]
    return Table("profitability", _("Average profitability"), columns, rows)


def won_lost_chart(months: Sequence[Kpi]) -> Chart:
    series = [
        _bars(_("New customers"), "good", [kpi.new for kpi in months], "sum"),
        _bars(_("Reactivated"), "explore", [kpi.reactivated for kpi in months], "sum"),
        _bars(_("Lost customers"), "bad", [-kpi.lost for kpi in months], "sum"),
    ]
    return _chart(won_lost_table(months), months, series)


def moves_chart(months: Sequence[Kpi]) -> Chart:
    series = [
        _bars(_("Upgraded"), "good", [kpi.upgraded for kpi in months], "sum"),
        _bars(_("Downgraded"), "bad", [-kpi.downgraded for kpi in months], "sum"),
    ]
    return _chart(moves_table(months), months, series)


def profitability_chart(months: Sequence[Kpi]) -> Chart:
    line = {
        "name": _("Average profitability"),
        "type": "line",
        "data": [kpi.profitability for kpi in reversed(months)],
        "tone": "primary",
        "format": "integer",
    }
    return _chart(profitability_table(months), months, [line], "compact")


def _bars(name: str, tone: str, newest_first: list[int], stack: str) -> dict[str, Any]:
    return {
        "name": name,
        "type": "bar",
        "stack": stack,
        "data": newest_first[::-1],
        "tone": tone,
        "format": "integer",
        "barMaxWidth": 28,
    }


def _chart(
    table: Table, months: Sequence[Kpi], series: list[dict[str, Any]], axis_format: str = "integer"
) -> Chart:
    """From left to right as time goes."""
    option = {
        "legend": {"show": len(series) > 1, "top": 0, "left": 0, "selectedMode": False},
        "xAxis": {"type": "category", "data": [f"{kpi.key:%Y-%m}" for kpi in reversed(months)]},
        "yAxis": {"type": "value", "format": axis_format, "minInterval": 1},
        "series": series,
    }
    return Chart(table.slug, table.title, option, table.headers, table.texts())
