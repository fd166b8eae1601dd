"""The page of lifetime value and its downloads."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from crm.access import requires
from crm.models import CostToServe
from crm.views.dashboards import download, show
from lifecycle.worth.board import value_board
from lifecycle.worth.forms import CostForm


@requires("view_dashboards")
def lifetime(request: HttpRequest) -> HttpResponse:
    form, board = value_board(request.user, request.GET)  # type: ignore[arg-type]
    return show(
        request,
        "lifetime-value",
        form,
        board,
        page="lifecycle/worth/lifetime.html",
        body="lifecycle/worth/_board.html",
    )


@requires("view_dashboards")
def lifetime_export(request: HttpRequest, table: str, kind: str) -> HttpResponseBase:
    _form, board = value_board(request.user, request.GET)  # type: ignore[arg-type]
    return download(board, table, kind)


@requires("edit_models")
@require_http_methods(["GET", "POST"])
def company_costs(request: HttpRequest) -> HttpResponse:
    """What is spent for all customers together: shared out by gross profit wherever costs are reckoned."""
    today = timezone.localdate()
    data = request.POST if request.method == "POST" else None
    form = CostForm(data, instance=CostToServe(spent_on=today), today=today)
    if form.is_valid():
        form.save()
        messages.success(request, _("Saved."))
        return redirect("lifecycle:company-costs")
    costs = CostToServe.objects.filter(account=None).order_by("-spent_on", "-pk")[:100]
    context = {"form": form, "costs": costs}
    return render(
        request, "lifecycle/worth/company_costs.html", context, status=422 if form.is_bound else 200
    )


@requires("edit_models")
@require_POST
def company_cost_delete(request: HttpRequest, pk: int) -> HttpResponse:
    get_object_or_404(CostToServe, pk=pk, account=None).delete()
    messages.success(request, _("Deleted."))
    return redirect("lifecycle:company-costs")
