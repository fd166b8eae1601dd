"""Imports over REST: a file as multipart form, what became of it, the rejected rows, undo."""

from __future__ import annotations

import json
from typing import Any, ClassVar

import django_filters
from django.conf import settings
from django.db.models import QuerySet
from django.http import HttpResponseBase, StreamingHttpResponse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django_filters.rest_framework import FilterSet
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from crm.api.base import ReadViewSet, current_user
from crm.api.problems import ApiProblem
from crm.imports.batches import receive, saved_mapping, start, tables_of
from crm.imports.guessing import guess, guess_kind
from crm.imports.mapping import Mapping, from_toml
from crm.imports.problems import ImportFileError
from crm.imports.rejections import cause_of, column_of, rejected_csv
from crm.imports.report import error_of
from crm.imports.running import run_batch
from crm.imports.undo import undo_batch
from crm.models import ImportBatch, ImportKind, ImportRejection, ImportState

# Smaller files are imported while the caller waits; larger ones by a worker.
AT_ONCE = 256 * 1024


class ImportSerializer(serializers.ModelSerializer[ImportBatch]):
    created_by_id = serializers.IntegerField(allow_null=True, read_only=True)
    result = serializers.SerializerMethodField(
        help_text="Sums and counts: net_sales, gross_profit, accounts_created …"
    )
    error = serializers.SerializerMethodField()

    class Meta:
        model = ImportBatch
        fields = [
            "id", "kind", "state", "source", "filename", "size", "encoding", "mapping", "update_existing", "dry_run",
            "progress", "rows_read", "rows_created", "rows_updated", "rows_unchanged", "rows_rejected", "result",
            "error", "created_by_id", "created_at", "started_at", "finished_at",
        ]  # fmt: skip
        read_only_fields = fields

    def get_result(self, batch: ImportBatch) -> dict[str, Any]:
        return dict(batch.summary.get("result", {}))

    def get_error(self, batch: ImportBatch) -> str:
        return error_of(batch)


class ImportUploadSerializer(serializers.Serializer[Any]):
    """The fields of the form that carries the file."""

    file = serializers.FileField()
    lookups = serializers.ListField(child=serializers.FileField(), required=False)
    kind = serializers.ChoiceField(choices=ImportKind.choices, required=False)
    source = serializers.RegexField(r"^[\w.\- ]+$", max_length=40, required=False)  # type: ignore[assignment]
    mapping = serializers.CharField(
        required=False, help_text="TOML or JSON; without it the columns are guessed"
    )
    dry_run = serializers.BooleanField(default=False)
    update_existing = serializers.BooleanField(default=True)


class RejectionSerializer(serializers.ModelSerializer[ImportRejection]):
    column = serializers.SerializerMethodField(help_text="The header in the file, or the field's name")
    cause_text = serializers.SerializerMethodField(help_text="The cause in the caller's language")

    class Meta:
        model = ImportRejection
        fields = ["id", "row_number", "column", "value", "cause", "parameters", "cause_text", "original"]

    def get_column(self, rejection: ImportRejection) -> str:
        return column_of(rejection.batch, rejection)

    def get_cause_text(self, rejection: ImportRejection) -> str:
        return cause_of(rejection)


class ImportFilter(FilterSet):
    state = django_filters.ChoiceFilter(choices=ImportState.choices)
    kind = django_filters.ChoiceFilter(choices=ImportKind.choices)

    class Meta:
        model = ImportBatch
        fields: list[str] = []


