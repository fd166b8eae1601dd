"""Runs: one recompute of every figure for one date, however often its process is killed on the way.

A run is asked for (`request_run`), computed range by range into staging tables, and published in one transaction.
One run at a time: whoever computes holds an advisory lock of the database, which dies with its connection. An
unfinished run whose lock is free was interrupted; whoever finds it does it again from the start.
"""

from __future__ import annotations

import datetime as dt
import logging
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress

from celery import current_app
from django.db import InterfaceError, OperationalError, connection, transaction
from django.utils import timezone
from kombu.exceptions import OperationalError as BrokerError

from crm import ranges
from crm.models import Run, RunRange, RunScope, RunState, RunStep, StepState, User
from crm.publisher import publishing
from crm.steps import (
    AccountRange,
    Context,
    Prepared,
    Publication,
    Step,
    pack_populations,
    unpack_populations,
)

__all__ = ["AccountRange", "Context", "Prepared", "Publication", "RunBusy", "Step", "execute", "request_run"]

logger = logging.getLogger(__name__)

# Names and not imports: the chain of all apps' steps is composed above us.
EXECUTE_TASK = "config.nightly.run_chain"
HELP_TASK = "config.nightly.help_run"
MAX_ATTEMPTS = 3
# Accounts edited while the base run was being computed count as changed once more.
_MARGIN = dt.timedelta(minutes=10)
_RUN_LOCK = 4_217_002
_REQUEST_LOCK = 4_217_003

# Called with the step's slug, the ranges done and their number; "publish" is the last slug.
Progress = Callable[[str, int, int], None]


class RunBusy(Exception):  # noqa: N818 - a state, not a fault
    """Another process computes a run at this moment."""


class NothingPublished(ValueError):  # noqa: N818
    """A run of the changed accounts needs a full run to build on."""


