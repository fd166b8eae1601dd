"""Products and exchange rates of the demo company."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

import numpy as np
from numpy.typing import NDArray

from config.demo.dice import Dice, texts
from config.demo.season import Days, Factors
from crm.models import ExchangeRate, Product, ProductFamily

# What a unit was worth in CNY, and how far it swings within about three years.
RATES = {"EUR": (7.72, 0.28), "USD": (7.02, 0.26), "JPY": (0.0505, 0.0048)}
EXPORT_PREMIUM = 1.14
# The list price of each January against the year before, last year first; then 3 % a year.
RISES = (1.03, 1.045, 1.02, 1.06, 1.035)


@dataclass(frozen=True)
class Catalogue:
    products: list[Product]
    families: list[str]  # key of each product's family
    prices: NDArray[np.float64]  # of today's list, CNY
    costs: NDArray[np.float64]

    def of_family(self, key: str) -> list[int]:
        return [place for place, family in enumerate(self.families) if family == key]


def make_catalogue() -> Catalogue:
    dice = Dice("catalogue")
    products: list[Product] = []
    keys: list[str] = []
    for key, entry in texts("products").items():
        family = ProductFamily.objects.create(name=entry["name"], name_zh=entry["name_zh"])
        zh = entry["name_zh"].split("及")[0]
        for item in entry["items"]:
            code, bore = item.rsplit(" ", 1)
            price = entry["factor"] * int(bore) ** entry["power"] * dice.real(0.94, 1.08)
            price = float(f"{price:.3g}")
            cost = price * entry["cost"] * dice.real(0.95, 1.06)
            products.append(
                Product(
                    code=code,
                    name=f"{entry['single']} {code}",
                    name_zh=f"{zh} {code}",
                    family=family,
                    base_unit="pc",
                    list_price=Decimal(f"{price:.2f}"),
                    unit_cost=Decimal(f"{cost:.2f}"),
                    source="erp",
                    external_id=f"WL{len(products) + 1:05}",
                )
            )
            keys.append(key)
    made = Product.objects.bulk_create(products)
    return Catalogue(
        products=made,
        families=keys,
        prices=np.array([float(p.list_price or 0) for p in made]),
        costs=np.array([float(p.unit_cost or 0) for p in made]),
    )


def list_price_index(days: Days, as_of: dt.date) -> Factors:
    """Today's list is 1; each January it rose."""
    years_back = as_of.year - (days.astype("datetime64[D]").astype("datetime64[Y]").astype(np.int64) + 1970)
    index, level = np.ones(len(days)), 1.0
    for back in range(1, int(years_back.max(initial=0)) + 1):
        level /= RISES[back - 1] if back <= len(RISES) else 1.03
        index[years_back == back] = level
    return index


def cost_index(days: Days, as_of: dt.date) -> Factors:
    """Follows the price of bearing steel: a slow rise with a hump of two winters, so that margins move."""
    years_ago = ((np.datetime64(as_of, "D").astype(np.int64)) - days) / 365.25
    return 0.975**years_ago * (1 + 0.075 * np.exp(-(((years_ago - 3.1) / 0.8) ** 2)))


def monthly_rates(as_of: dt.date, months: int) -> dict[str, list[tuple[dt.date, float]]]:
    """One rate a month and currency, oldest first. A matter of the calendar alone, whatever as_of is."""
    rates: dict[str, list[tuple[dt.date, float]]] = {currency: [] for currency in RATES}
    last = as_of.year * 12 + as_of.month - 1
    for month in range(last - months, last + 1):
        first = dt.date(month // 12, month % 12 + 1, 1)
        for place, (currency, (middle, swing)) in enumerate(RATES.items()):
            phase = month / 36 * 2 * math.pi + place * 1.7
            noise = Dice("rate", currency, month).bell(0, 0.12)
            rate = middle + swing * (math.sin(phase) * 0.8 + math.sin(phase * 2.6) * 0.3 + noise)
            rates[currency].append((first, float(f"{rate:.5g}")))
    return rates


def save_rates(rates: dict[str, list[tuple[dt.date, float]]]) -> None:
    ExchangeRate.objects.bulk_create(
        ExchangeRate(currency=currency, valid_on=day, rate=Decimal(repr(rate)))
        for currency, series in rates.items()
        for day, rate in series
    )


def rate_lookup(rates: dict[str, list[tuple[dt.date, float]]]) -> Callable[[str, Days], Factors]:
    """Rates by currency and days; CNY is 1."""
    tables = {
        currency: (
            np.array([np.datetime64(day, "D").astype(np.int64) for day, _ in series]),
            np.array([rate for _, rate in series]),
        )
        for currency, series in rates.items()
    }

    def look_up(currency: str, days: Days) -> Factors:
        if currency not in tables:
            return np.ones(len(days))
        starts, values = tables[currency]
        return values[np.clip(np.searchsorted(starts, days, side="right") - 1, 0, None)]

    return look_up
