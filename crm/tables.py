"""A table of figures as data: the page shows it, the chart stands on it, the export writes it, one and the same."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.utils.html import format_html

from crm.templatetags.ui import MISSING, day, number, percent, unsigned_zero

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise


def _signed(value: Any) -> str:
    return MISSING if value is None else ("+" if unsigned_zero(value, 1) > 0 else "") + number(value, 1)


FORMATS: dict[str, Callable[[Any], str]] = {
    "text": lambda value: MISSING if value in (None, "") else str(value),
    "name": lambda value: MISSING if value in (None, "") else str(value),
    "integer": number,
    "score": lambda value: number(value, 1),
    "ratio": lambda value: number(value, 2),
    "change": _signed,
    # The page says once which currency it is.
    "money": number,
    "percent": percent,
    "date": day,
}


@dataclass(frozen=True)
class Column:
    title: str | _StrPromise
    kind: str = "text"

    @property
    def is_figure(self) -> bool:
        return self.kind not in ("text", "name", "date")


@dataclass(frozen=True)
class Cell:
    """A value that leads somewhere or means something: `css` adds to the cell's class, never instead of words."""

    value: Any
    url: str = ""
    css: str = ""


@dataclass(frozen=True)
class Table:
    slug: str
    title: str | _StrPromise
    columns: Sequence[Column]
    rows: Sequence[Sequence[Any]] = field(default_factory=list)
    # A last row of sums, or nothing.
    total: Sequence[Any] = ()

    @property
    def by_date(self) -> bool:
        return self.columns[0].kind == "date"

    @property
    def stacks(self) -> bool:
        """On a phone each row stands as a card: rows about somebody or some day, not a matrix."""
        return self.by_date or any(column.kind == "name" for column in self.columns[:2])

    @property
    def headers(self) -> list[Any]:
        return [column.title for column in self.columns]

    def cells(self) -> list[list[dict[str, Any]]]:
        return [self._row(row) for row in self.rows]

    def total_cells(self) -> list[dict[str, Any]]:
        return self._row(self.total) if self.total else []

    def texts(self) -> list[list[Any]]:
        """The rows as a chart's table shows them, links included."""
        rows = [*self.cells(), *([self.total_cells()] if self.total else [])]
        return [
            [
                format_html('<a href="{}">{}</a>', cell["url"], cell["text"]) if cell["url"] else cell["text"]
                for cell in row
            ]
            for row in rows
        ]

    def export_headers(self) -> list[str]:
        return [str(title) for title in self.headers]

    def export_rows(self) -> list[list[Any]]:
        """Plain values: text, number, date or None."""
        return [[_plain(value) for value in row] for row in self.rows]

    def _row(self, row: Sequence[Any]) -> list[dict[str, Any]]:
        cells = []
        for column, value in zip(self.columns, row, strict=True):
            cell = value if isinstance(value, Cell) else Cell(value)
            cells.append(
                {
                    "text": FORMATS[column.kind](cell.value),
                    "url": cell.url,
                    "css": cell.css,
                    "figure": column.is_figure,
                    "kind": column.kind,
                    "label": column.title,
                }
            )
        return cells


def _plain(value: Any) -> Any:
    if isinstance(value, Cell):
        value = value.value
    return (
        value if value is None or isinstance(value, int | float | dt.date | str) else _number_or_text(value)
    )


def _number_or_text(value: Any) -> Any:
    from decimal import Decimal

    return value if isinstance(value, Decimal) else str(value)
