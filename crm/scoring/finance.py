"""Marketing cost and gross profit of trade lines and invoices (models.md sections 0 and 1).

These functions are the definition. The import computes the same in SQL, and a test compares the two.
Amounts are money in one currency; days are whole days (any epoch); rates are fractions a year.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from crm.scoring.arrays import TOLERANCE, CodeArray, FloatArray, divide, floats
from crm.scoring.reasons import Reason

DAYS_PER_YEAR = 365.0


@dataclass(frozen=True, slots=True)
class FinanceParameters:
    annual_rate: float = 0.06  # cost of capital a year
    min_cost_coverage: float = 0.80  # share of lines with a known cost below which profit is not available


DEFAULT_FINANCE = FinanceParameters()


def outstanding_days(invoice_day: ArrayLike, paid_day: ArrayLike, as_of: float) -> FloatArray:
    """Days the money was outstanding, shape (n,): payment (unpaid = NaN: ``as_of``) minus invoice day.

    Prepaid gives 0, never a negative number. A payment later than ``as_of`` was not known then and counts
    as unpaid, so that a figure of an old date can be reproduced.
    """
    invoice = floats(invoice_day)
    paid = floats(paid_day, len(invoice))
    end = np.where(np.isnan(paid), as_of, np.minimum(paid, as_of))
    return np.maximum(end - invoice, 0.0)


def financing_cost(amount: ArrayLike, days: ArrayLike, annual_rate: ArrayLike) -> FloatArray:
    """amount x days / 365 x rate, shape (n,). Negative days count as 0; a return (amount < 0) gives it
    back.
    """
    money = floats(amount)
    span = np.maximum(floats(days, len(money)), 0.0)
    return money * span / DAYS_PER_YEAR * floats(annual_rate, len(money))


def invoice_financing_cost(
    amount: ArrayLike,
    invoice_day: ArrayLike,
    payment_invoice: ArrayLike,
    payment_day: ArrayLike,
    payment_amount: ArrayLike,
    as_of: float,
    annual_rate: float = DEFAULT_FINANCE.annual_rate,
) -> FloatArray:
    """Financing cost of whole invoices with part payments, shape (invoices,).

    ``payment_invoice`` indexes the invoice arrays; payments may be in any order. Each part bears its own
    days; what is unpaid at ``as_of`` bears the days until then; more than the invoice's amount earns nothing;
    a credit note (amount <= 0) bears no cost.
    """
    money = floats(amount)
    invoiced = floats(invoice_day, len(money))
    owed = np.maximum(money, 0.0)
    which = np.asarray(payment_invoice, dtype=np.int64)
    day = floats(payment_day, len(which))
    part = floats(payment_amount, len(which))
    known = day <= as_of
    which, day, part = which[known], day[known], part[known]
    order = np.lexsort((day, which))
    which, day, part = which[order], day[order], part[order]

    running = np.cumsum(part)
    first = np.searchsorted(which, which, side="left")  # start of the invoice's run of payments
    paid_after = running - running[first] + part[first] if len(which) else running
    paid_before = paid_after - part
    settled = np.clip(paid_after, 0.0, owed[which]) - np.clip(paid_before, 0.0, owed[which])
    cost = np.bincount(
        which, weights=settled * np.maximum(day - invoiced[which], 0.0), minlength=len(money)
    ).astype(np.float64)
    paid = np.bincount(which, weights=settled, minlength=len(money))
    cost += (owed - paid) * np.maximum(as_of - invoiced, 0.0)
    return cost / DAYS_PER_YEAR * annual_rate


def sales_discount(
    list_price: ArrayLike, net_price: ArrayLike, quantity: ArrayLike, stated_discount: ArrayLike
) -> FloatArray:
    """max(0, list price - net price) x quantity, shape (n,), money.

    List price unknown (NaN): the stated discount, an amount of money for the whole line. Both unknown: NaN.
    A negative quantity (return) gives the discount back.
    """
    quantities = floats(quantity)
    n = len(quantities)
    from_list = np.maximum(floats(list_price, n) - floats(net_price, n), 0.0) * quantities
    return np.where(np.isnan(from_list), floats(stated_discount, n), from_list)


def discount_from_rate(net_price: ArrayLike, quantity: ArrayLike, rate: ArrayLike) -> FloatArray:
    """The amount of a discount stated as a fraction of the list price: net x rate / (1 - rate) x quantity.

    Shape (n,); NaN where the rate is unknown or not in [0, 1).
    """
    quantities = floats(quantity)
    rates = floats(rate, len(quantities))
    usable = np.where((rates >= 0) & (rates < 1), rates, np.nan)
    return floats(net_price, len(quantities)) * quantities * divide(usable, 1.0 - usable)


@dataclass(frozen=True, slots=True)
class GrossProfit:
    """Arrays of shape (n,): profit (NaN: see reason), share of lines with a known cost (NaN: no lines),
    reason.
    """

    profit: FloatArray
    coverage: FloatArray
    reason: CodeArray


def gross_profit(
    profit_of_costed_lines: ArrayLike,
    lines: ArrayLike,
    costed_lines: ArrayLike,
    min_coverage: float = DEFAULT_FINANCE.min_cost_coverage,
) -> GrossProfit:
    """Gross profit of accounts from the sum over their lines with a known cost.

    A line without a cost has no profit (it is not 0): it is left out of the sum and lowers the coverage.
    Below ``min_coverage`` the figure is not available (NO_COST). No lines in the window: 0, with no
    reason.
    """
    count = floats(lines)
    n = len(count)
    coverage = divide(floats(costed_lines, n), count)
    uncovered = coverage < min_coverage - TOLERANCE
    profit = np.where(count == 0, 0.0, floats(profit_of_costed_lines, n))
    missing = ~uncovered & np.isnan(profit)
    reason = np.select([uncovered, missing], [Reason.NO_COST, Reason.MISSING_INPUT], Reason.OK)
    return GrossProfit(np.where(uncovered, np.nan, profit), coverage, reason.astype(np.int8))
