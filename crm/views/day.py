"""My day: the route, planning visits, seeing to next steps. The page itself is home (crm.views.session)."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from crm.access import requires
from crm.forms.plan import HereForm, MoveForm, NextStepForm, PlanForm
from crm.models import Account, PlannedVisit, Visit
from crm.plan.board import day_route, sections
from crm.plan.operations import (
    cancel_plan,
    change_plan,
    finish_next_step,
    plan_visit,
    postpone_next_step,
)
from crm.web import UserRequest


def back(request: UserRequest, otherwise: str = "crm:home") -> HttpResponse:
    """To the page that asked, if it is one of ours."""
    target = request.POST.get("next", "")
    if url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure()):
        return redirect(target)
    return redirect(otherwise)


@requires("log_visits")
@require_POST
@never_cache
def route(request: UserRequest) -> HttpResponse:
    """The order anew, from where the device is. By POST, so that the place stands in no log."""
    form = HereForm(request.POST)
    start = (form.cleaned_data["latitude"], form.cleaned_data["longitude"]) if form.is_valid() else None
    today = timezone.localdate()
    context = {"route": day_route(sections(request.user, today), request.user, today, start)}
    return render(request, "crm/plan/_route.html", context)


@requires("log_visits")
@require_http_methods(["GET", "POST"])
def plan_create(request: UserRequest) -> HttpResponse:
    """For one account: ?account=; ?day= is filled in."""
    number = request.GET.get("account", "")
    if not number.isdecimal() or len(number) > 17:
        raise Http404
    account = get_object_or_404(Account.objects.visible_to(request.user), pk=number)
    today = timezone.localdate()
    initial = {"planned_on": _day(request.GET.get("day", "")) or _next_working_day(today)}
    form = PlanForm(request.POST or None, today=today, initial=initial)
    if request.method == "POST" and form.is_valid():
        chosen = form.cleaned_data
        plan, created = plan_visit(
            account=account,
            user=request.user,
            day=chosen["planned_on"],
            starts_at=chosen["starts_at"],
            purpose=chosen["purpose"],
        )
        words = {"account": account, "day": f"{plan.planned_on:%Y-%m-%d}"}
        messages.success(
            request,
            _("Visit to %(account)s planned for %(day)s.") % words
            if created
            else _("A visit to %(account)s stood there for %(day)s: it is brought up to date.") % words,
        )
        return back(request)
    context = {"form": form, "account": account, "next": request.POST.get("next") or _came_from(request)}
    return render(request, "crm/plan/form.html", context)


@requires("log_visits")
@require_http_methods(["GET", "POST"])
def plan_edit(request: UserRequest, pk: int) -> HttpResponse:
    plan = _own_plan(request, pk)
    today = timezone.localdate()
    moved_only = request.POST.get("move") == "1"
    initial = {"planned_on": plan.planned_on, "starts_at": plan.starts_at, "purpose": plan.purpose}
    if moved_only:
        form: PlanForm = MoveForm(request.POST, today=today)
    else:
        form = PlanForm(request.POST or None, today=today, initial=initial)
    if request.method == "POST" and form.is_valid():
        chosen = {**initial, **form.cleaned_data}
        change_plan(
            plan=plan, day=chosen["planned_on"], starts_at=chosen["starts_at"], purpose=chosen["purpose"]
        )
        messages.success(
            request, _("The visit is planned for %(day)s.") % {"day": f"{plan.planned_on:%Y-%m-%d}"}
        )
        return back(request, "crm:calendar")
    if moved_only:
        messages.error(request, " ".join(str(error) for error in form.errors.get("planned_on", [])))
        return back(request, "crm:calendar")
    context = {"form": form, "account": plan.account, "plan": plan, "next": _came_from(request)}
    return render(request, "crm/plan/form.html", context)


@requires("log_visits")
@require_POST
def plan_accept(request: UserRequest, pk: int) -> HttpResponse:
    plan = _own_plan(request, pk)
    change_plan(plan=plan, day=plan.planned_on, starts_at=plan.starts_at, purpose=plan.purpose)
    return back(request)


@requires("log_visits")
@require_POST
def plan_cancel(request: UserRequest, pk: int) -> HttpResponse:
    plan = _own_plan(request, pk)
    cancel_plan(plan=plan, now=timezone.now())
    messages.success(request, _("The visit to %(account)s is called off.") % {"account": plan.account})
    return back(request)


def _own_plan(request: UserRequest, pk: int) -> PlannedVisit:
    """Open plans only: one that was made or called off is history."""
    plans: Any = PlannedVisit.objects.visible_to(request.user).filter(
        user=request.user, cancelled_at=None, visit=None
    )
    plan: PlannedVisit = get_object_or_404(plans.select_related("account"), pk=pk)
    return plan


@requires("log_visits")
@require_POST
def next_step(request: UserRequest, pk: int) -> HttpResponse:
    """Done, or put off to a later day. Only whoever promised it."""
    steps: Any = Visit.objects.visible_to(request.user).filter(user=request.user)
    visit: Visit = get_object_or_404(steps.exclude(next_step=""), pk=pk)
    form = NextStepForm(request.POST, today=timezone.localdate())
    if not form.is_valid():
        messages.error(request, _("Choose a day after today."))
    elif form.cleaned_data["action"] == "done":
        finish_next_step(visit=visit, now=timezone.now())
        messages.success(request, _("Done: %(step)s") % {"step": visit.next_step})
    else:
        day = form.cleaned_data["until"]
        postpone_next_step(visit=visit, day=day)
        messages.success(
            request, _("%(step)s: put off to %(day)s") % {"step": visit.next_step, "day": f"{day:%Y-%m-%d}"}
        )
    return back(request)


def _day(text: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        return None


def _next_working_day(today: dt.date) -> dt.date:
    day = today + dt.timedelta(days=1)
    return day + dt.timedelta(days=7 - day.weekday()) if day.weekday() > 4 else day


def _came_from(request: UserRequest) -> str:
    """The path of the page before, so that saving leads back to it."""
    return request.GET.get("next", "")
