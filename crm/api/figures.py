"""Endpoints of figures per account (grade, stage, satisfaction): pages of up to 10,000, or all of them as NDJSON.

A list row is made in SQL from `columns`; tests hold it equal to the serializer, which shows single rows and
describes both in the schema.
"""

from __future__ import annotations

import json
from collections.abc import Generator, Iterator
from typing import Any, ClassVar, cast

from django.core.exceptions import EmptyResultSet
from django.db import connection, transaction
from django.db.models import Case, Expression, QuerySet, TextField, Value, When
from django.db.models.functions import Cast
from django.http import Http404, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from crm.api.base import PAGE_PARAMETERS, ApiViewSet, check_fields, chosen_fields
from crm.api.negotiation import NdjsonRenderer
from crm.api.pagination import KeysetPagination, continued, encode_cursor, page_size_of
from crm.api.problems import InvalidParameters
from crm.models import Account
from crm.scoring.reasons import Reason

# Rows a fetch: large enough that round trips do not count, small enough to stay flat in memory.
CHUNK = 2000


def money(field: str) -> Expression:
    """Decimals travel as strings: a JSON number would be rounded by most readers."""
    return Cast(field, TextField())


def code_names(field: str, names: dict[int, str | None]) -> Case:
    """A stored code as its word. The commonest first, for it is compared first."""
    whens = [When(**{field: code}, then=Value(name)) for code, name in names.items()]
    return Case(*whens, default=Value(None), output_field=TextField())


REASON_NAMES: dict[int, str | None] = {
    reason.value: None if reason is Reason.OK else reason.name.lower() for reason in Reason
}


# Inside the class `list` is the action.
Names = list[str]


class FigureViewSet(ApiViewSet):
    """Figures of the newest published run, one row per account that has them."""

    renderer_classes = [JSONRenderer, NdjsonRenderer]
    lookup_field = "account_id"
    keyset = ("account_id",)
    max_page_size = 10_000
    # Name in JSON -> expression over the model; in the order of the serializer's fields.
    columns: ClassVar[dict[str, Any]] = {}

    def get_queryset(self) -> QuerySet[Any]:
        figures: Any = self.queryset  # type: ignore[arg-type]
        if getattr(self, "swagger_fake_view", False):
            return figures.none()
        visible = Account.objects.visible_to(self.request.user)  # type: ignore[arg-type]
        return cast("QuerySet[Any]", figures.filter(account__in=visible))

    @extend_schema(
        parameters=[
            OpenApiParameter(
                "format", str, enum=["json", "ndjson"], description="ndjson streams every row, one a line."
            )
        ]
    )
    def list(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponseBase:
        names = chosen_fields(request) or list(self.columns)
        check_fields(names, list(self.columns))
        queryset = self.filter_queryset(self.get_queryset())
        if getattr(request.accepted_renderer, "format", "") == NdjsonRenderer.format:
            if paging := sorted(PAGE_PARAMETERS & set(request.query_params)):
                raise InvalidParameters(
                    {name: [_("A stream of NDJSON has no pages.")] for name in paging}, code="no_pages"
                )
            stream = NdjsonStream(self._chosen(queryset.order_by(*self.keyset), names), names)
            return StreamingHttpResponse(stream, content_type=NdjsonRenderer.media_type)
        return self._page(queryset, names, request)

    def _page(self, queryset: QuerySet[Any], names: Names, request: Request) -> HttpResponse:
        size = page_size_of(request, default=KeysetPagination.page_size, largest=self.max_page_size)
        rows = continued(queryset.order_by(*self.keyset), request, self.keyset)
        with connection.cursor() as cursor:
            cursor.execute(*json_sql(self._chosen(rows[: size + 1], names), names))
            found = cursor.fetchall()
        more = len(found) > size
        following = encode_cursor({"account_id": found[size - 1][0]}) if more else None
        results = ",".join(row[1] for row in found[:size])
        body = f'{{"results":[{results}],"next":{json.dumps(following)}}}'
        return HttpResponse(body, content_type=JSONRenderer.media_type)

    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        row = self.get_queryset().filter(account_id=self.kwargs["account_id"]).first()
        if row is None:
            raise Http404
        return Response(self.get_serializer(row).data)

    def _chosen(self, queryset: QuerySet[Any], names: Names) -> QuerySet[Any]:
        # Prefixed, for an annotation must not be called like a field of the model.
        expressions = {f"c_{name}": self.columns[name] for name in names}
        return queryset.annotate(**expressions).values_list("account_id", *expressions)


def json_sql(rows: QuerySet[Any], names: Names) -> tuple[str, Any]:
    """A statement that gives each row's account_id and the row as JSON: PostgreSQL writes it, Python only copies."""
    try:
        inner, parameters = rows.query.sql_with_params()
    except EmptyResultSet:
        return "SELECT 0, '' WHERE false", ()
    renamed = ", ".join(f"q.c_{name} AS {connection.ops.quote_name(name)}" for name in names)
    # Only names from our code enter the text.
    written = f"row_to_json((SELECT r FROM (SELECT {renamed}) r))::text"  # noqa: S608
    return f"SELECT q.account_id, {written} FROM ({inner}) q ORDER BY 1", parameters  # noqa: S608


class NdjsonStream:
    """Every row, through a server-side cursor: one statement, so one state of the figures, however long the
    reader takes; and never more than a chunk in memory."""

    def __init__(self, rows: QuerySet[Any], names: Names) -> None:
        self._statement = json_sql(rows, names)
        self._chunks = self._read()
        # An error of the statement is raised here, while it can still be answered.
        next(self._chunks)

    def __iter__(self) -> Iterator[bytes]:
        return self._chunks

    def close(self) -> None:
        self._chunks.close()

    def _read(self) -> Generator[bytes, None, None]:
        with transaction.atomic(), connection.chunked_cursor() as cursor:
            cursor.execute(*self._statement)
            yield b""
            while rows := cursor.fetchmany(CHUNK):
                yield ("\n".join(row[1] for row in rows) + "\n").encode()
