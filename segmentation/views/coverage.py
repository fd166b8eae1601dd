"""Coverage of customers by visits, and its downloads."""

from __future__ import annotations

from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from crm.access import requires
from crm.exports import export_response
from crm.forms.scope import ScopeForm
from crm.web import UserRequest
from segmentation.cadence.coverage import Coverage


@requires("view_coverage")
@require_GET
def coverage(request: UserRequest) -> HttpResponse:
    return render(
        request, "segmentation/coverage.html", {"board": (board := _board(request)), "form": board.form}
    )


@requires("view_coverage")
@require_GET
def coverage_export(request: UserRequest, table: str, kind: str) -> HttpResponseBase:
    board = _board(request)
    try:
        wanted = board.table(table)
    except KeyError as error:
        raise Http404 from error
    name = f"coverage-{table}-{board.today:%Y-%m-%d}"
    return export_response(kind, name, wanted.export_headers(), wanted.export_rows())


def _board(request: UserRequest) -> Coverage:
    form = ScopeForm(request.GET, user=request.user)
    form.is_valid()
    return Coverage(form, request.user, timezone.localdate())
