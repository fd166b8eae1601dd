"""Trade lines in the body of a request: a small file for the import, which checks and writes them like any other."""

from __future__ import annotations

import csv
import io
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from crm.api.base import current_user
from crm.api.idempotency import key_of
from crm.api.problems import ApiProblem
from crm.imports.batches import receive, start
from crm.imports.fields import FIELDS
from crm.imports.mapping import Mapping
from crm.imports.problems import ImportFileError
from crm.imports.rejections import cause_of
from crm.imports.report import error_of
from crm.imports.running import run_batch
from crm.models import ImportBatch, ImportKind, ImportRejection, ImportState

MOST_LINES = 5000
FILE_NAME = "trade-lines.csv"
# The header is row 1 of the file.
FIRST_ROW = 2
COLUMNS = [field.name for field in FIELDS[ImportKind.TRADE_LINES]]
REQUIRED = ("external_id", "account", "traded_on", "quantity")


class LineSerializer(serializers.Serializer[Any]):
    """The fields of the import (docs/importing.md). Numbers as strings keep every digit."""

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        return {name: serializers.CharField(required=name in REQUIRED, allow_null=True) for name in COLUMNS}


class TradeUploadSerializer(serializers.Serializer[Any]):
    source = serializers.RegexField(r"^[\w.\- ]+$", max_length=40)  # type: ignore[assignment]
    lines = LineSerializer(many=True)
    update_existing = serializers.BooleanField(default=True)
    dry_run = serializers.BooleanField(default=False)


class RejectedSerializer(serializers.Serializer[Any]):
    pointer = serializers.CharField()
    code = serializers.CharField()
    detail = serializers.CharField()


class TradeUploadAnswer(serializers.Serializer[Any]):
    """What became of the lines: the good ones are in, the others are named."""

    import_id = serializers.IntegerField(help_text="Under /imports it can be looked at and undone.")
    state = serializers.ChoiceField(choices=ImportState.choices)
    rows_read = serializers.IntegerField()
    rows_created = serializers.IntegerField()
    rows_updated = serializers.IntegerField()
    rows_unchanged = serializers.IntegerField()
    rows_rejected = serializers.IntegerField()
    rejections = RejectedSerializer(many=True)


class _Body(serializers.Serializer[Any]):
    """The frame; the lines themselves are the import's to judge, all at once and in the caller's words."""

    source = serializers.RegexField(r"^[\w.\- ]+$", max_length=40)  # type: ignore[assignment]
    lines = serializers.ListField(child=serializers.DictField(), min_length=1, max_length=MOST_LINES)
    update_existing = serializers.BooleanField(default=True)
    dry_run = serializers.BooleanField(default=False)


def upload(request: Request) -> Response:
    body = _Body(data=request.data)
    body.is_valid(raise_exception=True)
    data = body.validated_data
    text = _as_csv(data["lines"])
    # The lock by which two requests of one key become one batch lasts as long as the transaction.
    with transaction.atomic():
        batch, is_new = receive(
            user=current_user(request),
            main=(FILE_NAME, io.BytesIO(text)),
            kind=ImportKind.TRADE_LINES,
            source=data["source"],
            key=key_of(request) or "",
        )
    if not is_new and not _is_same(batch, text, data):
        raise ApiProblem("idempotency-key-reused")
    if batch.state == ImportState.UPLOADED:
        _begin(batch, text, data)
    # Also a batch whose first request died before it ran.
    run_batch(batch.pk, today=timezone.localdate())
    batch.refresh_from_db()
    if batch.state == ImportState.FAILED:
        raise serializers.ValidationError({"lines": [error_of(batch)]})
    running = batch.state in (ImportState.QUEUED, ImportState.RUNNING)
    headers = {} if is_new else {"Idempotent-Replayed": "true"}
    return Response(_answer(batch), status=202 if running else 201, headers=headers)


def _begin(batch: ImportBatch, text: bytes, data: dict[str, Any]) -> None:
    header = text.partition(b"\r\n")[0].decode().split(",")
    mapping = Mapping(
        kind=ImportKind.TRADE_LINES,
        columns={name: name for name in header},
        options={"encoding": "utf-8", "delimiter": ",", "date_format": "ymd", "decimals": "point"},
        source=data["source"],
    )
    try:
        start(
            batch, mapping, dry_run=data["dry_run"], update_existing=data["update_existing"], announced=False
        )
    except ImportFileError as error:
        raise serializers.ValidationError({"lines": [str(error)]}, code=error.code) from None


def _is_same(batch: ImportBatch, text: bytes, data: dict[str, Any]) -> bool:
    if batch.filename != FILE_NAME or batch.source != data["source"]:
        return False
    if batch.state != ImportState.UPLOADED and (
        batch.dry_run != data["dry_run"] or batch.update_existing != data["update_existing"]
    ):
        return False
    with batch.file.open("rb") as stored:
        return bool(stored.read() == text)


def _as_csv(lines: list[dict[str, Any]]) -> bytes:
    """One column per field that occurs; the header is in the order of the fields, so equal bodies are equal files."""
    used = {name for line in lines for name in line}
    errors: list[dict[str, Any]] = []
    for line in lines:
        wrong: dict[str, Any] = {name: [_("There is no such field.")] for name in line if name not in COLUMNS}
        wrong |= {
            name: [_("A text, a number, true, false or null.")]
            for name, value in line.items()
            if isinstance(value, dict | list)
        }
        errors.append(wrong)
    if any(errors):
        raise serializers.ValidationError({"lines": errors})
    header = [name for name in COLUMNS if name in used]
    if missing := [name for name in REQUIRED if name not in used]:
        needed = {name: [serializers.Field.default_error_messages["required"]] for name in missing}
        raise serializers.ValidationError({"lines": [needed]}, code="required")
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer)
    writer.writerow(header)
    writer.writerows([_cell(line.get(name)) for name in header] for line in lines)
    return buffer.getvalue().encode()


def _cell(value: Any) -> str:
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _answer(batch: ImportBatch) -> dict[str, Any]:
    rejections = batch.rejections.select_related("batch").order_by("row_number", "pk")
    return {
        "import_id": batch.pk,
        "state": batch.state,
        **{f"rows_{word}": getattr(batch, f"rows_{word}") for word in
           ("read", "created", "updated", "unchanged", "rejected")},
        "rejections": [_rejected(rejection) for rejection in rejections],
    }  # fmt: skip


def _rejected(rejection: ImportRejection) -> dict[str, str]:
    place = f"#/lines/{rejection.row_number - FIRST_ROW}"
    # Checks of the row as a whole name no column of ours.
    if rejection.column in COLUMNS:
        place += f"/{rejection.column}"
    return {"pointer": place, "code": rejection.cause, "detail": str(cause_of(rejection))}
