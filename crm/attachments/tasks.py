"""What the workers do for attachments."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from crm.attachments.sweeping import sweep


@shared_task(name="crm.sweep_attachments")
def sweep_attachments() -> int:
    return sweep(now=timezone.now())
