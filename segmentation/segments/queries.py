"""Reads for the pages of segments: sizes at dates, money, who joined and left, what members have in common."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Count, F, Q, QuerySet, Sum
from django.db.models.expressions import RawSQL

from crm.models import Account, Run, RunState
from crm.models.accounts import AccountQuerySet
from crm.scoring.arrays import IntArray
from segmentation.models import AccountGrade, Segment, SegmentMembership

MOST_DAYS = 13


@dataclass(frozen=True)
class Total:
    accounts: int = 0
    net_sales: Decimal = Decimal(0)
    # None: of no member is it known.
    gross_profit: Decimal | None = None


def on(day: dt.date) -> Q:
    """Memberships that held on a day: closed at the start, open at the end."""
    return Q(valid_from__lte=day) & (Q(valid_to=None) | Q(valid_to__gt=day))


def trend_days(run: Run) -> list[dt.date]:
    """The month ends that runs were published for, oldest first, then the date of the figures on show."""
    days = (
        Run.objects.filter(state=RunState.PUBLISHED, as_of__lt=run.as_of, scope="full")
        .order_by("-as_of")
        .values_list("as_of", flat=True)
        .distinct()[:400]
    )
    ends = [day for day in days if (day + dt.timedelta(days=1)).day == 1]
    return [*reversed(ends[: MOST_DAYS - 1]), run.as_of]


def sizes(
    segments: Iterable[int], days: Sequence[dt.date], accounts: AccountQuerySet
) -> dict[tuple[int, dt.date], int]:
    """Members of each segment on each day, of the accounts given. One query."""
    try:
        visible, parameters = accounts.order_by().values("pk").query.sql_with_params()
    except EmptyResultSet:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            SELECT m.segment_id, d.day, count(*)
            FROM unnest(%s::date[]) AS d(day)
            JOIN segmentation_segmentmembership m
                ON m.valid_from <= d.day AND (m.valid_to IS NULL OR m.valid_to > d.day)
            WHERE m.segment_id = ANY(%s) AND m.account_id IN ({visible})
            GROUP BY 1, 2
            """,  # noqa: S608  (a queryset's own text)
            [list(days), list(segments), *parameters],
        )
        return {(segment, day): count for segment, day, count in cursor.fetchall()}


def totals(segments: Iterable[int], accounts: AccountQuerySet) -> dict[int, Total]:
    """Members now and their money of the last 12 months, per segment. One query."""
    rows = (
        SegmentMembership.objects.filter(segment__in=list(segments), valid_to=None, account__in=accounts)
        .order_by()
        .values("segment_id")
        .annotate(
            n=Count("*"),
            sales=Sum("account__facts__net_sales_12m"),
            profit=Sum("account__facts__gross_profit_12m"),
        )
    )
    return {row["segment_id"]: Total(row["n"], row["sales"] or Decimal(0), row["profit"]) for row in rows}


def whole(accounts: AccountQuerySet) -> Total:
    found = accounts.aggregate(
        n=Count("*"), sales=Sum("facts__net_sales_12m"), profit=Sum("facts__gross_profit_12m")
    )
    return Total(found["n"], found["sales"] or Decimal(0), found["profit"])


def among_ids(ids: IntArray) -> AccountQuerySet:
    """Accounts by an array of ids: one parameter, however many they are."""
    return Account.objects.filter(pk__in=RawSQL("SELECT unnest(%s::bigint[])", [ids.tolist()]))


def members(segment: Segment, accounts: AccountQuerySet) -> QuerySet[Account]:
    """Now, those that earn most first, with their facts, owner and grade."""
    now = SegmentMembership.objects.filter(segment=segment, valid_to=None)
    return (
        accounts.filter(pk__in=now.values("account_id"))
        .select_related("facts", "owner")
        .annotate(since=_since(segment), grade_place=F("current_grade__grade"))
        .order_by(F("facts__gross_profit_12m").desc(nulls_last=True), "pk")
    )


def _since(segment: Segment) -> RawSQL:
    return RawSQL(
        "SELECT m.valid_from FROM segmentation_segmentmembership m"
        " WHERE m.segment_id = %s AND m.account_id = crm_account.id AND m.valid_to IS NULL",
        [segment.pk],
    )


def moved(segment: Segment, since: dt.date, accounts: AccountQuerySet) -> tuple[Any, Any]:
    """(who belongs now and did not on the day, who did and does not now): querysets of accounts."""
    mine = SegmentMembership.objects.filter(segment=segment)
    now = mine.filter(valid_to=None).values("account_id")
    then = mine.filter(on(since)).values("account_id")
    ordered = accounts.select_related("facts", "owner").order_by(
        F("facts__gross_profit_12m").desc(nulls_last=True), "pk"
    )
    joined = ordered.filter(pk__in=now).exclude(pk__in=then).annotate(moved_on=_since(segment))
    left = ordered.filter(pk__in=then).exclude(pk__in=now).annotate(moved_on=_until(segment))
    return joined, left


def _until(segment: Segment) -> RawSQL:
    return RawSQL(
        "SELECT max(m.valid_to) FROM segmentation_segmentmembership m"
        " WHERE m.segment_id = %s AND m.account_id = crm_account.id",
        [segment.pk],
    )


def grade_mix(accounts: QuerySet[Account]) -> dict[int | None, int]:
    rows = (
        AccountGrade.objects.filter(account__in=accounts.order_by().values("pk"))
        .order_by()
        .values_list("grade")
        .annotate(n=Count("*"))
    )
    return dict(rows)


def industry_mix(accounts: QuerySet[Account]) -> dict[str, int]:
    rows = accounts.order_by().values_list("industry").annotate(n=Count("pk")).order_by("-n", "industry")
    return dict(rows)


def segments_of(account: Account) -> list[Segment]:
    """One query: the segments that an account belongs to now."""
    now = SegmentMembership.objects.filter(account=account, valid_to=None)
    return list(
        Segment.objects.filter(pk__in=now.values("segment_id"), archived_at=None).order_by("-purpose", "name")
    )
