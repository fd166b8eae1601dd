"""Stages of the lifecycle with their evidence and the loyalty index: current, and through time."""

from __future__ import annotations

from typing import Any

import django_filters
from django.db.models import F, QuerySet
from django.shortcuts import get_object_or_404
from django_filters.rest_framework import FilterSet
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from crm.api.figures import REASON_NAMES, FigureViewSet, code_names
from crm.api.filters import IdFilter
from crm.models import Account
from lifecycle.models import AccountLifecycle, StageInterval
from lifecycle.scoring.loyalty import AakerLevel
from lifecycle.scoring.stages import Rule, Stage

STAGE_NAMES: dict[int, str | None] = {
    stage.value: None if stage is Stage.NONE else stage.name.lower() for stage in Stage
}
RULE_NAMES: dict[int, str | None] = {rule.value: rule.name.lower() for rule in Rule}
LEVEL_NAMES: dict[int, str | None] = {
    level.value: None if level is AakerLevel.UNKNOWN else level.name.lower() for level in AakerLevel
}


def name_in(names: dict[int, str | None], code: int | None) -> str | None:
    return None if code is None else names.get(code)


class StageSerializer(serializers.ModelSerializer[AccountLifecycle]):
    """`rule` is the rule that decided; the figures after it are its evidence. Intervals are days."""

    account_number = serializers.CharField(source="account.number")
    as_of = serializers.DateField(source="run.as_of")
    stage = serializers.SerializerMethodField()
    computed_stage = serializers.SerializerMethodField(help_text="What the model says without an override.")
    rule = serializers.SerializerMethodField()
    loyalty_level = serializers.SerializerMethodField()
    reason = serializers.SerializerMethodField()
    loyalty_reason = serializers.SerializerMethodField()

    class Meta:
        model = AccountLifecycle
        fields = [
            "account_id", "account_number", "as_of", "stage", "computed_stage", "overridden", "rule",
            "occasions", "first_traded_on", "last_traded_on", "own_interval", "interval", "overdue_ratio",
            "window_value", "prior_value", "growth", "reason",
            "loyalty", "loyalty_level", "behaviour", "attitude", "loyalty_reason",
        ]  # fmt: skip

    def get_stage(self, row: AccountLifecycle) -> str | None:
        return name_in(STAGE_NAMES, row.stage)

    def get_computed_stage(self, row: AccountLifecycle) -> str | None:
        return name_in(STAGE_NAMES, row.computed_stage)

    def get_rule(self, row: AccountLifecycle) -> str | None:
        return name_in(RULE_NAMES, row.rule)

    def get_loyalty_level(self, row: AccountLifecycle) -> str | None:
        return name_in(LEVEL_NAMES, row.loyalty_level)

    def get_reason(self, row: AccountLifecycle) -> str | None:
        return name_in(REASON_NAMES, row.reason)

    def get_loyalty_reason(self, row: AccountLifecycle) -> str | None:
        return name_in(REASON_NAMES, row.loyalty_reason)


class StageIntervalSerializer(serializers.ModelSerializer[StageInterval]):
    """Closed at `valid_from`, open at `valid_to`; null there: it still holds."""

    stage = serializers.SerializerMethodField()

    class Meta:
        model = StageInterval
        fields = ["stage", "valid_from", "valid_to", "run_id"]

    def get_stage(self, row: StageInterval) -> str | None:
        return name_in(STAGE_NAMES, row.value)


class StageFilter(FilterSet):
    stage = django_filters.ChoiceFilter(
        choices=[(name, name) for name in STAGE_NAMES.values() if name], method="at_stage"
    )
    overridden = django_filters.BooleanFilter()
    owner_id = IdFilter(field_name="account__owner_id")
    territory_id = IdFilter(field_name="account__territory_id")

    class Meta:
        model = AccountLifecycle
        fields: list[str] = []

    def at_stage(self, rows: QuerySet[AccountLifecycle], name: str, value: str) -> QuerySet[AccountLifecycle]:
        return rows.filter(stage=Stage[value.upper()])


@extend_schema_view(
    list=extend_schema(summary="Current stages"),
    retrieve=extend_schema(summary="The current stage of one account"),
)
class StageViewSet(FigureViewSet):
    queryset = AccountLifecycle.objects.select_related("account", "run")
    serializer_class = StageSerializer
    filterset_class = StageFilter
    columns = {
        "account_id": F("account_id"),
        "account_number": F("account__number"),
        "as_of": F("run__as_of"),
        "stage": code_names("stage", STAGE_NAMES),
        "computed_stage": code_names("computed_stage", STAGE_NAMES),
        "overridden": F("overridden"),
        "rule": code_names("rule", RULE_NAMES),
        **{
            name: F(name)
            for name in (
                "occasions",
                "first_traded_on",
                "last_traded_on",
                "own_interval",
                "interval",
                "overdue_ratio",
                "window_value",
                "prior_value",
                "growth",
            )
        },
        "reason": code_names("reason", REASON_NAMES),
        "loyalty": F("loyalty"),
        "loyalty_level": code_names("loyalty_level", LEVEL_NAMES),
        "behaviour": F("behaviour"),
        "attitude": F("attitude"),
        "loyalty_reason": code_names("loyalty_reason", REASON_NAMES),
    }

    @extend_schema(
        summary="Stages of one account through time",
        responses={200: StageIntervalSerializer(many=True)},
        filters=False,
    )
    @action(detail=True, keyset=("valid_from", "id"))
    def history(self, request: Request, account_id: Any) -> Response:
        visible = Account.objects.visible_to(request.user)  # type: ignore[arg-type]
        account = get_object_or_404(visible, pk=account_id)
        page = self.paginate_queryset(StageInterval.objects.filter(account=account))
        return self.get_paginated_response(StageIntervalSerializer(page, many=True).data)