def request_run(
    *,
    as_of: dt.date,
    trigger: str,
    requested_by: User | None = None,
    scope: str = RunScope.FULL,
    announced: bool = True,
) -> Run:
    """A queued run for the date, announced to the workers once the transaction commits (unless the caller executes it).

    An unfinished run for the same date and scope is returned instead of a second one; one of changed accounts only
    while it waits, because once it runs it knows which accounts it takes. If the broker is down the run waits in the
    table, where `resume_runs` looks every minute.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_REQUEST_LOCK])
        states = [RunState.QUEUED] if scope == RunScope.CHANGED else [RunState.QUEUED, RunState.RUNNING]
        open_runs = Run.objects.filter(state__in=states, as_of=as_of, scope=scope)
        run = open_runs.order_by("pk").first()
        if run is None:
            base = _base_of(as_of) if scope == RunScope.CHANGED else None
            run = Run.objects.create(
                as_of=as_of, scope=scope, base=base, trigger=trigger, requested_by=requested_by
            )
        if announced:
            run_id = run.pk
            transaction.on_commit(lambda: announce(EXECUTE_TASK, run_id))
    return run


def newest_full_run() -> Run | None:
    """The published run whose populations the current figures were compared with."""
    published = Run.objects.filter(state=RunState.PUBLISHED, scope=RunScope.FULL)
    return published.order_by("-as_of", "-pk").first()


def _base_of(as_of: dt.date) -> Run:
    base = newest_full_run()
    if base is None or base.as_of != as_of:
        raise NothingPublished(f"no full run is published for {as_of}, or a later date is")
    return base


def announce(task: str, run_id: int) -> None:
    try:
        current_app.signature(task, args=[run_id]).apply_async()
    except (BrokerError, OSError) as error:
        logger.warning(
            "No message to the workers about run %s, the broker does not answer: %s", run_id, error
        )


def unfinished_runs() -> list[Run]:
    """Oldest date first, so that history grows forwards."""
    return list(Run.objects.filter(state__in=[RunState.QUEUED, RunState.RUNNING]).order_by("as_of", "pk"))


@contextmanager
def _the_only_run() -> Iterator[None]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [_RUN_LOCK])
        if not cursor.fetchone()[0]:
            raise RunBusy
    holder = connection.connection
    try:
        yield
    finally:
        # A connection that was lost has given the lock back; a new one must not give back another's.
        if connection.connection is holder and holder is not None and not holder.closed:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [_RUN_LOCK])


def execute(run: Run, steps: Sequence[Step], *, progress: Progress | None = None) -> Run:
    """Compute and publish `run`; returns it published or failed (its `error` says why, the log says where).

    Raises RunBusy when another process is at it, and OperationalError when the database went away or is full: the
    run then stays unfinished and is redone, at most MAX_ATTEMPTS times.
    """
    report = progress or (lambda slug, done, total: None)
    with _the_only_run():
        run.refresh_from_db()
        if run.is_finished:
            return run
        if run.attempts >= MAX_ATTEMPTS:
            return _failed(
                run, f"given up after {run.attempts} attempts: {run.error or 'the process was killed'}"
            )
        try:
            context = _begin(run, steps)
            with publishing(run) as publisher:
                for step in steps:
                    context = _perform(context, step, report)
                    publisher.hand_over(step, context)
                report("publish", 0, 1)
            report("publish", 1, 1)
            run.refresh_from_db()
        except (OperationalError, InterfaceError) as error:
            logger.warning("Run %s was interrupted: %s", run.pk, error)
            _leave_for_later(run, str(error).strip())
            raise
        except Exception as error:
            logger.exception("Run %s failed", run.pk)
            return _failed(run, f"{type(error).__name__}: {error}")
    return run


def _leave_for_later(run: Run, error: str) -> None:
    """Say what happened if the database can be told. If not, the run still counts as running and is found as such."""
    if not connection.in_atomic_block:
        connection.close_if_unusable_or_obsolete()
    with suppress(OperationalError, InterfaceError):
        Run.objects.filter(pk=run.pk).update(state=RunState.QUEUED, error=error)


def _failed(run: Run, error: str) -> Run:
    run.state, run.error, run.finished_at = RunState.FAILED, error, timezone.now()
    run.save(update_fields=["state", "error", "finished_at"])
    run.steps.filter(state=StepState.RUNNING).update(state=StepState.FAILED)
    return run


@transaction.atomic
def _begin(run: Run, steps: Sequence[Step]) -> Context:
    """Undo whatever an earlier attempt or another run left behind, and lay out the steps."""
    # Ranges first: this waits for a helper that still computes one, whose rows then go with the others.
    RunRange.objects.filter(step__run__in=unfinished_runs()).delete()
    RunStep.objects.filter(run=run).delete()
    with connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE {', '.join(step.staged._meta.db_table for step in steps)}")
    if run.scope == RunScope.CHANGED and (base := newest_full_run()) is not None:
        # A newer full run may have been published since this one was asked for: that is what is out of date now.
        run.base, run.as_of = base, base.as_of
        made = set(base.steps.values_list("slug", flat=True))
        if any(step.slug not in made for step in steps):
            # The program has learned something since: only a run of everything can begin with it.
            run.scope, run.base = RunScope.FULL, None
    run.state, run.error, run.started_at = RunState.RUNNING, "", timezone.now()
    run.attempts += 1
    run.save(update_fields=["state", "error", "started_at", "attempts", "scope", "base", "as_of"])
    RunStep.objects.bulk_create(
        RunStep(run=run, position=position, slug=step.slug) for position, step in enumerate(steps, start=1)
    )
    _claim_changed(run, steps)
    return Context(run, {})


def _claim_changed(run: Run, steps: Sequence[Step]) -> None:
    """Mark the accounts that this run brings up to date. Locked ones are being changed again: left for the next."""
    with connection.cursor() as cursor:
        if run.scope == RunScope.CHANGED and run.base and run.base.started_at:
            queries = [query for step in steps if (query := step.changed_accounts())]
            cursor.execute(
                f"INSERT INTO crm_changedaccount (account_id) {' UNION '.join(queries)} ON CONFLICT DO NOTHING",
                {"since": run.base.started_at - _MARGIN},
            )
        cursor.execute(
            "UPDATE crm_changedaccount SET run_id = %s WHERE account_id IN"
            " (SELECT account_id FROM crm_changedaccount FOR UPDATE SKIP LOCKED)",
            [run.pk],
        )


def _perform(context: Context, step: Step, report: Progress) -> Context:
    started = time.monotonic()
    row = RunStep.objects.get(run=context.run, slug=step.slug)
    prepared = _prepare(context, step)
    row.parameters = {"values": dict(prepared.parameters), "version": prepared.version}
    if not context.only_changed:
        row.population = pack_populations(prepared.populations)
    row.state = StepState.RUNNING
    row.save(update_fields=["parameters", "population", "state"])
    context = Context(context.run, {**context.prepared, step.slug: prepared})
    total = ranges.lay_out(row, context)
    report(step.slug, 0, total)
    if total > ranges.threads() and row.position == 1:
        announce(HELP_TASK, context.run_id)
    ranges.work(row, step, context, lambda done: report(step.slug, done, total))
    _analyze(step)
    row.rows = ranges.rows_of(row)
    row.milliseconds = round((time.monotonic() - started) * 1000)
    row.state = StepState.DONE
    row.save(update_fields=["rows", "milliseconds", "state"])
    return context


@transaction.atomic
def _analyze(step: Step) -> None:
    """The planner must know that the staging table is not empty any more; a small sample tells it."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL default_statistics_target = 10")
        cursor.execute(f"ANALYZE {step.staged._meta.db_table}")
        # Within a transaction of the caller's the setting would outlive this block.
        cursor.execute("SET LOCAL default_statistics_target TO DEFAULT")


def _prepare(context: Context, step: Step) -> Prepared:
    if context.only_changed:
        return prepared_of(RunStep.objects.get(run=context.run.base_id, slug=step.slug))
    with transaction.atomic(), connection.cursor() as cursor:
        return step.prepare(cursor, context)


def prepared_of(row: RunStep) -> Prepared:
    """What a step of a run was given, read back for a helper, a partial run or an explanation."""
    if row.run.scope == RunScope.CHANGED:
        row = RunStep.objects.get(run=row.run.base_id, slug=row.slug)
    return Prepared(
        row.parameters.get("values", {}),
        unpack_populations(row.population),
        row.parameters.get("version", 0),
    )
