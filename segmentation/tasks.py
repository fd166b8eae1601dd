"""Where Celery looks for the tasks of this app."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from segmentation.cadence.replanning import replan


@shared_task(name="segmentation.replan_visits")
def replan_visits() -> None:
    """After the night's figures: proposals follow changed grades. Again every hour: doing nothing costs little."""
    now = timezone.now()
    replan(today=timezone.localdate(now), now=now)
