"""Accounts and money per grade as a table: of the present on the dashboard, of a month's end on paper."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from crm.tables import Cell, Column, Table
from segmentation.overview.scales import Scale
from segmentation.queries import GradeTotal

Totals = Mapping[int | None, GradeTotal]


def profit_of(totals: Totals) -> Decimal | None:
    """None where no grade's profit is known."""
    known = [total.gross_profit for total in totals.values() if total.gross_profit is not None]
    return sum(known, Decimal(0)) if known else None


def sales_of(totals: Totals) -> Decimal:
    return sum((total.net_sales for total in totals.values()), Decimal(0))


def tier_table(
    scale: Scale, totals: Totals, before: Totals | None, leads: Callable[[str], str] = lambda key: ""
) -> Table:
    """`before`: the totals of the month's end compared with, None where there is none."""
    columns = [
        Column(_("Grade")),
        Column(_("Accounts"), "integer"),
        Column(_("At month's end"), "integer"),
        Column(_("Net sales"), "money"),
        Column(_("Share"), "percent"),
        Column(_("Gross profit"), "money"),
        Column(_("Share"), "percent"),
    ]
    sales, profit = sales_of(totals), profit_of(totals)
    rows: list[list[Any]] = []
    for level in scale.levels:
        total = totals.get(level.value, GradeTotal.of_nobody(level.value))
        then = before.get(level.value) if before else None
        if level.value is None and not total.accounts and not then:
            continue
        rows.append(
            [
                Cell(level.name, leads(level.key)),
                total.accounts,
                None if before is None else (then.accounts if then else 0),
                total.net_sales,
                share(total.net_sales, sales),
                total.gross_profit,
                share(total.gross_profit, profit),
            ]
        )
    everybody = sum(total.accounts for total in totals.values())
    everybody_then = None if before is None else sum(total.accounts for total in before.values())
    sums = [_("Total"), everybody, everybody_then, sales, None, profit, None]
    return Table("grades", _("Accounts and gross profit per grade"), columns, rows, sums)


def share(part: Decimal | None, whole: Decimal | None) -> float | None:
    """A share means something only of a positive whole."""
    return float(part / whole) if part is not None and whole is not None and whole > 0 else None
