"""Shares of wallet of many accounts in one year, set-based; the arithmetic is crm.scoring.wallet's."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from django.db.models import Sum

from crm.models import CategorySpend, Competitor, CompetitorShare, TradeDay
from crm.scoring.arrays import FloatArray, IntArray
from crm.scoring.wallet import WalletShares, wallet_shares
from crm.snapshots import among

if TYPE_CHECKING:
    from crm.models.accounts import AccountQuerySet


@dataclass(frozen=True)
class Wallets:
    """Of n accounts that have a demand or a competitor's share on record for all products; k competitors."""

    year: int
    account: IntArray  # (n,)
    demand: FloatArray  # (n,) NaN unknown
    ours: FloatArray  # (n,) our net sales of the year
    competitors: tuple[Competitor, ...]
    rivals: FloatArray  # (n, k) shares, NaN not known
    shares: WalletShares

    def __len__(self) -> int:
        return len(self.account)

    @property
    def known(self) -> IntArray:
        """Rows with a demand above 0: only these have shares."""
        found: IntArray = np.flatnonzero(~np.isnan(self.shares.own))
        return found


def years_of(accounts: AccountQuerySet) -> list[int]:
    """Years with a demand or a share of these accounts, newest first."""
    spends = among(CategorySpend.objects.all(), accounts).values_list("year")
    shares = among(CompetitorShare.objects.all(), accounts).values_list("year")
    return sorted({year for (year,) in spends.union(shares)}, reverse=True)


def wallets_of_year(accounts: AccountQuerySet, year: int) -> Wallets:
    """Four queries. Only what stands for all products: single families would be counted twice beside it."""
    demands = dict(
        among(CategorySpend.objects.filter(year=year, family=None), accounts).values_list(
            "account_id", "amount"
        )
    )
    told = list(
        among(CompetitorShare.objects.filter(year=year, family=None), accounts).values_list(
            "account_id", "competitor_id", "share"
        )
    )
    ids = np.array(sorted({*demands, *(account for account, _who, _share in told)}), dtype=np.int64)
    sales = dict(
        TradeDay.objects.filter(
            account__in=ids.tolist(), traded_on__range=(dt.date(year, 1, 1), dt.date(year, 12, 31))
        )
        .order_by()
        .values_list("account_id")
        .annotate(sales=Sum("net_sales"))
    )
    competitors = tuple(Competitor.objects.filter(pk__in={who for _account, who, _share in told}))
    demand = np.array([float(demands.get(pk, "nan")) for pk in ids.tolist()])
    ours = np.array([float(sales.get(pk, 0)) for pk in ids.tolist()])
    rivals = np.full((len(ids), len(competitors)), np.nan)
    column = {competitor.pk: place for place, competitor in enumerate(competitors)}
    for (_account, who, share), row in zip(told, np.searchsorted(ids, [t[0] for t in told]), strict=True):
        rivals[row, column[who]] = float(share) / 100
    return Wallets(year, ids, demand, ours, competitors, rivals, wallet_shares(ours, demand, rivals))


def own_shares(accounts: AccountQuerySet, years: list[int], back: int = 3) -> dict[int, float]:
    """Our newest known share of each account's wallet."""
    found: dict[int, float] = {}
    for year in reversed(years[:back]):
        wallets = wallets_of_year(accounts, year)
        rows = wallets.known
        found |= dict(zip(wallets.account[rows].tolist(), wallets.shares.own[rows].tolist(), strict=True))
    return found
