"""Lifetime value and purchase forecast of each account, as published."""

from __future__ import annotations

import django_filters
from django.db.models import F, QuerySet
from django_filters.rest_framework import FilterSet
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers

from crm.api.figures import REASON_NAMES, FigureViewSet, code_names
from crm.api.filters import IdFilter
from lifecycle.api.stages import name_in
from lifecycle.models import AccountValue
from lifecycle.scoring.lifetime import ValueTier

TIER_NAMES: dict[int, str | None] = {
    tier.value: None if tier is ValueTier.UNRATED else tier.name.lower() for tier in ValueTier
}
FIGURES = (
    "purchase_value",
    "referral_value",
    "information_value",
    "knowledge_value",
    "transaction_value",
    "annuity",
    "alive",
    "occasions_1q",
    "occasions_4q",
    "occasions_12q",
    "spend",
    "sales_4q",
    "sales_4q_low",
    "sales_4q_high",
    "sales_12q",
    "margin",
    "predicted",
    "predicted_low",
    "predicted_high",
)


class ValueSerializer(serializers.ModelSerializer[AccountValue]):
    """Money in the reporting currency; the five values are one year's. `predicted` is the discounted margin of twelve
    quarters by the forecast that won the back-test, ranges hold 80 %. Totals over accounts:
    `lifetime_value_without_referrals`.
    """

    account_number = serializers.CharField(source="account.number")
    as_of = serializers.DateField(source="run.as_of")
    tier = serializers.SerializerMethodField()
    reason = serializers.SerializerMethodField()
    forecast_reason = serializers.SerializerMethodField()

    class Meta:
        model = AccountValue
        fields = [
            "account_id", "account_number", "as_of", "tier", "lifetime_value", "lifetime_value_without_referrals",
            "reason", *FIGURES, "forecast_reason",
        ]  # fmt: skip

    def get_tier(self, row: AccountValue) -> str | None:
        return name_in(TIER_NAMES, row.tier)

    def get_reason(self, row: AccountValue) -> str | None:
        return name_in(REASON_NAMES, row.reason)

    def get_forecast_reason(self, row: AccountValue) -> str | None:
        return name_in(REASON_NAMES, row.forecast_reason)


class ValueFilter(FilterSet):
    tier = django_filters.ChoiceFilter(
        choices=[(name, name) for name in TIER_NAMES.values() if name], method="at_tier"
    )
    owner_id = IdFilter(field_name="account__owner_id")
    territory_id = IdFilter(field_name="account__territory_id")

    class Meta:
        model = AccountValue
        fields: list[str] = []

    def at_tier(self, rows: QuerySet[AccountValue], name: str, value: str) -> QuerySet[AccountValue]:
        return rows.filter(tier=ValueTier[value.upper()])


@extend_schema_view(
    list=extend_schema(summary="Current lifetime values"),
    retrieve=extend_schema(summary="The current lifetime value of one account"),
)
class ValueViewSet(FigureViewSet):
    queryset = AccountValue.objects.select_related("account", "run")
    serializer_class = ValueSerializer
    filterset_class = ValueFilter
    columns = {
        "account_id": F("account_id"),
        "account_number": F("account__number"),
        "as_of": F("run__as_of"),
        "tier": code_names("tier", TIER_NAMES),
        "lifetime_value": F("lifetime_value"),
        "lifetime_value_without_referrals": F("lifetime_value_without_referrals"),
        "reason": code_names("reason", REASON_NAMES),
        **{name: F(name) for name in FIGURES},
        "forecast_reason": code_names("forecast_reason", REASON_NAMES),
    }
