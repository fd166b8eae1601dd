"""Segments and who belongs to them, now or on a day."""

from __future__ import annotations

import datetime as dt
from typing import Any, cast

import django_filters
from django.db.models import Case, CharField, QuerySet, Value, When
from django.utils.translation import gettext as _
from django_filters.rest_framework import FilterSet
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from crm.api.base import ReadViewSet
from crm.api.problems import InvalidParameters
from crm.models import Account
from segmentation.models import Segment, SegmentMembership, SegmentPurpose
from segmentation.segments.queries import on


class SegmentSerializer(serializers.ModelSerializer[Segment]):
    """`rule`: a tree of groups ({match: all, any or none, rules}) and conditions ({field, op, values, window})."""

    found_by = serializers.ChoiceField(choices=["rule", "behaviour"], read_only=True)
    rule = serializers.DictField(read_only=True)

    class Meta:
        model = Segment
        fields = [
            "id", "name", "name_zh", "purpose", "found_by", "rule", "note", "created_at", "updated_at", "archived_at",
        ]  # fmt: skip


class MembershipSerializer(serializers.ModelSerializer[SegmentMembership]):
    """Closed at `valid_from`, open at `valid_to`; null there: it still holds."""

    account_number = serializers.CharField(source="account.number")

    class Meta:
        model = SegmentMembership
        fields = ["account_id", "account_number", "valid_from", "valid_to"]


class SegmentFilter(FilterSet):
    purpose = django_filters.ChoiceFilter(choices=SegmentPurpose.choices)
    archived = django_filters.BooleanFilter(field_name="archived_at", lookup_expr="isnull", exclude=True)

    class Meta:
        model = Segment
        fields: list[str] = []


@extend_schema_view(
    list=extend_schema(summary="Segments"), retrieve=extend_schema(summary="One segment with its rule")
)
class SegmentViewSet(ReadViewSet):
    """Members are those accounts among them that the caller may see."""

    capability = "view_dashboards"
    queryset = Segment.objects.annotate(
        found_by=Case(
            When(clustering=None, then=Value("rule")), default=Value("behaviour"), output_field=CharField()
        )
    )
    serializer_class = SegmentSerializer
    filterset_class = SegmentFilter
    paged = frozenset({"list", "members"})

    def get_queryset(self) -> QuerySet[Segment]:
        # What a segment is called and by what rule is for whoever may see the dashboards; accounts are another matter.
        return cast("QuerySet[Segment]", self.queryset.all())

    def known_parameters(self) -> set[str]:
        return super().known_parameters() | ({"on"} if self.action == "members" else set())

    @extend_schema(
        summary="Accounts that belong to a segment",
        parameters=[OpenApiParameter("on", dt.date, description="On this day; without it now.")],
        responses={200: MembershipSerializer(many=True)},
        filters=False,
    )
    @action(detail=True, keyset=("id",))
    def members(self, request: Request, pk: str) -> Response:
        user: Any = request.user
        rows = SegmentMembership.objects.filter(
            segment=self.get_object(), account__in=Account.objects.visible_to(user)
        ).select_related("account")
        day = self._day(request)
        rows = rows.filter(on(day)) if day else rows.filter(valid_to=None)
        page = self.paginate_queryset(rows)
        return self.get_paginated_response(MembershipSerializer(page, many=True).data)

    def _day(self, request: Request) -> dt.date | None:
        text = request.query_params.get("on", "")
        if not text:
            return None
        try:
            return dt.date.fromisoformat(text)
        except ValueError:
            raise InvalidParameters({"on": [_("A date like 2025-06-30.")]}) from None
