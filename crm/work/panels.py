"""Tasks and comments on the account's page."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy as _

from crm.models import Task
from crm.panels import Panel
from crm.work.tasks import assignable, by_name

if TYPE_CHECKING:
    from crm.models import Account, User

SHOWN = 8


class TasksPanel(Panel):
    slug = "tasks"
    title = _("Tasks")
    icon = "checklist"
    template_name = "crm/tasks/panel.html"
    column = "side"
    lazy = True

    def get_context(self, *, account: Account, user: User, today: dt.date) -> dict[str, Any]:
        tasks = Task.objects.filter(account=account).open().select_related("account", "assignee", "creator")
        listed = list(tasks.order_by("due_on", "-urgent", "pk")[: SHOWN + 1])
        return {
            "tasks": listed[:SHOWN],
            "more": len(listed) > SHOWN,
            "people": by_name(assignable(user, account)),
            "chosen": user.pk,
            "today": today,
        }


class CommentsPanel(Panel):
    slug = "comments"
    title = _("Comments")
    icon = "message-circle"
    template_name = "crm/comments/_thread.html"
