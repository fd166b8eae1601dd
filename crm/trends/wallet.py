"""What an account needs a year, and who supplies it: demand, our sales, competitors' shares, the unknown rest."""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np
from django.db import transaction
from django.db.models import Sum
from django.db.models.functions import ExtractYear

from crm.models import Account, CategorySpend, Competitor, CompetitorShare, ProductFamily
from crm.scoring.arrays import known
from crm.scoring.wallet import wallet_shares
from crm.wording import reason_text


class ChangedMeanwhileError(Exception):
    """Somebody else saved this year's figures after they were shown."""


@dataclass(frozen=True)
class Wallet:
    """One year of one product family (None: of all we sell). Shares are fractions; None where not known."""

    year: int
    family: ProductFamily | None
    demand: Decimal | None
    ours: Decimal
    rivals: tuple[tuple[Competitor, float], ...]
    own: float | None
    own_uncapped: float | None
    unknown: float | None
    excess: float
    stale: bool
    # Why our share is missing, in words.
    reason: str
    source: str
    estimated_on: dt.date | None

    @property
    def rivals_total(self) -> float:
        return sum(share for _competitor, share in self.rivals)

    @property
    def total(self) -> float:
        return (self.own_uncapped or 0.0) + self.rivals_total


def wallets_of(account: Account) -> list[Wallet]:
    """Newest year first, all products before the single families. Three queries."""
    spends = {
        (spend.year, spend.family_id): spend
        for spend in account.category_spends.select_related("family").order_by("pk")
    }
    shares: dict[tuple[int, int | None], list[CompetitorShare]] = {}
    listed = account.competitor_shares.select_related("competitor", "family")
    for share in listed.order_by("-share", "competitor__name"):
        shares.setdefault((share.year, share.family_id), []).append(share)
    keys = sorted({*spends, *shares}, key=lambda key: (-key[0], key[1] or 0))
    if not keys:
        return []
    sales = _sales(account, {year for year, _family in keys})
    ours = [sales.get(key, Decimal(0)) for key in keys]
    width = max((len(rows) for rows in shares.values()), default=0)
    rivals = np.full((len(keys), width), np.nan)
    for place, key in enumerate(keys):
        for column, share in enumerate(shares.get(key, [])):
            rivals[place, column] = float(share.share) / 100
    demand = [float(spends[key].amount) if key in spends else math.nan for key in keys]
    found = wallet_shares([float(value) for value in ours], demand, rivals)
    wallets = []
    for place, key in enumerate(keys):
        spend, rows = spends.get(key), shares.get(key, [])
        family = spend.family if spend else rows[0].family
        wallets.append(
            Wallet(
                year=key[0],
                family=family,
                demand=spend.amount if spend else None,
                ours=ours[place],
                rivals=tuple((row.competitor, float(row.share) / 100) for row in rows),
                own=known(found.own[place]),
                own_uncapped=known(found.own_uncapped[place]),
                unknown=known(found.unknown[place]),
                excess=float(found.excess[place]),
                stale=bool(found.stale[place]),
                reason=reason_text(int(found.reason[place])),
                source=spend.source if spend else rows[0].source,
                estimated_on=spend.estimated_on if spend else rows[0].estimated_on,
            )
        )
    return wallets


def _sales(account: Account, years: set[int]) -> dict[tuple[int, int | None], Decimal]:
    """Net sales by year and family, and under None those of all products, from the ledger's counted lines."""
    rows = (
        account.trade_lines.counted()
        .filter(traded_on__gte=dt.date(min(years), 1, 1), traded_on__lte=dt.date(max(years), 12, 31))
        .annotate(year=ExtractYear("traded_on"))
        .values("year", "product__family")
        .annotate(sales=Sum("net_sales"))
        .order_by()
    )
    sums: dict[tuple[int, int | None], Decimal] = {}
    for row in rows:
        for key in {(row["year"], row["product__family"]), (row["year"], None)}:
            sums[key] = sums.get(key, Decimal(0)) + row["sales"]
    return sums


@dataclass(frozen=True)
class RivalShare:
    """As entered: who (a known competitor, or a new name), and per cent of the demand."""

    name: str
    share: Decimal
    competitor: Competitor | None = None


def fingerprint(account: Account, year: int, family: ProductFamily | None) -> str:
    """What is on record for the year, as one line: tells whether somebody saved in between."""
    spend = account.category_spends.filter(year=year, family=family).first()
    shares = account.competitor_shares.filter(year=year, family=family).order_by("competitor_id")
    parts: list[Any] = [spend and f"{spend.amount}/{spend.source}/{spend.estimated_on}"]
    parts += [f"{share.competitor_id}:{share.share}" for share in shares]
    return "|".join(map(str, parts))


@transaction.atomic
def save_wallet(
    *,
    account: Account,
    year: int,
    family: ProductFamily | None,
    amount: Decimal | None,
    rivals: list[RivalShare],
    source: str,
    estimated_on: dt.date,
    shown: str,
) -> None:
    """Put these figures in the place of what is on record for the year. No amount and nobody: the year is gone.

    `shown` is the fingerprint the editor started from; ChangedMeanwhileError and nothing written where it is another
    by now.
    """
    Account.objects.select_for_update().get(pk=account.pk)
    if fingerprint(account, year, family) != shown:
        raise ChangedMeanwhileError
    dated = {"source": source, "estimated_on": estimated_on}
    spends = CategorySpend.objects.filter(account=account, year=year, family=family)
    if amount is None:
        spends.delete()
    elif not spends.update(amount=amount, **dated):
        CategorySpend.objects.create(account=account, year=year, family=family, amount=amount, **dated)
    competitors = [rival.competitor or _created(rival.name) for rival in rivals]
    kept = CompetitorShare.objects.filter(account=account, year=year, family=family)
    kept.exclude(competitor__in=competitors).delete()
    for rival, competitor in zip(rivals, competitors, strict=True):
        CompetitorShare.objects.update_or_create(
            account=account,
            year=year,
            family=family,
            competitor=competitor,
            defaults={"share": rival.share, **dated},
        )


def _created(name: str) -> Competitor:
    competitor, _new = Competitor.objects.get_or_create(name=name)
    return competitor
