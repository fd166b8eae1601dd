"""Charts and tables of one account's value."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from crm.charts import Chart
from crm.tables import Column, Table
from lifecycle.scoring.forecast.outlook import course
from lifecycle.value_inputs import buyers_of
from lifecycle.worth.models_table import Forecasts
from lifecycle.worth.reading import Worth

TONES = ("primary", "good", "explore", "warn", "muted")


def used_model(prepared: Mapping[str, Any]) -> Forecasts:
    return Forecasts(prepared)


def parts_chart(worth: Worth) -> Chart:
    """The five values of a year as one bar; the table gives them with their share."""
    parts = worth.parts
    year = worth.year
    rows = [
        [
            f"{part.title} {part.code}",
            part.value,
            part.value / year if year and year > 0 and part.value is not None else None,
        ]
        for part in parts
    ]
    table = Table(
        "value-parts",
        _("The five values of a year"),
        [
            Column(pgettext("menu", "Value"), "name"),
            Column(_("A year"), "money"),
            Column(_("Share"), "percent"),
        ],
        rows,
        [_("Together"), year, None],
    )
    series = [
        {
            "name": f"{part.title}",
            "type": "bar",
            "stack": "year",
            "data": [part.value or 0],
            "tone": tone,
            "barMaxWidth": 36,
            "format": "integer",
        }
        for part, tone in zip(parts, TONES, strict=True)
    ]
    option = {
        "legend": {"bottom": 0, "type": "plain", "selectedMode": False},
        "grid": {"left": 8, "right": 16, "top": 8, "bottom": 64, "containLabel": True},
        "tooltip": {"trigger": "item", "confine": True},
        "xAxis": {"type": "value", "format": "compact"},
        "yAxis": {"type": "category", "data": [""]},
        "series": series,
    }
    return Chart(table.slug, table.title, option, table.headers, table.texts() if year else [], "bars")


def outlook_table(worth: Worth) -> Table:
    """Expected purchases and sales over one, four and twelve quarters."""
    columns = [
        Column(_("Horizon"), "name"),
        Column(_("Purchases"), "ratio"),
        Column(_("Sales"), "money"),
        Column(_("From (80 %)"), "money"),
        Column(_("To (80 %)"), "money"),
    ]
    found = _course(worth)
    rows = []
    if found is not None and worth.outlook is not None:
        spend = float(worth.outlook.spend[0])
        for name, quarter in ((_("1 quarter"), 1), (_("4 quarters"), 4), (_("12 quarters"), 12)):
            expected, low, high = (float(values[quarter - 1]) for values in found)
            rows.append([name, expected, expected * spend, low * spend, high * spend])
    return Table("outlook", _("Expected purchases and sales"), columns, rows)


def _course(worth: Worth) -> tuple[Any, Any, Any] | None:
    outlook = worth.outlook
    if outlook is None or np.isnan(outlook.occasions[0, 0]):
        return None
    return course(worth.fits, buyers_of(worth.rows, worth.run.as_of))


def course_chart(worth: Worth) -> Chart | None:
    """Purchases expected by the end of each of the next twelve quarters, and the range that holds 80 of 100."""
    found = _course(worth)
    if found is None:
        return None
    expected, low, high = found
    rows = [
        [quarter, float(expected[quarter - 1]), float(low[quarter - 1]), float(high[quarter - 1])]
        for quarter in range(1, len(expected) + 1)
    ]
    table = Table(
        "course",
        _("Purchases expected from now on"),
        [
            Column(_("Quarters ahead"), "integer"),
            Column(_("Expected"), "ratio"),
            Column(_("From (80 %)"), "integer"),
            Column(_("To (80 %)"), "integer"),
        ],
        rows,
    )
    quiet = {
        "type": "line",
        "showSymbol": False,
        "tone": "muted",
        "lineStyle": {"type": "dashed"},
        "format": "integer",
    }
    option = {
        "legend": {"top": 0, "left": 0, "selectedMode": False},
        "grid": {"left": 8, "right": 16, "top": 36, "bottom": 32, "containLabel": True},
        "xAxis": {"type": "category", "data": [str(row[0]) for row in rows], "name": _("Quarters ahead"),
                  "nameLocation": "middle", "nameGap": 28},
        "yAxis": {"type": "value", "format": "integer"},
        "series": [
            {"name": _("Expected"), "type": "line", "tone": "primary", "data": [round(row[1], 3) for row in rows],
             "lineStyle": {"width": 3}, "format": "score"},
            {**quiet, "name": _("From (80 %)"), "data": [row[2] for row in rows]},
            {**quiet, "name": _("To (80 %)"), "data": [row[3] for row in rows]},
        ],
    }  # fmt: skip
    return Chart(table.slug, table.title, option, table.headers, table.texts())
