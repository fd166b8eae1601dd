"""The result of a batch as JSON: the same in the command and REST."""

from __future__ import annotations

from typing import Any

from crm.imports.problems import sentence
from crm.models import ImportBatch


def report(batch: ImportBatch) -> dict[str, Any]:
    return {
        "id": batch.pk,
        "file": batch.filename,
        "kind": batch.kind,
        "source": batch.source,
        "state": batch.state,
        "dry_run": batch.dry_run,
        "progress": batch.progress,
        "read": batch.rows_read,
        "created": batch.rows_created,
        "updated": batch.rows_updated,
        "unchanged": batch.rows_unchanged,
        "rejected": batch.rows_rejected,
        "summary": batch.summary.get("result", {}),
        "error": error_of(batch),
    }


def error_of(batch: ImportBatch) -> str:
    """Why the batch failed, in the reader's language."""
    problem = batch.summary.get("problem")
    return sentence(problem["code"], problem["parameters"]) if problem and batch.error else batch.error
