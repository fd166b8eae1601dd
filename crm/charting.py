"""Shapes of charts that more than one floor draws."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from crm.charts import Chart
from crm.tables import Table


@dataclass(frozen=True)
class Bar:
    """One row of paired bars: its name, what a click on it filters by, its tone, and the two figures."""

    name: str
    key: str
    tone: str
    left: float
    right: float | None


def paired_bars(
    table: Table, bars: Sequence[Bar], left: Any, right: Any, drill_url: str = "", open_table: bool = False
) -> Chart:
    """Two bar charts on one set of names: how many on the left, how much money on the right. First bar on top."""
    names = [bar.name for bar in bars]
    series = [
        _bars(str(left), [_point(bar, bar.left) for bar in bars], 0, "integer"),
        _bars(str(right), [_point(bar, bar.right) for bar in bars], 1, "compact"),
    ]
    quiet = {"type": "value", "show": False}
    category = {
        "type": "category",
        "data": names,
        "inverse": True,
        "axisLine": {"show": False},
        "axisLabel": {"width": 92, "overflow": "break"},
    }
    option = {
        "title": [
            {"text": str(left), "left": 8, "top": 0, "textStyle": _CAPTION},
            {"text": str(right), "left": "53%", "top": 0, "textStyle": _CAPTION},
        ],
        "tooltip": {"trigger": "item", "confine": True},
        "grid": [
            {"left": 8, "width": "40%", "top": 28, "bottom": 4, "containLabel": True},
            {"left": "53%", "right": 64, "top": 28, "bottom": 4, "containLabel": True},
        ],
        "xAxis": [{**quiet, "gridIndex": 0}, {**quiet, "gridIndex": 1}],
        "yAxis": [
            {**category, "gridIndex": 0},
            {**category, "gridIndex": 1, "axisLabel": {"show": False}},
        ],
        "series": series,
    }
    rows = table.texts() if any(bar.left for bar in bars) else []
    return Chart(
        table.slug,
        table.title,
        option,
        table.headers,
        rows,
        "bars",
        drill_url=drill_url,
        table_open=open_table,
    )


def history_line(
    table: Table,
    categories: Sequence[str],
    steps: Sequence[tuple[dt.date, str]],
    until: dt.date,
    score: Sequence[tuple[dt.date, float | None]] = (),
    score_name: Any = "",
) -> Chart:
    """A step line through named levels (the best on top), with a score from 0 to 100 behind it."""
    # Numbers with names, not categories: ECharts draws steps along the category axis otherwise.
    places = {name: place for place, name in enumerate(categories)}
    points: list[list[Any]] = [[f"{day:%Y-%m-%d}", places[name]] for day, name in steps]
    if points:
        points.append([f"{until:%Y-%m-%d}", points[-1][1]])
    series: list[dict[str, Any]] = [
        {
            "name": str(table.title),
            "type": "line",
            "step": "end",
            "data": points,
            "tone": "primary",
            "names": list(categories),
            "symbolSize": 6,
            "lineStyle": {"width": 3},
            "z": 3,
        }
    ]
    axes: list[dict[str, Any]] = [
        {
            "type": "value",
            "names": list(categories),
            "min": -0.5,
            "max": len(categories) - 0.5,
            "interval": 0.5,
            "inverse": True,
            "axisLine": {"show": False},
            "axisLabel": {"width": 110, "overflow": "break"},
            "splitLine": {"show": False},
        }
    ]
    if score:
        axes.append({"type": "value", "min": 0, "max": 100, "interval": 20, "splitLine": {"show": False}})
        series.append(
            {
                "name": str(score_name),
                "type": "line",
                "yAxisIndex": 1,
                "data": [[f"{day:%Y-%m-%d}", value] for day, value in score],
                "tone": "muted",
                # A score alone has no line to be seen by.
                "showSymbol": len(score) < 2,
                "format": "score",
            }
        )
    option = {
        "legend": {"show": bool(score), "top": 0, "left": 0, "selectedMode": False},
        "grid": {"left": 8, "right": 16, "top": 32 if score else 12, "bottom": 8, "containLabel": True},
        "xAxis": {"type": "time", "axisLine": {"onZero": False}},
        "yAxis": axes,
        "series": series,
    }
    words = [place for place, column in enumerate(table.columns) if column.kind == "text"]
    return Chart(table.slug, table.title, option, table.headers, table.texts(), words=words)


_CAPTION = {"fontSize": 12, "fontWeight": "normal", "color": "#56606b"}


def _bars(name: str, data: list[dict[str, Any]], index: int, figure_format: str) -> dict[str, Any]:
    return {
        "name": name,
        "type": "bar",
        "xAxisIndex": index,
        "yAxisIndex": index,
        "data": data,
        "barMaxWidth": 22,
        "format": figure_format,
        "label": {"show": True, "position": "right", "color": "#182433"},
    }


def _point(bar: Bar, value: float | None) -> dict[str, Any]:
    point: dict[str, Any] = {"value": value, "key": bar.key, "tone": bar.tone, "name": bar.name}
    if value is not None and value < 0:
        # The figure of a loss stands on the free side of its bar.
        point["label"] = {"position": "insideLeft"}
    return point


def falling_bars(table: Table, totals: set[int]) -> Chart:
    """A waterfall of a table of (name, amount): bars hang where the one before ended, those in `totals` stand on the
    ground. The first unknown amount ends the picture.
    """
    names: list[str] = []
    floors: list[float] = []
    bars: list[dict[str, Any]] = []
    level = 0.0
    for place, (name, amount) in enumerate(table.rows):
        if amount is None:
            break
        start, end = (0.0, amount) if place in totals else (level, level + amount)
        level = end
        low, high = min(start, end), max(start, end)
        names.append(str(name))
        # A hanging bar stands on an invisible one; one that crosses the ground is drawn from it.
        floors.append(low if low > 0 else min(high, 0.0))
        tone = "primary" if place in totals else "good" if amount >= 0 else "bad"
        bars.append({"value": low - high if high <= 0 else high - low, "tone": tone})
    hidden = {
        "type": "bar",
        "stack": "steps",
        "silent": True,
        "itemStyle": {"color": "transparent"},
        "data": floors,
    }
    shown = {"type": "bar", "stack": "steps", "data": bars, "format": "integer", "barMaxWidth": 56}
    label = {"interval": 0, "width": 76, "overflow": "break", "fontSize": 11}
    option = {
        "tooltip": {"show": False},
        "xAxis": {"type": "category", "data": names, "axisLabel": label},
        "yAxis": {"type": "value", "format": "compact"},
        "series": [hidden, shown],
    }
    return Chart(table.slug, table.title, option, table.headers, table.texts(), table_open=True)
