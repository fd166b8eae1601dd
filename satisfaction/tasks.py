"""What the workers do for this app. Thin: the work is in sentiment/."""

from __future__ import annotations

import datetime as dt

from celery import shared_task
from django.utils import timezone

from satisfaction.sentiment.flags import raise_flags
from satisfaction.sentiment.index import publish_indexes
from satisfaction.sentiment.learning import learn
from satisfaction.sentiment.waiting import read_waiting

# What the task of every minute looks through; older changes are found by the one that looks through everything.
RECENT = dt.timedelta(days=3)


@shared_task(name="satisfaction.read_notes", soft_time_limit=300)
def read_notes() -> int:
    """Every minute: notes of visits made or changed lately; then what went badly is put before its owner.

    Short, so that the worker is free for what people wait for.
    """
    now = timezone.now()
    count = read_waiting(today=timezone.localdate(), since=now - RECENT, seconds=20)
    raise_flags(now=now)
    return count


@shared_task(name="satisfaction.read_all_notes", soft_time_limit=1800)
def read_all_notes() -> int:
    """Every ten minutes: any note that the working model has not read, as after an import or a new model."""
    return read_waiting(today=timezone.localdate(), seconds=9 * 60)


@shared_task(name="satisfaction.publish_sentiment")
def publish_sentiment() -> int:
    """Every hour: the index of every account as of today, for lists."""
    return publish_indexes(as_of=timezone.localdate())


@shared_task(name="satisfaction.learn_sentiment")
def learn_sentiment() -> None:
    """Every night: a head of our own once there are enough ratings, if it is clearly better."""
    learn(now=timezone.now())
