"""The satisfaction dashboard and its downloads."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render

from crm.access import requires
from crm.exports import export_response
from satisfaction.dashboards import satisfaction_dashboard


@requires("view_dashboards")
def dashboard(request: HttpRequest) -> HttpResponse:
    form, board = satisfaction_dashboard(request.user, request.GET)  # type: ignore[arg-type]
    return render(request, "satisfaction/dashboard.html", {"form": form, "board": board})


@requires("view_dashboards")
def dashboard_export(request: HttpRequest, table: str, kind: str) -> HttpResponseBase:
    _form, board = satisfaction_dashboard(request.user, request.GET)  # type: ignore[arg-type]
    if board is None:
        raise Http404
    try:
        wanted = board.table(table)
    except KeyError as error:
        raise Http404 from error
    name = f"{table}-{board.run.as_of:%Y-%m-%d}"
    return export_response(kind, name, wanted.export_headers(), wanted.export_rows())
