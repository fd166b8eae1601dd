"""What the workers do. Thin: the work is in running.py."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from crm.imports.batches import waiting
from crm.imports.running import run_batch


@shared_task(name="crm.run_import")
def run_import(batch_id: int) -> None:
    """Safe to run twice: a batch that is done, or that another worker has, is left alone."""
    run_batch(batch_id, today=timezone.localdate())


@shared_task(name="crm.resume_imports")
def resume_imports() -> int:
    """Every minute: imports that a dead broker or a dead worker left waiting."""
    batches = waiting()
    for batch_id in batches:
        run_batch(batch_id, today=timezone.localdate())
    return len(batches)
