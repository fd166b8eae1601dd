"""Reads over month-end snapshots that every upper app needs; the tables are the caller's."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, TypeVar

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.utils.translation import gettext as _

from crm.models import Account, AccountFacts, Run, RunState
from crm.once import once_per_page

M = TypeVar("M", bound="Model")

if TYPE_CHECKING:
    from django.db.models import Model, QuerySet

    from crm.models.accounts import AccountQuerySet


@dataclass(frozen=True, slots=True)
class Flow:
    """Accounts that had `before` at one date and `now` at another; None is "no figure", or no row at all."""

    before: int | None
    now: int | None
    accounts: int
    gross_profit: Decimal | None
    # False: there was no row of these accounts at that date.
    there_before: bool = True
    there_now: bool = True


@once_per_page
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


# Few, and found in the index of the foreign key; their frozen figures stay behind when they are merged away.
_MERGED = "SELECT id FROM crm_account WHERE merged_into_id IS NOT NULL"


def among(figures: QuerySet[M], accounts: AccountQuerySet) -> QuerySet[M]:
    """The figures of these accounts; of the whole base without asking which accounts there are."""
    if accounts.is_whole_base:
        return figures.exclude(account__in=Account.objects.filter(merged_into__isnull=False))
    return figures.filter(account__in=accounts) if accounts.query.where else figures


def standing(figures: type[M], snapshots: type[Model], day: dt.date | None) -> QuerySet[Any]:
    """The figures frozen at a month's end; without one the current ones."""
    return figures._default_manager.all() if day is None else snapshots._default_manager.filter(month_end=day)


def flows(
    figures: type[Model],
    snapshots: type[Model],
    field: str,
    accounts: AccountQuerySet,
    since: dt.date | None,
    until: dt.date | None = None,
) -> list[Flow]:
    """How `accounts` moved from their value of `field` at a month's end to that at a later one, or to the present."""
    name = connection.ops.quote_name
    condition, parameters = "", ()
    if accounts.is_whole_base:
        condition = f"AND account_id NOT IN ({_MERGED})"
    elif accounts.query.where:
        try:
            visible, parameters = accounts.order_by().values("pk").query.sql_with_params()
        except EmptyResultSet:
            return []
        condition = f"AND account_id IN ({visible})"
    column = name(field)
    later = name((snapshots if until else figures)._meta.db_table)
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            SELECT s.value, c.value, count(*), sum(f.gross_profit_12m),
                s.account_id IS NOT NULL, c.account_id IS NOT NULL
            FROM (
                SELECT account_id, {column} AS value FROM {later}
                WHERE {"month_end = %s" if until else "true"} {condition}
            ) c
            FULL JOIN (
                SELECT account_id, {column} AS value FROM {name(snapshots._meta.db_table)}
                WHERE month_end = %s {condition}
            ) s ON s.account_id = c.account_id
            LEFT JOIN {name(AccountFacts._meta.db_table)} f
                ON f.account_id = coalesce(c.account_id, s.account_id)
            GROUP BY 1, 2, 5, 6 ORDER BY 1, 2, 5, 6
            """,  # noqa: S608  (models' own tables and columns)
            [*([until] if until else []), *parameters, since, *parameters],
        )
        return [Flow(*row) for row in cursor.fetchall()]


ANY, OTHER, ABSENT = "*", "~", "none"


@dataclass(frozen=True, slots=True)
class Asked:
    """A cell of a movement table as an address names it: "A>B@2025-05-31", or until a later month's end
    "A>B@2024-05-31..2025-05-31". Either side may be "*" (any), "~" (another than the other side) or "none" (no row).
    """

    what: str
    since: dt.date
    until: dt.date | None = None

    def __str__(self) -> str:
        end = f"..{self.until:%Y-%m-%d}" if self.until else ""
        return f"{self.what}@{self.since:%Y-%m-%d}{end}"


def move_words(text: str, names: Mapping[str, Any]) -> str:
    """A cell as a sentence; `names` by the keys of its address. What makes no sense stays as it is."""
    asked = parse_move(text)
    before, arrow, now = asked.what.partition(">") if asked else ("", "", "")
    if asked is None:
        return text
    known = {ANY: _("any"), OTHER: _("another"), ABSENT: _("not there"), **names}
    sides = [str(known.get(key, key)) for key in ((before, now) if arrow else (before,))]
    end = f"{asked.until:%Y-%m-%d}" if asked.until else _("today")
    return f"{' → '.join(sides)}, {asked.since:%Y-%m-%d} – {end}"


def parse_move(text: str, usual: dt.date | None = None) -> Asked | None:
    """`usual`: the month's end where the address names none. None where there is no sense in it."""
    what, at, days = text.partition("@")
    since, dots, until = days.partition("..")
    try:
        start = dt.date.fromisoformat(since) if at else usual
        end = dt.date.fromisoformat(until) if dots else None
    except ValueError:
        return None
    return Asked(what, start, end) if start else None


def narrow_to_move(
    accounts: AccountQuerySet,
    figures: type[Model],
    snapshots: type[Model],
    field: str,
    values: Mapping[str, int | None],
    asked: Asked,
) -> AccountQuerySet:
    """The accounts of one cell of a movement table; `values`: what the names of the address stand for."""
    before, arrow, now = asked.what.partition(">")
    known = {*values, ANY, OTHER, ABSENT}
    if not arrow or before not in known or now not in known or before == now == OTHER:
        return accounts.none()
    ends = (
        (before, now, snapshots._default_manager.filter(month_end=asked.since)),
        (now, before, standing(figures, snapshots, asked.until)),
    )
    for name, other, rows in ends:
        wanted = {} if name in (ANY, ABSENT) else {field: values.get(other if name == OTHER else name)}
        ids: Any = rows.filter(**wanted).values("account_id")
        accounts = accounts.exclude(pk__in=ids) if name in (OTHER, ABSENT) else accounts.filter(pk__in=ids)
    return accounts
