"""Concentration in pictures: the Pareto curve, the Lorenz curve, and the largest customers by name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from django.utils.translation import gettext as _

from crm.charts import Chart
from crm.scoring.arrays import FloatArray, IntArray
from crm.scoring.reasons import Reason
from crm.tables import Cell, Column, Table
from segmentation.models import AccountGrade
from segmentation.scoring.pareto import Pareto, lorenz

# A curve needs no more points than a screen has room for.
MAX_POINTS = 200
STEPS = (0.01, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0)


def pareto_table(result: Pareto, title: str) -> Table:
    """Customers (share and number) against the cumulative sum and share, at the places people quote."""
    columns = [
        Column(_("Customers, largest first")),
        Column(_("Count"), "integer"),
        Column(_("Sum"), "money"),
        Column(_("Share of total"), "percent"),
    ]
    rows = []
    counts = dict.fromkeys(int(np.ceil(step * result.n - 1e-9)) for step in STEPS if result.n)
    names = {count: _("First %(share)s") % {"share": f"{count / result.n:.0%}"} for count in counts if count}
    if result.customers_for_80:
        names[result.customers_for_80] = _("80 % of the total")
    if result.peak_at and result.peak_at < result.n:
        names[result.peak_at] = _("Peak: from here on customers lose money")
    for count in sorted(names):
        share = float(result.cumulative_share[count - 1])
        rows.append(
            [names[count], count, float(result.cumulative[count - 1]), None if np.isnan(share) else share]
        )
    return Table("pareto", title, columns, rows)


def pareto_chart(result: Pareto, title: str) -> Chart:
    table = pareto_table(result, title)
    if result.reason != Reason.OK:
        return Chart("pareto", title, {}, table.headers, [])
    places = np.unique(
        np.concatenate(
            (
                np.linspace(1, result.n, min(result.n, MAX_POINTS)).round().astype(np.int64),
                [result.customers_for_80 or 1, result.peak_at or 1, result.top_count],
            )
        )
    )
    data: list[list[float]] = [[0.0, 0.0]]
    data += [[float(place / result.n), float(result.cumulative_share[place - 1])] for place in places]
    marks: list[dict[str, Any]] = [{"yAxis": 0.8}]
    if result.peak_share > 1 + 1e-9:
        marks.append({"yAxis": 1.0})
    option = {
        "grid": {"left": 8, "right": 24, "top": 16, "bottom": 28, "containLabel": True},
        "xAxis": {
            "type": "value",
            "min": 0,
            "max": 1,
            "format": "percent",
            "name": _("share of customers, largest first"),
            "nameLocation": "middle",
            "nameGap": 28,
            "axisPointer": {"label": {"show": False}},
        },
        "yAxis": {"type": "value", "min": 0, "format": "percent"},
        "series": [
            {
                "name": title,
                "type": "line",
                "showSymbol": False,
                "data": data,
                "tone": "primary",
                "format": "percent",
                "areaStyle": {"opacity": 0.08},
                "markLine": {
                    "silent": True,
                    "symbol": "none",
                    "data": marks,
                    "lineStyle": {"color": "#7a869a", "type": "dashed"},
                    "label": {"position": "insideEndTop"},
                },
            }
        ],
    }
    return Chart("pareto", title, option, table.headers, table.texts())


def largest_table(
    result: Pareto,
    account_ids: IntArray,
    values: FloatArray,
    *,
    most: int,
    slug: str,
    title: str,
    figure: str,
    grade_label: Callable[[int | None], str],
) -> Table:
    """The `most` largest customers by name, with what they add up to."""
    columns = [
        Column(_("Rank"), "integer"),
        Column(_("Account"), "name"),
        Column(_("Grade")),
        Column(_("Sales rep")),
        Column(figure, "money"),
        Column(_("Share"), "percent"),
        Column(_("Cumulative share"), "percent"),
    ]
    first = result.order[:most]
    ids = [int(account_ids[place]) for place in first]
    grades = AccountGrade.objects.select_related("account__owner").in_bulk(ids)
    rows = []
    for rank, (pk, place) in enumerate(zip(ids, first, strict=True), start=1):
        if pk not in grades:
            continue
        grade, value = grades[pk], float(values[place])
        rows.append(
            [
                rank,
                Cell(str(grade.account), grade.account.get_absolute_url()),
                grade_label(grade.grade),
                str(grade.account.owner or ""),
                value,
                value / result.total if result.total > 0 else None,
                float(result.cumulative_share[rank - 1]) if result.total > 0 else None,
            ]
        )
    return Table(slug, title, columns, rows)


def lorenz_table(values: FloatArray, title: str) -> Table:
    columns = [Column(_("Customers, smallest first"), "percent"), Column(_("Share of the sum"), "percent")]
    people, shares = lorenz(values, 20)
    rows = [[float(x), float(y)] for x, y in zip(people, shares, strict=True)]
    return Table("lorenz", title, columns, rows)


def lorenz_chart(values: FloatArray, title: str) -> Chart:
    """The curve below the straight line of equal customers; the area between them is half the Gini coefficient."""
    table = lorenz_table(values, title)
    people, shares = lorenz(values, MAX_POINTS)
    axis = {"type": "value", "min": 0, "max": 1, "format": "percent"}
    option = {
        "legend": {"top": 0, "left": 0},
        "grid": {"left": 8, "right": 24, "top": 32, "bottom": 28, "containLabel": True},
        "xAxis": {
            **axis,
            "name": _("share of customers, smallest first"),
            "nameLocation": "middle",
            "nameGap": 28,
            "axisPointer": {"label": {"show": False}},
        },
        "yAxis": axis,
        "series": [
            _curve(
                title, [[float(x), float(y)] for x, y in zip(people, shares, strict=True)], "primary", "solid"
            ),
            _curve(_("All customers equal"), [[0.0, 0.0], [1.0, 1.0]], "muted", "dashed"),
        ],
    }
    return Chart("lorenz", title, option, table.headers, table.texts())


def _curve(name: str, data: list[list[float]], tone: str, line: str) -> dict[str, Any]:
    return {
        "name": name,
        "type": "line",
        "showSymbol": False,
        "data": data,
        "tone": tone,
        "format": "percent",
        "lineStyle": {"type": line},
    }
