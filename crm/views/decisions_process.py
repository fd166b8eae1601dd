"""Buying processes, their steps, and when information counts as old."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from crm import parameters
from crm.access import requires
from crm.decisions.alerts import PARAMETERS, alert_parameters
from crm.decisions.steps import add_step, add_usual_steps, move_step
from crm.forms.decisions import LimitsForm, ProcessForm, StepForm
from crm.models import BuyingProcess, DecisionStep
from crm.views.decisions import answer, map_url
from crm.web import UserRequest, visible_account


@requires("edit_accounts")
@require_http_methods(["GET", "POST"])
def process_create(request: UserRequest, pk: int) -> HttpResponse:
    return _edit(request, BuyingProcess(account=visible_account(request, pk)))


@requires("edit_accounts")
@require_http_methods(["GET", "POST"])
def process_edit(request: UserRequest, pk: int) -> HttpResponse:
    return _edit(request, _process(request, pk))


def _edit(request: UserRequest, process: BuyingProcess) -> HttpResponse:
    form = ProcessForm(request.POST if request.method == "POST" else None, instance=process)
    if form.is_bound and form.is_valid():
        form.save()
        messages.success(request, _("%(name)s saved.") % {"name": process.name})
        return redirect(map_url(process.account, process))
    context = {"form": form, "account": process.account, "process": process}
    return render(request, "crm/decisions/process_form.html", context)


@requires("edit_accounts")
@require_POST
def process_delete(request: UserRequest, pk: int) -> HttpResponse:
    """With its steps, its arrows and what was noted for it alone; what holds for the account stays."""
    process = _process(request, pk)
    account = process.account
    process.delete()
    messages.success(request, _("%(name)s deleted.") % {"name": process.name})
    return redirect(map_url(account))


@requires("edit_accounts")
@require_POST
def step_create(request: UserRequest, pk: int) -> HttpResponse:
    process = _process(request, pk)
    if request.POST.get("usual"):
        add_usual_steps(process=process)
        return answer(request, process.account, process)
    form = StepForm(request.POST, instance=DecisionStep(process=process), auto_id="step-%s")
    if not form.is_valid():
        return answer(request, process.account, process, step_form=form, refused=_("The step was not saved."))
    add_step(step=form.save(commit=False))
    return answer(request, process.account, process)


@requires("edit_accounts")
@require_POST
def step_edit(request: UserRequest, pk: int) -> HttpResponse:
    step = _step(request, pk)
    process = step.process
    form = StepForm(request.POST, instance=step, auto_id="step-%s")
    if not form.is_valid():
        return answer(request, process.account, process, step_form=form, refused=_("The step was not saved."))
    # The order is another's to change meanwhile.
    form.save(commit=False).save(update_fields=["name", "owner", "criterion", "usual_days"])
    return answer(request, process.account, process)


@requires("edit_accounts")
@require_POST
def step_move(request: UserRequest, pk: int) -> HttpResponse:
    step = _step(request, pk)
    move_step(step=step, up=request.POST.get("direction") == "up")
    return answer(request, step.process.account, step.process)


@requires("edit_accounts")
@require_POST
def step_delete(request: UserRequest, pk: int) -> HttpResponse:
    step = _step(request, pk)
    process = step.process
    step.delete()
    return answer(request, process.account, process)


@requires("edit_models")
@require_http_methods(["GET", "POST"])
def limits(request: UserRequest) -> HttpResponse:
    """When a key person counts as not met, and a stance as old."""
    now = alert_parameters()
    initial: dict[str, Any] = parameters.to_values(now)
    form = LimitsForm(request.POST if request.method == "POST" else None, initial=initial)
    if form.is_bound and form.is_valid():
        parameters.publish(PARAMETERS, form.parameters, reason=form.cleaned_data["reason"], user=request.user)
        messages.success(request, _("The limits hold from now on."))
        return redirect("crm:decision-limits")
    return render(request, "crm/decisions/limits.html", {"form": form})


def _process(request: UserRequest, pk: int) -> BuyingProcess:
    processes = BuyingProcess.objects.visible_to(request.user).select_related("account")
    process: BuyingProcess = get_object_or_404(processes, pk=pk)
    return process


def _step(request: UserRequest, pk: int) -> DecisionStep:
    processes = BuyingProcess.objects.visible_to(request.user)
    steps = DecisionStep.objects.filter(process__in=processes).select_related("process__account")
    return get_object_or_404(steps, pk=pk)
