"""What the workers do for duplicates."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from crm.duplicates.merging import adopt_strays
from crm.duplicates.scans import request_scan, run_scan


@shared_task(name="crm.find_duplicates")
def find_duplicates(scan_id: int | None = None) -> bool:
    """A scan that somebody asked for, or the nightly one. Safe to run twice."""
    now = timezone.now()
    if scan_id is None:
        adopt_strays(now=now)
        scan_id = request_scan(user=None, now=now).pk
    return run_scan(scan_id, now=now)
