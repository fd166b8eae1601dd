"""Which competitors are met at which accounts, by whatever told us: shares, ratings, deals, notes."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np
from django.core.exceptions import EmptyResultSet
from django.db import connection

from crm.models import Competitor, CompetitorShare, Observation, Opportunity, SupplierRating, Visit
from crm.scoring.arrays import IntArray
from crm.snapshots import among
from segmentation.scoring.affinity import Affinity, affinity

if TYPE_CHECKING:
    from crm.models.accounts import AccountQuerySet

MENTIONED_DAYS = 730
SHARE_YEARS = 3


@dataclass(frozen=True)
class Presence:
    """Competitor by competitor: at how many accounts it was met, and told by what. `pairs`: who is met together."""

    competitors: tuple[Competitor, ...]
    accounts: IntArray  # (c,) accounts where it was met at all
    shares: IntArray
    ratings: IntArray
    deals: IntArray
    notes: IntArray
    pairs: tuple[tuple[Competitor, Competitor, Affinity], ...]
    known: int  # accounts with any competitor


def presence_of(accounts: AccountQuerySet, today: dt.date) -> Presence:
    """Six queries, whatever the number of accounts."""
    since = today - dt.timedelta(days=MENTIONED_DAYS)
    shares = set(
        among(CompetitorShare.objects.filter(share__gt=0, year__gt=today.year - SHARE_YEARS), accounts)
        .values_list("account_id", "competitor_id")
        .distinct()
    )
    ratings = set(
        among(SupplierRating.objects.exclude(competitor=None), accounts)
        .values_list("account_id", "competitor_id")
        .distinct()
    )
    deals = set(
        among(Opportunity.objects.filter(competitors__isnull=False), accounts)
        .values_list("account_id", "competitors")
        .distinct()
    ) | set(
        among(Opportunity.objects.filter(lost_to__isnull=False), accounts)
        .values_list("account_id", "lost_to")
        .distinct()
    )
    notes = _mentioned(accounts, since)
    met = shares | ratings | deals | notes
    competitors = tuple(Competitor.objects.filter(pk__in={who for _account, who in met}).order_by("name"))
    column = {competitor.pk: place for place, competitor in enumerate(competitors)}
    ids = sorted({account for account, _who in met})
    row = {account: place for place, account in enumerate(ids)}
    there = np.zeros((len(ids), len(competitors)), dtype=np.bool_)
    for account, who in met:
        there[row[account], column[who]] = True

    def count(found: set[tuple[int, int]]) -> IntArray:
        return np.bincount([column[who] for _account, who in found], minlength=len(competitors))

    pairs = [
        (competitors[a], competitors[b], affinity(there[:, a], there[:, b]))
        for a, b in combinations(range(len(competitors)), 2)
    ]
    pairs = [pair for pair in pairs if pair[2].both]
    pairs.sort(key=lambda pair: (-pair[2].both, str(pair[0]), str(pair[1])))
    return Presence(
        competitors,
        there.sum(axis=0),
        count(shares),
        count(ratings),
        count(deals),
        count(notes),
        tuple(pairs),
        len(ids),
    )


def _mentioned(accounts: AccountQuerySet, since: dt.date) -> set[tuple[int, int]]:
    """(account, competitor) where a note on competition names it, in either language."""
    condition, parameters = "", ()
    if accounts.query.where:
        try:
            visible, parameters = accounts.order_by().values("pk").query.sql_with_params()
        except EmptyResultSet:
            return set()
        condition = f"WHERE told.account_id IN ({visible})"
    name = connection.ops.quote_name
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            SELECT DISTINCT told.account_id, c.id
            FROM (
                SELECT account_id, lower(title || ' ' || detail) AS words
                FROM {name(Observation._meta.db_table)} WHERE kind = 'competition' AND observed_on > %s
                UNION ALL
                SELECT account_id, lower(competitor_news)
                FROM {name(Visit._meta.db_table)} WHERE competitor_news <> '' AND happened_at > %s
            ) told
            JOIN {name(Competitor._meta.db_table)} c
              ON position(lower(c.name) IN told.words) > 0
              OR (c.english_name <> '' AND position(lower(c.english_name) IN told.words) > 0)
            {condition}
            """,  # noqa: S608  (models' own tables)
            [since, since, *parameters],
        )
        return set(cursor.fetchall())
