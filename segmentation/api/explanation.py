"""The explanation of a grade as JSON: what `segmentation.explanations.explain` gives the page, and nothing else."""

from __future__ import annotations

import datetime as dt
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from segmentation.causes import Cause, changes_of
from segmentation.explanations import GradeExplanation
from segmentation.scoring.explanation import IndicatorExplanation


class WaySerializer(serializers.Serializer[Any]):
    """One indicator that alone would lift the account to the next grade; `target` null: it cannot be told."""

    code = serializers.CharField()
    raw = serializers.FloatField()
    target = serializers.FloatField(allow_null=True)
    points = serializers.FloatField()
    points_needed = serializers.FloatField()


class _Line:
    """An indicator's line of the explanation with the days that its raw value adds up."""

    def __init__(self, line: IndicatorExplanation, found: GradeExplanation) -> None:
        self._line = line
        first, last = found.span_of(line.code) or (None, None)
        self.trade_from: dt.date | None = first
        self.trade_to: dt.date | None = last
        self.window = found.window_of(line.code)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._line, name)


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
    window = serializers.IntegerField(read_only=True, help_text="Days up to the date; 0: as of the date.")
    trade_from = serializers.DateField(
        allow_null=True, help_text="First day of the trade lines behind the raw value."
    )
    trade_to = serializers.DateField(
        allow_null=True, help_text="Their last day; null: trade lines do not make it up."
    )
    effective_weight = serializers.FloatField(help_text="The weight after missing indicators were left out.")
    contribution = serializers.FloatField()
    reason = serializers.SerializerMethodField()

    @extend_schema_field(StandardSerializer)
    def get_standard(self, line: IndicatorExplanation) -> dict[str, Any]:
        applied = line.applied
        return {"kind": applied.kind, "direction": applied.direction.value, "facts": dict(applied.facts)}

    def get_reason(self, line: IndicatorExplanation) -> str | None:
        return line.reason.name.lower() if line.reason else None


class ChangeSerializer(serializers.Serializer[Any]):
    """A grade of the past, or the one in force, and what caused it. Closed at `valid_from`, open at `valid_to`."""

    grade = serializers.CharField(allow_null=True)
    valid_from = serializers.DateField(source="interval.valid_from")
    valid_to = serializers.DateField(source="interval.valid_to", allow_null=True)
    score = serializers.FloatField(source="interval.score", allow_null=True)
    model = serializers.CharField(source="interval.version.model.name")
    model_version = serializers.IntegerField(source="interval.version.number")
    cause = serializers.ChoiceField(choices=[cause.value for cause in Cause])
    indicator = serializers.CharField(
        allow_null=True, help_text="What moved most since the month's end before the change."
    )
    points = serializers.FloatField(allow_null=True, help_text="By how much its contribution changed.")
    reason = serializers.CharField(help_text="Of whoever set it by hand or published the version.")


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
    rank = serializers.IntegerField(source="figures.rank", allow_null=True)
    ranked_among = serializers.IntegerField(allow_null=True, help_text="How many the rank counts.")
    indicators = serializers.SerializerMethodField()
    missing = serializers.ListField(
        child=serializers.CharField(), help_text="Indicators without points; each says its reason."
    )
    ways = WaySerializer(many=True)
    history = serializers.SerializerMethodField()

    @extend_schema_field(IndicatorSerializer(many=True))
    def get_indicators(self, found: GradeExplanation) -> list[dict[str, Any]]:
        lines = [_Line(line, found) for line in found.explanation.indicators]
        return list(IndicatorSerializer(lines, many=True).data)

    @extend_schema_field(ChangeSerializer(many=True))
    def get_history(self, found: GradeExplanation) -> list[dict[str, Any]]:
        """Newest first."""
        return list(ChangeSerializer(changes_of(found.figures.account)[::-1], many=True).data)

    def get_reason(self, found: GradeExplanation) -> str | None:
        reason = found.explanation.reason
        return reason.name.lower() if reason else None
