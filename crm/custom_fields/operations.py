"""Keeping further fields. What a model or segment uses stays: the refusal names who uses it."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence

from django.db import connection, transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from crm.models import Account, CustomField
from crm.operations import RefusedError
from crm.panels import load

SLOT = "CRM_FIELD_USERS"


class FieldUser:
    """What upper apps build on further fields, by the field's code, named for the reader."""

    def uses(self) -> dict[str, list[str]]:
        """A constant number of queries."""
        raise NotImplementedError


def uses() -> dict[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for user in load(SLOT):
        for code, names in user.uses().items():
            found[code] += names
    return dict(found)


@transaction.atomic
def save_field(*, field: CustomField) -> CustomField:
    """A new one comes last."""
    if field.pk is None:
        last = CustomField.objects.select_for_update().order_by().aggregate(last=Max("order"))["last"]
        field.order = 0 if last is None else last + 1
    field.save()
    return field


@transaction.atomic
def shift_field(*, field_id: int, up: bool) -> None:
    """Change places with the neighbour."""
    rows = list(CustomField.objects.select_for_update().filter(archived_at=None))
    place = next((index for index, row in enumerate(rows) if row.pk == field_id), None)
    if place is None:
        return
    other = place - 1 if up else place + 1
    if 0 <= other < len(rows):
        rows[place], rows[other] = rows[other], rows[place]
    for order, row in enumerate(rows):
        row.order = order
    CustomField.objects.bulk_update(rows, ["order"])


@transaction.atomic
def archive_field(*, field_id: int, now: dt.datetime) -> None:
    """Offered no more; the values stay. RefusedError names what uses it."""
    field = CustomField.objects.select_for_update().get(pk=field_id)
    _guard(field)
    field.archived_at = now
    field.save()


@transaction.atomic
def restore_field(*, field_id: int) -> None:
    CustomField.objects.filter(pk=field_id).update(archived_at=None)


@transaction.atomic
def remove_field(*, field_id: int) -> int:
    """Gone for good, with its values; returns how many accounts had one. RefusedError names what uses it."""
    field = CustomField.objects.select_for_update().get(pk=field_id)
    _guard(field)
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {Account._meta.db_table} SET custom = custom - %s WHERE jsonb_exists(custom, %s)",  # noqa: S608
            [field.code, field.code],
        )
        cleared: int = cursor.rowcount
    field.delete()
    return cleared


def held_values(field: CustomField) -> dict[str, int]:
    """Of a choice: how many accounts hold each value."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT custom ->> %s, count(*) FROM {Account._meta.db_table}"  # noqa: S608
            " WHERE jsonb_exists(custom, %s) GROUP BY 1",
            [field.code, field.code],
        )
        return {str(value): number for value, number in cursor.fetchall()}


def _guard(field: CustomField) -> None:
    if users := uses().get(field.code):
        raise RefusedError(refusal(users))


def refusal(users: Sequence[str]) -> str:
    return _("it is used by %(users)s. Take it out there first.") % {"users": _(", ").join(users)}
