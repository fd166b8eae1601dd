"""Marketing cost and gross profit; cases 6, 8 and 9 of models.md Appendix B."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.scoring.finance import (
    discount_from_rate,
    financing_cost,
    gross_profit,
    invoice_financing_cost,
    outstanding_days,
    sales_discount,
)
from crm.scoring.reasons import Reason

AS_OF = 1000.0
YEAR = 365.0


def test_financing_cost_is_simple_interest():
    # 36 500 for 100 days at 6 % a year
    assert financing_cost([36_500], [100], 0.06).tolist() == pytest.approx([600])


def test_prepaid_costs_nothing_and_a_return_gives_it_back():
    assert financing_cost([1000, 1000, -1000], [-30, 0, 365], 0.06).tolist() == pytest.approx([0, 0, -60])


def test_days_until_paid_or_until_the_as_of_date():
    invoice = [900, 900, 900, 900]
    paid = [930, np.nan, 880, 1100]  # in time, unpaid, prepaid, paid after the as-of date
    assert outstanding_days(invoice, paid, AS_OF).tolist() == [30, 100, 0, 100]


def test_unpaid_part_paid_prepaid_and_overpaid_invoices():
    amount = np.full(4, 1000.0)
    day = AS_OF - YEAR
    cost = invoice_financing_cost(
        amount,
        np.full(4, day),
        payment_invoice=[3, 1, 2, 1],
        payment_day=[day + 73, AS_OF - 73, day - 10, day + 73],
        payment_amount=[5000, 400, 1000, 500],
        as_of=AS_OF,
        annual_rate=0.06,
    )
    part_paid = 0.06 * (500 * 73 + 400 * (YEAR - 73) + 100 * YEAR) / YEAR
    assert cost.tolist() == pytest.approx([60, part_paid, 0, 0.06 * 1000 * 73 / YEAR])


def test_a_payment_after_the_as_of_date_is_not_known_yet():
    arguments = ([1000], [AS_OF - YEAR], [0], [AS_OF + 1], [1000])
    assert invoice_financing_cost(*arguments, as_of=AS_OF, annual_rate=0.06).tolist() == pytest.approx([60])


def test_no_invoices_and_no_payments():
    assert invoice_financing_cost([], [], [], [], [], as_of=AS_OF).shape == (0,)
    assert invoice_financing_cost([100], [AS_OF], [], [], [], as_of=AS_OF).tolist() == [0]
    assert invoice_financing_cost([-100], [0], [], [], [], as_of=AS_OF).tolist() == [0]


@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 900), st.integers(1, 900)), max_size=12))
def test_paying_never_raises_the_cost_and_order_of_payments_does_not_matter(payments):
    amount, day = [500.0, 1000.0, 2000.0], [0.0, 100.0, 200.0]

    def cost(rows):
        which, days, parts = zip(*rows, strict=True) if rows else ((), (), ())
        return invoice_financing_cost(amount, day, which, days, parts, as_of=AS_OF)

    unpaid = cost([])
    assert (cost(payments) <= unpaid + 1e-9).all()
    assert (cost(payments) >= -1e-9).all()
    assert cost(payments) == pytest.approx(cost(payments[::-1]))


def test_discount_from_list_price_else_stated_else_unknown():
    discount = sales_discount(
        list_price=[10, 10, np.nan, np.nan, 10],
        net_price=[8, 12, 8, 8, 8],
        quantity=[5, 5, 5, 5, -5],
        stated_discount=[99, 99, 7, np.nan, 99],
    )
    assert discount[[0, 1, 2, 4]].tolist() == [10, 0, 7, -10]
    assert np.isnan(discount[3])


def test_discount_stated_as_a_rate_is_of_the_list_price():
    amounts = discount_from_rate([80, 80, 80, 80], [2, 2, 2, 2], [0.2, 0, 1, np.nan])
    assert amounts[:2].tolist() == pytest.approx([40, 0])
    assert np.isnan(amounts[2:]).all()


def test_cost_missing_on_a_tenth_and_on_half_of_the_lines():
    result = gross_profit(profit_of_costed_lines=[900, 500], lines=[10, 10], costed_lines=[9, 5])
    assert result.profit[0] == 900
    assert np.isnan(result.profit[1])
    assert result.reason.tolist() == [Reason.OK, Reason.NO_COST]
    assert result.coverage.tolist() == [0.9, 0.5]


def test_exactly_eighty_percent_is_enough_and_negative_profit_is_kept():
    result = gross_profit([-50], [5], [4])
    assert result.profit.tolist() == [-50]
    assert result.reason.tolist() == [Reason.OK]


def test_no_lines_in_the_window_is_zero_profit():
    result = gross_profit([np.nan], [0], [0])
    assert result.profit.tolist() == [0]
    assert np.isnan(result.coverage[0])
    assert result.reason.tolist() == [Reason.OK]
