"""A chart and the table behind it, as data: the page draws it with ECharts, the table is there for everybody."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Chart:
    """`option` is an ECharts option; colours, fonts and number formats are the page's (static/js/charts.js).

    `headers` and `rows` are the same figures as a table; a row's cells are ready for `localize`.
    """

    slug: str
    title: Any
    option: dict[str, Any]
    headers: Sequence[Any]
    rows: Sequence[Sequence[Any]] = field(default_factory=list)
    height: str = "md"
    # Where a click on a point leads: an address with "{name}" for the point's name.
    drill_url: str = ""
    # The table stands open where its figures are read as often as the picture.
    table_open: bool = False
    # Columns of the table, from 0, that hold words and not figures.
    words: Sequence[int] = ()

    @property
    def is_empty(self) -> bool:
        return not self.rows