@extend_schema_view(
    list=extend_schema(summary="Imports, the newest first"),
    retrieve=extend_schema(summary="One import: its progress and what it did"),
)
class ImportViewSet(ReadViewSet):
    queryset = ImportBatch.objects.all()
    serializer_class = ImportSerializer
    filterset_class = ImportFilter
    capability = "import"
    keyset: ClassVar[tuple[str, ...]] = ("-id",)
    parser_classes = (MultiPartParser,)
    keeps_idempotency_keys = True

    def get_queryset(self) -> QuerySet[ImportBatch]:
        # Imports hold no account's rows for those who may not see them: the capability is the gate.
        return ImportBatch.objects.all()

    @extend_schema(
        summary="Import a file (or, with dry_run, say what would happen)",
        request={"multipart/form-data": ImportUploadSerializer},
        responses={201: ImportSerializer, 202: ImportSerializer},
    )
    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """201 when it is over, 202 when a worker has it. The same Idempotency-Key gives the same import."""
        form = ImportUploadSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        data = form.validated_data
        upload, lookups = data["file"], data.get("lookups", [])
        if sum(each.size for each in [upload, *lookups]) > settings.IMPORT_MAX_BYTES:
            raise ApiProblem("too-large")
        mapping = _mapping_of(data.get("mapping", ""))
        kind = mapping.kind if mapping else data.get("kind", "")
        batch, is_new = receive(
            user=current_user(request),
            main=(upload.name, upload),
            lookups=[(each.name, each) for each in lookups],
            kind=kind,
            source=data.get("source") or (mapping.source if mapping else "") or "api",
            key=request.headers.get("Idempotency-Key", "")[:255],
        )
        if is_new or batch.state == ImportState.UPLOADED:
            self._begin(batch, mapping, kind, data)
        batch.refresh_from_db()
        running = batch.state in (ImportState.QUEUED, ImportState.RUNNING)
        location = f"{request.path.rstrip('/')}/{batch.pk}"
        return Response(
            self.get_serializer(batch).data, status=202 if running else 201, headers={"Location": location}
        )

    def _begin(self, batch: ImportBatch, mapping: Mapping | None, kind: str, data: dict[str, Any]) -> None:
        try:
            main, lookups = tables_of(batch, mapping)
            if mapping is None:
                kept = saved_mapping(main, kind)
                found = kind or guess_kind(main, lookups)
                if kept is None and not found:
                    raise ImportFileError("unknown_kind")
                mapping = Mapping.kept(kept.definition) if kept else guess(found, main, lookups)
            mapping.check(main, lookups)
        except ImportFileError as error:
            batch.file.delete(save=False)
            batch.delete()
            raise ValidationError({"file": [str(error)]}, code=error.code) from error
        small = batch.size <= AT_ONCE
        start(
            batch,
            mapping,
            dry_run=data["dry_run"],
            update_existing=data["update_existing"],
            announced=not small,
        )
        if small:
            run_batch(batch.pk, today=timezone.localdate())

    @extend_schema(
        summary="The rejected rows: JSON, or the file with ?as=csv",
        parameters=[OpenApiParameter("as", OpenApiTypes.STR, enum=["json", "csv"])],
        responses={200: OpenApiResponse(RejectionSerializer(many=True))},
        filters=False,
    )
    @action(detail=True, methods=["get"], filterset_class=None)
    def rejections(self, request: Request, pk: str | None = None) -> HttpResponseBase:
        batch = self.get_object()
        if request.query_params.get("as") == "csv":
            return StreamingHttpResponse(
                rejected_csv(batch, get_language()), content_type="text/csv; charset=utf-8"
            )
        rows = batch.rejections.select_related("batch").order_by("row_number", "pk")
        page = self.paginate_queryset(rows)
        return self.get_paginated_response(RejectionSerializer(page, many=True).data)

    @extend_schema(summary="Undo a finished import", request=None, responses={200: ImportSerializer})
    @action(detail=True, methods=["post"])
    def undo(self, request: Request, pk: str | None = None) -> Response:
        try:
            batch = undo_batch(self.get_object())
        except ImportFileError as error:
            raise ApiProblem("conflict", str(error), code=error.code) from error
        return Response(self.get_serializer(batch).data)

    def get_keyset(self) -> tuple[str, ...]:
        return ("row_number", "id") if self.action == "rejections" else super().get_keyset()

    def known_parameters(self) -> set[str]:
        known = super().known_parameters()
        return known | {"as", "cursor", "page_size"} if self.action == "rejections" else known


def _mapping_of(text: str) -> Mapping | None:
    """TOML or JSON; one mapping."""
    if not text.strip():
        return None
    try:
        if text.lstrip().startswith("{"):
            return Mapping.from_json(json.loads(text))
        found = from_toml(text)
    except (ImportFileError, ValueError) as error:
        raise ValidationError({"mapping": [str(error)]}) from error
    if len(found) != 1:
        raise ValidationError({"mapping": [_("One mapping, for one file.")]})
    return found[0]
