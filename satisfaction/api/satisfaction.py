"""Satisfaction per account as of the newest run."""

from __future__ import annotations

import django_filters
from django.db.models import F
from django_filters.rest_framework import FilterSet
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers

from crm.api.figures import REASON_NAMES, FigureViewSet, code_names
from crm.api.filters import IdFilter
from satisfaction.models import AccountSatisfaction
from satisfaction.scoring.ratio import RatioClass

CLASS_NAMES: dict[int, str | None] = {
    entry.value: None if entry is RatioClass.UNDEFINED else entry.name.lower() for entry in RatioClass
}


class SatisfactionSerializer(serializers.ModelSerializer[AccountSatisfaction]):
    """`ratio` is C = b/a, perceived over expected; null with a `reason` where it is not known."""

    account_number = serializers.CharField(source="account.number")
    as_of = serializers.DateField(source="run.as_of")
    satisfaction_class = serializers.SerializerMethodField()
    reason = serializers.SerializerMethodField()

    class Meta:
        model = AccountSatisfaction
        fields = [
            "account_id", "account_number", "as_of", "ratio", "mean_of_ratios", "difference",
            "satisfaction_class", "index", "respondents", "spread", "answered_on", "reason",
        ]  # fmt: skip

    def get_satisfaction_class(self, row: AccountSatisfaction) -> str | None:
        return None if row.satisfaction_class is None else CLASS_NAMES.get(row.satisfaction_class)

    def get_reason(self, row: AccountSatisfaction) -> str | None:
        return REASON_NAMES[row.reason]


class SatisfactionFilter(FilterSet):
    known = django_filters.BooleanFilter(field_name="ratio", lookup_expr="isnull", exclude=True)
    owner_id = IdFilter(field_name="account__owner_id")
    territory_id = IdFilter(field_name="account__territory_id")

    class Meta:
        model = AccountSatisfaction
        fields: list[str] = []


@extend_schema_view(
    list=extend_schema(summary="Current satisfaction"),
    retrieve=extend_schema(summary="The current satisfaction of one account"),
)
class SatisfactionViewSet(FigureViewSet):
    queryset = AccountSatisfaction.objects.select_related("account", "run")
    serializer_class = SatisfactionSerializer
    filterset_class = SatisfactionFilter
    columns = {
        "account_id": F("account_id"),
        "account_number": F("account__number"),
        "as_of": F("run__as_of"),
        "ratio": F("ratio"),
        "mean_of_ratios": F("mean_of_ratios"),
        "difference": F("difference"),
        "satisfaction_class": code_names("satisfaction_class", CLASS_NAMES),
        "index": F("index"),
        "respondents": F("respondents"),
        "spread": F("spread"),
        "answered_on": F("answered_on"),
        "reason": code_names("reason", REASON_NAMES),
    }
