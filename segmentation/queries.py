"""Reads of published grades, for pages. Every function starts from the accounts the caller may see."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import numpy as np
from django.db.models import Count, Exists, F, OuterRef, QuerySet, Sum

from crm.scoring.arrays import FloatArray
from crm.snapshots import Flow, among, flows, standing
from segmentation.models import AccountGrade, GradeSnapshot, ScoringModelVersion
from segmentation.scoring.grading import GradingModel
from segmentation.scoring.movement import Migration, migration

if TYPE_CHECKING:
    from django.db.models import Model

    from crm.models.accounts import AccountQuerySet


@dataclass(frozen=True, slots=True)
class GradeTotal:
    """Accounts and money of one grade; None is unrated."""

    grade: int | None
    accounts: int
    net_sales: Decimal
    gross_profit: Decimal | None

    @classmethod
    def of_nobody(cls, grade: int | None) -> GradeTotal:
        return cls(grade, 0, Decimal(0), None)


def shown_version() -> ScoringModelVersion | None:
    """The model version behind the published grades: it names them."""
    grade = AccountGrade.objects.select_related("version__model").order_by("pk").first()
    return grade.version if grade else None


def grade_names() -> tuple[str, ...]:
    version = shown_version()
    return GradingModel.from_dict(version.definition).grades if version else ()


def grade_totals(accounts: AccountQuerySet) -> dict[int | None, GradeTotal]:
    return _totals(among(AccountGrade.objects.all(), accounts))


def grade_totals_at(accounts: AccountQuerySet, month_end: dt.date) -> dict[int | None, GradeTotal]:
    return _totals(among(GradeSnapshot.objects.filter(month_end=month_end), accounts))


def grade_totals_by_month(
    accounts: AccountQuerySet, month_ends: Iterable[dt.date]
) -> dict[dt.date, dict[int | None, GradeTotal]]:
    """The totals of several month ends in one query."""
    rows = (
        among(GradeSnapshot.objects.filter(month_end__in=list(month_ends)), accounts)
        .order_by()
        .values("month_end", "grade")
        .annotate(accounts=Count("*"), sales=Sum("net_sales_12m"), profit=Sum("gross_profit_12m"))
    )
    found: dict[dt.date, dict[int | None, GradeTotal]] = {}
    for row in rows:
        total = GradeTotal(row["grade"], row["accounts"], row["sales"] or Decimal(0), row["profit"])
        found.setdefault(row["month_end"], {})[row["grade"]] = total
    return found


def _totals(grades: QuerySet[Model]) -> dict[int | None, GradeTotal]:
    rows = (
        grades.order_by()
        .values("grade")
        .annotate(accounts=Count("*"), sales=Sum("net_sales_12m"), profit=Sum("gross_profit_12m"))
    )
    return {
        row["grade"]: GradeTotal(row["grade"], row["accounts"], row["sales"] or Decimal(0), row["profit"])
        for row in rows
    }


def grade_flows(accounts: AccountQuerySet, since: dt.date | None, until: dt.date | None = None) -> list[Flow]:
    """Grade at a month's end against the grade at a later one, or now."""
    return flows(AccountGrade, GradeSnapshot, "grade", accounts, since, until)


def migration_of(moves: Iterable[Flow], grades: int) -> Migration:
    """The arithmetic of movement on counted pairs: as if every account stood there once."""
    pairs = list(moves)
    counts = [flow.accounts for flow in pairs]
    before = [-1 if flow.before is None else flow.before for flow in pairs]
    now = [-1 if flow.now is None else flow.now for flow in pairs]
    # Models of other business lines may have more grades than the one that names them.
    grades = max([grades, *(grade + 1 for grade in before + now)])
    return migration(np.repeat(before, counts), np.repeat(now, counts), grades)


@dataclass(frozen=True)
class Earnings:
    """One figure per graded account, NaN where it is not known; ids in the same order."""

    account_ids: np.ndarray
    values: FloatArray


def earnings(accounts: AccountQuerySet, field: str, month_end: dt.date | None = None) -> Earnings:
    """Now, or as frozen at a month's end."""
    rows = among(standing(AccountGrade, GradeSnapshot, month_end), accounts).order_by("account_id")
    table = np.array(list(rows.values_list("account_id", field)), dtype=np.float64).reshape(-1, 2)
    return Earnings(table[:, 0].astype(np.int64), table[:, 1])


def moved(month_end: dt.date | None, direction: str = "", until: dt.date | None = None) -> QuerySet[Any]:
    """Accounts graded at both ends whose grade is another than at a month's end; direction "up", "down" or both.

    Grades now, or as frozen at `until`.
    """
    now = standing(AccountGrade, GradeSnapshot, until)
    if month_end is None:
        return now.none()
    before = GradeSnapshot.objects.filter(
        month_end=month_end, account_id=OuterRef("account_id"), grade__isnull=False
    )
    match direction:
        case "up":
            before = before.filter(grade__gt=OuterRef("grade"))
        case "down":
            before = before.filter(grade__lt=OuterRef("grade"))
        case _:
            before = before.exclude(grade=OuterRef("grade"))
    return now.filter(Exists(before), grade__isnull=False)


@dataclass(frozen=True)
class Move:
    """One account's two ends."""

    now: AccountGrade | GradeSnapshot
    before: GradeSnapshot


def movers(
    accounts: AccountQuerySet,
    month_end: dt.date,
    direction: str,
    limit: int,
    until: dt.date | None = None,
) -> list[Move]:
    """The movers that earn most first."""
    now = list(
        among(moved(month_end, direction, until), accounts)
        .select_related("account", "version")
        .order_by(F("gross_profit_12m").desc(nulls_last=True), "account_id")[:limit]
    )
    ids = [grade.account_id for grade in now]
    before = {
        snapshot.account_id: snapshot
        for snapshot in GradeSnapshot.objects.select_related("version").filter(
            month_end=month_end, account_id__in=ids
        )
    }
    return [Move(grade, before[grade.account_id]) for grade in now]
