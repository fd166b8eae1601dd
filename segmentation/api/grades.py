"""Grades: current, explained, through time."""

from __future__ import annotations

from typing import Any

import django_filters
from django.db.models import F, Func, Q, QuerySet, TextField, Value
from django.db.models.functions import Cast
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_lazy as _
from django_filters.rest_framework import FilterSet
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from crm.api.figures import REASON_NAMES, FigureViewSet, code_names, money
from crm.api.filters import IdFilter
from crm.models import Account
from segmentation.api.explanation import ExplanationSerializer
from segmentation.explanations import explain
from segmentation.models import AccountGrade, GradeInterval, ScoringModelVersion


def grade_label(version: ScoringModelVersion, index: int | None) -> str | None:
    """What the version calls the grade at a position; null is "unrated"."""
    thresholds = version.definition["thresholds"]
    return thresholds[index][0] if index is not None and 0 <= index < len(thresholds) else None


def label_of(field: str) -> Func:
    """`grade_label` in SQL: definition -> thresholds -> position -> 0."""
    return Func(
        F("version__definition"), Value("thresholds"), Cast(field, TextField()), Value("0"),
        function="jsonb_extract_path_text", output_field=TextField(),
    )  # fmt: skip


class GradeSerializer(serializers.ModelSerializer[AccountGrade]):
    """`grade` null: unrated, and `reason` says why. Scores are 0 to 100; money is in the reporting currency."""

    account_number = serializers.CharField(source="account.number")
    as_of = serializers.DateField(source="run.as_of")
    grade = serializers.SerializerMethodField()
    computed_grade = serializers.SerializerMethodField(help_text="What the model says without an override.")
    model = serializers.CharField(source="version.model.name")
    model_version = serializers.IntegerField(source="version.number")
    reason = serializers.SerializerMethodField()

    class Meta:
        model = AccountGrade
        fields = [
            "account_id", "account_number", "as_of", "grade", "computed_grade", "overridden", "score",
            "current_score", "future_score", "coverage", "rank", "net_sales_12m", "gross_profit_12m",
            "reason", "model", "model_version",
        ]  # fmt: skip

    def get_grade(self, row: AccountGrade) -> str | None:
        return grade_label(row.version, row.grade)

    def get_computed_grade(self, row: AccountGrade) -> str | None:
        return grade_label(row.version, row.computed_grade)

    def get_reason(self, row: AccountGrade) -> str | None:
        return REASON_NAMES[row.reason]


class GradeIntervalSerializer(serializers.ModelSerializer[GradeInterval]):
    """Closed at `valid_from`, open at `valid_to`; null there: it still holds."""

    grade = serializers.SerializerMethodField()
    model = serializers.CharField(source="version.model.name")
    model_version = serializers.IntegerField(source="version.number")

    class Meta:
        model = GradeInterval
        fields = ["grade", "valid_from", "valid_to", "score", "model", "model_version", "run_id"]

    def get_grade(self, row: GradeInterval) -> str | None:
        return grade_label(row.version, row.value)


class GradeFilter(FilterSet):
    grade = django_filters.CharFilter(method="graded", label=_("A, B, C …"))
    rated = django_filters.BooleanFilter(field_name="grade", lookup_expr="isnull", exclude=True)
    overridden = django_filters.BooleanFilter()
    owner_id = IdFilter(field_name="account__owner_id")
    territory_id = IdFilter(field_name="account__territory_id")

    class Meta:
        model = AccountGrade
        fields: list[str] = []

    def graded(self, grades: QuerySet[AccountGrade], name: str, value: str) -> QuerySet[AccountGrade]:
        """Each version names its grades itself; as positions they are found by the index."""
        wanted = Q(pk__in=[])
        for version in ScoringModelVersion.objects.all():
            for index in range(len(version.definition["thresholds"])):
                if grade_label(version, index) == value:
                    wanted |= Q(version=version, grade=index)
        return grades.filter(wanted)


@extend_schema_view(
    list=extend_schema(summary="Current grades"),
    retrieve=extend_schema(summary="The current grade of one account"),
)
class GradeViewSet(FigureViewSet):
    queryset = AccountGrade.objects.select_related("account", "run", "version__model")
    serializer_class = GradeSerializer
    filterset_class = GradeFilter
    columns = {
        "account_id": F("account_id"),
        "account_number": F("account__number"),
        "as_of": F("run__as_of"),
        "grade": label_of("grade"),
        "computed_grade": label_of("computed_grade"),
        "overridden": F("overridden"),
        "score": F("score"),
        "current_score": F("current_score"),
        "future_score": F("future_score"),
        "coverage": F("coverage"),
        "rank": F("rank"),
        "net_sales_12m": money("net_sales_12m"),
        "gross_profit_12m": money("gross_profit_12m"),
        "reason": code_names("reason", REASON_NAMES),
        "model": F("version__model__name"),
        "model_version": F("version__number"),
    }

    @extend_schema(summary="How the grade of one account comes about", responses={200: ExplanationSerializer})
    @action(detail=True)
    def explanation(self, request: Request, account_id: str) -> Response:
        found = explain(self._account(account_id))
        if found is None:
            raise Http404
        return Response(ExplanationSerializer(found).data)

    @extend_schema(
        summary="Grades of one account through time",
        responses={200: GradeIntervalSerializer(many=True)},
        filters=False,
    )
    @action(detail=True, keyset=("valid_from", "id"))
    def history(self, request: Request, account_id: str) -> Response:
        intervals = GradeInterval.objects.filter(account=self._account(account_id))
        page = self.paginate_queryset(intervals.select_related("version__model"))
        return self.get_paginated_response(GradeIntervalSerializer(page, many=True).data)

    def _account(self, account_id: Any) -> Account:
        return get_object_or_404(Account.objects.visible_to(self.request.user), pk=account_id)  # type: ignore[arg-type]
