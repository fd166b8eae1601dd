"""The pipeline: board, list, moves, forecast, analysis, and their files."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from crm.access import requires
from crm.exports import export_response
from crm.models import Opportunity, OpportunityState, PipelineStage, SavedView
from crm.operations import RefusedError
from crm.paging import page_of
from crm.pipeline.analysis import PERIODS, Analysis, period_of
from crm.pipeline.board import board_of
from crm.pipeline.forecast import Forecast
from crm.pipeline.listing import OpportunityList
from crm.pipeline.moves import ChangedMeanwhileError, UnmetError, move_opportunity
from crm.pipeline.reading import criteria_of
from crm.tables import Table
from crm.views.opportunities import visible
from crm.web import UserRequest

ON_PAGE = 30


def _listed(request: UserRequest, parameters: QueryDict | None = None) -> OpportunityList:
    asked = request.GET if parameters is None else parameters
    return OpportunityList(request.user, asked, timezone.localdate())


def _filters(listed: OpportunityList) -> dict[str, Any]:
    """What the form of filters offers."""
    return {
        "listed": listed,
        "owners": [] if listed.who == "me" else listed.owners(),
        "territories": listed.territories(),
    }


@requires("view_accounts")
@require_GET
def board(request: UserRequest) -> HttpResponse:
    # State and stage are the columns' business.
    asked = request.GET.copy()
    for name in ("state", "stage"):
        asked.pop(name, None)
    listed = _listed(request, asked)
    context = {"board": board_of(listed), **_filters(listed), "tab": "board"}
    return render(request, "crm/opportunities/board.html", context)


@requires("view_accounts")
@require_GET
def opportunity_list(request: UserRequest) -> HttpResponse:
    listed = _listed(request)
    page = page_of(listed.rows(), request.GET.get("page"), ON_PAGE)
    page.object_list = listed.marked(list(page.object_list))
    context = {
        "page": page,
        **_filters(listed),
        "states": [*OpportunityState.choices, ("all", _("All states"))],
        "saved_views": SavedView.objects.offered_to(request.user)
        .filter(page="opportunities")
        .order_by("name"),
        "tab": "list",
    }
    return render(request, "crm/opportunities/list.html", context)


@requires("export")
@require_GET
def export(request: UserRequest) -> HttpResponseBase:
    listed = _listed(request)
    kind = request.GET.get("format", "csv")
    return export_response(kind, _("opportunities"), listed.export_headers(), listed.export_rows())


@requires("edit_accounts")
@require_http_methods(["GET", "POST"])
def move(request: UserRequest, pk: int) -> HttpResponse:
    """GET: where to. POST: there, unless somebody was quicker or criteria are open, which is asked about first.

    From the board ("board" carries its filters) the answer is the board as it stands now, or the question.
    """
    opportunity = visible(request, pk)
    if request.method == "GET":
        return _ask_where(request, opportunity)
    stage = get_object_or_404(PipelineStage, pk=_id(request.POST.get("stage")))
    seen_in = request.POST.get("seen_in")
    text = ""
    try:
        move_opportunity(
            opportunity_id=pk,
            stage=stage,
            user=request.user,
            today=timezone.localdate(),
            seen_in=_id(seen_in) if seen_in else None,
            confirmed=bool(request.POST.get("confirmed")),
        )
    except UnmetError as open_ones:
        return _ask_whether(request, opportunity, stage, open_ones.unmet)
    except ChangedMeanwhileError as changed:
        text = _("Not moved: a colleague moved it to “%(stage)s” meanwhile.") % {
            "stage": changed.current.stage
        }
    except RefusedError as refused:
        text = str(refused)
    return _moved(request, opportunity, stage, text)


def _ask_where(request: UserRequest, opportunity: Opportunity) -> HttpResponse:
    fragment = request.headers.get("HX-Target") == "pipeline-dialog-body"
    choices, passed = [], 0
    for stop in criteria_of(opportunity, timezone.localdate())["stops"]:
        ahead = stop.place == "ahead"
        choices.append({"stage": stop.stage, "unmet": passed if ahead else 0})
        # What a move further on leaves open: from the present stage on.
        passed += stop.open_count if stop.place != "passed" else 0
    context = {
        "in_dialog": fragment,
        "opportunity": opportunity,
        "account": opportunity.account,
        "choices": choices,
        "board_query": request.GET.urlencode(),
    }
    template = "crm/opportunities/_move.html" if fragment else "crm/opportunities/move.html"
    return render(request, template, context)


def _ask_whether(
    request: UserRequest, opportunity: Opportunity, stage: PipelineStage, unmet: list[Any]
) -> HttpResponse:
    context = {
        "opportunity": opportunity,
        "account": opportunity.account,
        "stage": stage,
        "unmet": unmet,
        "board_query": request.POST.get("board", ""),
        "on_board": "board" in request.POST,
    }
    if "board" not in request.POST:
        return render(request, "crm/opportunities/confirm.html", context)
    response = render(request, "crm/opportunities/_confirm.html", context)
    response["HX-Retarget"] = "#pipeline-dialog-body"
    response["HX-Reswap"] = "innerHTML"
    return response


def _moved(request: UserRequest, opportunity: Opportunity, stage: PipelineStage, text: str) -> HttpResponse:
    if "board" not in request.POST:
        if text:
            messages.warning(request, text)
        else:
            messages.success(request, _("Moved to “%(stage)s”.") % {"stage": stage})
        return redirect(opportunity)
    listed = _listed(request, QueryDict(request.POST["board"].lstrip("?")))
    context = {
        "board": board_of(listed),
        "listed": listed,
        "refused": text,
        "moved": ""
        if text
        else _("%(name)s: moved to “%(stage)s”.") % {"name": opportunity.name, "stage": stage},
    }
    return render(request, "crm/opportunities/_board.html", context)


@requires("view_accounts")
@require_GET
def forecast(request: UserRequest) -> HttpResponse:
    listed = _listed(request)
    context = {"forecast": Forecast(listed), **_filters(listed), "tab": "forecast"}
    return render(request, "crm/opportunities/forecast.html", context)


@requires("export")
@require_GET
def forecast_export(request: UserRequest, table: str, kind: str) -> HttpResponseBase:
    return _download(Forecast(_listed(request)), table, kind)


@requires("view_accounts")
@require_GET
def analysis(request: UserRequest) -> HttpResponse:
    listed = _listed(request)
    context = {
        "analysis": Analysis(listed, period_of(request.GET.get("period", ""))),
        "periods": PERIODS,
        **_filters(listed),
        "tab": "analysis",
    }
    return render(request, "crm/opportunities/analysis.html", context)


@requires("export")
@require_GET
def analysis_export(request: UserRequest, table: str, kind: str) -> HttpResponseBase:
    return _download(Analysis(_listed(request), period_of(request.GET.get("period", ""))), table, kind)


def _download(figures: Forecast | Analysis, slug: str, kind: str) -> HttpResponseBase:
    try:
        table: Table = figures.table(slug)
    except KeyError as error:
        raise Http404 from error
    name = f"{slug}-{timezone.localdate():%Y-%m-%d}"
    return export_response(kind, name, table.export_headers(), table.export_rows())


def _id(value: str | None) -> int:
    return int(value) if value and value.isdecimal() and len(value) < 18 else 0
