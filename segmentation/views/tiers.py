"""The tier dashboard and its downloads."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseBase

from crm.access import requires
from crm.views.dashboards import download, show
from segmentation.dashboards import tier_dashboard


@requires("view_dashboards")
def tiers(request: HttpRequest) -> HttpResponse:
    form, board = tier_dashboard(request.user, request.GET)  # type: ignore[arg-type]
    return show(
        request, "tiers", form, board, page="segmentation/tiers.html", body="segmentation/_tiers_board.html"
    )


@requires("view_dashboards")
def tiers_export(request: HttpRequest, table: str, kind: str) -> HttpResponseBase:
    _form, board = tier_dashboard(request.user, request.GET)  # type: ignore[arg-type]
    return download(board, table, kind)
