"""How much retention is enough."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_GET

from crm.access import requires
from crm.exports import export_response
from crm.snapshots import shown_run
from crm.web import UserRequest
from segmentation.equity.equity_charts import curve_chart
from segmentation.equity.forms import EquityScopeForm
from segmentation.equity.retention import RetentionBoard
from segmentation.equity.retention_forms import RetentionForm


@requires("view_dashboards")
@require_GET
def retention(request: UserRequest) -> HttpResponse:
    board = _board(request)
    context: dict[str, Any] = {"board": board, "shown": "retention"}
    if board is not None:
        board.inputs.show_own(board.own)
        solved = board.solved
        context |= {"form": board.form, "solved": solved, "refused": None if solved else board.answer}
        if solved:
            context["curve"] = curve_chart(board.curve_table, solved.best.spend, solved.spend)
    return render(request, "segmentation/equity/retention.html", context)


@requires("view_dashboards")
@require_GET
def retention_export(request: UserRequest, table: str, kind: str) -> HttpResponseBase:
    board = _board(request)
    if board is None:
        raise Http404
    try:
        wanted = board.table(table)
    except KeyError as error:
        raise Http404 from error
    name = f"retention-{table}-{board.run.as_of:%Y-%m-%d}"
    return export_response(kind, name, wanted.export_headers(), wanted.export_rows())


def _board(request: UserRequest) -> RetentionBoard | None:
    run = shown_run()
    form = EquityScopeForm(request.GET, user=request.user)
    # Split by grade anyway.
    del form.fields["by"]
    form.is_valid()
    asked = RetentionForm(request.GET if "retention" in request.GET else None, auto_id="retention-%s")
    return RetentionBoard(form, asked, run) if run else None
