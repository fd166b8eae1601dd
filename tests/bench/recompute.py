"""The full recompute against taking the lines out of the database and grouping them in DuckDB."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from django.db import connection, transaction

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
    nightly: dict[str, float] = {}
    month_end: dict[str, float] = {}
    # The first run inserts every figure; the next day's changes nearly all of them, as every night's does. AS_OF is a
    # month's end, which besides freezes all of them.
    first = seconds(lambda: full_run(AS_OF - dt.timedelta(days=2)))
    usual = seconds(lambda: nightly.update(full_run(AS_OF - dt.timedelta(days=1))))
    last = seconds(lambda: month_end.update(full_run(AS_OF)))
    return {
        "duckdb": out,
        "first": first,
        "nightly": usual,
        "month end": last,
        "ratio": usual / out,
        "steps": nightly,
        "month end steps": month_end,
    }


NEW_LINES = """
INSERT INTO crm_tradeline (account_id, source, external_id, traded_on, order_number, quantity, unit_price, discount,
    net_amount, cost, currency, exchange_rate, cancelled)
SELECT id, 'bench', 'changed-' || id, %(day)s, '', 10, 100, 0, 1000, 700, 'CNY', 1, false
FROM crm_account WHERE id %% 100 = 0
"""


def measure_changed() -> dict[str, Any]:
    """Each hundredth account buys something, then only those are recomputed."""
    from crm.models import RunScope
    from crm.rollup import refresh_months

    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(NEW_LINES, {"day": AS_OF})
        accounts = cursor.rowcount
        cursor.execute("CREATE TEMP TABLE bench_pairs (account_id bigint, month date) ON COMMIT DROP")
        cursor.execute(
            "INSERT INTO bench_pairs SELECT id, %s FROM crm_account WHERE id %% 100 = 0",
            [AS_OF.replace(day=1)],
        )
        refresh_months(cursor, "bench_pairs")
    return {"accounts": accounts, "seconds": seconds(lambda: full_run(scope=RunScope.CHANGED))}
