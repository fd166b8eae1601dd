"""Cells as people write them."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.imports.values import (
    AmbiguousDatesError,
    Decimals,
    day_order,
    evidence_of_decimals,
    parse_currency,
    parse_date,
    parse_number,
    parse_yes_no,
)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1,234.50", "1234.50"), ("(1,234.50)", "-1234.50"), ("12-", "-12"), ("−5", "-5"), ("１２３．４５", "123.45"),
        ("¥1,000", "1000"), ("-￥12", "-12"), ("12.5元", "12.5"), ("15%", "0.15"), ("1e3", "1000"),
        ("1 234 567", "1234567"),        (".5", "0.5"), ("+7", "7"), ("1'234.5", "1234.5"), ("\u30003\u00a0", "3"),
    ],
)  # fmt: skip
def test_numbers(text: str, value: str) -> None:
    assert parse_number(text) == Decimal(value)


@pytest.mark.parametrize(
    "text", ["", "abc", "1,23.4", "1.2.3", "--1", "1,2", "NaN", "inf", "0x1F", "9" * 200, "12 13"]
)
def test_no_numbers(text: str) -> None:
    assert parse_number(text) is None


@pytest.mark.parametrize(
    ("text", "value"), [("1.234,50", "1234.50"), ("12,5", "12.5"), ("1.234", "1234"), ("7", "7")]
)
def test_numbers_with_a_decimal_comma(text: str, value: str) -> None:
    assert parse_number(text, Decimals.COMMA) == Decimal(value)


def test_a_point_that_groups_nothing_is_refused_in_a_comma_column() -> None:
    assert parse_number("12.5", Decimals.COMMA) is None


def test_the_decimal_sign_is_decided_over_a_column() -> None:
    assert evidence_of_decimals(["1.234,50", "7,5", "1.234"]) == (0, 2)
    assert evidence_of_decimals(["1,234.50", "1,234"]) == (1, 0)


@given(st.decimals(allow_nan=False, allow_infinity=False, places=4, min_value=-(10**12), max_value=10**12))
def test_every_decimal_comes_back_however_it_is_grouped(value: Decimal) -> None:
    assert parse_number(f"{value:,f}") == value
    swapped = f"{value:,f}".translate(str.maketrans(",.", ".,"))
    assert parse_number(swapped, Decimals.COMMA) == value


@given(st.text(max_size=30))
def test_no_text_breaks_a_parser(text: str) -> None:
    number = parse_number(text)
    assert number is None or number.is_finite()
    day = parse_date(text)
    assert day is None or isinstance(day, dt.date)
    parse_yes_no(text)
    parse_currency(text)


@pytest.mark.parametrize(
    "text",
    [
        "2024-02-29", "2024/2/29", "2024.2.29", "29.02.2024", "20240229", "2024年2月29日", "２０２４－０２－２９",
        "45351", "2024-02-29 13:45:11", "2024-02-29T13:45:11Z", " 2024-02-29 ", "29/02/2024", "29-02-2024",
    ],
)  # fmt: skip
def test_dates(text: str) -> None:
    assert parse_date(text) == dt.date(2024, 2, 29)


@pytest.mark.parametrize(
    "text", ["2024-02-30", "2023-02-29", "24-02-29", "0", "123", "2024", "2024-13-01", "x" * 500]
)
def test_no_dates(text: str) -> None:
    assert parse_date(text) is None


def test_day_or_month_first_is_decided_over_the_column() -> None:
    assert day_order(["03/04/2024", "13/04/2024"]) == "dmy"
    assert day_order(["03/04/2024", "04/13/2024"]) == "mdy"
    assert day_order(["2024-04-03", "01.02.2024", "05/05/2024"]) == ""
    assert parse_date("03/04/2024", "mdy") == dt.date(2024, 3, 4)
    assert parse_date("03/04/2024", "dmy") == dt.date(2024, 4, 3)
    with pytest.raises(AmbiguousDatesError):
        day_order(["03/04/2024", "05/06/2024"])
    with pytest.raises(AmbiguousDatesError):
        day_order(["13/04/2024", "04/13/2024"])


def test_a_pattern_reads_only_its_own_form() -> None:
    assert parse_date("29/02/24", "%d/%m/%y") == dt.date(2024, 2, 29)
    assert parse_date("2024-02-29", "%d/%m/%y") is None
