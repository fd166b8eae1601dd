"""Proposing a week: the most urgent customers, grouped by place; the rep accepts or drops each."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from crm.access import requires
from crm.models import PlannedVisit
from crm.plan.queries import open_plans
from crm.plan.week import monday_of, week_name
from crm.web import UserRequest
from segmentation.cadence.proposals import propose_week, working_days


@requires("log_visits")
@require_http_methods(["GET", "POST"])
def week_proposal(request: UserRequest) -> HttpResponse:
    today = timezone.localdate()
    monday = monday_of(request.GET.get("week", "") or _usual_week(today), today)
    if request.method == "POST":
        if request.POST.get("action") == "accept":
            _accept_all(request, monday)
        else:
            made = propose_week(user=request.user, monday=monday, today=today)
            messages.info(request, _found(made))
        return redirect(f"{reverse('segmentation:week-proposal')}?week={week_name(monday)}")
    return render(request, "segmentation/week_proposal.html", _context(request, monday, today))


def _usual_week(today: dt.date) -> str:
    """This week while a working day of it is left, from Friday on the next one."""
    return week_name(today if today.isoweekday() < 5 else today + dt.timedelta(days=7))


def _context(request: UserRequest, monday: dt.date, today: dt.date) -> dict[str, Any]:
    friday = monday + dt.timedelta(days=4)
    plans = list(open_plans(request.user, request.user).filter(planned_on__range=(monday, friday)))
    days = [
        {"date": day, "plans": [plan for plan in plans if plan.planned_on == day]}
        for day in working_days(monday, today)
    ]
    return {
        "days": days,
        "room": request.user.visits_a_day,
        "proposed": sum(plan.proposed for plan in plans),
        "name": week_name(monday),
        "before": week_name(monday - dt.timedelta(days=7)),
        "after": week_name(monday + dt.timedelta(days=7)),
        "first": monday,
        "last": friday,
        "here": f"{reverse('segmentation:week-proposal')}?week={week_name(monday)}",
    }


def _accept_all(request: UserRequest, monday: dt.date) -> None:
    proposals = PlannedVisit.objects.filter(
        user=request.user,
        proposed=True,
        cancelled_at=None,
        visit=None,
        planned_on__range=(monday, monday + dt.timedelta(days=6)),
    )
    count = proposals.update(proposed=False, updated_at=timezone.now())
    words = ngettext("%(count)d visit planned.", "%(count)d visits planned.", count) % {"count": count}
    messages.success(request, words)


def _found(made: int) -> str:
    if not made:
        return _("Nobody else is due this week, or the days are full.")
    return ngettext("%(count)d visit proposed.", "%(count)d visits proposed.", made) % {"count": made}
