"""How numbers are written: no sign without a number behind it, no cents where nobody reads them."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from babel.numbers import format_currency, format_decimal, format_percent
from django.test import Client
from django.utils.translation import override
from hypothesis import assume, given
from hypothesis import strategies as st

from crm.forms.overrides import OverrideForm
from crm.templatetags.ui import money, money_whole, number, percent, signed
from tests.fixtures import World

TODAY = dt.date(2025, 6, 30)


@pytest.mark.parametrize(
    ("value", "digits", "text"),
    [(-0.04, 1, "0.0"), (-0.06, 1, "-0.1"), (Decimal("-0.004"), 2, "0.00"), (-0.4, 0, "0"), (0.04, 1, "0.0")],
)
def test_nothing_is_shown_as_minus_zero(value: float | Decimal, digits: int, text: str) -> None:
    with override("en"):
        assert number(value, digits) == text
        assert ("text-red" in signed(value, digits)) == text.startswith("-")
        assert "+" not in signed(value, digits)


def test_shares_and_amounts_have_no_minus_zero_either() -> None:
    with override("en"):
        assert percent(-0.0004) == "0.0%"
        assert percent(-0.0006) == "-0.1%"
        assert money_whole(Decimal("-0.30"), "EUR") == "€0"


@given(
    value=st.decimals(-(10**12), 10**12, allow_nan=False, places=6),
    digits=st.integers(0, 3),
    language=st.sampled_from(["en", "zh-hans"]),
    currency=st.sampled_from(["CNY", "EUR", "USD", "JPY"]),
)
def test_numbers_are_written_as_the_locales_write_them(
    value: Decimal, digits: int, language: str, currency: str
) -> None:
    locale = {"en": "en", "zh-hans": "zh_Hans_CN"}[language]
    # A sign is left out where only zeros would follow it; Babel would keep it.
    assume(round(value, digits) != 0 and round(value, 0) != 0)
    pattern = "#,##0" + ("." + "0" * digits if digits else "")
    with override(language):
        assert number(value, digits) == format_decimal(value, format=pattern, locale=locale)
        assert money(value, currency) == format_currency(value, currency, locale=locale)
        assert percent(value, digits) == format_percent(value, format=pattern + "%", locale=locale)


def test_annual_revenue_is_an_amount_without_cents(world: World, client: Client) -> None:
    account = world.account
    account.annual_revenue, account.currency = Decimal("34000000.00"), "EUR"
    account.save()
    client.force_login(world.rep)
    page = client.get(account.get_absolute_url()).content.decode()
    assert "€34,000,000" in page
    assert "€34,000,000." not in page


def test_a_hurried_click_sets_nothing_by_hand() -> None:
    form = OverrideForm(name="stage", label="Stage", choices=[(0, "Prospect")], most_days=180, today=TODAY)
    assert 'value="" selected' in str(form["stage"])
    assert list(form.fields) == ["stage", "valid_to", "reason"]
    assert form["valid_to"].value() == TODAY + dt.timedelta(days=90)
