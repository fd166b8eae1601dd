"""The ledger of one account summed up for its trade history. A fixed number of queries, whatever the account."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np
from django.db.models import Count, F, Q, Sum
from django.db.models.functions import TruncMonth

from crm.models import Account
from crm.parameters import load
from crm.recompute import YEAR
from crm.scoring.finance import FinanceParameters, gross_profit
from crm.scoring.trade_history import ProfitBridge, Rhythm, profit_bridge, rhythm

SUMS = (
    "lines",
    "costed_lines",
    "quantity",
    "net_sales",
    "gross_profit",
    "sales_discount",
    "marketing_cost",
    "financing_cost",
)
EPOCH = dt.date(1970, 1, 1)


@dataclass(frozen=True)
class Period:
    """Days first..last, both included, and what was traded. The profit is None where too few costs are known."""

    first: dt.date
    last: dt.date
    quantity: Decimal
    net_sales: Decimal
    gross_profit: Decimal | None
    sales_discount: Decimal
    marketing_cost: Decimal
    financing_cost: Decimal
    lines: int
    costed_lines: int
    occasions: int
    complaints: int

    @property
    def unit_price(self) -> Decimal | None:
        """Net price of an average unit."""
        return self.net_sales / self.quantity if self.quantity > 0 else None

    @property
    def margin(self) -> float | None:
        if self.gross_profit is None or self.net_sales <= 0:
            return None
        return float(self.gross_profit / self.net_sales)

    @property
    def discount_rate(self) -> float | None:
        """Of the value at list price."""
        value = self.net_sales + self.sales_discount
        return float(self.sales_discount / value) if value > 0 else None

    @property
    def contribution(self) -> Decimal | None:
        if self.gross_profit is None:
            return None
        return self.gross_profit - self.marketing_cost - self.financing_cost


@dataclass(frozen=True)
class FamilyRow:
    family_id: int | None
    name: str
    name_zh: str
    now: Period
    before: Period


@dataclass(frozen=True)
class AccountTrade:
    """`years` newest first, each of 365 days up to the date of the figures; `months` oldest first."""

    account: Account
    as_of: dt.date
    years: list[Period]
    months: list[Period]
    families: list[FamilyRow]
    bridge: ProfitBridge
    rhythm: Rhythm
    occasion_days: list[dt.date]

    @property
    def is_empty(self) -> bool:
        return not self.occasion_days and not any(year.lines for year in self.years)


def read_trade(account: Account, *, as_of: dt.date, years: int) -> AccountTrade:
    """Windows are (as_of - 365 days, as_of] and those before: the newest one is the year of the account's facts."""
    finance, _version = load("crm.finance", FinanceParameters)
    spans = [_span(as_of, place) for place in range(years)]
    complaints = list(
        account.complaints.filter(opened_on__gte=spans[-1][0], opened_on__lte=as_of).values_list(
            "opened_on", flat=True
        )
    )
    days = list(
        account.trade_days.filter(traded_on__lte=as_of, net_sales__gt=0)
        .order_by("traded_on")
        .values_list("traded_on", flat=True)
    )
    numbers = [(day - EPOCH).days for day in days]
    before, now = _span(as_of, 1), spans[0]
    return AccountTrade(
        account=account,
        as_of=as_of,
        years=list(_years(account, spans, complaints, days, finance)),
        months=list(_months(account, spans[-1][0], as_of, complaints, days, finance)),
        families=_families(account, now, before, finance),
        bridge=_bridge(account, now, before),
        rhythm=rhythm(numbers, (as_of - EPOCH).days),
        occasion_days=days,
    )


def _span(as_of: dt.date, place: int) -> tuple[dt.date, dt.date]:
    """First and last day of the year that ends `place` years before the date."""
    last = as_of - dt.timedelta(days=YEAR * place)
    return last - dt.timedelta(days=YEAR - 1), last


def _within(prefix: str, span: tuple[dt.date, dt.date]) -> Q:
    return Q(**{f"{prefix}__gte": span[0], f"{prefix}__lte": span[1]})


