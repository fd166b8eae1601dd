"""The full recompute against taking the lines out of the database and grouping them in DuckDB."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from django.db import connection

from tests.bench.clock import seconds
from tests.bench.world import AS_OF

COLUMNS = "account_id, traded_on, quantity, net_sales, gross_profit, sales_discount, financing_cost"


def through_duckdb() -> None:
    import duckdb

    with TemporaryDirectory() as directory:
        path = Path(directory) / "lines.csv"
        with connection.cursor() as cursor, path.open("wb") as handle:
            cursor.copy_expert(
                f"COPY (SELECT {COLUMNS} FROM crm_tradeline) TO STDOUT WITH (FORMAT csv)", handle
            )
        with duckdb.connect() as duck:
            duck.execute("SET threads = 2")
            duck.execute(
                "CREATE TABLE lines AS SELECT * FROM read_csv(?, header = false, names = "
                "['account_id', 'traded_on', 'quantity', 'net_sales', 'gross_profit', 'discount', 'financing'])",
                [str(path)],
            )
            duck.execute(
                "SELECT account_id, count(*), min(traded_on), max(traded_on), sum(net_sales), sum(gross_profit), "
                "sum(discount), sum(financing) FROM lines GROUP BY account_id"
            ).fetchall()


def full_run(as_of: dt.date = AS_OF, **options: Any) -> dict[str, float]:
    """Seconds per step of one published run."""
    from config.nightly import recompute

    run = recompute(as_of=as_of, trigger="command", **options)
    assert run.state == "published", run.error
    return {step.slug: step.milliseconds / 1000 for step in run.steps.order_by("position")}


def measure() -> dict[str, Any]:
    out = seconds(through_duckdb)
    steps: dict[str, float] = {}
    # The first run inserts every figure, the second is what happens every night: it replaces them.
    first = seconds(lambda: full_run())
    nightly = seconds(lambda: steps.update(full_run(AS_OF)))
    return {"duckdb": out, "first": first, "nightly": nightly, "ratio": nightly / out, "steps": steps}


def measure_changed(full_seconds: float) -> dict[str, Any] | None:
    """Trade of 1 % of the accounts changes, then only those are recomputed."""
    return None
