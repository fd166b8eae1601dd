"""The list of tasks as its address asks for it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from functools import cached_property
from typing import TYPE_CHECKING, Any

from django.db.models import F, Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm.models import Account, Task, User
from crm.work.tasks import by_name

if TYPE_CHECKING:
    from django.http import QueryDict

VIEWS = {
    "mine": gettext_lazy("Mine"),
    "given": gettext_lazy("Given to others"),
    "team": gettext_lazy("Everybody's"),
    "done": gettext_lazy("Done"),
}
DUE = {
    "overdue": gettext_lazy("Overdue"),
    "today": gettext_lazy("Due by today"),
    "week": gettext_lazy("Due within a week"),
    "none": gettext_lazy("Without a date"),
}
LAST = F("due_on").asc(nulls_last=True)
ORDERS: dict[str, tuple[Any, tuple[Any, ...]]] = {
    "due": (gettext_lazy("By due date"), (LAST, "-urgent", "pk")),
    "urgent": (gettext_lazy("Urgent first"), ("-urgent", LAST, "pk")),
    "newest": (gettext_lazy("Newest first"), ("-created_at", "-pk")),
    "account": (gettext_lazy("By account"), ("account__sort_name", LAST, "pk")),
    "assignee": (gettext_lazy("By person"), ("assignee__last_name", "assignee__first_name", LAST, "pk")),
}


class TaskList:
    """`asked` has show, q, assignee, urgent, due, account and sort; what makes no sense is left out."""

    def __init__(self, user: User, asked: QueryDict, today: dt.date) -> None:
        self.user = user
        self.asked = asked
        self.today = today
        self.show = asked.get("show", "mine") if asked.get("show") in VIEWS else "mine"
        self.sort = (
            asked.get("sort", "")
            if asked.get("sort") in ORDERS
            else ("newest" if self.show == "done" else "due")
        )

    def tasks(self) -> QuerySet[Task]:
        tasks = Task.objects.visible_to(self.user).select_related("account", "assignee", "creator")
        tasks = tasks.filter(self._shown()).filter(self._due())
        if self.asked.get("urgent"):
            tasks = tasks.filter(urgent=True)
        if number := _number(self.asked.get("assignee", "")):
            tasks = tasks.filter(assignee=number)
        if text := self.asked.get("q", "").replace("\0", "").strip():
            accounts = Account.objects.visible_to(self.user).matching(text).values("pk")
            tasks = tasks.filter(Q(title__icontains=text) | Q(account__in=accounts))
        if self.show == "done" and self.sort == "newest":
            return tasks.order_by("-done_at", "-pk")
        return tasks.order_by(*ORDERS[self.sort][1])

    def _shown(self) -> Q:
        if self.show == "done":
            return Q(done_at__isnull=False)
        still = Q(done_at=None)
        if self.show == "mine":
            return still & Q(assignee=self.user)
        if self.show == "given":
            return still & Q(creator=self.user) & ~Q(assignee=self.user)
        return still

    def _due(self) -> Q:
        return {
            "overdue": Q(due_on__lt=self.today),
            "today": Q(due_on__lte=self.today),
            "week": Q(due_on__lte=self.today + dt.timedelta(days=7)),
            "none": Q(due_on=None),
        }.get(self.asked.get("due", ""), Q())

    @cached_property
    def people(self) -> list[User]:
        """Whose tasks there are to choose from."""
        visible = Task.objects.visible_to(self.user).filter(self._shown())
        return list(by_name(User.objects.filter(pk__in=visible.values("assignee"))))

    def headers(self) -> list[str]:
        return [
            _("Task"), _("Account number"), _("Account"), _("Who does it"), _("From"), _("Due on"), _("Urgent"),
            _("Remind at"), _("Done"), _("Note"),
        ]  # fmt: skip

    def rows(self) -> Iterator[list[Any]]:
        for task in self.tasks().iterator(chunk_size=1000):
            account = task.account
            yield [
                task.title, account.number if account else None, str(account) if account else None,
                str(task.assignee), str(task.creator), task.due_on, task.urgent, task.remind_at, task.done_at,
                task.note,
            ]  # fmt: skip


def _number(text: str) -> int:
    return int(text) if text.isdecimal() and text.isascii() and len(text) < 18 else 0
