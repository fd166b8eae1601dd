"""Birthdays in a span of days, for whoever has the right to personal details. That they were shown is on record."""

from __future__ import annotations

import calendar
import datetime as dt
from typing import TYPE_CHECKING

from django.db.models import Q

from crm.models import Account, PersonalDataLog, PersonalDataUse, Position

if TYPE_CHECKING:
    from crm.models import User


def birthdays(
    reader: User, person: User, first: dt.date, last: dt.date
) -> list[tuple[dt.date, str, Account]]:
    """Of people at the person's own accounts. Of at most some weeks: a day may not come twice."""
    if not reader.can("view_personal_details"):
        return []
    days = _feasts(first, last)
    wanted = Q(pk__in=[])
    for month, day in days:
        wanted |= Q(
            contact__personal_details__birth_date__month=month, contact__personal_details__birth_date__day=day
        )
    positions = list(
        Position.objects.filter(
            wanted,
            account__in=Account.objects.visible_to(reader).filter(owner=person),
            left_on=None,
        )
        .select_related("contact__personal_details", "account")
        .order_by("contact_id", "-is_primary", "pk")
        .distinct("contact_id")
        if days
        else []
    )
    PersonalDataLog.objects.bulk_create(
        PersonalDataLog(
            contact=position.contact,
            contact_number=position.contact_id,
            user=reader,
            use=PersonalDataUse.BIRTHDAY,
        )
        for position in positions
    )
    found = []
    for position in positions:
        born = position.contact.personal_details.birth_date
        assert born is not None  # the query asked for its month and day
        found.append((days[(born.month, born.day)], str(position.contact), position.account))
    return sorted(found, key=lambda entry: (entry[0], entry[1]))


def _feasts(first: dt.date, last: dt.date) -> dict[tuple[int, int], dt.date]:
    """Month and day of each date; who was born on 29 February has the 28th in other years."""
    feasts = {}
    for offset in range((last - first).days + 1):
        day = first + dt.timedelta(days=offset)
        feasts[day.month, day.day] = day
        if (day.month, day.day) == (2, 28) and not calendar.isleap(day.year):
            feasts[2, 29] = day
    return feasts
