"""The trade chart of one account: sales and gross profit by month, and last year's sales behind them."""

from __future__ import annotations

from django.utils.translation import gettext as _

from crm.charts import Chart
from crm.queries import TradeHistory
from crm.tables import Column, Table


def trade_chart(history: TradeHistory, *, drill_url: str) -> Chart:
    names = [f"{month.month:%Y-%m}" for month in history.months]
    sales, profit, before = _("Net sales"), _("Gross profit"), _("Net sales a year before")
    table = Table(
        "account-trade",
        _("Trade by month"),
        [Column(_("Month")), Column(sales, "money"), Column(profit, "money"), Column(before, "money")],
        []
        if history.is_empty
        else [
            [name, month.net_sales, month.gross_profit, month.net_sales_year_before]
            for name, month in zip(names, history.months, strict=True)
        ],
    )
    option = {
        "legend": {"top": 0, "left": 0, "itemWidth": 14},
        "grid": {"left": 8, "right": 12, "top": 36, "bottom": 8, "containLabel": True},
        "xAxis": {"type": "category", "data": names},
        "yAxis": {"type": "value", "format": "compact"},
        "series": [
            _bars(sales, [float(month.net_sales) for month in history.months]),
            _bars(
                profit,
                [
                    None if month.gross_profit is None else float(month.gross_profit)
                    for month in history.months
                ],
            ),
            {
                "name": before,
                "type": "line",
                "data": [float(month.net_sales_year_before) for month in history.months],
                "format": "integer",
                "showSymbol": False,
                "lineStyle": {"type": "dashed", "width": 1.5},
                "color": "#7a869a",
            },
        ],
    }
    return Chart(table.slug, table.title, option, table.headers, table.texts(), drill_url=drill_url)


def _bars(name: str, values: list[float | None] | list[float]) -> dict[str, object]:
    return {"name": name, "type": "bar", "data": values, "format": "integer", "barGap": "0%"}
