"""The trade history as tables and charts: what the page shows and the files hold."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any

import numpy as np
from django.urls import reverse
from django.utils.translation import gettext as _

from crm.charting import falling_bars
from crm.charts import Chart
from crm.models.naming import reads_chinese
from crm.scoring.arrays import known
from crm.scoring.trade_history import waterfall
from crm.tables import Cell, Column, Table
from crm.trade.reading import AccountTrade, Period

GAPS_SHOWN = 60


@dataclass(frozen=True)
class TradeReport:
    trade: AccountTrade

    @cached_property
    def _lines_url(self) -> str:
        return reverse("crm:account-trade-lines", args=[self.trade.account.pk])

    def _lines(self, period: Period, **more: Any) -> str:
        extra = "".join(f"&{name}={value}" for name, value in more.items())
        return f"{self._lines_url}?from={period.first:%Y-%m-%d}&to={period.last:%Y-%m-%d}{extra}"

    @cached_property
    def years_table(self) -> Table:
        """A row per year, newest first; the change against the year before stands beside the sales."""
        columns = [Column(_("12 months to"), "date"), *_measures(), Column(_("Growth"), "percent")]
        rows = []
        years = self.trade.years
        for place, year in enumerate(years):
            before = years[place + 1] if place + 1 < len(years) else None
            growth = float(year.net_sales / before.net_sales) - 1 if before and before.net_sales > 0 else None
            rows.append([Cell(year.last, self._lines(year)), *_figures(year), growth])
        return Table("years", _("Year over year"), columns, rows)

    @cached_property
    def months_table(self) -> Table:
        columns = [Column(_("Month"), "name"), *_measures()]
        rows = [
            [Cell(f"{month.first:%Y-%m}", self._lines(month)), *_figures(month)]
            for month in reversed(self.trade.months)
        ]
        return Table("months", _("By month"), columns, rows)

    @cached_property
    def families_table(self) -> Table:
        chinese = reads_chinese()
        columns = [
            Column(_("Product family"), "name"),
            Column(_("Quantity"), "integer"),
            Column(_("Unit price"), "ratio"),
            Column(_("Net sales"), "money"),
            Column(_("Year before"), "money"),
            Column(_("Discount"), "money"),
            Column(_("Gross profit"), "money"),
            Column(_("Margin"), "percent"),
            Column(_("Margin a year before"), "percent"),
        ]
        rows = []
        for family in self.trade.families:
            name = (family.name_zh if chinese else "") or family.name or _("Other products")
            now, before = family.now, family.before
            rows.append(
                [
                    Cell(name, self._lines(now, family=family.family_id or 0)),
                    now.quantity,
                    now.unit_price,
                    now.net_sales,
                    before.net_sales,
                    now.sales_discount,
                    now.gross_profit,
                    now.margin,
                    before.margin,
                ]
            )
        return Table("families", _("By product family"), columns, rows)

    @cached_property
    def waterfall_table(self) -> Table:
        """Of the newest year."""
        year = self.trade.years[0]
        profit = float("nan") if year.gross_profit is None else float(year.gross_profit)
        steps = waterfall(
            float(year.net_sales),
            float(year.sales_discount),
            profit,
            float(year.marketing_cost),
            float(year.financing_cost),
        )
        rows: list[list[Any]] = [
            [_("Value at list price"), steps.list_value],
            [_("Discount"), -steps.discount],
            [_("Net sales"), steps.net_sales],
            [_("Cost of goods"), known(-steps.cost)],
            [_("Gross profit"), known(steps.gross_profit)],
            [_("Marketing cost"), known(-steps.marketing_cost)],
            [_("Financing cost"), known(-steps.financing_cost)],
            [_("Contribution"), known(steps.contribution)],
        ]
        columns = [Column(_("Step"), "name"), Column(_("Amount"), "money")]
        return Table("waterfall", _("From list price to contribution"), columns, rows)

    @property
    def waterfall_chart(self) -> Chart:
        return falling_bars(self.waterfall_table, totals={0, 2, 4, 7})

    @cached_property
    def bridge_table(self) -> Table:
        """Why gross profit is another than a year before; the parts add up."""
        bridge = self.trade.bridge
        names = [
            _("Volume"),
            _("Mix"),
            _("Price"),
            _("Cost"),
            _("New products"),
            _("Products no longer bought"),
        ]
        names.append(_("Returns and other"))
        rows: list[list[Any]] = [[_("Gross profit, year before"), bridge.before]]
        rows += [[name, part] for name, part in zip(names, bridge.parts, strict=True)]
        rows.append([_("Gross profit, this year"), bridge.after])
        columns = [Column(_("Cause"), "name"), Column(_("Amount"), "money")]
        empty = not bridge.before and not bridge.after
        return Table("bridge", _("What changed the gross profit"), columns, [] if empty else rows)

    @property
    def bridge_chart(self) -> Chart:
        table = self.bridge_table
        return falling_bars(table, totals={0, len(table.rows) - 1})

    @property
    def months_chart(self) -> Chart:
        months = self.trade.months
        table = self.months_table
        option = {
            "legend": {"top": 0, "left": 0},
            "xAxis": {"type": "category", "data": [f"{month.first:%Y-%m}" for month in months]},
            "yAxis": {"type": "value", "format": "compact"},
            "series": [
                _bars(_("Net sales"), [float(month.net_sales) for month in months]),
                _bars(
                    _("Gross profit"),
                    [None if m.gross_profit is None else float(m.gross_profit) for m in months],
                ),
            ],
        }
        rows = table.texts() if not self.trade.is_empty else []
        return Chart(
            "trade-months",
            table.title,
            option,
            table.headers,
            rows,
            drill_url=f"{self._lines_url}?month={{name}}",
        )

    @cached_property
    def rhythm_table(self) -> Table:
        """Each purchase with the days since the one before, newest first."""
        days = self.trade.occasion_days
        gaps = [None, *((later - earlier).days for earlier, later in pairwise(days))]
        rows: list[list[Any]] = [
            [Cell(day, f"{self._lines_url}?from={day:%Y-%m-%d}&to={day:%Y-%m-%d}"), gap]
            for day, gap in zip(days, gaps, strict=True)
        ][::-1]
        columns = [Column(_("Purchase on"), "date"), Column(_("Days since the one before"), "integer")]
        return Table("rhythm", _("Order rhythm"), columns, rows)

    @property
    def rhythm_chart(self) -> Chart:
        days = self.trade.occasion_days[-GAPS_SHOWN - 1 :]
        gaps = [(later - earlier).days for earlier, later in pairwise(days)]
        table = self.rhythm_table
        series: dict[str, Any] = _bars(_("Days since the one before"), [float(gap) for gap in gaps])
        if gaps:
            series["markLine"] = {
                "silent": True,
                "symbol": "none",
                "data": [{"yAxis": self.trade.rhythm.median, "name": _("usual")}],
            }
        option = {
            "xAxis": {"type": "category", "data": [f"{day:%Y-%m-%d}" for day in days[1:]]},
            "yAxis": {"type": "value", "format": "integer"},
            "series": [series],
        }
        rows = table.texts()[:GAPS_SHOWN] if gaps else []
        return Chart("trade-rhythm", table.title, option, table.headers, rows, height="sm")

    @property
    def next_purchase_on(self) -> dt.date | None:
        day = self.trade.rhythm.next_day
        return None if np.isnan(day) else dt.date(1970, 1, 1) + dt.timedelta(days=round(day))

    @property
    def usual_gap(self) -> float | None:
        return known(self.trade.rhythm.median)

    @property
    def days_since(self) -> float | None:
        return known(self.trade.rhythm.since)

    def table(self, slug: str) -> Table:
        """KeyError for one that does not exist."""
        return {
            "years": lambda: self.years_table,
            "months": lambda: self.months_table,
            "families": lambda: self.families_table,
            "waterfall": lambda: self.waterfall_table,
            "bridge": lambda: self.bridge_table,
            "rhythm": lambda: self.rhythm_table,
        }[slug]()


def _measures() -> list[Column]:
    return [
        Column(_("Purchase days"), "integer"),
        Column(_("Quantity"), "integer"),
        Column(_("Unit price"), "ratio"),
        Column(_("Net sales"), "money"),
        Column(_("Discount"), "money"),
        Column(_("Discount in %"), "percent"),
        Column(_("Gross profit"), "money"),
        Column(_("Margin"), "percent"),
        Column(_("Marketing cost"), "money"),
        Column(_("Financing cost"), "money"),
        Column(_("Contribution"), "money"),
        Column(_("Complaints"), "integer"),
    ]


def _figures(period: Period) -> list[Any]:
    return [
        period.occasions,
        period.quantity,
        period.unit_price,
        period.net_sales,
        period.sales_discount,
        period.discount_rate,
        period.gross_profit,
        period.margin,
        period.marketing_cost,
        period.financing_cost,
        period.contribution,
        period.complaints,
    ]


def _bars(name: str, data: list[float | None] | list[float]) -> dict[str, Any]:
    return {"name": name, "type": "bar", "data": data, "format": "integer", "barGap": "0%"}
