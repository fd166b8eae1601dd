"""Asking for a search for duplicates, running it once at a time, and publishing what it found."""

from __future__ import annotations

import datetime as dt
import logging

from django.db import connection, transaction

from crm.duplicates.scanning import find_pairs
from crm.models import Account, DuplicatePair, DuplicateScan, ScanState, User
from crm.runs import announce

logger = logging.getLogger(__name__)

SCAN_TASK = "crm.find_duplicates"
# More pairs than anybody will look through; the best come first.
MOST_PAIRS = 5000
_LOCK = 4_217_201
# After this a scan that is not done was interrupted.
OVERDUE = dt.timedelta(hours=2)


def request_scan(*, user: User | None, now: dt.datetime) -> DuplicateScan:
    """A waiting scan, announced to the workers; the one that waits or runs already instead of a second one."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, 1)", [_LOCK])
        unfinished = DuplicateScan.objects.filter(state__in=[ScanState.QUEUED, ScanState.RUNNING])
        unfinished.filter(created_at__lt=now - OVERDUE).update(state=ScanState.FAILED, finished_at=now)
        scan = unfinished.order_by("pk").first()
        if scan is None:
            scan = DuplicateScan.objects.create(requested_by=user)
        scan_id = scan.pk
        transaction.on_commit(lambda: announce(SCAN_TASK, scan_id))
    return scan


def newest_scan() -> DuplicateScan | None:
    return DuplicateScan.objects.order_by("-pk").first()


def run_scan(scan_id: int, *, now: dt.datetime) -> bool:
    """Run a waiting scan; False where it is done already or another worker is at one."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, 2)", [_LOCK])
        if not cursor.fetchone()[0]:
            return False
        try:
            scan = DuplicateScan.objects.filter(
                pk=scan_id, state__in=[ScanState.QUEUED, ScanState.RUNNING]
            ).first()
            if scan is None:
                return False
            return _run(cursor, scan, now)
        finally:
            if not connection.needs_rollback:
                cursor.execute("SELECT pg_advisory_unlock(%s, 2)", [_LOCK])


def _run(cursor: object, scan: DuplicateScan, now: dt.datetime) -> bool:
    scan.state, scan.started_at, scan.progress = ScanState.RUNNING, now, 0
    scan.save()

    def tell(percent: int) -> None:
        DuplicateScan.objects.filter(pk=scan.pk).update(progress=percent)

    try:
        scan.accounts, found = find_pairs(cursor, tell)
    except Exception:
        DuplicateScan.objects.filter(pk=scan.pk).update(state=ScanState.FAILED, finished_at=now)
        logger.exception("search for duplicates %s failed", scan.pk)
        raise
    with transaction.atomic():
        DuplicatePair.objects.all().delete()
        pairs = [
            DuplicatePair(first_id=first, second_id=second, score=score, reasons=reasons)
            for first, second, score, reasons in found[:MOST_PAIRS]
        ]
        # An account deleted while we searched takes its pairs along.
        there = set(
            Account.objects.filter(pk__in={pk for pair in pairs for pk in (pair.first_id, pair.second_id)})
            .values_list("pk", flat=True)
        )  # fmt: skip
        DuplicatePair.objects.bulk_create(pair for pair in pairs if {pair.first_id, pair.second_id} <= there)
        scan.state, scan.progress, scan.pairs, scan.finished_at = ScanState.DONE, 100, len(found), now
        scan.save()
    return True
