"""Frozen months read for a page: sums over whatever the reader sees and the filters leave."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.db.models import Min, QuerySet, Sum

from crm.access import SEES_EVERYTHING, own_rows
from crm.models import AccountFacts, Territory, User
from crm.snapshots import month_ends
from segmentation.models import KpiMonth
from segmentation.scoring.kpis import (
    average_profitability,
    before_records,
    customer_rates,
    months_before,
    move_rate,
)

if TYPE_CHECKING:
    from crm.forms.scope import ScopeForm

COUNTS = (
    "active_before",
    "active",
    "new",
    "lost",
    "reactivated",
    "graded_at_both_ends",
    "upgraded",
    "downgraded",
    "costed",
)
MONEY = ("net_sales", "gross_profit", "cost_to_serve")


@dataclass(frozen=True)
class Kpi:
    """The figures of one period, or of one part of the customers in it. Rates are None where nothing is known."""

    key: Any
    active_before: int = 0
    active: int = 0
    new: int = 0
    lost: int = 0
    reactivated: int = 0
    graded_at_both_ends: int = 0
    upgraded: int = 0
    downgraded: int = 0
    costed: int = 0
    net_sales: Decimal = Decimal(0)
    gross_profit: Decimal = Decimal(0)
    cost_to_serve: Decimal = Decimal(0)

    @property
    def retention(self) -> float | None:
        return _known(customer_rates([self.active_before], [self.new], [self.lost]).retention)

    @property
    def new_rate(self) -> float | None:
        return _known(customer_rates([self.active_before], [self.new], [self.lost]).new)

    @property
    def upgrade_rate(self) -> float | None:
        return _known(move_rate([self.upgraded], [self.graded_at_both_ends]))

    @property
    def downgrade_rate(self) -> float | None:
        return _known(move_rate([self.downgraded], [self.graded_at_both_ends]))

    @property
    def profitability(self) -> float | None:
        return _known(
            average_profitability([float(self.gross_profit)], [float(self.cost_to_serve)], [self.costed])
        )


def _known(rate: Any) -> float | None:
    value = float(rate[0])
    return None if value != value else value


def visible_months(user: User) -> QuerySet[KpiMonth]:
    """Rows of customers that were the reader's to see then: as `visible_accounts`, by the owner of the time."""
    if not user.is_active:
        return KpiMonth.objects.none()
    rows = KpiMonth.objects.all()
    return rows if user.role in SEES_EVERYTHING else rows.filter(own_rows(user))


def narrowed(form: ScopeForm) -> QuerySet[KpiMonth]:
    """What the filters above the page leave of them."""
    rows = visible_months(form.user)
    if not form.is_valid():
        return rows.none()
    chosen = form.cleaned_data
    if chosen["territory"]:
        rows = rows.filter(territory__in=Territory.objects.within([chosen["territory"].path]))
    if chosen["owner"]:
        rows = rows.filter(owner=chosen["owner"])
    if chosen["industry"]:
        rows = rows.filter(industry=chosen["industry"])
    return rows


def sums(rows: QuerySet[KpiMonth], column: str) -> list[Kpi]:
    """Added up per value of a column, in its order."""
    added = {name: Sum(name) for name in (*COUNTS, *MONEY)}
    found = rows.order_by().values(column).annotate(**{f"sum_{name}": total for name, total in added.items()})
    return [
        Kpi(row[column], **{name: row[f"sum_{name}"] for name in added}) for row in found.order_by(column)
    ]


def together(parts: list[Kpi]) -> Kpi:
    """All parts as one."""
    counts: dict[str, Any] = {name: sum(getattr(part, name) for part in parts) for name in COUNTS}
    money: dict[str, Any] = {name: sum((getattr(part, name) for part in parts), Decimal(0)) for name in MONEY}
    return Kpi(None, **counts, **money)


def frozen_months() -> list[dt.date]:
    """Month ends with key figures, newest first."""
    return month_ends(KpiMonth)


def first_trade() -> dt.date | None:
    """The first day on record: before it nobody can have bought."""
    return AccountFacts.objects.aggregate(first=Min("first_traded_on"))["first"]


def is_early(month_end: dt.date, months: int, first: dt.date | None) -> bool:
    return before_records(first, months_before(month_end, 2 * months))
