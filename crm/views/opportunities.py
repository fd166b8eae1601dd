"""One opportunity: enter, read, change, tick criteria, move, decide, reopen."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from crm.access import requires
from crm.forms.opportunities import CloseForm, OpportunityForm
from crm.models import (
    Account,
    BuyingProcess,
    ExitCriterion,
    Opportunity,
    OpportunityState,
    Role,
)
from crm.operations import RefusedError
from crm.pipeline.comparing import compared
from crm.pipeline.moves import (
    ChangedMeanwhileError,
    close_opportunity,
    create_opportunity,
    reopen_opportunity,
    tick_criterion,
    update_opportunity,
)
from crm.pipeline.reading import chosen_account, course_of, criteria_of, of_account
from crm.queries import recent_accounts
from crm.web import UserRequest, visible_account


def visible(request: UserRequest, pk: int) -> Opportunity:
    """404 where the reader does not see the account."""
    rows = Opportunity.objects.visible_to(request.user)
    related = ("account", "stage", "owner", "family", "process", "lost_to")
    found: Opportunity = get_object_or_404(rows.select_related(*related), pk=pk)
    return found


@requires("view_accounts")
@require_GET
def detail(request: UserRequest, pk: int) -> HttpResponse:
    opportunity = visible(request, pk)
    today = timezone.localdate()
    context = {
        "opportunity": opportunity,
        "account": opportunity.account,
        "today": today,
        **criteria_of(opportunity, today),
        "course": course_of(opportunity),
        "competitors": list(opportunity.competitors.order_by("name")),
        "visits": list(
            opportunity.visits.select_related("user")
            .prefetch_related("contacts")
            .order_by("-happened_at")[:5]
        ),
    }
    return render(request, "crm/opportunities/detail.html", context)


@requires("view_accounts")
@require_GET
def of_one_account(request: UserRequest, pk: int) -> HttpResponse:
    """The account's tab: open ones, then what was decided."""
    account = visible_account(request, pk)
    context = {"account": account, "shown": "opportunities", **of_account(account, timezone.localdate())}
    return render(request, "crm/opportunities/account.html", context)


@requires("edit_accounts")
@require_http_methods(["GET", "POST"])
def create(request: UserRequest) -> HttpResponse:
    """Without an account: choose one, the recent ones first. With one: the form."""
    number = request.GET.get("account", "")
    if not number:
        return _choose_account(request)
    account = chosen_account(request.user, number)
    today = timezone.localdate()
    new = Opportunity(account=account, owner=request.user if request.user.role == Role.REP else None)
    data = request.POST if request.method == "POST" else None
    form = OpportunityForm(data, instance=new, account=account, user=request.user, today=today)
    if data is not None and form.is_valid():
        with transaction.atomic():
            _start_process(form, new)
            create_opportunity(
                opportunity=new, competitors=form.competitors(), user=request.user, today=today
            )
        messages.success(request, _("%(name)s is on record.") % {"name": new.name})
        return redirect(new)
    return render(request, "crm/opportunities/form.html", {"form": form, "account": account})


def _choose_account(request: UserRequest) -> HttpResponse:
    text = request.GET.get("q", "").strip()
    if text:
        found = Account.objects.visible_to(request.user).matching(text)
        accounts = list(found.select_related("territory")[:10])
    else:
        accounts = recent_accounts(request.user)
    fragment = request.headers.get("HX-Target") == "choices"
    template = "crm/opportunities/_choices.html" if fragment else "crm/opportunities/choose.html"
    return render(request, template, {"accounts": accounts, "text": text})


def _start_process(form: OpportunityForm, opportunity: Opportunity) -> dict[str, Any]:
    """A decision map of its own, where the form asks for one."""
    if not form.cleaned_data.get("new_process"):
        return {}
    opportunity.process = BuyingProcess.objects.create(
        account_id=opportunity.account_id, name=opportunity.name[:120], family=opportunity.family
    )
    return {"process": opportunity.process}


