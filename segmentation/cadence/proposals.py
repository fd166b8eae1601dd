"""Filling a rep's week with the customers that are due, grouped by place. The rep accepts or drops each."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np
from django.db import transaction

from crm.models import Account, PlannedVisit, User
from crm.scoring.arrays import FloatArray, IntArray
from crm.scoring.week import NO_DAY, propose_days
from segmentation.cadence.slots import unplanned
from segmentation.cadence.standing import NEEDED, in_states, rules, standing

WORKING_DAYS = 5


def working_days(monday: dt.date, today: dt.date) -> list[dt.date]:
    """Monday to Friday of a week, without those that are over."""
    days = [monday + dt.timedelta(days=offset) for offset in range(WORKING_DAYS)]
    return [day for day in days if day >= today]


@transaction.atomic
def propose_week(*, user: User, monday: dt.date, today: dt.date) -> int:
    """Plan visits marked as proposed, for what becomes due by the week's end; returns how many.

    Nothing that stands is moved; what the rep dropped for this week is not proposed again. The user's row is locked:
    a double click fills the week once.
    """
    User.objects.select_for_update().get(pk=user.pk)
    week = working_days(monday, today)
    if not week:
        return 0
    dropped = PlannedVisit.objects.filter(
        user=user, proposed=True, cancelled_at__isnull=False, planned_on__range=(monday, week[-1])
    )
    found = rules()
    candidates = in_states(unplanned(user, today), NEEDED, week[-1], found)
    candidates = candidates.exclude(pk__in=dropped.values("account_id"))
    at = standing(candidates, week[-1], found)
    order = at.most_urgent_first(np.arange(len(at.account_ids)))
    ids = [int(pk) for pk in at.account_ids[order]]
    latitude, longitude = _places_of(ids)
    room, anchors = _days_as_they_are(user, week)
    day_of = propose_days(at.cadence.urgency[order], latitude, longitude, room, anchors[:, 0], anchors[:, 1])
    proposals = [
        PlannedVisit(account_id=pk, user=user, planned_on=week[day], proposed=True)
        for pk, day in zip(ids, day_of, strict=True)
        if day != NO_DAY
    ]
    PlannedVisit.objects.bulk_create(proposals)
    return len(proposals)


def _places_of(ids: Sequence[int]) -> tuple[FloatArray, FloatArray]:
    """Latitude and longitude in the order of the ids, NaN where the account has no place."""
    rows = Account.objects.filter(pk__in=ids).values_list("pk", "latitude", "longitude")
    places = {pk: (latitude, longitude) for pk, latitude, longitude in rows}
    table = np.array([places.get(pk, (None, None)) for pk in ids], dtype=np.float64).reshape(-1, 2)
    return table[:, 0], table[:, 1]


def _days_as_they_are(user: User, week: Sequence[dt.date]) -> tuple[IntArray, FloatArray]:
    """How many visits still fit each day, and where its first visit with a place is."""
    planned: Any = (
        PlannedVisit.objects.filter(user=user, cancelled_at=None, planned_on__in=week)
        .order_by("planned_on", "starts_at", "pk")
        .values_list("planned_on", "account__latitude", "account__longitude")
    )
    taken: Counter[dt.date] = Counter()
    anchors = np.full((len(week), 2), np.nan)
    for day, latitude, longitude in planned:
        taken[day] += 1
        place = week.index(day)
        if latitude is not None and longitude is not None and np.isnan(anchors[place, 0]):
            anchors[place] = (float(latitude), float(longitude))
    return np.array([user.visits_a_day - taken[day] for day in week], dtype=np.int64), anchors
