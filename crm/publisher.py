"""Publication of a run: one transaction that takes over each step's figures as soon as they are all staged.

Moving figures to where readers see them keeps one connection busy, computing the next step's others: both at once take
less time than one after the other. Readers see everything at the end, when the transaction commits, or nothing.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from queue import SimpleQueue
from typing import Protocol

from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone

from crm import ranges
from crm.models import Run, RunRange, RunScope, RunState, RunStep
from crm.steps import Context, Publication, Step


class Publisher(Protocol):
    def hand_over(self, step: Step, context: Context) -> None:
        """All figures of the step are staged; `context` holds its preparation."""


@contextmanager
def publishing(run: Run) -> Iterator[Publisher]:
    """Publish what is handed over inside the block, all of it when the block ends well and nothing when it does not."""
    # Inside a transaction (tests, a migration) another connection would not see what this one staged.
    if ranges.threads() > 1 and not connection.in_atomic_block:
        with ThreadPoolExecutor(1, thread_name_prefix="publish") as pool:
            beside = _Beside()
            beside.work = pool.submit(_publish_apart, run.pk, beside.handed)
            try:
                yield beside
            except BaseException:
                beside.put(_GivenUp())
                raise
            beside.put(None)
            beside.work.result()
    else:
        afterwards = _Afterwards()
        yield afterwards
        _publish(run.pk, iter(afterwards.handed))


class _GivenUp(Exception):  # noqa: N818 - a state, not a fault
    """The run failed: what was published of it is rolled back."""


Handed = tuple[Step, Context]


class _Afterwards:
    def __init__(self) -> None:
        self.handed: list[Handed] = []

    def hand_over(self, step: Step, context: Context) -> None:
        self.handed.append((step, context))


class _Beside:
    """On a thread, and so on a connection, of its own. None ends the work, an exception ends it badly."""

    work: Future[None]

    def __init__(self) -> None:
        self.handed: SimpleQueue[Handed | _GivenUp | None] = SimpleQueue()

    def put(self, item: Handed | _GivenUp | None) -> None:
        self.handed.put(item)

    def hand_over(self, step: Step, context: Context) -> None:
        if self.work.done():
            # It cannot have ended well: nobody has told it to end.
            self.work.result()
        self.put((step, context))


def _publish_apart(run_id: int, queue: SimpleQueue[Handed | _GivenUp | None]) -> None:
    try:
        _publish(run_id, _until_told(queue))
    except _GivenUp:
        pass
    finally:
        connection.close()


def _until_told(queue: SimpleQueue[Handed | _GivenUp | None]) -> Iterator[Handed]:
    while (item := queue.get()) is not None:
        if isinstance(item, _GivenUp):
            raise item
        yield item


@transaction.atomic
def _publish(run_id: int, handed: Iterator[Handed]) -> None:
    run = Run.objects.get(pk=run_id)
    published = Run.objects.filter(state=RunState.PUBLISHED)
    # One run at a time is computed and published: nobody can publish a later one meanwhile.
    later = published.filter(as_of__gt=run.as_of).order_by("as_of").values_list("as_of", flat=True).first()
    versions: dict[str, int] = {}
    with connection.cursor() as cursor:
        for step, context in handed:
            started = time.monotonic()
            step.publish(cursor, Publication(context, newest=later is None, next_as_of=later))
            spent = round((time.monotonic() - started) * 1000)
            run.steps.filter(slug=step.slug).update(milliseconds=F("milliseconds") + spent)
            versions[step.slug] = context.prepared[step.slug].version
        if later is None:
            cursor.execute(
                "DELETE FROM crm_changedaccount WHERE account_id IN"
                " (SELECT account_id FROM crm_changedaccount WHERE run_id = %s FOR UPDATE SKIP LOCKED)",
                [run.pk],
            )
    run.state, run.finished_at, run.error = RunState.PUBLISHED, timezone.now(), ""
    run.model_versions = versions
    run.save(update_fields=["state", "finished_at", "error", "model_versions"])
    RunRange.objects.filter(step__run=run).delete()
    if later is None and run.scope == RunScope.FULL:
        # Only the newest run is compared with; the rest can be had again by repeating the run.
        RunStep.objects.filter(population__isnull=False).exclude(run=run).update(population=None)
