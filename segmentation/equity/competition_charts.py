"""The picture of shares of wallet by group."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from crm.charts import Chart
from crm.tables import Table
from crm.trends.charts import RIVAL_COLOURS

# Of a shares table: group, accounts, demand, ours, competitors ..., unknown.
FIRST_RIVAL = 4
GROUPS_SHOWN = 15
HEIGHTS = ((4, "rows-4"), (8, "rows-8"), (12, "rows-12"))


def shares_chart(table: Table) -> Chart:
    """One bar a group, and all of them on top; competitors beyond the colours are added up."""
    rows = [table.total, *table.rows[:GROUPS_SHOWN]] if table.total else []
    names = [str(column.title) for column in table.columns[FIRST_RIVAL:-1]]
    series = [_bars(_("We"), [row[3] for row in rows], tone="primary")]
    for place, (name, colour) in enumerate(zip(names, RIVAL_COLOURS, strict=False)):
        series.append(_bars(name, [row[FIRST_RIVAL + place] for row in rows], color=colour))
    if len(names) > len(RIVAL_COLOURS):
        first = FIRST_RIVAL + len(RIVAL_COLOURS)
        series.append(_bars(_("Other competitors"), [sum(row[first:-1]) for row in rows], color="#7a869a"))
    series.append(_bars(_("Unknown"), [row[-1] for row in rows], tone="muted"))
    highest = max((sum(row[3:]) for row in rows), default=1.0)
    option = {
        "legend": {"top": 0, "left": 0, "type": "scroll", "itemWidth": 12},
        "tooltip": {"trigger": "axis", "axisPointer": {"type": "shadow"}, "confine": True},
        "grid": {"left": 8, "right": 24, "top": 32, "bottom": 4, "containLabel": True},
        "xAxis": {"type": "value", "min": 0, "max": max(1.0, highest), "format": "percent"},
        "yAxis": {
            "type": "category",
            "data": [str(row[0]) for row in rows],
            "inverse": True,
            "axisLabel": {"width": 96, "overflow": "break"},
        },
        "series": series,
    }
    height = next((css for most, css in HEIGHTS if len(rows) <= most), "rows-16")
    return Chart(table.slug, table.title, option, table.headers, table.texts() if rows else [], height)


def _bars(name: str, values: list[Any], **look: str) -> dict[str, Any]:
    return {
        "name": name,
        "type": "bar",
        "stack": "wallet",
        "data": values,
        "format": "percent",
        "barMaxWidth": 28,
        **look,
    }
