"""Raw values of every indicator, worked out by hand; windows, further fields, and where figures are read from."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
import pytest
from django.db import connection

from crm.models import Account, CategorySpend, CustomField
from crm.scoring.finance import FinanceParameters
from crm.scoring.reasons import Reason
from lifecycle.models import AccountValue
from segmentation.indicators import sources
from segmentation.indicators.catalogue import BUILT_IN, UnknownIndicator, custom_kinds, is_known, kind_of
from segmentation.indicators.reading import RawValues, read_raw_values
from tests.factories import make_account, make_complaint, make_trade_line
from tests.figures import compute, roll_up

A = dt.date(2025, 6, 15)


def read(*weighed: tuple[str, int], source: sources.FigureSource | None = None) -> RawValues:
    with connection.cursor() as cursor:
        return read_raw_values(cursor, source or sources.published(A), weighed, FinanceParameters())


def value(found: RawValues, code: str, window: int = 365, place: int = 0) -> tuple[float, Reason]:
    reasons = found.reasons.get((code, window))
    reason = Reason(int(reasons[place])) if reasons is not None else Reason.OK
    return float(found.raw[code, window][place]), reason


@pytest.fixture
def customer(db: None) -> Account:
    account = make_account(industry_position=4, custom={"lines": 3, "class": "gold", "odd": "7"})
    line: dict[str, Any] = {"list_price": 120, "financing_rate": "0.06"}
    make_trade_line(account, dt.date(2023, 6, 20), net_amount=400, cost=300)
    make_trade_line(account, dt.date(2024, 12, 1), net_amount=100, cost=60, payment_days=30, **line)
    make_trade_line(account, dt.date(2025, 5, 31), net_amount=100, cost=80, payment_days=90, **line)
    make_trade_line(account, dt.date(2025, 5, 31), net_amount=200, cost=100, quantity=2)
    make_complaint(account, dt.date(2025, 6, 1))
    make_complaint(account, dt.date(2023, 1, 1))
    return account


def test_sums_of_the_year_and_of_any_window(customer: Account) -> None:
    compute(A)
    codes = [
        "gross_profit",
        "net_sales",
        "quantity",
        "margin",
        "growth",
        "occasions",
        "complaint_rate",
        "payment_days",
    ]
    found = read(*[(code, window) for code in codes for window in (365, 30, 730)])
    assert value(found, "gross_profit") == (160, Reason.OK)
    assert value(found, "gross_profit", 30) == (120, Reason.OK)
    assert value(found, "gross_profit", 730) == (260, Reason.OK)
    assert value(found, "net_sales", 730)[0] == 800
    assert value(found, "quantity")[0] == 4
    assert value(found, "margin")[0] == pytest.approx(160 / 400)
    assert value(found, "margin", 30)[0] == pytest.approx(120 / 300)
    # The year before: 400; nothing was sold in the 30 days before the last 30, nor before the last two years.
    assert value(found, "growth") == (0.0, Reason.OK)
    assert value(found, "growth", 30)[1] == Reason.ZERO_DENOMINATOR
    # Two lines of one day are one occasion.
    assert [value(found, "occasions", window)[0] for window in (30, 365, 730)] == [1, 2, 3]
    assert value(found, "complaint_rate")[0] == pytest.approx(1 / 2)
    # Weighted by what was billed: (30 x 100 + 90 x 100) / 200; lines nobody has paid yet tell nothing.
    assert value(found, "payment_days")[0] == 60
    assert value(found, "payment_days", 30)[0] == 90


def test_values_of_the_date(customer: Account) -> None:
    compute(A)
    found = read(*[(code, 365) for code in ("recency", "cooperation_years", "industry_position", "loyalty")])
    assert value(found, "recency")[0] == 15
    assert value(found, "cooperation_years")[0] == pytest.approx(726 / 365.25)
    assert value(found, "industry_position")[0] == 4
    assert 0 <= value(found, "loyalty")[0] <= 100


def test_value_and_share_of_wallet(customer: Account) -> None:
    """What the step of lifetime value of the same run staged; past dates as they were frozen."""
    codes = ("predicted_value", "lifetime_value", "share_of_wallet")
    for i in range(60):
        account = make_account()
        for days in range(10 + i, 900, 40 + i % 7):
            make_trade_line(account, dt.date(2025, 5, 31) - dt.timedelta(days=days), net_amount=100 + i)
    compute(dt.date(2025, 5, 31))
    then = AccountValue.objects.get(account=customer)
    unknown = read(*[(code, 365) for code in codes], source=sources.published(dt.date(2025, 5, 31)))
    assert value(unknown, "share_of_wallet")[1] == Reason.MISSING_INPUT
    CategorySpend.objects.create(account=customer, year=2025, amount=1600, estimated_on=A)
    CategorySpend.objects.create(account=customer, year=2024, amount=800, estimated_on=dt.date(2025, 5, 31))
    compute(A)
    found, now = read(*[(code, 365) for code in codes]), AccountValue.objects.get(account=customer)
    assert value(found, "predicted_value") == (now.predicted, Reason.OK)
    assert value(found, "lifetime_value") == (now.lifetime_value, Reason.OK)
    # The year is not over: 400 in the 365 days up to the date, of 1 600.
    assert value(found, "share_of_wallet") == (0.25, Reason.OK)
    past = read(
        *[(code, 365) for code in codes], source=sources.past(dt.date(2025, 5, 31), FinanceParameters())
    )
    assert value(past, "predicted_value")[0] == then.predicted
    assert value(past, "share_of_wallet")[0] == 100 / 800


def test_nothing_sold_in_the_window_is_no_ratio(db: None) -> None:
    idle = make_account()
    make_trade_line(idle, dt.date(2022, 1, 1))
    compute(A)
    found = read(
        *[(code, 90) for code in ("gross_profit", "margin", "marketing_cost_ratio", "complaint_rate")]
    )
    assert value(found, "gross_profit", 90) == (0, Reason.OK)
    for code, reason in [
        ("margin", Reason.ZERO_DENOMINATOR),
        ("marketing_cost_ratio", Reason.ZERO_DENOMINATOR),
        ("complaint_rate", Reason.NO_TRADES),
    ]:
        number, why = value(found, code, 90)
        assert np.isnan(number)
        assert why == reason


def test_costs_known_of_too_few_lines_give_no_profit_in_any_window(db: None) -> None:
    account = make_account()
    make_trade_line(account, dt.date(2025, 6, 1), cost=None)
    make_trade_line(account, dt.date(2024, 1, 1))
    compute(A)
    found = read(("gross_profit", 30), ("gross_profit", 730))
    assert value(found, "gross_profit", 30)[1] == Reason.NO_COST
    assert value(found, "gross_profit", 730)[1] == Reason.NO_COST


def test_further_fields_of_accounts(customer: Account) -> None:
    CustomField.objects.create(code="lines", name="Production lines", kind="number")
    choices = [{"value": "gold", "mark": 3, "name": "Gold"}, {"value": "it's 5 %", "mark": 1, "name": "Iron"}]
    CustomField.objects.create(code="class", name="Class", name_zh="类别", kind="choice", choices=choices)
    CustomField.objects.create(code="odd", name="Odd", kind="number")
    CustomField.objects.create(code="remark", name="Remark", kind="text")
    compute(A)
    found = read(("custom:lines", 365), ("custom:class", 365), ("custom:odd", 365), ("custom:gone", 365))
    assert value(found, "custom:lines")[0] == 3
    assert value(found, "custom:class")[0] == 3
    # Text where a number should stand, and a field that is gone, are missing.
    assert np.isnan(value(found, "custom:odd")[0])
    assert np.isnan(value(found, "custom:gone")[0])
    assert kind_of("custom:class").choices == ((3.0, "Gold"), (1.0, "Iron"))
    assert [kind.code for kind in custom_kinds()] == ["custom:lines", "custom:class", "custom:odd"]
    assert is_known("custom:lines")
    assert not is_known("custom:remark")
    assert not is_known("custom:gone")


def test_an_unknown_code_is_refused(db: None) -> None:
    with pytest.raises(UnknownIndicator):
        kind_of("shoe_size")


def test_every_built_in_indicator_can_be_read_in_every_window(customer: Account) -> None:
    compute(A)
    found = read(*[(kind.code, window) for kind in BUILT_IN for window in (30, 365, 1096)])
    assert all(len(array) == 1 for array in found.raw.values())


def test_the_ledger_as_of_a_past_date_says_what_was_published_then(customer: Account) -> None:
    compute(dt.date(2025, 3, 31))
    codes = [(kind.code, window) for kind in BUILT_IN for window in (365, 180)]
    then = read(*codes, source=sources.published(dt.date(2025, 3, 31)))
    make_trade_line(customer, dt.date(2025, 6, 10), net_amount=9999, cost=1)
    compute(A)
    roll_up()
    again = read(*codes, source=sources.past(dt.date(2025, 3, 31), FinanceParameters()))
    for pair, array in then.raw.items():
        np.testing.assert_array_equal(array, again.raw[pair], err_msg=str(pair))
