"""The explanation of a grade as JSON: what `segmentation.explanations.explain` gives the page, and nothing else."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from segmentation.explanations import GradeExplanation
from segmentation.scoring.explanation import IndicatorExplanation


class WaySerializer(serializers.Serializer[Any]):
    """One indicator that alone would lift the account to the next grade; `target` null: it cannot be told."""

    code = serializers.CharField()
    raw = serializers.FloatField()
    target = serializers.FloatField(allow_null=True)
    points = serializers.FloatField()
    points_needed = serializers.FloatField()


class StandardSerializer(serializers.Serializer[Any]):
    kind = serializers.CharField()
    direction = serializers.CharField()
    facts = serializers.DictField(help_text="Limits of the band, size of the population …, by kind.")


class IndicatorSerializer(serializers.Serializer[Any]):
    """Null is missing, never 0: `reason` says why. The contributions add up to the score."""

    code = serializers.CharField()
    half = serializers.CharField()
    raw = serializers.FloatField(allow_null=True)
    points = serializers.FloatField(allow_null=True)
    standard = serializers.SerializerMethodField()
    weight = serializers.FloatField()
    effective_weight = serializers.FloatField(help_text="The weight after missing indicators were left out.")
    contribution = serializers.FloatField()
    reason = serializers.SerializerMethodField()

    @extend_schema_field(StandardSerializer)
    def get_standard(self, line: IndicatorExplanation) -> dict[str, Any]:
        applied = line.applied
        return {"kind": applied.kind, "direction": applied.direction.value, "facts": dict(applied.facts)}

    def get_reason(self, line: IndicatorExplanation) -> str | None:
        return line.reason.name.lower() if line.reason else None


class ExplanationSerializer(serializers.Serializer[GradeExplanation]):
    account_id = serializers.IntegerField(source="figures.account_id")
    as_of = serializers.DateField()
    model = serializers.CharField(source="version.model.name")
    model_version = serializers.IntegerField(source="version.number")
    grade = serializers.CharField(allow_null=True)
    computed_grade = serializers.CharField(allow_null=True)
    next_grade = serializers.CharField(allow_null=True)
    overridden = serializers.BooleanField(source="figures.overridden")
    pending = serializers.BooleanField(
        source="is_pending",
        help_text="The score alone gives another grade; the change waits to be confirmed.",
    )
    score = serializers.FloatField(source="explanation.total", allow_null=True)
    current_score = serializers.FloatField(source="explanation.current", allow_null=True)
    future_score = serializers.FloatField(source="explanation.future", allow_null=True)
    coverage = serializers.FloatField(source="explanation.coverage")
    reason = serializers.SerializerMethodField()
    gap = serializers.FloatField(allow_null=True, help_text="Points to the next better grade.")
    indicators = IndicatorSerializer(many=True, source="explanation.indicators")
    ways = WaySerializer(many=True)

    def get_reason(self, found: GradeExplanation) -> str | None:
        reason = found.explanation.reason
        return reason.name.lower() if reason else None
