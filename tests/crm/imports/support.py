"""Imports for tests: text, bytes or a file in, the finished batch out."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

from crm.imports.batches import new_batch
from crm.imports.mapping import Mapping
from crm.imports.running import Files, run_batch
from crm.models import ImportBatch

TODAY = dt.date(2025, 6, 30)
MAPPINGS = Path(__file__).parent / "mappings"

LINES: dict[str, Any] = {
    "kind": "trade_lines",
    "columns": {
        "external_id": "id",
        "account": "customer",
        "traded_on": "date",
        "product": "product",
        "quantity": "qty",
        "unit_price": "price",
    },
}
HEADER = "id,customer,date,product,qty,price"


def lines(**changes: Any) -> Mapping:
    """The mapping of HEADER, with more columns, constants or options."""
    stored = {name: dict(value) if isinstance(value, dict) else value for name, value in LINES.items()}
    for name, value in changes.items():
        stored[name] = {**stored.get(name, {}), **value} if isinstance(value, dict) else value
    return Mapping.from_json(stored)


def run(
    path: Path,
    mapping: Mapping,
    lookups: dict[str, Path] | None = None,
    *,
    source: str = "erp",
    dry_run: bool = False,
    update: bool = True,
    today: dt.date = TODAY,
) -> ImportBatch:
    batch = new_batch(
        filename=path.name,
        size=path.stat().st_size,
        mapping=mapping,
        source=source,
        dry_run=dry_run,
        update_existing=update,
        user=None,
    )
    run_batch(batch.pk, today=today, files=Files(path, lookups or {}))
    batch.refresh_from_db()
    return batch


def causes(batch: ImportBatch) -> list[tuple[int, str, str]]:
    """(row, field, cause) of everything refused."""
    return list(
        batch.rejections.order_by("row_number", "column", "cause").values_list(
            "row_number", "column", "cause"
        )
    )


def counts(batch: ImportBatch) -> tuple[int, int, int, int]:
    return (batch.rows_created, batch.rows_updated, batch.rows_unchanged, batch.rows_rejected)
