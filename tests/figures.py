"""Computing figures in tests: roll up what the test has traded, run the whole chain, look at what is stored."""

from __future__ import annotations

import datetime as dt
import io

from django.db import connection, transaction

from config.nightly import recompute
from crm.models import Run, RunState
from crm.rollup import rebuild

# Everything a run publishes, without the ids and run numbers that differ between two runs.
STORED = {
    "crm_accountfacts": "account_id",
    "satisfaction_accountsatisfaction": "account_id",
    "satisfaction_satisfactionsnapshot": "month_end, account_id",
    "lifecycle_accountlifecycle": "account_id",
    "lifecycle_lifecyclesnapshot": "month_end, account_id",
    "lifecycle_stageinterval": "account_id, valid_from",
    "lifecycle_loyaltyinterval": "account_id, valid_from",
    "lifecycle_accountvalue": "account_id",
    "lifecycle_valuesnapshot": "month_end, account_id",
    "segmentation_accountgrade": "account_id",
    "segmentation_gradesnapshot": "month_end, account_id",
    "segmentation_gradeinterval": "account_id, valid_from",
}


def roll_up() -> int:
    with transaction.atomic(), connection.cursor() as cursor:
        return rebuild(cursor)


def compute(as_of: dt.date, **options: object) -> Run:
    """Roll up and publish a run; fails with the run's own error."""
    roll_up()
    run = recompute(as_of=as_of, trigger="command", **options)  # type: ignore[arg-type]
    assert run.state == RunState.PUBLISHED, run.error
    return run


def stored() -> dict[str, bytes]:
    """Every published figure as the bytes that COPY gives."""
    found = {}
    with connection.cursor() as cursor:
        for table, order in STORED.items():
            cursor.execute(
                "SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum) FROM pg_attribute"
                " WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped"
                " AND attname NOT IN ('id', 'run_id')",
                [table],
            )
            columns = cursor.fetchone()[0]
            buffer = io.BytesIO()
            cursor.copy_expert(f"COPY (SELECT {columns} FROM {table} ORDER BY {order}) TO STDOUT", buffer)
            found[table] = buffer.getvalue()
    return found
