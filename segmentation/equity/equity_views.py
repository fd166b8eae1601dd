"""Customer equity: the page, its what-if, studies and judgements."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db import IntegrityError, transaction
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from crm import parameters
from crm.access import requires
from crm.exports import export_response
from crm.snapshots import shown_run
from crm.web import UserRequest
from segmentation.equity import assumptions as judged
from segmentation.equity.board import EquityBoard
from segmentation.equity.equity_charts import bars_chart, trend_chart
from segmentation.equity.equity_forms import AssumptionsForm, WhatIfForm
from segmentation.equity.forms import EquityScopeForm
from segmentation.equity.studies import kept, save_study, studies_of, studies_table, summary
from segmentation.models import EquityStudy

STUDIES = 50


@requires("view_dashboards")
@require_GET
def equity(request: UserRequest) -> HttpResponse:
    board = _board(request, request.GET)
    studies = kept(list(studies_of(request.user)[:STUDIES]))
    context: dict[str, Any] = {"board": board, "form": _scope(request, request.GET), "shown": "equity"}
    if board is not None:
        table = studies_table(studies)
        context |= {
            "form": board.form,
            "trend": trend_chart(board.trend_table),
            "effects": bars_chart(board.effects_table, 3, tones=True),
            "outcome": board.outcome,
            "summary": summary(board.outcome) if board.outcome else None,
            "studies": studies,
            "studies_table": table,
            "studies_chart": bars_chart(table, 10, "rows-8", tones=True),
            "opened": _opened(request),
        }
    return render(request, "segmentation/equity/equity.html", context)


@requires("view_dashboards")
@require_GET
def equity_export(request: UserRequest, table: str, kind: str) -> HttpResponseBase:
    board = _board(request, request.GET)
    if board is None:
        raise Http404
    if table == "studies":
        wanted = studies_table(kept(list(studies_of(request.user))))
    else:
        try:
            wanted = board.table(table)
        except KeyError as error:
            raise Http404 from error
    name = f"equity-{table}-{board.run.as_of:%Y-%m-%d}"
    return export_response(kind, name, wanted.export_headers(), wanted.export_rows())


@requires("view_dashboards")
@require_POST
def study_save(request: UserRequest) -> HttpResponse:
    """Worked out again from the inputs: what a browser sends as a result is not believed."""
    board = _board(request, request.POST)
    name = " ".join(request.POST.get("name", "").split())[:120]
    if board is None or board.outcome is None or not board.form.is_valid():
        messages.error(request, _("Nothing was saved: the what-if is not complete."))
        return redirect("segmentation:equity")
    if not name:
        said = request.POST.copy()
        said.pop("csrfmiddlewaretoken", None)
        messages.error(request, _("Nothing was saved: give the study a name."))
        return redirect(f"{reverse('segmentation:equity')}?{said.urlencode()}#what-if")
    study = save_study(board=board, name=name, author=request.user)
    messages.success(request, _("Study “%(name)s” saved.") % {"name": study.name})
    return redirect(f"{reverse('segmentation:equity')}#studies")


@requires("view_dashboards")
@require_POST
def study_delete(request: UserRequest, pk: int) -> HttpResponse:
    """Everybody deletes their own."""
    study = get_object_or_404(EquityStudy, pk=pk, author=request.user)
    study.delete()
    messages.success(request, _("Study deleted."))
    return redirect(f"{reverse('segmentation:equity')}#studies")


@requires("edit_models")
@require_http_methods(["GET", "POST"])
def assumptions(request: UserRequest) -> HttpResponse:
    current, version = judged.load()
    data = request.POST if request.method == "POST" else None
    form = AssumptionsForm(data, assumptions=current, version=version)
    status = 200
    if data is not None and form.is_valid():
        try:
            if form.cleaned_data["shown"] != version:
                raise IntegrityError
            with transaction.atomic():
                parameters.publish(
                    judged.PARAMETERS, form.assumptions, reason=form.cleaned_data["reason"], user=request.user
                )
        except IntegrityError:
            form.add_error(
                None, _("A colleague changed these judgements meanwhile. Open them again to see the change.")
            )
            status = 409
        else:
            messages.success(request, _("Judgements saved."))
            return redirect("segmentation:equity")
    context = {"form": form, "version": version, "shown": "assumptions"}
    return render(request, "segmentation/equity/assumptions.html", context, status=status)


def _scope(request: UserRequest, data: Any) -> EquityScopeForm:
    form = EquityScopeForm(data, user=request.user)
    form.is_valid()
    return form


def _board(request: UserRequest, data: Any) -> EquityBoard | None:
    """None before the first run: there is no date that figures would be of."""
    run = shown_run()
    question = WhatIfForm(data if "driver" in data else None, auto_id="what-if-%s")
    return EquityBoard(_scope(request, data), question, run) if run else None


def _opened(request: UserRequest) -> Any:
    """The study that was opened again, to show what it said beside what comes out today."""
    wanted = request.GET.get("study", "")
    if not wanted.isdecimal() or len(wanted) > 17:
        return None
    found = list(studies_of(request.user).filter(pk=int(wanted)))
    return kept(found)[0] if found else None
