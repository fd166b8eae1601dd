"""Tasks on "My day"."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import TYPE_CHECKING

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from crm.models import Task
from crm.panels import DayAction, DayItem, DayLink, DaySource

if TYPE_CHECKING:
    from crm.models import User

SHOWN = 30


class TasksDue(DaySource):
    """Own open tasks about an account that are due by today, or urgent."""

    slug = "tasks"
    title = gettext_lazy("Tasks due")
    icon = "checklist"

    def items(self, *, user: User, today: dt.date) -> list[DayItem]:
        tasks = Task.objects.visible_to(user).open().filter(assignee=user).exclude(account=None)
        due = tasks.filter(due_on__lte=today) | tasks.filter(urgent=True, due_on=None)
        rows = due.select_related("account").order_by("due_on", "-urgent", "pk")[:SHOWN]
        return [self._item(task, today) for task in rows]

    def _item(self, task: Task, today: dt.date) -> DayItem:
        assert task.account is not None
        late = (today - task.due_on).days if task.due_on else 0
        if late > 0:
            detail = ngettext("%(days)d day overdue", "%(days)d days overdue", late) % {"days": late}
        elif task.due_on:
            detail = _("due today")
        else:
            detail = _("urgent")
        done = DayAction(_("Done"), "check", reverse("crm:task-done", args=[task.pk]), (("done", "1"),))
        return DayItem(
            account=task.account,
            title=task.title,
            url=reverse("crm:task-edit", args=[task.pk]),
            due_on=task.due_on,
            detail=detail,
            tone="bad" if late > 0 else "warn",
            actions=(done,),
        )

    def links(self, *, user: User) -> Sequence[DayLink]:
        return (DayLink(gettext_lazy("All tasks"), "checklist", reverse("crm:task-list")),)
