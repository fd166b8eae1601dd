"""How the raw value of each built-in indicator follows from what is read."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from crm.scoring.arrays import CodeArray, FloatArray, divide
from crm.scoring.finance import gross_profit
from crm.scoring.reasons import Reason
from crm.scoring.wallet import wallet_shares
from segmentation.indicators.fields import Readings

DAYS_PER_YEAR = 365.25

# Values with NaN for missing, and why each is missing (None: nobody said anything about it).
Raw = tuple[FloatArray, CodeArray | None]


def profit_of(read: Readings, window: int) -> Raw:
    found = gross_profit(
        read("gross_profit", window),
        read("lines", window),
        read("costed_lines", window),
        read.finance.min_cost_coverage,
    )
    return found.profit, found.reason


def marketing_cost(read: Readings, window: int) -> FloatArray:
    cost: FloatArray = read("sales_discount", window) + read("financing_cost", window)
    return cost


def marketing_cost_ratio(read: Readings, window: int) -> Raw:
    sales = read("net_sales", window)
    sold = sales > 0
    ratio = np.where(sold, divide(marketing_cost(read, window), sales), np.nan)
    return ratio, codes(sold, Reason.ZERO_DENOMINATOR)


def cooperation_years(read: Readings, window: int) -> Raw:
    return (read.day - read("first_traded_on")) / DAYS_PER_YEAR, None


def recency(read: Readings, window: int) -> Raw:
    return read.day - read("last_traded_on"), None


def growth(read: Readings, window: int) -> Raw:
    before = read("net_sales_before", window)
    known = before > 0
    grown = np.where(known, divide(read("net_sales", window), before) - 1.0, np.nan)
    return grown, codes(known, Reason.ZERO_DENOMINATOR)


def complaint_rate(read: Readings, window: int) -> Raw:
    occasions = read("occasions", window)
    bought = occasions > 0
    rate = np.where(bought, divide(read("complaints", window), occasions), np.nan)
    return rate, codes(bought, Reason.NO_TRADES)


def margin(read: Readings, window: int) -> Raw:
    profit, reason = profit_of(read, window)
    sales = read("net_sales", window)
    sold = sales > 0
    why = np.where(sold, Reason.OK if reason is None else reason, Reason.ZERO_DENOMINATOR)
    return np.where(sold, divide(profit, sales), np.nan), why.astype(np.int8)


def with_reason(value: str, reason: str) -> Callable[[Readings, int], Raw]:
    return lambda read, window: (read(value), read(reason).astype(np.int8))


def known_or_why(value: str, reason: str) -> Callable[[Readings, int], Raw]:
    """The reason may stand beside a figure, as a remark: that is not missing."""

    def raw(read: Readings, window: int) -> Raw:
        found = read(value)
        return found, np.where(np.isnan(found), read(reason), Reason.OK).astype(np.int8)

    return raw


def share_of_wallet(read: Readings, window: int) -> Raw:
    demand = read("demand")
    found = wallet_shares(read("demand_sales"), demand, np.empty((len(demand), 0)))
    return found.own, found.reason


def alone(name: str) -> Callable[[Readings, int], Raw]:
    return lambda read, window: (read(name), None)


def summed(name: str) -> Callable[[Readings, int], Raw]:
    return lambda read, window: (read(name, window), None)


def codes(known: FloatArray | np.ndarray, reason: Reason) -> CodeArray:
    return np.where(known, Reason.OK, reason).astype(np.int8)
