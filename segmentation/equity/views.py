"""The page of competition, and downloads of its tables."""

from __future__ import annotations

from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from crm.access import requires
from crm.exports import export_response
from crm.tables import Table
from crm.web import UserRequest
from segmentation.equity.competition import CompetitionBoard
from segmentation.equity.forms import CompetitionForm


@requires("view_dashboards")
@require_GET
def competition(request: UserRequest) -> HttpResponse:
    board = _competition(request)
    return render(request, "segmentation/equity/competition.html", {"form": board.form, "board": board})


@requires("view_dashboards")
@require_GET
def competition_export(request: UserRequest, table: str, kind: str) -> HttpResponseBase:
    board = _competition(request)
    try:
        wanted = board.table(table)
    except KeyError as error:
        raise Http404 from error
    return table_response(f"competition-{table}-{board.year or board.today.year}", kind, wanted)


def _competition(request: UserRequest) -> CompetitionBoard:
    form = CompetitionForm(request.GET, user=request.user)
    form.is_valid()
    return CompetitionBoard(form, timezone.localdate())


def table_response(name: str, kind: str, table: Table) -> HttpResponseBase:
    return export_response(kind, name, table.export_headers(), table.export_rows())
