"""The satisfaction dashboard and its downloads."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.template.loader import render_to_string

from crm.access import requires
from crm.exports import export_response
from crm.remember import remember
from satisfaction.dashboards import satisfaction_dashboard


@requires("view_dashboards")
def dashboard(request: HttpRequest) -> HttpResponse:
    form, board = satisfaction_dashboard(request.user, request.GET)  # type: ignore[arg-type]
    context: dict[str, Any] = {"form": form, "board": board}
    if board is not None:
        context["body"] = remember(
            request.user,  # type: ignore[arg-type]
            board.run,
            "satisfaction",
            lambda: render_to_string("satisfaction/_board.html", {"board": board}, request),
            request.GET.urlencode(),
        )
    return render(request, "satisfaction/dashboard.html", context)


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
