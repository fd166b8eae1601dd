"""crm's own sources of my day: planned visits, and the next steps one has promised."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import TYPE_CHECKING

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from crm.models import PlannedVisit
from crm.panels import DayAction, DayItem, DayLink, DaySource
from crm.plan.queries import open_next_steps, open_plans

if TYPE_CHECKING:
    from crm.models import User

# A visit that was planned and not logged is asked about this long.
MISSED = dt.timedelta(days=7)
POSTPONED_BY = dt.timedelta(days=7)


def late_text(day: dt.date, today: dt.date) -> str:
    late = (today - day).days
    if late <= 0:
        return _("today")
    return ngettext("%(days)d day overdue", "%(days)d days overdue", late) % {"days": late}


class NextStepsSource(DaySource):
    """What the user promised to do by today."""

    slug = "next-steps"
    title = gettext_lazy("My next steps")
    icon = "checklist"
    capability = "log_visits"

    def items(self, *, user: User, today: dt.date) -> list[DayItem]:
        found = []
        for visit in open_next_steps(user, user).filter(next_step_on__lte=today):
            promised = visit.next_step_on or today
            url = reverse("crm:next-step", args=[visit.pk])
            until = f"{today + POSTPONED_BY:%Y-%m-%d}"
            found.append(
                DayItem(
                    account=visit.account,
                    title=visit.next_step,
                    url=visit.account.get_absolute_url(),
                    due_on=promised,
                    detail=late_text(promised, today),
                    tone="bad" if promised < today else "warn",
                    actions=(
                        DayAction(gettext_lazy("Done"), "check", url, (("action", "done"),)),
                        DayAction(
                            gettext_lazy("In a week"),
                            "clock-pause",
                            url,
                            (("action", "postpone"), ("until", until)),
                        ),
                    ),
                )
            )
        return found

    def links(self, *, user: User) -> Sequence[DayLink]:
        return [DayLink(_("All my visits"), "list", f"{reverse('crm:visit-list')}?mine=1")]


class PlannedVisitsSource(DaySource):
    """Today's visits by time, then what was planned in the last days and never logged."""

    slug = "planned-visits"
    title = gettext_lazy("Planned visits")
    icon = "calendar-event"
    capability = "log_visits"
    route = "fixed"

    def items(self, *, user: User, today: dt.date) -> list[DayItem]:
        plans = list(open_plans(user, user).filter(planned_on__range=(today - MISSED, today)))
        # A proposal that nobody accepted was no plan once its day is over.
        plans = [plan for plan in plans if plan.planned_on == today or not plan.proposed]
        plans.sort(key=lambda plan: plan.planned_on != today)
        return [_item(plan, today) for plan in plans]

    def links(self, *, user: User) -> Sequence[DayLink]:
        return [DayLink(_("My week"), "calendar-week", reverse("crm:calendar"))]


def _item(plan: PlannedVisit, today: dt.date) -> DayItem:
    missed = plan.planned_on < today
    words = [f"{plan.starts_at:%H:%M}" if plan.starts_at else "", plan.purpose or _("Visit")]
    if missed:
        detail = _("planned for %(day)s, not logged") % {"day": f"{plan.planned_on:%Y-%m-%d}"}
    else:
        detail = _("proposed") if plan.proposed else ""
    actions = [
        DayAction(gettext_lazy("Cancel"), "x", reverse("crm:plan-cancel", args=[plan.pk])),
    ]
    if plan.proposed:
        actions.insert(
            0, DayAction(gettext_lazy("Accept"), "check", reverse("crm:plan-accept", args=[plan.pk]))
        )
    return DayItem(
        account=plan.account,
        title=" ".join(word for word in words if word),
        url=reverse("crm:plan-edit", args=[plan.pk]),
        # The words name the day that was missed.
        due_on=None if missed else plan.planned_on,
        detail=detail,
        tone="warn" if missed else "",
        actions=tuple(actions),
    )
