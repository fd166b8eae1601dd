"""The lifecycle dashboard and its downloads."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseBase

from crm.access import requires
from crm.views.dashboards import download, show
from lifecycle.dashboards import lifecycle_dashboard


@requires("view_dashboards")
def dashboard(request: HttpRequest) -> HttpResponse:
    form, board = lifecycle_dashboard(request.user, request.GET)  # type: ignore[arg-type]
    return show(
        request, "lifecycle", form, board, page="lifecycle/dashboard.html", body="lifecycle/_board.html"
    )


@requires("view_dashboards")
def dashboard_export(request: HttpRequest, table: str, kind: str) -> HttpResponseBase:
    _form, board = lifecycle_dashboard(request.user, request.GET)  # type: ignore[arg-type]
    return download(board, table, kind)
