"""Business trends over REST: observations with their figures, read only."""

from __future__ import annotations

from typing import Any

import django_filters
from django.db.models import Prefetch, QuerySet
from django_filters.rest_framework import FilterSet
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers

from crm.api.base import ReadViewSet
from crm.api.fields import account_key
from crm.api.filters import IdFilter, UpdatedSince
from crm.models import Observation, ObservationFigure, ObservationKind


class FigureSerializer(serializers.ModelSerializer[ObservationFigure]):
    class Meta:
        model = ObservationFigure
        fields = ["measure", "value", "unit"]


class ObservationSerializer(serializers.ModelSerializer[Observation]):
    account_id = account_key()
    user_id = serializers.PrimaryKeyRelatedField[Any](source="user", read_only=True)
    visit_id = serializers.PrimaryKeyRelatedField[Any](source="visit", read_only=True, allow_null=True)
    figures = FigureSerializer(many=True, read_only=True)

    class Meta:
        model = Observation
        fields = [
            "id", "account_id", "kind", "observed_on", "title", "detail", "source", "figures", "visit_id", "user_id",
            "created_at", "updated_at",
        ]  # fmt: skip


class ObservationFilter(FilterSet):
    updated_since = UpdatedSince()
    account_id = IdFilter()
    kind = django_filters.ChoiceFilter(choices=ObservationKind.choices)
    observed_from = django_filters.DateFilter(field_name="observed_on", lookup_expr="gte")
    observed_before = django_filters.DateFilter(field_name="observed_on", lookup_expr="lt")

    class Meta:
        model = Observation
        fields: list[str] = []


@extend_schema_view(
    list=extend_schema(summary="Business trends of the accounts the caller sees"),
    retrieve=extend_schema(summary="One observation"),
)
class ObservationViewSet(ReadViewSet):
    queryset = Observation.objects.all()
    serializer_class = ObservationSerializer
    filterset_class = ObservationFilter

    def get_queryset(self) -> QuerySet[Observation]:
        figures = ObservationFigure.objects.order_by("pk")
        return super().get_queryset().prefetch_related(Prefetch("figures", figures))
