"""Reminders of tasks."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext_noop

from crm.models import Account, NoticeKind, Task
from crm.notices.operations import notify

REMINDER = gettext_noop("Reminder: %(task)s")
MOST_AT_ONCE = 200


@transaction.atomic
def remind(*, now: dt.datetime) -> int:
    """A notice for each open task whose time has come; returns how many.

    The rows are locked, and rows that another worker has are left to it: two workers make one notice. What was due
    while nothing ran is made up for.
    """
    due = (
        Task.objects.open()
        .filter(reminded_at=None, remind_at__lte=now)
        .select_for_update(skip_locked=True, of=("self",))
        .select_related("assignee", "account")
        .order_by("remind_at", "pk")
    )
    made = 0
    tasks = list(due[:MOST_AT_ONCE])
    for task in tasks:
        if task.assignee.is_active and _sees(task):
            notify(
                recipient=task.assignee,
                kind=NoticeKind.REMINDER,
                message=REMINDER,
                values={"task": task.title},
                key=f"reminder:{task.pk}:{task.remind_at:%Y%m%dT%H%M%S}",
                path=reverse("crm:task-edit", args=[task.pk]),
                account=task.account,
                task=task,
            )
            made += 1
    Task.objects.filter(pk__in=[task.pk for task in tasks]).update(reminded_at=now)
    return made


def _sees(task: Task) -> bool:
    """An account that was given to others takes its tasks out of sight."""
    if task.account_id is None:
        return True
    return Account.objects.visible_to(task.assignee).filter(pk=task.account_id).exists()
