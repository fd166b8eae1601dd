"""Filters of the account list by grade and its movement: where the tier dashboard leads."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from crm.panels import ListFilter
from crm.snapshots import last_month_end, move_words, narrow_to_move, parse_move, shown_run
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
    """ "up", "down", or a cell of the movement table ("A>B@2024-05-31", "A>B@2024-05-31..2025-05-31"); without a date
    since last month's end. See crm.snapshots.Asked.
    """

    slug = "moved"
    title = _("Grade moved")

    def choices(self, user: User) -> Sequence[tuple[str, str | _StrPromise]]:
        return [("up", _("Up since last month's end")), ("down", _("Down since last month's end"))]

    def words(self, value: str) -> str:
        return move_words(value, {"up": _("Moved up"), "down": _("Moved down"), UNRATED: _("Unrated")})

    def apply(self, accounts: AccountQuerySet, value: str, user: User) -> AccountQuerySet:
        asked = parse_move(value, None if "@" in value else last_frozen_month())
        if asked is None:
            return accounts.none()
        if asked.what in ("up", "down"):
            rows = moved(asked.since, asked.what, asked.until)
            return accounts.filter(pk__in=rows.values("account_id"))
        grades = {**{name: index for index, name in enumerate(grade_names())}, UNRATED: None}
        return narrow_to_move(accounts, AccountGrade, GradeSnapshot, "grade", grades, asked)


def last_frozen_month() -> dt.date | None:
    run = shown_run()
    return last_month_end(GradeSnapshot, run.as_of) if run else None
