"""Pages of the sentiment index: an account's, a visit's, the managers' board, and the models behind them."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from crm.access import requires
from crm.exports import export_response
from crm.models import Visit
from crm.paging import page_of
from crm.web import UserRequest, visible_account
from satisfaction.forms import ActivateForm
from satisfaction.models import SentimentHead
from satisfaction.sentiment.account import account_mood, history
from satisfaction.sentiment.board import sentiment_board
from satisfaction.sentiment.charts import history_chart
from satisfaction.sentiment.models_page import head_rows
from satisfaction.sentiment.registry import CannotActivate, activate
from satisfaction.sentiment.shown import moods

ON_PAGE = 20


@requires("view_accounts")
@require_GET
def account(request: UserRequest, pk: int) -> HttpResponse:
    """The index of one account, how it came about, and every interaction with what was read in it."""
    shown = visible_account(request, pk)
    visits = shown.visits.select_related("user").prefetch_related("contacts").order_by("-happened_at", "-pk")
    page = page_of(visits, request.GET.get("page"), ON_PAGE)
    today = timezone.localdate()
    context = {
        "account": shown,
        "mood": account_mood(shown, today),
        "chart": history_chart(history(shown, today)),
        "page": page,
        "moods": moods(list(page.object_list)),
    }
    return render(request, "satisfaction/sentiment/account.html", context)


@requires("view_accounts")
@require_GET
def visit(request: UserRequest, pk: int) -> HttpResponse:
    """One interaction: a fragment that other pages fetch."""
    found = get_object_or_404(Visit.objects.visible_to(request.user).select_related("user"), pk=pk)
    return render(request, "satisfaction/sentiment/_visit.html", {"mood": moods([found])[0]})


@requires("view_dashboards")
@require_GET
def board(request: UserRequest) -> HttpResponse:
    context = sentiment_board(request.user, request.GET, timezone.localdate())
    return render(request, "satisfaction/sentiment/board.html", {"board": context, "form": context.form})


@requires("view_dashboards")
@require_GET
def board_export(request: UserRequest, table: str, kind: str) -> HttpResponseBase:
    today = timezone.localdate()
    try:
        wanted = sentiment_board(request.user, request.GET, today).table(table)
    except KeyError as error:
        raise Http404 from error
    return export_response(
        kind, f"sentiment-{table}-{today:%Y-%m-%d}", wanted.export_headers(), wanted.export_rows()
    )


@requires("edit_models")
@require_GET
def models(request: UserRequest) -> HttpResponse:
    return render(request, "satisfaction/sentiment/models.html", {"heads": head_rows()})


@requires("edit_models")
@require_http_methods(["GET", "POST"])
def activate_model(request: UserRequest, pk: int) -> HttpResponse:
    """Put a model in use, or back in use, saying why."""
    head = get_object_or_404(SentimentHead, pk=pk, active=False)
    form = ActivateForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            activate(head=head, reason=form.cleaned_data["reason"], user=request.user, now=timezone.now())
        except CannotActivate as error:
            messages.error(request, _("This model cannot be used here: %(why)s") % {"why": error})
        else:
            messages.success(
                request, _("%(model)s is in use. Notes are read again with it.") % {"model": head}
            )
        return redirect("satisfaction:sentiment-models")
    return render(request, "satisfaction/sentiment/activate.html", {"head": head, "form": form})
