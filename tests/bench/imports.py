"""A million trade lines through the import against a plain COPY of the same file."""

from __future__ import annotations

import csv
import datetime as dt
import io
from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.db import connection

from tests.bench.clock import seconds

HEADER = [
    "external_id",
    "account",
    "product",
    "date",
    "quantity",
    "unit_price",
    "discount",
    "cost",
    "currency",
]


def write_file(path: Path, lines: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT source, external_id FROM crm_accountidentifier LIMIT 1")
        cursor.execute("SELECT number FROM crm_account ORDER BY id LIMIT 20000")
        numbers = [row[0] for row in cursor.fetchall()]
    start = dt.date(2021, 1, 1)
    with path.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.writer(handle)
        writer.writerow(HEADER)
        for i in range(lines):
            day = start + dt.timedelta(days=(i * 7919) % 1800)
            writer.writerow(
                [
                    f"I{i}",
                    numbers[(i * 31) % len(numbers)],
                    f"B{i % 50}",
                    day,
                    1 + i % 40,
                    "25.50",
                    "1.20",
                    12,
                    "CNY",
                ]
            )


def plain_copy(path: Path) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TABLE bench_plain (external_id text, account text, product text, traded_on date, "
            "quantity numeric(18,4), unit_price numeric(18,6), discount numeric(18,4), cost numeric(18,4), "
            "currency char(3))"
        )
        with path.open("rb") as handle:
            cursor.copy_expert("COPY bench_plain FROM STDIN WITH (FORMAT csv, HEADER)", handle)
        cursor.execute("DROP TABLE bench_plain")


def measure(directory: Path, lines: int) -> dict[str, Any]:
    path = directory / "lines.csv"
    write_file(path, lines)
    plain = seconds(lambda: plain_copy(path))
    out = io.StringIO()
    imported = seconds(
        lambda: call_command("import_ledger", str(path), source="bench", json=True, stdout=out)
    )
    return {
        "copy": plain,
        "import": imported,
        "ratio": imported / plain,
        "summary": out.getvalue().strip()[:400],
    }
