"""Things that have a day and no hour stand at its noon."""

from __future__ import annotations

import datetime as dt

from django.utils import timezone

NOON = dt.time(12)


def at_noon(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, NOON, timezone.get_current_timezone())


def last_day(before: dt.datetime) -> dt.date:
    """The last day whose noon lies before `before`."""
    day = timezone.localdate(before)
    return day if at_noon(day) < before else day - dt.timedelta(days=1)
