"""Lifetime value by revenue and cost (models.md section 11): what the customers gave, less what they cost."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Count, Q, Sum

from crm.models import Account, AccountFacts, CostKind, CostToServe, Run
from lifecycle.scoring.lifetime import cohort_value, margin_multiple

YEAR = dt.timedelta(days=365)
NOTHING = Decimal(0)


@dataclass(frozen=True)
class Costs:
    """Of the 365 days up to the date. shared: of the costs of the whole company, by share of positive gross profit."""

    gain: Decimal | None
    acquisition: Decimal
    retention: Decimal
    shared_acquisition: Decimal
    shared_retention: Decimal
    customers: int
    new: int

    @property
    def all_acquisition(self) -> Decimal:
        return self.acquisition + self.shared_acquisition

    @property
    def all_retention(self) -> Decimal:
        return self.retention + self.shared_retention

    @property
    def left(self) -> Decimal | None:
        """R - AC - RC."""
        return None if self.gain is None else self.gain - self.all_acquisition - self.all_retention

    @property
    def per_customer(self) -> float | None:
        """(R - AC - RC) / N."""
        if self.gain is None or not self.customers:
            return None
        return self._cohort.per_customer

    @property
    def unit_acquisition(self) -> float | None:
        return self._cohort.unit_acquisition if self.new else None

    @property
    def _cohort(self) -> Any:
        return cohort_value(
            float(self.gain or 0),
            float(self.all_acquisition),
            float(self.all_retention),
            self.customers,
            self.new,
        )

    def forward(self, kept: float | None, discount_rate: float) -> float | None:
        """m r / (1 + i - r) - AC: the margin after retention cost as long as the customer stays, less winning it."""
        if self.gain is None or kept is None:
            return None
        multiple = float(margin_multiple([kept], discount_rate)[0])
        return float(self.gain - self.all_retention) * multiple - float(self.all_acquisition)


def costs_of(account: Account, run: Run) -> Costs:
    """Three queries."""
    return _costs(AccountFacts.objects.filter(account=account), Q(account=account), run.as_of)


def costs_of_all(accounts: Any, run: Run) -> Costs:
    """Of all the customers of a dashboard together. Three queries."""
    return _costs(AccountFacts.objects.filter(account__in=accounts), Q(account__in=accounts), run.as_of)


def _costs(facts: Any, own: Q, as_of: dt.date) -> Costs:
    bought = Q(last_traded_on__gt=as_of - YEAR)
    sums = facts.aggregate(
        gain=Sum("gross_profit_12m", filter=Q(occasions__gt=0)),
        positive=Sum("gross_profit_12m", filter=Q(gross_profit_12m__gt=0)),
        customers=Count("pk", filter=bought),
        new=Count("pk", filter=Q(first_traded_on__gt=as_of - YEAR)),
    )
    everybody = AccountFacts.objects.filter(gross_profit_12m__gt=0).aggregate(sum=Sum("gross_profit_12m"))[
        "sum"
    ]
    share = (sums["positive"] or NOTHING) / everybody if everybody else NOTHING
    acquisition = Q(kind=CostKind.ACQUISITION)
    spent = CostToServe.objects.filter(spent_on__gt=as_of - YEAR, spent_on__lte=as_of)
    costs = spent.filter(own | Q(account=None)).aggregate(
        acquisition=Sum("amount", filter=acquisition & own),
        retention=Sum("amount", filter=~acquisition & own),
        shared_acquisition=Sum("amount", filter=acquisition & Q(account=None)),
        shared_retention=Sum("amount", filter=~acquisition & Q(account=None)),
    )
    return Costs(
        gain=sums["gain"],
        acquisition=costs["acquisition"] or NOTHING,
        retention=costs["retention"] or NOTHING,
        shared_acquisition=(costs["shared_acquisition"] or NOTHING) * share,
        shared_retention=(costs["shared_retention"] or NOTHING) * share,
        customers=sums["customers"],
        new=sums["new"],
    )