@requires("edit_accounts")
@require_http_methods(["GET", "POST"])
def edit(request: UserRequest, pk: int) -> HttpResponse:
    opportunity = visible(request, pk)
    given: dict[str, Any] = {
        "account": opportunity.account, "user": request.user, "today": timezone.localdate(),
    }  # fmt: skip
    shown = OpportunityForm(instance=opportunity, **given)
    context: dict[str, Any] = {"account": opportunity.account, "opportunity": opportunity, "form": shown}
    if request.method == "GET":
        return render(request, "crm/opportunities/form.html", context)
    # The form writes what it is given onto its instance: hand it one of its own.
    form = OpportunityForm(request.POST, instance=visible(request, pk), **given)
    if not form.is_valid():
        return render(request, "crm/opportunities/form.html", context | {"form": form})
    revision = form.cleaned_data["revision"]
    try:
        with transaction.atomic():
            update_opportunity(
                opportunity_id=pk,
                revision=-1 if revision is None else revision,
                values=form.values() | _start_process(form, form.instance),
                competitors=form.competitors(),
                user=request.user,
            )
    except ChangedMeanwhileError:
        fresh = OpportunityForm(instance=visible(request, pk), **given)
        merged, differences = compared(fresh, request.POST)
        again = OpportunityForm(merged, instance=visible(request, pk), **given)
        context |= {"form": again, "differences": differences}
        return render(request, "crm/opportunities/form.html", context, status=409)
    messages.success(request, _("Saved."))
    return redirect(opportunity)


@requires("edit_accounts")
@require_POST
def tick(request: UserRequest, pk: int, criterion: int) -> HttpResponse:
    """Met, or not met after all. Comes back with the list."""
    opportunity = visible(request, pk)
    row = get_object_or_404(ExitCriterion, pk=criterion)
    tick_criterion(
        opportunity_id=opportunity.pk, criterion=row, met=bool(request.POST.get("met")), user=request.user
    )
    if request.headers.get("HX-Target") == "criteria":
        context = {"opportunity": opportunity, **criteria_of(opportunity, timezone.localdate())}
        return render(request, "crm/opportunities/_criteria.html", context)
    return redirect(opportunity)


@requires("edit_accounts")
@require_http_methods(["GET", "POST"])
def close(request: UserRequest, pk: int, state: str) -> HttpResponse:
    if state not in (OpportunityState.WON, OpportunityState.LOST):
        raise Http404
    opportunity = visible(request, pk)
    if opportunity.state != OpportunityState.OPEN:
        messages.info(request, _("It is decided already."))
        return redirect(opportunity)
    data = request.POST if request.method == "POST" else None
    form = CloseForm(data, opportunity=opportunity, state=state, today=timezone.localdate())
    if data is not None and form.is_valid():
        return _close(request, opportunity, OpportunityState(state), form)
    context = {"form": form, "opportunity": opportunity, "account": opportunity.account, "state": state}
    return render(request, "crm/opportunities/close.html", context)


def _close(
    request: UserRequest, opportunity: Opportunity, state: OpportunityState, form: CloseForm
) -> HttpResponse:
    try:
        with transaction.atomic():
            close_opportunity(
                opportunity_id=opportunity.pk,
                state=state,
                closed_on=form.cleaned_data["closed_on"],
                reason=form.cleaned_data["close_reason"],
                note=form.cleaned_data["close_note"],
                lost_to=form.competitor(),
                user=request.user,
            )
    except RefusedError as refused:
        messages.info(request, str(refused))
    else:
        won = state == OpportunityState.WON
        messages.success(request, _("Won. Well done!") if won else _("Kept with its reasons."))
    return redirect(opportunity)


@requires("edit_accounts")
@require_POST
def reopen(request: UserRequest, pk: int) -> HttpResponse:
    opportunity = visible(request, pk)
    reopen_opportunity(opportunity_id=opportunity.pk, user=request.user, today=timezone.localdate())
    messages.success(request, _("Open again."))
    return redirect(opportunity)
