"""Reads of plans, for my day, the week, the feed and the mail. All of them stay within what the reader may see."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from django.db.models import Exists, F, OuterRef

from crm.models import PlannedVisit, Task, Visit

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from crm.models import User

BY_TIME = ("planned_on", F("starts_at").asc(nulls_last=True), "pk")


def plans(reader: User, person: User) -> QuerySet[PlannedVisit]:
    """The person's planned visits, made and cancelled ones too, as far as the reader sees the accounts."""
    return (
        PlannedVisit.objects.visible_to(reader)
        .filter(user=person)
        .select_related("account")
        .order_by(*BY_TIME)
    )


def open_plans(reader: User, person: User) -> QuerySet[PlannedVisit]:
    return plans(reader, person).filter(cancelled_at=None, visit=None)


def open_next_steps(reader: User, person: User) -> QuerySet[Visit]:
    """Promised with a date, not done, and not overtaken by a later visit of anybody to the account."""
    overtaken = Visit.objects.filter(account=OuterRef("account"), happened_at__gt=OuterRef("happened_at"))
    return (
        Visit.objects.visible_to(reader)
        .filter(user=person, next_step_on__isnull=False, next_step_done_at=None)
        .filter(~Exists(overtaken))
        .select_related("account")
        .order_by("next_step_on", "pk")
    )


def tasks(reader: User, person: User) -> QuerySet[Task]:
    """The person's tasks with a date, done ones too."""
    return (
        Task.objects.visible_to(reader)
        .filter(assignee=person, due_on__isnull=False)
        .select_related("account")
        .order_by("due_on", "-urgent", "pk")
    )


def made_visits(reader: User, person: User, first: dt.datetime, after: dt.datetime) -> QuerySet[Visit]:
    """Visits logged with a time in [first, after)."""
    return (
        Visit.objects.visible_to(reader)
        .filter(user=person, happened_at__gte=first, happened_at__lt=after)
        .select_related("account")
        .order_by("happened_at", "pk")
    )
