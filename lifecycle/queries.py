"""Reads of published stages and loyalty, for pages. Every function starts from accounts the caller may see."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.db.models import Count, F, Q, QuerySet, Sum

from crm.snapshots import Flow, among, flows, shown_run, standing
from lifecycle.models import AccountLifecycle, LifecycleSnapshot, ValueSnapshot
from lifecycle.scoring.stages import DEFAULT_STAGES, Stage

if TYPE_CHECKING:
    from crm.models.accounts import AccountQuerySet


@dataclass(frozen=True, slots=True)
class StageTotal:
    stage: int
    accounts: int
    net_sales: Decimal
    gross_profit: Decimal | None
    overdue: int


def shown_as_of() -> dt.date | None:
    run = shown_run()
    return run.as_of if run else None


def stage_totals(accounts: AccountQuerySet) -> list[StageTotal]:
    """Accounts and money per stage."""
    rows = (
        among(AccountLifecycle.objects.all(), accounts)
        .values("stage")
        .annotate(
            accounts=Count("pk"),
            net_sales=Sum("account__facts__net_sales_12m"),
            gross_profit=Sum("account__facts__gross_profit_12m"),
            overdue=Count("pk", filter=Q(overdue_ratio__gte=DEFAULT_STAGES.decline_overdue)),
        )
        .order_by("stage")
    )
    return [
        StageTotal(
            row["stage"], row["accounts"], row["net_sales"] or Decimal(0), row["gross_profit"], row["overdue"]
        )
        for row in rows
    ]


def stage_flows(accounts: AccountQuerySet, since: dt.date | None, until: dt.date | None = None) -> list[Flow]:
    """Stage at a month's end against the stage at a later one, or now."""
    return flows(AccountLifecycle, LifecycleSnapshot, "stage", accounts, since, until)


def is_late(row: AccountLifecycle | None) -> bool:
    """True where the overdue ratio has reached what leads to decline."""
    return (
        row is not None
        and row.overdue_ratio is not None
        and row.overdue_ratio >= DEFAULT_STAGES.decline_overdue
    )


def at_risk(month_end: dt.date | None = None) -> QuerySet[Any]:
    """In decline, or late by the measure that leads to decline; those already lost are past saving and not here.

    Now, or as frozen at a month's end.
    """
    late = Q(overdue_ratio__gte=DEFAULT_STAGES.decline_overdue)
    rows = standing(AccountLifecycle, LifecycleSnapshot, month_end)
    return rows.filter(Q(stage=Stage.DECLINE) | late).exclude(stage=Stage.LOST)


def at_risk_among(accounts: AccountQuerySet, limit: int) -> QuerySet[AccountLifecycle]:
    """The accounts at risk with the most gross profit at stake first."""
    return (
        among(at_risk(), accounts)
        .select_related("account", "account__owner", "account__facts")
        .order_by(F("account__facts__gross_profit_12m").desc(nulls_last=True), "account_id")[:limit]
    )


@dataclass(frozen=True, slots=True)
class EquityMonth:
    """What the customers were worth together at a month's end, and how many of them have a value."""

    month_end: dt.date
    value: float
    customers: int


def equity_by_month(accounts: AccountQuerySet, most: int) -> list[EquityMonth]:
    """Sums of lifetime values frozen at month ends, newest first. Word of mouth is left out of a sum: it is in the
    value of whoever was won by it.
    """
    rows = (
        among(ValueSnapshot.objects.exclude(lifetime_value_without_referrals=None), accounts)
        .order_by("-month_end")
        .values_list("month_end")
        .annotate(value=Sum("lifetime_value_without_referrals"), customers=Count("*"))
    )
    return [EquityMonth(*row) for row in rows[:most]]
