"""What the workers do for notices, every minute. What a minute missed, the next one does."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from crm.notices.mailing import mail_waiting
from crm.notices.reminders import remind


@shared_task(name="crm.remind")
def remind_and_mail() -> int:
    now = timezone.now()
    made = remind(now=now)
    mail_waiting(now=now)
    return made
