"""Which past dates a back-test grades at: month ends with enough trade before them, and enough after to judge by."""

from __future__ import annotations

import calendar
import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

from django.db.models import Max, Min

from crm.models import AccountFacts

MOST_DATES = 4
# (months between the dates, months that follow, least months of trade before), the best first: half-years judged
# by a year, with a whole year to grade by; what a younger ledger allows after that.
RULES = ((6, 12, 12), (6, 12, 6), (3, 6, 6))


@dataclass(frozen=True)
class Ledger:
    """First and last day of the trade on record; None without any."""

    first: dt.date | None
    last: dt.date | None


@dataclass(frozen=True)
class Schedule:
    """Dates oldest first, each judged by the `months` that follow; no dates: the history is too short."""

    dates: tuple[dt.date, ...]
    months: int
    # Least months of trade before the oldest date.
    before: int

    @property
    def pairs(self) -> list[tuple[dt.date, dt.date]]:
        return [(day, month_end(day, self.months)) for day in self.dates]


def ledger() -> Ledger:
    """From the facts of the published run: what was traded later than its date is not known to any grade."""
    found = AccountFacts.objects.aggregate(first=Min("first_traded_on"), last=Max("last_traded_on"))
    return Ledger(found["first"], found["last"])


def schedule(history: Ledger) -> Schedule:
    """The newest dates that the ledger allows. The month of the last trade counts as whole."""
    if history.first is not None and history.last is not None:
        last = month_end(history.last, 0)
        for step, after, before in RULES:
            earliest = month_end(history.first - dt.timedelta(days=1), before)
            dates = [day for day in _ends(last, step) if month_end(day, after) <= last and day >= earliest]
            if dates:
                return Schedule(tuple(sorted(dates[:MOST_DATES])), after, before)
    return Schedule((), RULES[-1][1], RULES[-1][2])


def month_end(day: dt.date, months: int) -> dt.date:
    """The last day of the month that lies `months` after the day's."""
    place = day.year * 12 + day.month - 1 + months
    year, month = divmod(place, 12)
    return dt.date(year, month + 1, calendar.monthrange(year, month + 1)[1])


def _ends(last: dt.date, step: int) -> Iterator[dt.date]:
    """Ends of quarters or half-years before a date, newest first; ten years back at most."""
    newest = month_end(last, -(last.month % step))
    for place in range(120 // step):
        yield month_end(newest, -step * place)
