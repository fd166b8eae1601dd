"""Tables and charts that the pages of segments have in common."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.utils.translation import gettext as _

from crm.charts import Chart
from crm.tables import Column, Table
from segmentation.models import Segment


def share(part: Any, of: Any) -> float | None:
    """Of a total that is not positive no share can be told."""
    return float(part) / float(of) if part is not None and of is not None and of > 0 else None


def sizes_of(
    segment: Segment, days: list[dt.date], sizes: dict[tuple[int, dt.date], int]
) -> list[int | None]:
    """Members on each day; None before the first: the segment was not there yet."""
    found: list[int | None] = [sizes.get((segment.pk, day), 0) for day in days]
    first = next((place for place, size in enumerate(found) if size), len(found) - 1)
    return [None] * first + found[first:]


def sizes_table(segments: list[Segment], days: list[dt.date], sizes: dict[tuple[int, dt.date], int]) -> Table:
    columns = [Column(_("Date"), "date"), *(Column(str(segment), "integer") for segment in segments)]
    lines = [sizes_of(segment, days, sizes) for segment in segments]
    rows = [[day, *(line[place] for line in lines)] for place, day in enumerate(days)]
    return Table("sizes", _("Members over time"), columns, rows if segments else [])


def sizes_chart(table: Table) -> Chart:
    series = [
        {
            "name": str(column.title),
            "type": "line",
            "data": [[f"{row[0]:%Y-%m-%d}", row[place]] for row in table.rows],
            "symbolSize": 6,
            "format": "integer",
        }
        for place, column in enumerate(table.columns)
        if place
    ]
    option = {
        "legend": {"show": len(series) > 1, "type": "scroll", "top": 0, "left": 0},
        "tooltip": {"trigger": "axis", "confine": True},
        "grid": {
            "left": 8,
            "right": 16,
            "top": 36 if len(series) > 1 else 12,
            "bottom": 8,
            "containLabel": True,
        },
        "xAxis": {"type": "time"},
        "yAxis": {"type": "value", "minInterval": 1},
        "series": series,
    }
    return Chart(table.slug, table.title, option, table.headers, table.texts())


def grade_at(names: tuple[str, ...], place: int | None) -> str | None:
    return names[place] if place is not None and place < len(names) else None


def money_of(account: Any) -> list[Any]:
    facts = getattr(account, "facts", None)
    return [facts.net_sales_12m, facts.gross_profit_12m] if facts else [None, None]


def mix_table(
    slug: str, title: str, of: str, names: list[Any], mine: dict[Any, int], everybody: dict[Any, int]
) -> Table:
    columns = [
        Column(of),
        Column(_("Accounts"), "integer"),
        Column(_("Share"), "percent"),
        Column(_("Share among all"), "percent"),
    ]
    ours, theirs = sum(mine.values()), sum(everybody.values())
    rows = [
        [name, mine.get(key, 0), share(mine.get(key, 0), ours), share(everybody.get(key, 0), theirs)]
        for key, name in names
        if mine.get(key) or everybody.get(key)
    ]
    return Table(slug, title, columns, rows if ours else [])
