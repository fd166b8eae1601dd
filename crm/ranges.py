"""Ranges of accounts: the pieces of a step that processes claim, compute and mark done in one transaction.

A killed process's claim dies with its transaction, and the range is simply claimed again.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Sum

from crm.models import RunRange, RunStep, StepState
from crm.steps import AccountRange, Context, Step

_BOUNDS = """
SELECT min(id), max(id) FROM (
    SELECT a.id, (row_number() OVER (ORDER BY a.id) - 1) / %(size)s AS part FROM crm_account a {condition}
) numbered GROUP BY part ORDER BY 1
"""
_AS_BEFORE = """
INSERT INTO crm_runrange (step_id, lower, upper, done, rows)
SELECT %s, r.lower, r.upper, false, 0 FROM crm_runrange r JOIN crm_runstep s ON s.id = r.step_id
WHERE s.run_id = %s AND s.position = 1
"""
_ONLY_CHANGED = "JOIN crm_changedaccount c ON c.account_id = a.id AND c.run_id = %(run)s"

# Tables lie in order of their accounts: a range is a stretch of them. Reading all of a table, by several processes,
# for each of many ranges is what the planner would otherwise choose.
_READ_BY_INDEX = "SET LOCAL max_parallel_workers_per_gather = 0; SET LOCAL random_page_cost = 1.1"


def range_size() -> int:
    return int(settings.RUN_RANGE_ACCOUNTS)


def threads() -> int:
    """How many ranges the process that executes a run computes at a time, each on a connection of its own."""
    return int(settings.RUN_THREADS)


def lay_out(row: RunStep, context: Context) -> int:
    """Write the ranges of a step, the first step's for all of them; returns their number (0 without accounts)."""
    with connection.cursor() as cursor:
        cursor.execute(_AS_BEFORE, [row.pk, row.run_id])
        if copied := cursor.rowcount:
            return int(copied)
        cursor.execute(
            _BOUNDS.format(condition=_ONLY_CHANGED if context.only_changed else ""),
            {"size": range_size(), "run": context.run_id},
        )
        bounds = cursor.fetchall()
    RunRange.objects.bulk_create(RunRange(step=row, lower=lower, upper=upper) for lower, upper in bounds)
    return len(bounds)


def work(row: RunStep, step: Step, context: Context, done: Callable[[int], None]) -> None:
    """Compute ranges until none is left, with as many threads as make sense. Waits for what helpers have claimed."""
    count = min(threads(), RunRange.objects.filter(step=row, done=False).count())
    # Inside a transaction (tests, a migration) other connections would not see what this one wrote.
    if count > 1 and not connection.in_atomic_block:
        with ThreadPoolExecutor(count - 1, thread_name_prefix="range") as pool:
            others = [pool.submit(_work_apart, row, step, context) for _ in range(count - 1)]
            _claim_all(row, step, context, done)
            for other in others:
                other.result()
    else:
        _claim_all(row, step, context, done)
    # Without SKIP LOCKED: this waits for whoever still holds a range, and takes it over from the dead.
    while claim_one(row, step, context, wait=True):
        pass
    done(RunRange.objects.filter(step=row).count())


def _work_apart(row: RunStep, step: Step, context: Context) -> None:
    try:
        while claim_one(row, step, context):
            pass
    finally:
        connection.close()


def _claim_all(row: RunStep, step: Step, context: Context, done: Callable[[int], None]) -> None:
    while claim_one(row, step, context):
        done(RunRange.objects.filter(step=row, done=True).count())


def claim_one(row: RunStep, step: Step, context: Context, *, wait: bool = False) -> bool:
    """Claim, compute and stage one range in one transaction. False: there is nothing to claim."""
    with transaction.atomic():
        free = RunRange.objects.filter(step=row, done=False).order_by("lower")
        claimed = free.select_for_update(skip_locked=not wait).first()
        if claimed is None:
            return False
        with connection.cursor() as cursor:
            cursor.execute(_READ_BY_INDEX)
            cursor.execute(
                f"DELETE FROM {step.staged._meta.db_table} WHERE run_id = %s AND account_id BETWEEN %s AND %s",  # noqa: S608
                [context.run_id, claimed.lower, claimed.upper],
            )
            claimed.rows = step.compute(cursor, context, AccountRange(claimed.lower, claimed.upper))
        claimed.done = True
        claimed.save(update_fields=["done", "rows"])
    return True


def rows_of(row: RunStep) -> int:
    return RunRange.objects.filter(step=row).aggregate(total=Sum("rows"))["total"] or 0


def running_step(run_id: int) -> RunStep | None:
    return RunStep.objects.filter(run=run_id, state=StepState.RUNNING).select_related("run").first()
