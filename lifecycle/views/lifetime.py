"""The page of lifetime value and its downloads."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseBase

from crm.access import requires
from crm.views.dashboards import download, show
from lifecycle.worth.board import value_board


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
