"""Pictures of customer equity and retention."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from crm.charts import Chart
from crm.tables import Table


def trend_chart(table: Table) -> Chart:
    option = {
        "legend": {"show": False},
        "grid": {"left": 8, "right": 24, "top": 12, "bottom": 4, "containLabel": True},
        "xAxis": {"type": "time", "axisLabel": {"hideOverlap": True}},
        "yAxis": {"type": "value", "format": "compact", "scale": True},
        "series": [
            {
                "name": str(table.title),
                "type": "line",
                "data": [[f"{row[0]:%Y-%m-%d}", row[1]] for row in table.rows],
                "tone": "primary",
                "format": "integer",
                "symbolSize": 6,
            }
        ],
    }
    return Chart(table.slug, table.title, option, table.headers, table.texts())


def bars_chart(table: Table, column: int, height: str = "rows-12", tones: bool = False) -> Chart:
    """One bar a row of a table: its name, and the figure of `column`. `tones`: losses stand in red."""
    points: list[dict[str, Any]] = []
    for row in table.rows:
        tone = "bad" if tones and (row[column] or 0) < 0 else "primary"
        points.append({"value": row[column], "tone": tone})
    kind = table.columns[column].kind
    option = {
        "tooltip": {"trigger": "item", "confine": True},
        "grid": {"left": 8, "right": 24, "top": 8, "bottom": 4, "containLabel": True},
        "xAxis": {"type": "value", "format": "percent" if kind == "percent" else "compact"},
        "yAxis": {
            "type": "category",
            "data": [_name(row[0]) for row in table.rows],
            "inverse": True,
            "axisLabel": {"width": 110, "overflow": "break"},
        },
        "series": [
            {
                "name": str(table.columns[column].title),
                "type": "bar",
                "data": points,
                "format": "percent" if kind == "percent" else "integer",
                "barMaxWidth": 18,
            }
        ],
    }
    return Chart(table.slug, table.title, option, table.headers, table.texts(), height)


def _name(value: Any) -> str:
    return str(getattr(value, "value", value))


def curve_chart(table: Table, best: float, today: float) -> Chart:
    """Retention and what a customer is worth along the spend, with the spend of today and the best one marked."""
    spend = [row[0] for row in table.rows]
    # Each word on its line's outer side: the two may stand close together.
    sides = ("right", "left") if today <= best else ("left", "right")
    marks = [
        {"xAxis": today, "label": {"formatter": _("today"), "align": sides[0]}},
        {"xAxis": best, "label": {"formatter": _("best"), "align": sides[1]}, "lineStyle": {"width": 2}},
    ]
    option = {
        "legend": {"top": 0, "left": 0},
        "grid": {"left": 8, "right": 8, "top": 52, "bottom": 24, "containLabel": True},
        "xAxis": {
            "type": "value",
            "min": 0,
            "max": spend[-1] if spend else None,
            "format": "compact",
            "name": _("Spend per customer and year"),
            "nameLocation": "middle",
            "nameGap": 24,
        },
        "yAxis": [
            {"type": "value", "format": "compact"},
            {"type": "value", "format": "percent", "min": 0, "max": 1, "splitLine": {"show": False}},
        ],
        "series": [
            {
                "name": str(table.columns[2].title),
                "type": "line",
                "data": [[row[0], row[2]] for row in table.rows],
                "tone": "primary",
                "showSymbol": False,
                "format": "integer",
                "markLine": {"symbol": "none", "silent": True, "data": marks},
            },
            {
                "name": str(table.columns[1].title),
                "type": "line",
                "yAxisIndex": 1,
                "data": [[row[0], row[1]] for row in table.rows],
                "color": "#f4b942",
                "showSymbol": False,
                "format": "percent",
            },
        ],
    }
    return Chart(table.slug, table.title, option, table.headers, table.texts())
