"""Endpoints of figures per account (grade, stage, satisfaction): pages of up to 10,000, or all of them as NDJSON.

A list row is made in SQL from `columns`; tests hold it equal to the serializer, which shows single rows and
describes both in the schema.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar

from django.db import connection, transaction
from django.db.models import Case, Expression, QuerySet, TextField, Value, When
from django.db.models.functions import Cast
from django.http import Http404, StreamingHttpResponse
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.mixins import ListModelMixin
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from crm.api.base import PAGE_PARAMETERS, ApiViewSet, check_fields, chosen_fields
from crm.api.negotiation import NdjsonRenderer
from crm.api.pagination import KeysetPagination
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


class FigureViewSet(ListModelMixin, ApiViewSet):
    """Figures of the newest published run, one row per account that has them."""

    renderer_classes = [JSONRenderer, NdjsonRenderer]
    lookup_field = "account_id"
    keyset = ("account_id",)
    max_page_size = 10_000
    # Name in JSON -> expression over the model; in the order of the serializer's fields.
    columns: ClassVar[dict[str, Any]] = {}

    def get_queryset(self) -> QuerySet[Any]:
        if getattr(self, "swagger_fake_view", False):
            return self.queryset.none()  # type: ignore[union-attr]
        visible = Account.objects.visible_to(self.request.user)  # type: ignore[arg-type]
        return self.queryset.filter(account__in=visible)  # type: ignore[union-attr]

    @extend_schema(
        parameters=[
            OpenApiParameter(
                "format", str, enum=["json", "ndjson"], description="ndjson streams every row, one a line."
            )
        ]
    )
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Any:
        names = chosen_fields(request) or list(self.columns)
        check_fields(names, list(self.columns))
        queryset = self.filter_queryset(self.get_queryset())
        if getattr(request.accepted_renderer, "format", "") == NdjsonRenderer.format:
            if paging := sorted(PAGE_PARAMETERS & set(request.query_params)):
                raise InvalidParameters(
                    {name: ["A stream of NDJSON has no pages."] for name in paging}, code="no_pages"
                )
            stream = NdjsonStream(self._chosen(queryset.order_by(*self.keyset), names), names)
            return StreamingHttpResponse(stream, content_type=NdjsonRenderer.media_type)
        # account_id may not be among the chosen: the keyset column is selected beside them.
        paginator = RowPagination()
        rows = paginator.paginate_queryset(self._chosen(queryset, names, "account_id"), request, view=self)
        return paginator.get_paginated_response([dict(zip(names, row[1:], strict=True)) for row in rows])

    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        row = self.get_queryset().filter(account_id=self.kwargs["account_id"]).first()
        if row is None:
            raise Http404
        return Response(self.get_serializer(row).data)

    def _chosen(self, queryset: QuerySet[Any], names: list[str], *before: str) -> QuerySet[Any]:
        # Prefixed, for an annotation must not be called like a field of the model.
        expressions = {f"c_{name}": self.columns[name] for name in names}
        return queryset.annotate(**expressions).values_list(*before, *expressions)


class RowPagination(KeysetPagination):
    """Rows are tuples that begin with the account's id."""

    def cursor_of(self, row: Any, fields: tuple[str, ...]) -> dict[str, Any]:
        return {"account_id": row[0]}


class NdjsonStream:
    """PostgreSQL writes each row as JSON; a server-side cursor hands them over. One statement, so one state of
    the figures, however long the reader takes."""

    def __init__(self, rows: QuerySet[Any], names: list[str]) -> None:
        inner, self._parameters = rows.query.sql_with_params()
        renamed = ", ".join(f"c_{name} AS {connection.ops.quote_name(name)}" for name in names)
        # Only names from our code enter the text.
        self._sql = f"SELECT row_to_json(r)::text FROM (SELECT {renamed} FROM ({inner}) q) r"  # noqa: S608
        self._chunks = self._read()
        # An error of the statement is raised here, while an error can still be answered.
        next(self._chunks)

    def __iter__(self) -> Iterator[bytes]:
        return self._chunks

    def close(self) -> None:
        self._chunks.close()

    def _read(self) -> Any:
        with transaction.atomic(), connection.chunked_cursor() as cursor:
            cursor.execute(self._sql, self._parameters)
            yield b""
            while rows := cursor.fetchmany(CHUNK):
                yield ("\n".join(row[0] for row in rows) + "\n").encode()
