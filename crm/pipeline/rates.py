"""Amounts of several currencies side by side: in the reporting currency, at the rates of a day."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from django.conf import settings

from crm.models import ExchangeRate


@dataclass(frozen=True)
class Rates:
    """What a unit of each currency is worth in the reporting currency."""

    known: dict[str, Decimal]

    def value(self, amount: Decimal, currency: str) -> float:
        """NaN where the rate is missing: an amount that nobody can add up, not 0."""
        rate = self.known.get(currency or settings.REPORTING_CURRENCY)
        return math.nan if rate is None else float(amount * rate)

    def missing(self, currencies: Iterable[str]) -> list[str]:
        return sorted({currency for currency in currencies if currency and currency not in self.known})


def rates_on(day: dt.date) -> Rates:
    """The newest rate of each currency on that day. One query."""
    newest = (
        ExchangeRate.objects.filter(valid_on__lte=day).order_by("currency", "-valid_on").distinct("currency")
    )
    known = {rate.currency: rate.rate for rate in newest}
    return Rates(known | {settings.REPORTING_CURRENCY: Decimal(1)})
