"""Back-tests that run in the background: a row waits for each date, a worker fills one after the other."""

from __future__ import annotations

import datetime as dt
import logging

from django.db import connection, transaction

from crm.runs import announce
from segmentation.modelling.backtest_dates import Schedule, ledger, schedule
from segmentation.modelling.backtests import back_test
from segmentation.models import ModelBackTest, ScoringModelVersion

logger = logging.getLogger(__name__)

BACK_TEST_TASK = "segmentation.back_test"
# In a row's result under "state" while its figures are not there; earlier figures stay beside it until then.
QUEUED, FAILED = "queued", "failed"
_LOCK = 4_217_230
# What waited longer may be asked for again; the schedule resumes it anyway.
OVERDUE = dt.timedelta(minutes=10)


def request_back_test(*, version: ScoringModelVersion, now: dt.datetime) -> Schedule:
    """Let the version be tested at the dates that the ledger allows. A second press while it waits changes nothing."""
    planned = schedule(ledger())
    with transaction.atomic():
        ScoringModelVersion.objects.select_for_update().get(pk=version.pk)
        tests = ModelBackTest.objects.filter(version=version)
        if tests.filter(result__state=QUEUED, computed_at__gt=now - OVERDUE).exists():
            return planned
        there = {(test.as_of, test.until): test for test in tests}
        for pair in planned.pairs:
            test = there.pop(pair, None) or ModelBackTest(version=version, as_of=pair[0], until=pair[1])
            test.result = {**test.result, "state": QUEUED}
            test.save()
        # Of a shorter ledger, or of other dates.
        ModelBackTest.objects.filter(pk__in=[test.pk for test in there.values()]).delete()
        if planned.dates:
            transaction.on_commit(lambda: announce(BACK_TEST_TASK, version.pk))
    return planned


def run_back_tests(version_id: int) -> int:
    """Fill what waits, oldest date first; how many. None where another worker is at it: safe to start twice."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [_LOCK, version_id])
        if not cursor.fetchone()[0]:
            return 0
        try:
            return _fill(version_id)
        finally:
            if not connection.needs_rollback:
                cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [_LOCK, version_id])


def resume_back_tests() -> int:
    """What waits although nobody is at it: the message was lost, or its worker died. How many were filled."""
    waiting = ModelBackTest.objects.filter(result__state=QUEUED).values_list("version_id", flat=True)
    return sum(run_back_tests(version_id) for version_id in sorted(set(waiting)))


def _fill(version_id: int) -> int:
    waiting = ModelBackTest.objects.filter(version_id=version_id, result__state=QUEUED)
    done = 0
    for test in waiting.select_related("version__model").order_by("as_of"):
        try:
            with transaction.atomic():
                back_test(test.version, test.as_of, test.until)
        except Exception:
            logger.exception("back-test of %s at %s failed", test.version, test.as_of)
            test.result = {**test.result, "state": FAILED}
            test.save()
        else:
            done += 1
    return done
