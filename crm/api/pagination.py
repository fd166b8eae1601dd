"""Pages by keyset: `cursor` continues after the last row seen, however many rows came or went before it."""

from __future__ import annotations

import base64
import binascii
import datetime as dt
import json
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Field, Q, QuerySet
from django.utils.translation import gettext as _
from rest_framework.pagination import BasePagination
from rest_framework.request import Request
from rest_framework.response import Response

from crm.api.problems import InvalidParameters


def encode_cursor(values: dict[str, Any]) -> str:
    """Opaque to the caller: {"field": last value, ...} in the order of the keyset."""
    text = json.dumps(values, separators=(",", ":"), default=_plain)
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def decode_cursor(cursor: str, fields: tuple[str, ...]) -> dict[str, Any]:
    try:
        values = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        if list(values) != list(fields) or any(isinstance(value, (dict, list)) for value in values.values()):
            raise ValueError
    except (ValueError, TypeError, binascii.Error, UnicodeDecodeError, RecursionError):
        raise invalid_cursor() from None
    return dict(values)


def invalid_cursor() -> InvalidParameters:
    message = _("This cursor belongs to another list or was changed. Start without one.")
    return InvalidParameters({"cursor": [message]}, code="invalid_cursor")


def page_size_of(request: Request, *, default: int, largest: int) -> int:
    raw = request.query_params.get("page_size", "")
    if not raw:
        return default
    if not raw.isdecimal() or len(raw) > 9 or not 1 <= int(raw) <= largest:
        message = _("A whole number from 1 to %(largest)d.") % {"largest": largest}
        raise InvalidParameters({"page_size": [message]}, code="out_of_range")
    return int(raw)


class KeysetPagination(BasePagination):
    """A view names its `keyset`: columns that order the rows without ties; "-" before a name is descending."""

    page_size = 100
    max_page_size = 1000
    next_cursor: str | None = None

    def paginate_queryset(self, queryset: Any, request: Request, view: Any = None) -> list[Any]:
        fields: tuple[str, ...] = view.get_keyset()
        largest = getattr(view, "max_page_size", self.max_page_size)
        size = page_size_of(request, default=self.page_size, largest=largest)
        queryset = continued(queryset.order_by(*fields), request, fields)
        rows = list(queryset[: size + 1])
        self.next_cursor = None
        if len(rows) > size:
            rows = rows[:size]
            self.next_cursor = encode_cursor(self.cursor_of(rows[-1], fields))
        return rows

    def cursor_of(self, row: Any, fields: tuple[str, ...]) -> dict[str, Any]:
        return {field: getattr(row, field.lstrip("-")) for field in fields}

    def get_paginated_response(self, data: Any) -> Response:
        return Response({"results": data, "next": self.next_cursor})

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        return {
            "type": "object",
            "required": ["results", "next"],
            "properties": {
                "results": schema,
                "next": {
                    "type": ["string", "null"],
                    "description": "The cursor of the next page; null on the last.",
                },
            },
        }

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        largest = getattr(view, "max_page_size", self.max_page_size)
        return [
            {
                "name": "cursor",
                "in": "query",
                "schema": {"type": "string"},
                "description": "`next` of the page before.",
            },
            {
                "name": "page_size",
                "in": "query",
                "schema": {"type": "integer", "minimum": 1, "maximum": largest, "default": self.page_size},
            },
        ]


def continued(queryset: QuerySet[Any], request: Request, fields: tuple[str, ...]) -> QuerySet[Any]:
    """What comes after the request's cursor; everything without one."""
    cursor = request.query_params.get("cursor")
    return queryset.filter(_after(queryset, decode_cursor(cursor, fields))) if cursor else queryset


def _after(queryset: QuerySet[Any], values: dict[str, Any]) -> Q:
    """(a, b) > (x, y), with a >= x on top so that an index on a is used."""
    condition, equal, bound = Q(), Q(), Q()
    for name, raw in values.items():
        column = name.lstrip("-")
        value = _checked(queryset, column, raw)
        side = "lt" if name.startswith("-") else "gt"
        condition |= equal & Q(**{f"{column}__{side}": value})
        equal &= Q(**{column: value})
        bound = bound or Q(**{f"{column}__{side}e": value})
    return condition & bound


def _checked(queryset: QuerySet[Any], name: str, raw: Any) -> Any:
    """The cursor's value in the column's type: a forged cursor is an error of the caller's, not of ours."""
    field: Field[Any, Any] = queryset.model._meta.get_field(name)
    target = field.target_field if field.is_relation else field  # type: ignore[attr-defined]
    try:
        value = target.to_python(raw)
    except (ValidationError, TypeError, ValueError, OverflowError):
        raise invalid_cursor() from None
    if value is None or isinstance(raw, bool):
        raise invalid_cursor()
    return value


def _plain(value: Any) -> str:
    if isinstance(value, (dt.date, dt.datetime)):
        return value.isoformat()
    return str(value)
