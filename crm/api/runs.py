"""Runs, for those who may see them on a page."""

from __future__ import annotations

import django_filters
from django.db.models import Prefetch, QuerySet
from django_filters.rest_framework import FilterSet
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers

from crm.api.base import ReadViewSet
from crm.models import Run, RunState, RunStep


class RunStepSerializer(serializers.ModelSerializer[RunStep]):
    class Meta:
        model = RunStep
        fields = ["slug", "state", "rows", "milliseconds"]


class RunSerializer(serializers.ModelSerializer[Run]):
    steps = RunStepSerializer(many=True, read_only=True)
    requested_by_id = serializers.IntegerField(allow_null=True, read_only=True)

    class Meta:
        model = Run
        fields = [
            "id", "as_of", "state", "trigger", "requested_by_id", "model_versions", "error", "steps",
            "created_at", "started_at", "finished_at",
        ]  # fmt: skip


class RunFilter(FilterSet):
    state = django_filters.ChoiceFilter(choices=RunState.choices)
    as_of = django_filters.DateFilter()

    class Meta:
        model = Run
        fields: list[str] = []


@extend_schema_view(
    list=extend_schema(summary="Runs, the newest first (not for reps)"),
    retrieve=extend_schema(summary="One run with its steps"),
)
class RunViewSet(ReadViewSet):
    queryset = Run.objects.all()
    serializer_class = RunSerializer
    filterset_class = RunFilter
    capability = "view_runs"
    keyset = ("-id",)

    def get_queryset(self) -> QuerySet[Run]:
        # Runs hold no account's rows: the capability is the gate.
        steps = RunStep.objects.defer("population").order_by("position")
        return Run.objects.prefetch_related(Prefetch("steps", steps))
