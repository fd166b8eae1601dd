"""The route as a small picture without any map service: places as they lie to each other, north up."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from crm.charts import Chart
from crm.tables import Cell, Column, Table

if TYPE_CHECKING:
    from crm.plan.board import Stop


def route_chart(stops: Sequence[Stop]) -> Chart:
    """Kilometres east and north of the first stop: one scale both ways, so that near is near."""
    table = Table(
        "route",
        _("Suggested order"),
        [Column(_("Stop"), "integer"), Column(_("Account"), "name"), Column(_("km"), "score")],
        [
            [stop.number, Cell(str(stop.account), stop.account.get_absolute_url()), stop.leg_km]
            for stop in stops
        ],
    )
    points = _plane(stops)
    (left, right), (low, high) = (
        (_span(values) for values in zip(*points, strict=True)) if points else ((0, 0),) * 2
    )
    # The picture is twice as wide as high.
    reach = 1.25 * (max((right - left) / 4, (high - low) / 2) or 1.0)
    middle_x, middle_y = (left + right) / 2, (low + high) / 2
    data = [
        {
            "name": f"{stop.number} {stop.account}",
            "value": [round(x, 3), round(y, 3)],
            "tone": "primary" if stop.planned else "warn",
            "label": {"formatter": str(stop.number)},
        }
        for stop, (x, y) in zip(stops, points, strict=True)
    ]
    quiet: dict[str, Any] = {"type": "value", "show": False}
    option = {
        "grid": {"left": 12, "right": 12, "top": 12, "bottom": 12},
        "tooltip": {"trigger": "item", "confine": True, "formatter": "{b}"},
        "xAxis": {**quiet, "min": middle_x - 2 * reach, "max": middle_x + 2 * reach},
        "yAxis": {**quiet, "min": middle_y - reach, "max": middle_y + reach},
        "series": [
            {
                "type": "line",
                "data": data,
                "symbol": "circle",
                "symbolSize": 22,
                "tone": "primary",
                "lineStyle": {"width": 2, "type": "dashed"},
                "label": {"show": True, "position": "inside", "color": "#fff", "fontWeight": "bold"},
            }
        ],
    }
    return Chart(table.slug, table.title, option, table.headers, table.texts(), "sm")


def _span(values: Sequence[float]) -> tuple[float, float]:
    return min(values), max(values)


def _plane(stops: Sequence[Stop]) -> list[tuple[float, float]]:
    if not stops:
        return []
    first = stops[0].account
    shrink = math.cos(math.radians(float(first.latitude or 0)))
    return [
        (
            (float(stop.account.longitude or 0) - float(first.longitude or 0)) * 111.32 * shrink,
            (float(stop.account.latitude or 0) - float(first.latitude or 0)) * 110.57,
        )
        for stop in stops
    ]
