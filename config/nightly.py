"""The chain of every night: which steps make the figures, in which order, and who starts them."""

from __future__ import annotations

import datetime as dt
import time
from contextlib import suppress

from celery import shared_task
from django.utils import timezone
from kombu.exceptions import OperationalError as BrokerError

from config.warm import prepare_all
from crm import ranges
from crm.models import Run, RunScope, RunState, User
from crm.recompute import FactsStep
from crm.runs import (
    Context,
    Progress,
    RunBusy,
    Step,
    execute,
    newest_full_run,
    prepared_of,
    request_run,
    unfinished_runs,
)
from crm.snapshots import shown_run
from lifecycle.recompute import LifecycleStep
from lifecycle.value_step import ValueStep
from satisfaction.recompute import RatioStep
from segmentation.recompute import GradeStep
from segmentation.segments.recompute import SegmentStep

# Each step may read what the steps before it have staged.
STEPS: tuple[Step, ...] = (FactsStep(), RatioStep(), LifecycleStep(), ValueStep(), GradeStep(), SegmentStep())

_POLL_SECONDS = 0.5


def recompute(
    *,
    as_of: dt.date,
    trigger: str,
    requested_by: User | None = None,
    scope: str = RunScope.FULL,
    progress: Progress | None = None,
) -> Run:
    """Compute and publish every figure for a date, here and now; waits for a run that another process is at."""
    run = request_run(as_of=as_of, trigger=trigger, requested_by=requested_by, scope=scope, announced=False)
    while True:
        try:
            return execute(run, STEPS, progress=progress)
        except RunBusy:
            time.sleep(_POLL_SECONDS)


def month_ends(first: dt.date, last: dt.date) -> list[dt.date]:
    """The last days of months from `first` to `last`, both included."""
    ends = []
    month = first.replace(day=1)
    while month <= last:
        following = (month + dt.timedelta(days=32)).replace(day=1)
        end = following - dt.timedelta(days=1)
        if first <= end <= last:
            ends.append(end)
        month = following
    return ends


def due_dates(yesterday: dt.date) -> list[dt.date]:
    """Yesterday, the last day whose trade is complete, and the month ends that were slept through before it."""
    newest = newest_full_run()
    if newest is None:
        return [yesterday]
    published = set(Run.objects.filter(state=RunState.PUBLISHED).values_list("as_of", flat=True))
    missed = [
        end
        for end in month_ends(newest.as_of + dt.timedelta(days=1), yesterday - dt.timedelta(days=1))
        if end not in published
    ]
    return [*missed, yesterday]


@shared_task(name="config.nightly.nightly")
def nightly() -> None:
    """Started again every hour: a machine that slept at night makes up for it, one that did not has nothing to do."""
    yesterday = timezone.localdate() - dt.timedelta(days=1)
    tried = Run.objects.filter(as_of=yesterday, trigger="schedule", scope=RunScope.FULL)
    if tried.filter(state__in=[RunState.PUBLISHED, RunState.FAILED]).exists():
        return
    for as_of in due_dates(yesterday):
        _try(request_run(as_of=as_of, trigger="schedule", announced=False))


@shared_task(name="config.nightly.run_chain")
def run_chain(run_id: int) -> None:
    run = Run.objects.filter(pk=run_id).first()
    if run is not None:
        _try(run)


@shared_task(name="config.nightly.resume_runs")
def resume_runs() -> None:
    """Whatever is queued or was interrupted: a lost message, a dead broker and a killed worker all end up here."""
    for run in unfinished_runs():
        _try(run)


@shared_task(name="config.nightly.help_run")
def help_run(run_id: int) -> None:
    """Compute ranges of a run that another process executes, until it is finished."""
    idle = 0
    while idle < 20 and Run.objects.filter(pk=run_id, state=RunState.RUNNING).exists():
        row = ranges.running_step(run_id)
        step = next((step for step in STEPS if row is not None and step.slug == row.slug), None)
        worked = False
        if row is not None and step is not None:
            earlier = row.run.steps.filter(position__lte=row.position)
            context = Context(row.run, {other.slug: prepared_of(other) for other in earlier})
            while ranges.claim_one(row, step, context):
                worked = True
        idle = 0 if worked else idle + 1
        if not worked:
            time.sleep(_POLL_SECONDS)


def _try(run: Run) -> None:
    """A busy run is no fault: resume_runs comes back to it."""
    with suppress(RunBusy):
        run = execute(run, STEPS)
        if run.state == RunState.PUBLISHED and shown_run() == run:
            # A dashboard that is not prepared is slow once and right all the same.
            with suppress(BrokerError, OSError):
                prepare_all.apply_async(retry=False, expires=3600)
