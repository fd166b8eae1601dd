"""Reads of published satisfaction, for pages. Every function starts from the accounts the caller may see."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

import numpy as np
from django.db.models import Count, F, QuerySet, Sum

from crm.snapshots import among
from satisfaction.models import AccountSatisfaction
from satisfaction.scoring.ratio import PopulationRatio, population_ratio

if TYPE_CHECKING:
    from crm.models.accounts import AccountQuerySet


@dataclass(frozen=True, slots=True)
class ClassTotal:
    """Accounts of one class (-1: not known, by `reason`) and what they earn us."""

    satisfaction_class: int
    reason: int
    accounts: int
    net_sales: Decimal
    gross_profit: Decimal | None


def class_totals(accounts: AccountQuerySet) -> list[ClassTotal]:
    rows = (
        among(AccountSatisfaction.objects.all(), accounts)
        .values("satisfaction_class", "reason")
        .annotate(
            accounts=Count("pk"),
            net_sales=Sum("account__facts__net_sales_12m"),
            gross_profit=Sum("account__facts__gross_profit_12m"),
        )
    )
    return [
        ClassTotal(
            satisfaction_class=-1 if row["satisfaction_class"] is None else row["satisfaction_class"],
            reason=row["reason"],
            accounts=row["accounts"],
            net_sales=row["net_sales"] or Decimal(0),
            gross_profit=row["gross_profit"],
        )
        for row in rows
    ]


@dataclass(frozen=True, slots=True)
class Means:
    ratio: PopulationRatio
    index: float | None


def means(accounts: AccountQuerySet) -> Means:
    """Mean and median C (each capped for the mean), and the mean index."""
    rows = among(AccountSatisfaction.objects.all(), accounts).values_list("ratio", "index")
    table = np.array(list(rows), dtype=np.float64).reshape(-1, 2)
    index = table[:, 1][~np.isnan(table[:, 1])]
    return Means(population_ratio(table[:, 0]), float(index.mean()) if len(index) else None)


def least_satisfied(accounts: AccountQuerySet, limit: int) -> QuerySet[AccountSatisfaction]:
    """Customers whose expectations are missed, the widest gap first; among equals the more profitable first."""
    return (
        among(AccountSatisfaction.objects.filter(ratio__lt=1), accounts)
        .select_related("account", "account__owner", "account__facts")
        .order_by("ratio", F("account__facts__gross_profit_12m").desc(nulls_last=True), "account_id")[:limit]
    )
