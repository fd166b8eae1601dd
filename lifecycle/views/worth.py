"""The value of one account: its five parts, judgements of their inputs, recorded gains, costs to serve."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.forms import ModelForm
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from crm.access import requires
from crm.models import Account, CostToServe, ValueCase
from crm.refresh import refresh_account
from crm.web import UserRequest, visible_account
from lifecycle.models import ValueInput, ValueJudgement
from lifecycle.worth.costs import costs_of
from lifecycle.worth.forms import CaseForm, CostForm, JudgementForm
from lifecycle.worth.page import course_chart, outlook_table, parts_chart, used_model
from lifecycle.worth.reading import may_judge, read_worth


@requires("view_accounts")
@require_GET
def account_value(request: UserRequest, pk: int) -> HttpResponse:
    account = _account(request, pk)
    worth = read_worth(account)
    # Who came through it is named to those who may see it.
    seen = Account.objects.visible_to(request.user)
    context: dict[str, Any] = {
        "account": account,
        "shown": "value",
        "worth": worth,
        "may_judge": may_judge(request.user),
        "may_compare": request.user.can("view_dashboards"),
        "cases": ValueCase.objects.filter(account=account)
        .select_related("referred", "user")
        .order_by("-happened_on", "-pk"),
        "costs": CostToServe.objects.filter(account=account).order_by("-spent_on", "-pk")[:50],
        "seen": set(seen.filter(referred_by__account=account).values_list("pk", flat=True)),
    }
    if worth is not None:
        costs = costs_of(account, worth.run)
        context |= {
            "reckoned": costs,
            "forward": costs.forward(worth.alive, worth.parameters.discount_rate),
            "parts_chart": parts_chart(worth),
            "outlook": outlook_table(worth),
            "course": course_chart(worth),
            "model": used_model(worth.prepared),
        }
    return render(request, "lifecycle/worth/page.html", context)


@requires("edit_accounts")
@require_http_methods(["GET", "POST"])
def judge(request: UserRequest, pk: int, part: str) -> HttpResponse:
    """A person's figure for one input; posted with `withdraw`, the one that stands is taken back."""
    account = _account(request, pk)
    if part not in ValueInput.values:
        raise Http404
    history = (
        ValueJudgement.objects.filter(account=account, part=part).select_related("author").order_by("-pk")
    )
    form = JudgementForm(request.POST if request.method == "POST" else None, part=part)
    if request.method == "POST" and "withdraw" in request.POST:
        newest = history.first()
        if newest is not None and newest.value is not None:
            _say(account, request, part, None, _("Taken back"))
            messages.success(request, _("Taken back: the computed figure counts again."))
        return redirect("lifecycle:account-value", account.pk)
    if form.is_valid():
        _say(account, request, part, form.cleaned_data["value"], form.cleaned_data["reason"])
        messages.success(request, _("Saved. Lists and dashboards follow in a moment."))
        return redirect("lifecycle:account-value", account.pk)
    worth = read_worth(account)
    context = {
        "account": account,
        "shown": "value",
        "form": form,
        "part": ValueInput(part),
        "line": worth.line(part) if worth else None,
        "history": list(history),
    }
    return render(request, "lifecycle/worth/judge.html", context, status=422 if form.is_bound else 200)


@transaction.atomic
def _say(account: Account, request: UserRequest, part: str, value: Any, reason: str) -> None:
    ValueJudgement.objects.create(account=account, part=part, value=value, reason=reason, author=request.user)
    refresh_account(account, request.user)


@requires("edit_accounts")
@require_http_methods(["GET", "POST"])
def case_create(request: UserRequest, pk: int) -> HttpResponse:
    account = _account(request, pk)
    return _edit_case(
        request, ValueCase(account=account, user=request.user, happened_on=timezone.localdate())
    )


@requires("edit_accounts")
@require_http_methods(["GET", "POST"])
def case_edit(request: UserRequest, pk: int) -> HttpResponse:
    return _edit_case(request, _case(request, pk))


@requires("edit_accounts")
@require_POST
def case_delete(request: UserRequest, pk: int) -> HttpResponse:
    return _delete(request, _case(request, pk))


@requires("edit_accounts")
@require_http_methods(["GET", "POST"])
def cost_create(request: UserRequest, pk: int) -> HttpResponse:
    account = _account(request, pk)
    return _edit_cost(request, CostToServe(account=account, spent_on=timezone.localdate()))


@requires("edit_accounts")
@require_http_methods(["GET", "POST"])
def cost_edit(request: UserRequest, pk: int) -> HttpResponse:
    return _edit_cost(request, _cost(request, pk))


@requires("edit_accounts")
@require_POST
def cost_delete(request: UserRequest, pk: int) -> HttpResponse:
    return _delete(request, _cost(request, pk))


def _edit_case(request: UserRequest, case: ValueCase) -> HttpResponse:
    data = request.POST if request.method == "POST" else None
    form = CaseForm(data, instance=case, user=request.user, today=timezone.localdate())
    return _edit(request, case, form, _("Recorded gain"))


def _edit_cost(request: UserRequest, cost: CostToServe) -> HttpResponse:
    data = request.POST if request.method == "POST" else None
    return _edit(request, cost, CostForm(data, instance=cost, today=timezone.localdate()), _("Cost to serve"))


def _edit(request: UserRequest, row: Any, form: ModelForm, title: str) -> HttpResponse:
    account = row.account
    if form.is_valid():
        with transaction.atomic():
            form.save()
            refresh_account(account, request.user)
        messages.success(request, _("Saved."))
        return redirect("lifecycle:account-value", account.pk)
    context = {"account": account, "shown": "value", "form": form, "title": title, "row": row}
    return render(request, "lifecycle/worth/record.html", context, status=422 if form.is_bound else 200)


def _delete(request: UserRequest, row: Any) -> HttpResponse:
    account = row.account
    with transaction.atomic():
        row.delete()
        refresh_account(account, request.user)
    messages.success(request, _("Deleted."))
    return redirect("lifecycle:account-value", account.pk)


def _account(request: UserRequest, pk: int) -> Account:
    account: Account = visible_account(request, pk)
    return account


def _case(request: UserRequest, pk: int) -> ValueCase:
    rows = ValueCase.objects.filter(account__in=Account.objects.visible_to(request.user))
    found: ValueCase = get_object_or_404(rows.select_related("account", "referred"), pk=pk)
    return found


def _cost(request: UserRequest, pk: int) -> CostToServe:
    rows = CostToServe.objects.filter(account__in=Account.objects.visible_to(request.user))
    found: CostToServe = get_object_or_404(rows.select_related("account"), pk=pk)
    return found
