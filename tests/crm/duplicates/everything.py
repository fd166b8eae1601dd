"""A row in every table that hangs on an account, made from the models alone: a new table is in the test by itself."""

from __future__ import annotations

import datetime as dt
import json
import uuid
from decimal import Decimal
from itertools import count
from typing import Any

from django.apps import apps
from django.db import connection, models

from crm.duplicates.relations import Relation, hanging_on
from crm.models import Account, User

_serial = count(1)
DAY = dt.date(2025, 3, 1)
# Moments and counters of changes are the only things that a merge and its undo leave behind.
_TIMES = ("updated_at", "revision")
# The merge's own records, and what it asks of the next run.
_NOT_COMPARED = {
    "crm_accountmerge", "crm_mergedrows", "crm_changedaccount", "crm_run", "django_session", "django_migrations",
}  # fmt: skip


def make_row(model: type[models.Model], user: User, account: Account, /, **given: Any) -> models.Model:
    """A row with every field that needs a value; what it refers to hangs on `account` too."""
    values: dict[str, Any] = {}
    for field in model._meta.concrete_fields:
        name = field.name
        if name in given or field.generated or isinstance(field, models.AutoField):
            continue
        if field.null or (field.has_default() and not field.unique) or getattr(field, "auto_now_add", False):
            continue
        values[name] = _value(field, user, account)
    return model._base_manager.create(**{**values, **_rules(model), **given})


def _rules(model: type[models.Model]) -> dict[str, Any]:
    """What check constraints ask for."""
    names = {field.name for field in model._meta.concrete_fields}
    return {"valid_to": DAY + dt.timedelta(days=4000)} if {"valid_from", "valid_to"} <= names else {}


def _value(field: Any, user: User, account: Account) -> Any:
    if isinstance(field, models.ForeignKey):
        if field.related_model is Account:
            return account
        if field.related_model is User:
            return user
        return make_row(field.related_model, user, account)
    if field.choices and not field.unique:
        return field.choices[0][0]
    number = next(_serial)
    by_type: list[tuple[type, Any]] = [
        (models.DateTimeField, dt.datetime(2025, 3, 1, 9, tzinfo=dt.UTC)),
        (models.DateField, DAY + dt.timedelta(days=number)),
        (models.DecimalField, Decimal("12.34")),
        (models.BooleanField, False),
        (models.FloatField, 0.1),
        (models.IntegerField, 2000 + number),
        (models.JSONField, {"number": "12.345678901234567890"}),
        (models.UUIDField, uuid.UUID(int=number)),
        (models.FileField, f"file-{number}"),
        (models.CharField, f"x{number}"),
        (models.TextField, f"text {number}"),
    ]
    value = next(value for kind, value in by_type if isinstance(field, kind))
    if isinstance(value, str) and field.max_length:
        value = value[-field.max_length :]
    if isinstance(field, models.PositiveSmallIntegerField | models.SmallIntegerField):
        return min(value, 3) if not field.unique and "year" not in field.name else value
    return value


def movable_relations() -> list[Relation]:
    from crm.duplicates.relations import movable

    return [relation for relation in movable() if relation.model is not Account]


def derived_relations() -> list[Relation]:
    from crm.duplicates.relations import stays

    return [relation for relation in hanging_on(Account) if stays(relation)]


def contents() -> dict[str, list[str]]:
    """Every row of every table as text, without the moments of change."""
    found = {}
    for model in apps.get_models(include_auto_created=True):
        table = model._meta.db_table
        if not model._meta.managed or table in _NOT_COMPARED or model._meta.proxy:
            continue
        with connection.cursor() as cursor:
            cursor.execute(f'SELECT to_jsonb(t)::text FROM "{table}" t')
            rows = [json.loads(row[0], parse_float=Decimal) for row in cursor.fetchall()]
        found[table] = sorted(
            json.dumps({k: v for k, v in row.items() if k not in _TIMES}, sort_keys=True, default=str)
            for row in rows
        )
    return found
