"""Personal details of people: every read, change, export and erasure is on record; nothing of them goes elsewhere."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from django.db import connection, transaction
from django.utils import timezone

from crm.models import Contact, PersonalDataLog, PersonalDataUse, PersonalDetails, Position, User

FIELDS = (
    "birth_date", "health", "education", "background", "personality", "reach", "family", "hobbies", "consent",
    "consented_on",
)  # fmt: skip


class DetailsChangedError(Exception):
    """Somebody else saved the details after they were shown."""


def note_use(contact: Contact, user: User, use: PersonalDataUse) -> None:
    """One line of the log."""
    PersonalDataLog.objects.create(contact=contact, contact_number=contact.pk, user=user, use=use)


def details_of(contact: Contact) -> PersonalDetails:
    """As on record, or empty and unsaved. Whoever shows them notes the use."""
    return PersonalDetails.objects.filter(contact=contact).first() or PersonalDetails(contact=contact)


@transaction.atomic
def read_details(*, contact: Contact, user: User) -> PersonalDetails:
    """The details, and the line in the log that they were read: both or neither."""
    note_use(contact, user, PersonalDataUse.READ)
    return details_of(contact)


@transaction.atomic
def save_details(*, details: PersonalDetails, user: User, shown: str) -> None:
    """`shown`: their `updated_at` when the form was drawn, "" where nothing was on record."""
    current = PersonalDetails.objects.select_for_update().filter(contact=details.contact_id).first()
    if version_of(current) != shown:
        raise DetailsChangedError
    details.save(force_insert=current is None, force_update=current is not None)
    note_use(details.contact, user, PersonalDataUse.CHANGE)


def version_of(details: PersonalDetails | None) -> str:
    return details.updated_at.isoformat() if details and details.updated_at else ""


@transaction.atomic
def note_birthdays(*, contact_ids: Iterable[int], user: User, today: dt.date) -> None:
    """That a birthday was shown: once a day for each person and reader, however often the page is opened."""
    ids = set(contact_ids)
    if not ids:
        return
    with connection.cursor() as cursor:
        # Two pages at once note it once.
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [0x4D50, user.pk % 2**31])
    begin = timezone.make_aware(dt.datetime.combine(today, dt.time.min))
    rows = PersonalDataLog.objects.filter(
        user=user, use=PersonalDataUse.BIRTHDAY, contact_number__in=ids, at__gte=begin
    )
    ids -= set(rows.values_list("contact_number", flat=True))
    PersonalDataLog.objects.bulk_create(
        PersonalDataLog(contact_id=pk, contact_number=pk, user=user, use=PersonalDataUse.BIRTHDAY)
        for pk in sorted(ids)
    )


def positions_elsewhere(contact: Contact, user: User) -> int:
    """How many positions the person holds, or held, at accounts out of the user's sight."""
    from crm.models import Account

    return (
        Position.objects.filter(contact=contact).exclude(account__in=Account.objects.visible_to(user)).count()
    )
