"""Customers of the reference data sets as accounts with a ledger."""

from __future__ import annotations

import csv
import datetime as dt
import gzip
from collections.abc import Iterable
from pathlib import Path

from django.db import connection

from crm.copying import copy_rows
from crm.models import Account
from tests.factories import make_account, make_trade_line

_COLUMNS = (
    *("account_id", "source", "external_id", "order_number", "traded_on", "quantity", "unit_price"),
    *("discount", "net_amount", "cost", "currency", "exchange_rate", "cancelled"),
)
# Customer, date, net amount, cost.
Row = tuple[str, str, str, str | None]


def load(rows: Iterable[Row]) -> dict[str, Account]:
    lines = list(rows)
    accounts = {key: make_account(number=f"C{key}") for key in sorted({line[0] for line in lines})}
    with connection.cursor() as cursor:
        copy_rows(
            cursor,
            "crm_tradeline",
            _COLUMNS,
            (
                (
                    accounts[customer].pk, "test", f"{place}", f"{place}", day, 1, net, 0, net, cost,
                    "CNY", 1, False,
                )
                for place, (customer, day, net, cost) in enumerate(lines)
            ),
        )  # fmt: skip
    return accounts


def cdnow(shared_data: Path) -> list[Row]:
    """Free parcels are occasions in the published data: one cent makes them count here."""
    with (shared_data / "cdnow/cdnow_sample.csv").open(encoding="utf-8") as file:
        return [
            (row["customer_id"], row["date"], str(max(float(row["dollar_value"]), 0.01)), None)
            for row in csv.DictReader(file)
        ]


def resellers(shared_data: Path) -> list[Row]:
    with gzip.open(shared_data / "adventureworks_reseller/reseller_sales.csv.gz", "rt") as file:
        return [
            (row["ResellerKey"], row["OrderDate"][:10], row["SalesAmount"], row["TotalProductCost"])
            for row in csv.DictReader(file)
        ]


def buys(
    account: Account, until: dt.date, *days_before: int, value: int = 100, cost: int | None = 60
) -> Account:
    for days in days_before:
        make_trade_line(account, until - dt.timedelta(days=days), net_amount=value, cost=cost)
    return account


def company(customers: int, until: dt.date) -> list[Account]:
    """Regular customers of different rhythm and size; every third one stopped long ago."""
    made = []
    for i in range(customers):
        every, silent = 20 + 7 * (i % 9), 500 if i % 3 == 0 else i % 20
        days = range(silent, 1100 - 3 * i % 300, every)
        made.append(buys(make_account(), until, *days, value=100 + 37 * (i % 11)))
    return made
