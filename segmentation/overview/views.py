"""Movement, monthly key figures and the print form of the meeting."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils import timezone

from crm.access import requires
from crm.views.dashboards import download, show
from segmentation.overview.kpi_board import kpi_board
from segmentation.overview.meeting import meeting_of
from segmentation.overview.movement import movement_board


@requires("view_dashboards")
def movement(request: HttpRequest) -> HttpResponse:
    form, board = movement_board(request.user, request.GET)  # type: ignore[arg-type]
    return show(
        request,
        "movement",
        form,
        board,
        page="segmentation/overview/movement.html",
        body="segmentation/overview/_movement_board.html",
    )


@requires("view_dashboards")
def movement_export(request: HttpRequest, table: str, kind: str) -> HttpResponseBase:
    _form, board = movement_board(request.user, request.GET)  # type: ignore[arg-type]
    return download(board, table, kind)


@requires("view_dashboards")
def kpis(request: HttpRequest) -> HttpResponse:
    form, board = kpi_board(request.user, request.GET)  # type: ignore[arg-type]
    return show(
        request,
        "kpis",
        form,
        board,
        page="segmentation/overview/kpis.html",
        body="segmentation/overview/_kpi_board.html",
    )


@requires("view_dashboards")
def kpis_export(request: HttpRequest, table: str, kind: str) -> HttpResponseBase:
    _form, board = kpi_board(request.user, request.GET)  # type: ignore[arg-type]
    return download(board, table, kind)


@requires("view_dashboards")
def meeting(request: HttpRequest) -> HttpResponse:
    form, sheet = meeting_of(request.user, request.GET, timezone.localdate())  # type: ignore[arg-type]
    context = {"form": form, "sheet": sheet, "now": timezone.localtime()}
    return render(request, "segmentation/overview/meeting.html", context)
