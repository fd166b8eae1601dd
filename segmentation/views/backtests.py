"""Does the model work? Grades of past dates against what followed, per version, two of them side by side."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_GET, require_http_methods

from crm.access import requires
from crm.exports import export_response
from crm.web import UserRequest
from segmentation.modelling.backtest_dates import ledger, schedule
from segmentation.modelling.backtest_jobs import request_back_test
from segmentation.modelling.backtest_report import Findings, Report
from segmentation.models import ScoringModel, ScoringModelVersion


@requires("edit_models")
@require_http_methods(["GET", "POST"])
def back_test(request: UserRequest, pk: int) -> HttpResponse:
    """?version=…&with=…: ids of a version of the model, and of one of any model to compare with."""
    model = get_object_or_404(ScoringModel, pk=pk)
    asked = request.POST if request.method == "POST" else request.GET
    version, other = _chosen(model, asked.get("version", ""), asked.get("with", ""))
    if request.method == "POST":
        for one in (version, other):
            if one is not None:
                request_back_test(version=one, now=timezone.now())
        chosen = {"version": version.pk, **({"with": other.pk} if other else {})} if version else {}
        return redirect(f"{reverse('segmentation:back-test', args=[pk])}?{urlencode(chosen)}")
    history = ledger()
    context: dict[str, Any] = {
        "model": model,
        "version": version,
        "other": other,
        "versions": _versions().filter(model=model),
        "others": _versions().exclude(pk=version.pk) if version else [],
        "ledger": history,
        "schedule": schedule(history),
        "report": _report(version, other),
    }
    return render(request, "segmentation/models/back_test.html", context)


@requires("edit_models")
@require_GET
def back_test_state(request: UserRequest, pk: int) -> HttpResponse:
    """How far it is; once it is done the page is asked to load again."""
    model = get_object_or_404(ScoringModel, pk=pk)
    report = _report(*_chosen(model, request.GET.get("version", ""), request.GET.get("with", "")))
    answer = render(request, "segmentation/models/_back_test_state.html", {"model": model, "report": report})
    if report is None or not report.waiting:
        answer["HX-Refresh"] = "true"
    return answer


@requires("edit_models")
@require_GET
def back_test_export(request: UserRequest, pk: int, table: str, kind: str) -> HttpResponseBase:
    model = get_object_or_404(ScoringModel, pk=pk)
    report = _report(*_chosen(model, request.GET.get("version", ""), request.GET.get("with", "")))
    try:
        wanted = report.table(table) if report and report.is_ready else None
    except KeyError:
        wanted = None
    if wanted is None:
        raise Http404
    return export_response(kind, f"back-test-{table}", wanted.export_headers(), wanted.export_rows())


def _versions() -> Any:
    published = ScoringModelVersion.objects.filter(published_at__isnull=False)
    return published.select_related("model").order_by("model_id", "-number")


def _chosen(
    model: ScoringModel, version: str, other: str
) -> tuple[ScoringModelVersion | None, ScoringModelVersion | None]:
    """The newest version where none is named; nothing to compare with unless it is named."""
    own = _versions().filter(model=model)
    first = own.filter(pk=_number(version)).first() if version else own.first()
    second = _versions().filter(pk=_number(other)).first() if other else None
    if (version and first is None) or (other and second is None):
        raise Http404
    return first, None if first is not None and second == first else second


def _number(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 10 else 0


def _report(version: ScoringModelVersion | None, other: ScoringModelVersion | None) -> Report | None:
    if version is None:
        return None
    return Report(Findings.of(version), Findings.of(other) if other else None)
