"""crm's own entries of an account's timeline. Opportunities, observations and stances come from their own packages."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from django.urls import reverse
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from crm.models import AccountMerge, Complaint, Task, Visit, VisitOutcome
from crm.panels import TimelineEntry, TimelineSource
from crm.templatetags.ui import money_whole
from crm.timeline.days import at_noon, last_day

if TYPE_CHECKING:
    from crm.models import Account, User

EXCERPT = 400
OUTCOME_TONES = {
    VisitOutcome.ORDER: "good",
    VisitOutcome.PROGRESS: "good",
    VisitOutcome.SETBACK: "bad",
    VisitOutcome.ABSENT: "",
}


class Visits(TimelineSource):
    slug = "visits"
    title = gettext_lazy("Visits")

    def entries(self, *, account: Account, user: User, before: dt.datetime, most: int) -> list[TimelineEntry]:
        visits = account.visits.filter(happened_at__lt=before).select_related("user")
        visits = visits.prefetch_related("contacts").order_by("-happened_at", "-pk")[:most]
        return [self._entry(visit) for visit in visits]

    def _entry(self, visit: Visit) -> TimelineEntry:
        people = ", ".join(str(person) for person in visit.contacts.all())
        title = [visit.get_kind_display(), visit.get_outcome_display(), people]
        return TimelineEntry(
            at=visit.happened_at,
            title=" · ".join(filter(None, title)),
            icon="calendar-event",
            text="\n".join(filter(None, [visit.purpose, visit.note]))[:EXCERPT],
            url=f"{reverse('crm:visit-list')}?account={visit.account_id}",
            tone=OUTCOME_TONES.get(VisitOutcome(visit.outcome), "") if visit.outcome else "",
            who=str(visit.user),
        )


class Orders(TimelineSource):
    """What was bought, a day at a time."""

    slug = "trade"
    title = gettext_lazy("Trade")

    def entries(self, *, account: Account, user: User, before: dt.datetime, most: int) -> list[TimelineEntry]:
        days = account.trade_days.filter(traded_on__lte=last_day(before)).order_by("-traded_on")[:most]
        url = reverse("crm:account-trade-lines", args=[account.pk])
        return [self._entry(day, url) for day in days]

    def _entry(self, day: Any, url: str) -> TimelineEntry:
        returned = day.net_sales < 0
        sales = money_whole(day.net_sales)
        lines = ngettext("%(count)s line", "%(count)s lines", day.lines) % {"count": number_format(day.lines)}
        profit = (
            None
            if day.gross_profit is None
            else _("gross profit %(amount)s") % {"amount": money_whole(day.gross_profit)}
        )
        return TimelineEntry(
            at=at_noon(day.traded_on),
            title=(_("Returned goods: %(amount)s") if returned else _("Bought for %(amount)s"))
            % {"amount": sales},
            icon="truck-return" if returned else "shopping-cart",
            text=" · ".join(filter(None, [lines, profit])),
            url=f"{url}?from={day.traded_on}&to={day.traded_on}",
            tone="bad" if returned else "",
        )


class Complaints(TimelineSource):
    """As they came in, and as they were settled."""

    slug = "complaints"
    title = gettext_lazy("Complaints")

    def entries(self, *, account: Account, user: User, before: dt.datetime, most: int) -> list[TimelineEntry]:
        last = last_day(before)
        opened = account.complaints.filter(opened_on__lte=last).order_by("-opened_on", "-pk")[:most]
        resolved = account.complaints.filter(resolved_on__lte=last).order_by("-resolved_on", "-pk")[:most]
        entries = [self._opened(complaint) for complaint in opened]
        entries += [self._resolved(complaint) for complaint in resolved]
        return sorted(entries, key=lambda entry: entry.at, reverse=True)[:most]

    def _opened(self, complaint: Complaint) -> TimelineEntry:
        return TimelineEntry(
            at=at_noon(complaint.opened_on),
            title=_("Complaint: %(subject)s") % {"subject": complaint.subject},
            icon="message-exclamation",
            text=f"{complaint.get_kind_display()} · {complaint.get_severity_display()}",
            url=reverse("crm:complaint-edit", args=[complaint.pk]),
            tone="bad",
        )

    def _resolved(self, complaint: Complaint) -> TimelineEntry:
        assert complaint.resolved_on is not None
        return TimelineEntry(
            at=at_noon(complaint.resolved_on),
            title=_("Settled: %(subject)s") % {"subject": complaint.subject},
            icon="mood-smile",
            text=complaint.resolution[:EXCERPT],
            url=reverse("crm:complaint-edit", args=[complaint.pk]),
            tone="bad" if complaint.satisfied_with_resolution is False else "good",
        )


class Comments(TimelineSource):
    slug = "comments"
    title = gettext_lazy("Comments")

    def entries(self, *, account: Account, user: User, before: dt.datetime, most: int) -> list[TimelineEntry]:
        comments = account.comments.filter(created_at__lt=before).select_related("author")
        url = reverse("crm:account-comments", args=[account.pk])
        return [
            TimelineEntry(
                at=comment.created_at,
                title=_("Comment"),
                icon="message-circle",
                text=comment.text[:EXCERPT],
                url=url,
                who=str(comment.author),
            )
            for comment in comments.order_by("-created_at", "-pk")[:most]
        ]


class TasksDone(TimelineSource):
    slug = "tasks"
    title = gettext_lazy("Tasks done")

    def entries(self, *, account: Account, user: User, before: dt.datetime, most: int) -> list[TimelineEntry]:
        tasks = Task.objects.filter(account=account, done_at__lt=before).select_related("assignee")
        return [
            TimelineEntry(
                at=task.done_at,  # type: ignore[arg-type]
                title=_("Done: %(task)s") % {"task": task.title},
                icon="checklist",
                text=task.note[:EXCERPT],
                url=reverse("crm:task-edit", args=[task.pk]),
                who=str(task.assignee),
            )
            for task in tasks.order_by("-done_at", "-pk")[:most]
        ]


class Files(TimelineSource):
    slug = "files"
    title = gettext_lazy("Files")

    def entries(self, *, account: Account, user: User, before: dt.datetime, most: int) -> list[TimelineEntry]:
        files = account.attachments.filter(created_at__lt=before).select_related("user")
        return [
            TimelineEntry(
                at=file.created_at,
                title=_("File: %(name)s") % {"name": file.name},
                icon="paperclip",
                url=file.get_absolute_url(),
                who=str(file.user),
            )
            for file in files.order_by("-created_at", "-pk")[:most]
        ]


class Merges(TimelineSource):
    """Duplicates that became part of this account, and those that were taken out again."""

    slug = "merges"
    title = gettext_lazy("Merges")

    def entries(self, *, account: Account, user: User, before: dt.datetime, most: int) -> list[TimelineEntry]:
        merges = AccountMerge.objects.filter(kept=account).select_related("merged", "user", "undone_by")
        merged = merges.filter(merged_at__lt=before).order_by("-merged_at", "-pk")[:most]
        undone = merges.filter(undone_at__lt=before).order_by("-undone_at", "-pk")[:most]
        leads = user.can("merge_accounts")
        entries = [
            TimelineEntry(
                at=merge.merged_at,
                title=_("Merged with %(account)s") % {"account": merge.merged},
                icon="git-merge",
                text=merge.merged.number,
                url=reverse("crm:merge-detail", args=[merge.pk]) if leads else "",
                who=str(merge.user),
            )
            for merge in merged
        ]
        entries += [
            TimelineEntry(
                at=merge.undone_at,  # type: ignore[arg-type]
                title=_("Merge with %(account)s undone") % {"account": merge.merged},
                icon="arrow-back-up",
                text=merge.merged.number,
                url=reverse("crm:merge-detail", args=[merge.pk]) if leads else "",
                who=str(merge.undone_by) if merge.undone_by else "",
            )
            for merge in undone
        ]
        return sorted(entries, key=lambda entry: entry.at, reverse=True)[:most]
