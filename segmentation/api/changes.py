"""The feed of grade changes: whoever follows the cursor sees every change once, in order.

Rows are written inside the publishing transaction, which one run at a time holds, so their ids appear in order and
"after id n" never skips one. What a caller may see can change without any row being written (an account gets
another owner): the cursor remembers the visible set, and `reload` tells the caller that it is another one by now.
"""

from __future__ import annotations

from typing import Any

import django_filters
from django.contrib.postgres.aggregates import StringAgg
from django.db.models import F, Max, Q, QuerySet, TextField, Value
from django.db.models.functions import MD5, Cast
from django_filters.rest_framework import FilterSet
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_serializer
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from crm.access import SEES_EVERYTHING
from crm.api.base import ApiViewSet
from crm.api.pagination import decode_cursor, encode_cursor, invalid_cursor, page_size_of
from crm.models import Account
from segmentation.models import GradeChange

FIELDS = ("after", "sees")
NOW = "now"
EVERYTHING = "*"


class GradeChangeSerializer(serializers.ModelSerializer[GradeChange]):
    """`deleted`: the account is gone; forget it. `grade` null: it has no grade any more."""

    model = serializers.CharField(source="version.model.name", allow_null=True, default=None)
    model_version = serializers.IntegerField(source="version.number", allow_null=True, default=None)

    class Meta:
        model = GradeChange
        fields = [
            "id", "account_id", "account_number", "grade", "previous_grade", "score", "deleted", "as_of",
            "model", "model_version", "run_id", "recorded_at",
        ]  # fmt: skip


@extend_schema_serializer(many=False)
class GradeChangePage(serializers.Serializer[Any]):
    results = GradeChangeSerializer(many=True)
    next = serializers.CharField()
    reload = serializers.BooleanField()


class ChangeFilter(FilterSet):
    changed_since = django_filters.IsoDateTimeFilter(
        field_name="recorded_at", lookup_expr="gte", label="recorded at this moment or later"
    )
    account_id = django_filters.NumberFilter()

    class Meta:
        model = GradeChange
        fields: list[str] = []


class GradeChangeViewSet(ApiViewSet):
    queryset = GradeChange.objects.select_related("version__model")
    serializer_class = GradeChangeSerializer
    filterset_class = ChangeFilter
    max_page_size = 5000

    def get_queryset(self) -> QuerySet[GradeChange]:
        changes = self.queryset.all()
        user: Any = self.request.user
        if user.role in SEES_EVERYTHING:
            # Deletions too: their accounts are in nobody's visible set any more.
            return changes
        return changes.filter(account_id__in=Account.objects.visible_to(user).values("pk"))

    @extend_schema(
        summary="Changes of grades, oldest first",
        description=(
            "`next` is always given: keep it and come back with it. `cursor=now` gives the end of the feed. "
            "`reload` true: the set of accounts you may see is another than at your cursor; read /grades again."
        ),
        parameters=[
            OpenApiParameter("cursor", str),
            OpenApiParameter("page_size", int),
            OpenApiParameter("fields", str, description="Only these fields, separated by commas."),
        ],
        responses={200: GradeChangePage},
    )
    def list(self, request: Request) -> Response:
        size = page_size_of(request, default=500, largest=self.max_page_size)
        sees = visible_set(request.user)
        after, seen = self._position(request, sees)
        changes = self.filter_queryset(self.get_queryset()).filter(id__gt=after).order_by("id")
        page = list(changes[:size])
        # The last page's cursor stands at its last row; an empty one's stays where it was.
        following = encode_cursor({"after": page[-1].pk if page else after, "sees": sees})
        results = self.get_serializer(page, many=True).data
        return Response({"results": results, "next": following, "reload": sees != seen})

    def _position(self, request: Request, sees: str) -> tuple[int, str]:
        cursor = request.query_params.get("cursor", "")
        if not cursor:
            return 0, sees
        if cursor == NOW:
            return GradeChange.objects.aggregate(last=Max("id"))["last"] or 0, sees
        values = decode_cursor(cursor, FIELDS)
        after, seen = values["after"], values["sees"]
        if type(after) is not int or not 0 <= after < 2**63 or not isinstance(seen, str):
            raise invalid_cursor()
        return after, seen


def visible_set(user: Any) -> str:
    """A fingerprint of the accounts the user sees; constant for those who see everything."""
    if user.role in SEES_EVERYTHING:
        return EVERYTHING
    ids = Account.objects.visible_to(user).order_by()
    joined = StringAgg(Cast(F("pk"), TextField()), delimiter=Value(","), ordering="pk", filter=Q())
    return ids.aggregate(found=MD5(joined))["found"] or ""