def _period(
    span: tuple[dt.date, dt.date],
    sums: dict[str, Any],
    finance: FinanceParameters,
    complaints: list[dt.date],
    days: list[dt.date],
) -> Period:
    lines, costed = sums["lines"] or 0, sums["costed_lines"] or 0
    # Whether the profit is available at all is decided where every model decides it.
    known = gross_profit([0.0], [lines], [costed], finance.min_cost_coverage).reason[0] == 0
    profit = sums["gross_profit"] or Decimal(0)
    return Period(
        first=span[0],
        last=span[1],
        quantity=sums["quantity"] or Decimal(0),
        net_sales=sums["net_sales"] or Decimal(0),
        gross_profit=profit if known else None,
        sales_discount=sums["sales_discount"] or Decimal(0),
        marketing_cost=sums["marketing_cost"] or Decimal(0),
        financing_cost=sums["financing_cost"] or Decimal(0),
        lines=lines,
        costed_lines=costed,
        occasions=sum(span[0] <= day <= span[1] for day in days),
        complaints=sum(span[0] <= day <= span[1] for day in complaints),
    )


def _years(
    account: Account,
    spans: list[tuple[dt.date, dt.date]],
    complaints: list[dt.date],
    days: list[dt.date],
    finance: FinanceParameters,
) -> Iterator[Period]:
    wanted = {
        f"{name}_{place}": Sum(name, filter=_within("traded_on", span))
        for place, span in enumerate(spans)
        for name in SUMS
    }
    sums = account.trade_days.aggregate(**wanted)
    for place, span in enumerate(spans):
        own = {name: sums[f"{name}_{place}"] for name in SUMS}
        yield _period(span, own, finance, complaints, days)


def _months(
    account: Account,
    first: dt.date,
    last: dt.date,
    complaints: list[dt.date],
    days: list[dt.date],
    finance: FinanceParameters,
) -> Iterator[Period]:
    """Every month from the first day on, also those without trade."""
    start = first.replace(day=1)
    rows: Any = (
        account.trade_days.filter(traded_on__gte=start, traded_on__lte=last)
        .annotate(month=TruncMonth("traded_on"))
        .values("month")
        .annotate(**{f"sum_{name}": Sum(name) for name in SUMS})
    )
    sums = {row["month"]: {name: row[f"sum_{name}"] for name in SUMS} for row in rows}
    nothing: dict[str, Any] = dict.fromkeys(SUMS)
    month = start
    while month <= last:
        following = (month + dt.timedelta(days=32)).replace(day=1)
        span = (month, following - dt.timedelta(days=1))
        yield _period(span, sums.get(month, nothing), finance, complaints, days)
        month = following


def _families(
    account: Account,
    now: tuple[dt.date, dt.date],
    before: tuple[dt.date, dt.date],
    finance: FinanceParameters,
) -> list[FamilyRow]:
    lines = account.trade_lines.counted().filter(_within("traded_on", (before[0], now[1])))
    sums: dict[str, Any] = {}
    for part, span in (("now", now), ("before", before)):
        inside = _within("traded_on", span)
        sums |= {
            f"{part}_lines": Count("pk", filter=inside),
            f"{part}_costed_lines": Count("pk", filter=inside & Q(cost__isnull=False)),
            f"{part}_occasions": Count("traded_on", distinct=True, filter=inside),
        }
        sums |= {f"{part}_{name}": Sum(name, filter=inside) for name in SUMS if "lines" not in name}
    rows = lines.values(
        family=F("product__family"), name=F("product__family__name"), zh=F("product__family__name_zh")
    )
    found = []
    summed: Any = rows.annotate(**sums)
    for row in summed:
        periods = [
            _period(span, {name: row[f"{part}_{name}"] for name in SUMS}, finance, [], [])
            for part, span in (("now", now), ("before", before))
        ]
        found.append(FamilyRow(row["family"], row["name"] or "", row["zh"] or "", periods[0], periods[1]))
    return sorted(found, key=lambda family: (-family.now.net_sales, family.name))


def _bridge(account: Account, now: tuple[dt.date, dt.date], before: tuple[dt.date, dt.date]) -> ProfitBridge:
    """By product, over the lines whose cost is known."""
    lines = account.trade_lines.counted().filter(cost__isnull=False)
    wanted = {
        f"{part}_{name}": Sum(name, filter=_within("traded_on", span))
        for part, span in (("before", before), ("now", now))
        for name in ("quantity", "net_sales", "gross_profit")
    }
    rows = list(
        lines.filter(_within("traded_on", (before[0], now[1])))
        .order_by()
        .values("product")
        .annotate(**wanted)
        .values_list(*wanted)
    )
    table = np.array(rows, dtype=np.float64).reshape(-1, len(wanted))
    return profit_bridge(*np.nan_to_num(table).T)
