"""The week as a calendar."""

from __future__ import annotations

import datetime as dt

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_GET

from crm.access import requires
from crm.models import User
from crm.panels import permitted
from crm.plan.week import monday_of, week, week_name
from crm.web import UserRequest


@requires("view_accounts")
@require_GET
def calendar(request: UserRequest) -> HttpResponse:
    """?week=2026-W27; a leader may look at the week of somebody in the team (?person=)."""
    today = timezone.localdate()
    monday = monday_of(request.GET.get("week", ""), today)
    colleagues = User.objects.visible_to(request.user).filter(is_active=True).distinct()
    person = _person(request, colleagues)
    context = {
        "days": week(request.user, person, monday, today),
        "person": person,
        "own": person.pk == request.user.pk,
        "colleagues": list(colleagues.order_by("last_name", "first_name", "username"))
        if request.user.can("view_people")
        else [],
        "today": today,
        "name": week_name(monday),
        "before": week_name(monday - dt.timedelta(days=7)),
        "after": week_name(monday + dt.timedelta(days=7)),
        "first": monday,
        "last": monday + dt.timedelta(days=6),
        "links": [
            link
            for source in permitted("CRM_DAY_SOURCES", request.user)
            if source.route == "wish"
            for link in source.links(user=request.user)[:1]
        ],
    }
    return render(request, "crm/plan/calendar.html", context)


def _person(request: UserRequest, colleagues: object) -> User:
    number = request.GET.get("person", "")
    if not number or number == str(request.user.pk):
        return request.user
    if not number.isdecimal() or len(number) > 17:
        raise Http404
    person: User = get_object_or_404(colleagues, pk=number)  # type: ignore[arg-type]
    return person
