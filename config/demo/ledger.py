"""The generated lines as rows of the trade ledger, by COPY."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import numpy as np
from django.db import connection

from config.demo.behaviour import Plan
from config.demo.catalogue import Catalogue
from config.demo.trade import LINE, Lines, Rates, trade_of
from crm.copying import copy_rows

COLUMNS = (
    "account_id", "product_id", "source", "external_id", "traded_on", "order_number", "quantity", "unit_price",
    "list_price", "discount", "net_amount", "cost", "marketing_cost", "payment_days", "financing_rate", "currency",
    "exchange_rate", "cancelled",
)  # fmt: skip
FINANCING_RATE = "0.06"


def generate(plans: list[Plan], catalogue: Catalogue, rates: Rates, as_of: dt.date) -> Lines:
    """Every customer's lines, in the order in which the ERP would have numbered them."""
    parts = [trade_of(plan, place, catalogue, rates, as_of) for place, plan in enumerate(plans)]
    lines = np.concatenate([np.zeros(0, dtype=LINE), *parts])
    return lines[np.lexsort((lines["order"], lines["plan"], lines["day"]))]


def _rows(lines: Lines, plans: list[Plan], catalogue: Catalogue) -> Iterator[tuple[str | None, ...]]:
    accounts = [plan.account.pk for plan in plans]
    currencies = [plan.account.currency for plan in plans]
    products = [product.pk for product in catalogue.products]
    days = np.datetime_as_string(lines["day"].astype("datetime64[D]"))
    order_key: tuple[int, int] | None = None
    serial = 0
    for number, (line, day) in enumerate(zip(lines.tolist(), days.tolist(), strict=True), start=1):
        (plan, order, product, _, quantity, unit_price, list_price, discount, net, cost, marketing, paid_after,
         rate, cancelled, credit) = line  # fmt: skip
        if (plan, order) != order_key:
            order_key, serial = (plan, order), serial + 1
        yield (
                str(accounts[plan]), str(products[product]), "erp", f"L{number:07}", day,
                f"{'CN' if credit else 'SO'}{day[2:4]}{serial:06}", f"{quantity:.0f}", f"{unit_price:.2f}",
                _known(list_price, 2), f"{discount:.2f}", f"{net:.2f}", _known(cost, 4), _known(marketing, 4),
                str(paid_after), FINANCING_RATE, currencies[plan], f"{rate:.8f}", "t" if cancelled else "f",
        )  # fmt: skip


def _known(value: float, digits: int) -> str | None:
    return None if value != value else f"{value:.{digits}f}"


def save(lines: Lines, plans: list[Plan], catalogue: Catalogue) -> int:
    with connection.cursor() as cursor:
        return copy_rows(cursor, "crm_tradeline", COLUMNS, _rows(lines, plans, catalogue))
