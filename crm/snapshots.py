"""Reads over month-end snapshots that every upper app needs; the tables are the caller's."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, TypeVar

from django.core.exceptions import EmptyResultSet
from django.db import connection

from crm.models import AccountFacts, Run, RunState

M = TypeVar("M", bound="Model")

if TYPE_CHECKING:
    from django.db.models import Model, QuerySet

    from crm.models.accounts import AccountQuerySet


@dataclass(frozen=True, slots=True)
class Flow:
    """Accounts that had `before` at a month's end and have `now`; None is "no figure" (or not there yet)."""

    before: int | None
    now: int | None
    accounts: int
    gross_profit: Decimal | None


def shown_run() -> Run | None:
    """The published run whose date the current figures bear; a run for an older date only writes history."""
    return Run.objects.filter(state=RunState.PUBLISHED).order_by("-as_of", "-pk").first()


def month_ends(snapshots: type[Model]) -> list[dt.date]:
    """The frozen month ends, newest first, by jumping through the index instead of reading every row."""
    table = connection.ops.quote_name(snapshots._meta.db_table)
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            WITH RECURSIVE ends AS (
                SELECT max(month_end) AS month_end FROM {table}
                UNION ALL
                SELECT (SELECT max(s.month_end) FROM {table} s WHERE s.month_end < ends.month_end)
                FROM ends WHERE ends.month_end IS NOT NULL
            )
            SELECT month_end FROM ends WHERE month_end IS NOT NULL
            """  # noqa: S608  (a model's own table)
        )
        return [row[0] for row in cursor.fetchall()]


def last_month_end(snapshots: type[Model], before: dt.date) -> dt.date | None:
    """The newest month end frozen before a date: what "since last month" compares with."""
    return (
        snapshots._default_manager.filter(month_end__lt=before)
        .order_by("-month_end")
        .values_list("month_end", flat=True)
        .first()
    )


def among(figures: QuerySet[M], accounts: AccountQuerySet) -> QuerySet[M]:
    """The figures of these accounts; of the whole base without asking which accounts there are."""
    return figures.filter(account__in=accounts) if accounts.query.where else figures


def flows(
    figures: type[Model],
    snapshots: type[Model],
    field: str,
    accounts: AccountQuerySet,
    month_end: dt.date | None,
) -> list[Flow]:
    """How `accounts` moved from their value of `field` at a month's end to their present one."""
    name = connection.ops.quote_name
    condition, parameters = "", ()
    if accounts.query.where:
        try:
            visible, parameters = accounts.order_by().values("pk").query.sql_with_params()
        except EmptyResultSet:
            return []
        condition = f"WHERE c.account_id IN ({visible})"
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            SELECT s.{name(field)}, c.{name(field)}, count(*), sum(f.gross_profit_12m)
            FROM {name(figures._meta.db_table)} c
            LEFT JOIN {name(snapshots._meta.db_table)} s ON s.account_id = c.account_id AND s.month_end = %s
            LEFT JOIN {name(AccountFacts._meta.db_table)} f ON f.account_id = c.account_id
            {condition}
            GROUP BY 1, 2
            """,  # noqa: S608  (models' own tables and columns)
            [month_end, *parameters],
        )
        return [Flow(*row) for row in cursor.fetchall()]
