"""The morning mail as a task."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from crm.plan.digest import send_digests


@shared_task(name="crm.send_digests")
def send_daily_digests() -> None:
    """Started at seven and again through the morning: whoever has the mail gets no other."""
    send_digests(timezone.localdate())
