"""Giving, changing and finishing tasks."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from typing import Any

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from crm.access import users_seeing
from crm.models import Account, NoticeKind, Task, User
from crm.models.people import UserQuerySet
from crm.notices.operations import notify
from crm.operations import RefusedError

GIVEN = gettext_noop("%(person)s gave you a task: %(task)s")


class TaskChanged(Exception):  # noqa: N818  (no fault: somebody else was faster)
    """A colleague changed the same fields meanwhile; nothing was written."""

    def __init__(self, current: Task, fields: Collection[str]) -> None:
        super().__init__("changed meanwhile")
        self.current = current
        self.fields = fields


def assignable(user: User, account: Account | None) -> UserQuerySet:
    """Whom `user` may give a task: with an account whoever sees it, without one oneself and one's team."""
    if account is None:
        return User.objects.visible_to(user).filter(is_active=True)
    return users_seeing(User.objects.all(), account)


def by_name(users: UserQuerySet) -> UserQuerySet:
    return users.order_by("last_name", "first_name", "username")


@transaction.atomic
def create_task(*, task: Task, creator: User, now: dt.datetime) -> Task:
    task.creator = creator
    _hold(task, creator)
    task.save()
    _tell(task, creator, now)
    return task


@transaction.atomic
def update_task(
    *,
    task_id: int,
    values: Mapping[str, Any],
    touched_since: Collection[str],
    editor: User,
    now: dt.datetime,
) -> Task:
    """Write `values`, the fields that the editor changed, and leave the others as colleagues left them.

    `touched_since` are fields that stood otherwise when the editor opened the form. TaskChanged where both changed
    one field to something different.
    """
    task = Task.objects.select_for_update().get(pk=task_id)
    both = [name for name in touched_since if name in values and getattr(task, name) != values[name]]
    if both:
        raise TaskChanged(task, both)
    given = "assignee" in values and values["assignee"].pk != task.assignee_id
    if "remind_at" in values and values["remind_at"] != task.remind_at:
        task.reminded_at = None
    for name, value in values.items():
        setattr(task, name, value)
    if given:
        _hold(task, editor)
    task.save()
    if given:
        _tell(task, editor, now)
    return task


@transaction.atomic
def set_done(*, task: Task, done: bool, now: dt.datetime) -> Task:
    """A second click changes nothing: the first moment stays."""
    current = (
        Task.objects.select_for_update(of=("self",)).select_related("account", "assignee").get(pk=task.pk)
    )
    if done != (current.done_at is not None):
        current.done_at = now if done else None
        current.save(update_fields=["done_at", "updated_at"])
    return current


def _hold(task: Task, user: User) -> None:
    """Nobody gets work on an account that is out of the person's sight."""
    if assignable(user, task.account).filter(pk=task.assignee_id).exists():
        return
    if task.account is not None:
        raise RefusedError(
            _("%(person)s does not see %(account)s.") % {"person": task.assignee, "account": task.account}
        )
    raise RefusedError(
        _("%(person)s is not of your team: choose an account that both see.") % {"person": task.assignee}
    )


def _tell(task: Task, giver: User, now: dt.datetime) -> None:
    if task.assignee_id == giver.pk:
        return
    notify(
        recipient=task.assignee,
        kind=NoticeKind.ASSIGNED,
        message=GIVEN,
        values={"person": giver, "task": task.title},
        key=f"assigned:{task.pk}:{now:%Y%m%dT%H%M%S%f}",
        path=reverse("crm:task-edit", args=[task.pk]),
        account=task.account,
        task=task,
    )
