"""Value matrix, 80/20 and pyramid, with their downloads."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.views.decorators.http import require_GET

from crm.access import requires
from crm.models import User
from crm.views.dashboards import download, show
from segmentation.value.concentration import concentration_board
from segmentation.value.matrix_board import matrix_board
from segmentation.value.pyramid_board import pyramid_board

Boards = Callable[[User, Any], tuple[Any, Any]]


def _page(name: str, boards: Boards) -> Callable[[HttpRequest], HttpResponse]:
    @requires("view_dashboards")
    @require_GET
    def page(request: HttpRequest) -> HttpResponse:
        form, board = boards(request.user, request.GET)  # type: ignore[arg-type]
        folder = "segmentation/value"
        return show(
            request, name, form, board, page=f"{folder}/{name}.html", body=f"{folder}/_{name}_board.html"
        )

    return page  # type: ignore[return-value]


def _export(boards: Boards) -> Callable[[HttpRequest, str, str], HttpResponseBase]:
    @requires("view_dashboards")
    @require_GET
    def export(request: HttpRequest, table: str, kind: str) -> HttpResponseBase:
        _form, board = boards(request.user, request.GET)  # type: ignore[arg-type]
        return download(board, table, kind)

    return export


matrix = _page("matrix", matrix_board)
matrix_export = _export(matrix_board)
concentration = _page("concentration", concentration_board)
concentration_export = _export(concentration_board)
pyramid = _page("pyramid", pyramid_board)
pyramid_export = _export(pyramid_board)
