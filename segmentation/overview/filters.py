"""The filter of the account list by a monthly key figure: whom a number counts."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import TYPE_CHECKING

from django.db.models.expressions import RawSQL
from django.utils.translation import gettext_lazy as _

from crm.panels import ListFilter
from crm.parameters import load
from crm.scoring.finance import FinanceParameters
from segmentation.overview.kpi_sql import PERIODS, USUAL_PERIOD, WHAT, members
from segmentation.overview.kpis import frozen_months

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

    from crm.models import User
    from crm.models.accounts import AccountQuerySet


TITLES = {
    "active": _("Active customers"),
    "active-before": _("Active in the period before"),
    "new": _("New customers"),
    "lost": _("Lost customers"),
    "reactivated": _("Reactivated"),
    "upgraded": _("Upgraded"),
    "downgraded": _("Downgraded"),
    "costed": _("Cost known"),
}


def kpi_value(what: str, month_end: dt.date, months: int, grade: str | None = None) -> str:
    """What the address of the list says for one number."""
    return f"{what}@{month_end:%Y-%m-%d}/{months}" + ("" if grade is None else f"/{grade}")


class KpiFilter(ListFilter):
    """ "lost@2026-05-31/3": lost in the three months to that date; with "/A" behind it: of those graded A at its end.
    Without a date: the newest month and the usual period.
    """

    slug = "kpi"
    title = _("Monthly figure")

    def choices(self, user: User) -> Sequence[tuple[str, str | _StrPromise]]:
        return [
            ("new", _("New in the last quarter")),
            ("lost", _("Lost in the last quarter")),
            ("reactivated", _("Back in the last quarter")),
        ]

    def words(self, value: str) -> str:
        what, _at, rest = value.partition("@")
        day, _slash, rest = rest.partition("/")
        months, _slash, grade = rest.partition("/")
        if what not in TITLES or not months.isdecimal():
            return value
        span = _("%(months)s months to %(day)s") % {"months": months, "day": day}
        return ", ".join(str(part) for part in (TITLES[what], span, grade) if part)

    def apply(self, accounts: AccountQuerySet, value: str, user: User) -> AccountQuerySet:
        what, at, rest = value.partition("@")
        day, _slash, rest = rest.partition("/")
        months, slash, grade = rest.partition("/")
        if not at:
            newest = frozen_months()[:1]
            if not newest:
                return accounts.none()
            day, months = newest[0].isoformat(), str(USUAL_PERIOD)
        try:
            month_end, length = dt.date.fromisoformat(day), int(months)
        except ValueError:
            return accounts.none()
        is_end = (month_end + dt.timedelta(days=1)).day == 1 if month_end < dt.date.max else False
        if what not in WHAT or length not in PERIODS or not is_end or month_end.year < 1902:
            return accounts.none()
        finance, _version = load("crm.finance", FinanceParameters)
        query, parameters = members(
            what, month_end, length, grade if slash else None, finance.min_cost_coverage
        )
        return accounts.filter(pk__in=RawSQL(query, parameters))  # noqa: S611  (our own query, values bound)
