"""Filters of the account list by grade and its movement: where the tier dashboard leads."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from crm.panels import ListFilter
from crm.snapshots import last_month_end, shown_run
from segmentation.models import AccountGrade, GradeSnapshot
from segmentation.queries import grade_names, moved

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

    from crm.models import User
    from crm.models.accounts import AccountQuerySet

UNRATED = "unrated"


class GradeFilter(ListFilter):
    slug = "grade"
    title = _("Grade")

    def choices(self, user: User) -> Sequence[tuple[str, str | _StrPromise]]:
        return [*((name, name) for name in grade_names()), (UNRATED, _("Unrated"))]

    def apply(self, accounts: AccountQuerySet, value: str, user: User) -> AccountQuerySet:
        names = grade_names()
        if value == UNRATED:
            return accounts.filter(pk__in=AccountGrade.objects.filter(grade=None).values("account_id"))
        if value not in names:
            return accounts.none()
        graded = AccountGrade.objects.filter(grade=names.index(value))
        return accounts.filter(pk__in=graded.values("account_id"))


class MovedFilter(ListFilter):
    """ "up", "down", or a cell of the movement table ("A>B@2024-05-31"); without a date since last month's end."""

    slug = "moved"
    title = _("Grade moved")

    def choices(self, user: User) -> Sequence[tuple[str, str | _StrPromise]]:
        return [("up", _("Up since last month's end")), ("down", _("Down since last month's end"))]

    def apply(self, accounts: AccountQuerySet, value: str, user: User) -> AccountQuerySet:
        what, _at, day = value.partition("@")
        month_end = _date(day) if day else _last_month_end()
        if month_end is None:
            return accounts.none()
        if what in ("up", "down"):
            return accounts.filter(pk__in=moved(month_end, what).values("account_id"))
        before, arrow, now = what.partition(">")
        grades = {**{name: index for index, name in enumerate(grade_names())}, UNRATED: None}
        if not arrow or before not in grades or now not in grades:
            return accounts.none()
        here = AccountGrade.objects.filter(grade=grades[now])
        there = GradeSnapshot.objects.filter(month_end=month_end)
        accounts = accounts.filter(pk__in=here.values("account_id"))
        if grades[before] is None:
            # Unrated then, or not there yet.
            return accounts.exclude(pk__in=there.filter(grade__isnull=False).values("account_id"))
        return accounts.filter(pk__in=there.filter(grade=grades[before]).values("account_id"))


def _last_month_end() -> dt.date | None:
    run = shown_run()
    return last_month_end(GradeSnapshot, run.as_of) if run else None


def _date(text: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        return None
