"""Reads over several models, for crm's own pages."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.db.models import Count, F, Max, Min, Q, Sum
from django.db.models.functions import TruncMonth

from crm.models import (
    Account,
    Complaint,
    Position,
    Run,
    RunState,
    Territory,
    TradeDay,
    TradeLine,
    User,
)

if TYPE_CHECKING:
    from crm.models.activities import AccountRecordQuerySet
    from crm.models.ledger import TradeLineQuerySet


def months_before(month: dt.date, count: int) -> dt.date:
    """The first of the month `count` months before `month`."""
    index = month.year * 12 + month.month - 1 - count
    return dt.date(index // 12, index % 12 + 1, 1)


@dataclass(frozen=True)
class TradeMonth:
    """None for the profit where no line of the month has a known cost."""

    month: dt.date
    net_sales: Decimal
    gross_profit: Decimal | None
    net_sales_year_before: Decimal


@dataclass(frozen=True)
class FamilyShare:
    family_id: int | None
    name: str
    name_zh: str
    net_sales: Decimal
    gross_profit: Decimal | None
    share: float


@dataclass(frozen=True)
class TradeHistory:
    months: list[TradeMonth]
    families: list[FamilyShare]
    first_traded_on: dt.date | None
    last_traded_on: dt.date | None

    @property
    def is_empty(self) -> bool:
        return self.last_traded_on is None


def figures_date(today: dt.date) -> dt.date:
    """The date of the newest published run; today where nothing is published."""
    published = (
        Run.objects.filter(state=RunState.PUBLISHED).order_by("-as_of").values_list("as_of", flat=True)
    )
    return published.first() or today


def trade_history(account: Account, *, months: int, today: dt.date) -> TradeHistory:
    """Month by month up to the date of the figures (or the last trade, where that is later). Four queries."""
    span = account.trade_days.aggregate(first=Min("traded_on"), last=Max("traded_on"))
    last = span["last"]
    end = figures_date(today)
    if last:
        end = min(today, max(end, last)) if last <= today else last
    end = end.replace(day=1)
    start = months_before(end, months - 1)
    sums = {
        row["month"]: row
        for row in TradeDay.objects.filter(account=account, traded_on__gte=months_before(start, 12))
        .annotate(month=TruncMonth("traded_on"))
        .values("month")
        .annotate(sales=Sum("net_sales"), profit=Sum("gross_profit"))
    }
    listed = []
    for back in range(months - 1, -1, -1):
        month = months_before(end, back)
        row = sums.get(month)
        before = sums.get(months_before(month, 12))
        listed.append(
            TradeMonth(
                month,
                row["sales"] if row else Decimal(0),
                row["profit"] if row else None,
                before["sales"] if before else Decimal(0),
            )
        )
    return TradeHistory(listed, _families(account, start), span["first"], last)


def _families(account: Account, since: dt.date, most: int = 6) -> list[FamilyShare]:
    rows = list(
        account.trade_lines.counted()
        .filter(traded_on__gte=since)
        .values("product__family", "product__family__name", "product__family__name_zh")
        .annotate(sales=Sum("net_sales"), profit=Sum("gross_profit"))
        .order_by("-sales")
    )
    total = sum((row["sales"] for row in rows if row["sales"] > 0), Decimal(0))
    return [
        FamilyShare(
            row["product__family"],
            row["product__family__name"] or "",
            row["product__family__name_zh"] or "",
            row["sales"],
            row["profit"],
            float(row["sales"] / total) if total else 0.0,
        )
        for row in rows[:most]
    ]


@dataclass(frozen=True)
class TradeScope:
    """Which trade lines of an account: days from..to, both included, and a family (0: products without one)."""

    first: dt.date | None = None
    last: dt.date | None = None
    family: int | None = None


def trade_lines(user: User, account: Account, scope: TradeScope) -> TradeLineQuerySet:
    """The ledger behind a figure, newest first. Cancelled lines are shown as such; they count for nothing."""
    lines = TradeLine.objects.visible_to(user).filter(account=account).select_related("product__family")
    if scope.first:
        lines = lines.filter(traded_on__gte=scope.first)
    if scope.last:
        lines = lines.filter(traded_on__lte=scope.last)
    if scope.family is not None:
        lines = lines.filter(product__family=scope.family or None)
    return lines.order_by("-traded_on", "-pk")


def people_of(account: Account) -> list[Position]:
    """First person to call first, then by weight in the decision; who has left comes last."""
    return list(
        account.positions.select_related("contact").order_by(
            F("left_on").asc(nulls_first=True),
            "-is_primary",
            F("influence").desc(nulls_last=True),
            "contact__name",
        )
    )


def recent_accounts(user: User, most: int = 8) -> list[Account]:
    """Accounts the user dealt with last, `last_visit` on them; then own ones, so that a newcomer has a start."""
    accounts = Account.objects.visible_to(user)
    mine = Q(visits__user=user)
    dealt_with = accounts.filter(mine).annotate(last_visit=Max("visits__happened_at", filter=mine))
    recent: list[Any] = list(dealt_with.order_by("-last_visit")[:most])
    if len(recent) < most:
        known = [account.pk for account in recent]
        recent += list(
            accounts.filter(owner=user).exclude(pk__in=known).order_by("sort_name")[: most - len(recent)]
        )
    return recent


def open_complaints(user: User) -> AccountRecordQuerySet:
    complaints = Complaint.objects.visible_to(user).filter(resolved_on=None)
    return complaints.select_related("account").order_by("-severity", "opened_on", "pk")


@dataclass
class TerritoryRow:
    """A node of the tree with what hangs on it, and on everything below it."""

    territory: Territory
    accounts: int
    accounts_below: int
    people: list[User]


def territory_rows(territories: list[Territory]) -> list[TerritoryRow]:
    """Two queries for any tree: accounts are counted once by territory and added up along the paths."""
    ids = [territory.pk for territory in territories]
    counts: dict[Any, int] = dict(
        Account.objects.filter(territory__in=ids).values_list("territory").annotate(count=Count("pk"))
    )
    people: dict[int, list[User]] = {}
    for user in (
        User.objects.filter(territories__in=ids, is_active=True)
        .annotate(at=F("territories"))
        .order_by("username")
    ):
        people.setdefault(user.at, []).append(user)
    below: dict[int, int] = dict.fromkeys(ids, 0)
    for territory in territories:
        for part in territory.path.split("."):
            if part and int(part) in below:
                below[int(part)] += counts.get(territory.pk, 0)
    return [
        TerritoryRow(
            territory, counts.get(territory.pk, 0), below[territory.pk], people.get(territory.pk, [])
        )
        for territory in territories
    ]
