"""Values of further fields: as form fields, as text, and checked where they come from outside."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _

from crm.models import Account, CustomField, CustomFieldKind
from crm.templatetags.ui import day, number

PREFIX = "custom_"
LONGEST_TEXT = 500


def offered() -> list[CustomField]:
    """The fields in use, in their order. One query."""
    return list(CustomField.objects.filter(archived_at=None))


def titled(field: CustomField) -> str:
    """Name and unit."""
    return f"{field} ({field.unit})" if field.unit else str(field)


def form_field(field: CustomField) -> forms.Field:
    label = titled(field)
    match field.kind:
        case CustomFieldKind.NUMBER:
            return forms.FloatField(label=label, required=False)
        case CustomFieldKind.CHOICE:
            choices = [("", "–"), *((value, field.label_of(value)) for value in field.marks)]
            return forms.ChoiceField(label=label, required=False, choices=choices)
        case CustomFieldKind.DATE:
            return forms.DateField(label=label, required=False, widget=forms.DateInput)
        case CustomFieldKind.YES_NO:
            return forms.ChoiceField(
                label=label, required=False, choices=[("", "–"), ("true", _("Yes")), ("false", _("No"))]
            )
        case _:
            return forms.CharField(label=label, required=False, max_length=LONGEST_TEXT)


def initial(field: CustomField, account: Account) -> Any:
    """What the form field shows."""
    value = (account.custom or {}).get(field.code)
    if field.kind == CustomFieldKind.YES_NO:
        return "" if value is None else str(bool(value)).lower()
    if field.kind == CustomFieldKind.NUMBER and isinstance(value, float) and value.is_integer():
        return int(value)
    return value


def stored(field: CustomField, value: Any) -> Any:
    """What an account keeps of a cleaned form value; None: nothing."""
    if value in (None, ""):
        return None
    if field.kind == CustomFieldKind.NUMBER:
        return int(value) if float(value).is_integer() else float(value)
    if field.kind == CustomFieldKind.YES_NO:
        return value == "true"
    return value.isoformat() if isinstance(value, dt.date) else value


def merged(account: Account, fields: Sequence[CustomField], cleaned: Mapping[str, Any]) -> dict[str, Any]:
    """The account's values with those of the form; what the form does not show stays."""
    values = dict(account.custom or {})
    for field in fields:
        value = stored(field, cleaned.get(f"{PREFIX}{field.code}"))
        if value is None:
            values.pop(field.code, None)
        else:
            values[field.code] = value
    return values


def shown(account: Account) -> list[tuple[str, str]]:
    """(label, text) of what is known, in the fields' order. A query only where there are values."""
    if not account.custom:
        return []
    rows = []
    for field in offered():
        value = account.custom.get(field.code)
        if value not in (None, ""):
            rows.append((str(field), text_of(field, value)))
    return rows


def is_number(value: Any) -> bool:
    """One that a float can hold."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    try:
        return math.isfinite(value)
    except OverflowError:  # a whole number of more than 308 digits
        return False


def text_of(field: CustomField, value: Any) -> str:
    match field.kind:
        case CustomFieldKind.NUMBER if is_number(value):
            digits = 0 if float(value).is_integer() else 2
            return f"{number(value, digits)} {field.unit}".strip()
        case CustomFieldKind.CHOICE:
            return field.label_of(str(value))
        case CustomFieldKind.YES_NO:
            return _("Yes") if value in (True, "true") else _("No")
        case CustomFieldKind.DATE:
            try:
                return day(dt.date.fromisoformat(str(value)))
            except ValueError:
                return str(value)
    return str(value)


def problems(custom: Mapping[str, Any]) -> dict[str, str]:
    """What is wrong with values from outside, by code; codes that no field has are left to whoever sent them."""
    found = {}
    for field in CustomField.objects.filter(code__in=list(custom)):
        value = custom[field.code]
        if value is None or _fits(field, value):
            continue
        match field.kind:
            case CustomFieldKind.CHOICE:
                known = _(", ").join(field.marks)
                found[field.code] = _("Not one of the choices: %(choices)s.") % {"choices": known}
            case CustomFieldKind.DATE:
                found[field.code] = _("Not a date like 2026-05-31.")
            case CustomFieldKind.YES_NO:
                found[field.code] = _("Neither true nor false.")
            case CustomFieldKind.NUMBER:
                found[field.code] = _("Not a number.")
            case _:
                found[field.code] = _("Not a text of at most %(most)s characters.") % {"most": LONGEST_TEXT}
    return found


def _fits(field: CustomField, value: Any) -> bool:
    match field.kind:
        case CustomFieldKind.NUMBER:
            return is_number(value)
        case CustomFieldKind.CHOICE:
            return isinstance(value, str) and value in field.marks
        case CustomFieldKind.YES_NO:
            return isinstance(value, bool)
        case CustomFieldKind.DATE:
            try:
                dt.date.fromisoformat(str(value))
            except ValueError:
                return False
            return isinstance(value, str)
    return isinstance(value, str) and len(value) <= LONGEST_TEXT
