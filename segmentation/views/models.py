"""Scoring models: the list, one model with its versions, two versions side by side, roll-back, retirement."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from crm.access import requires
from crm.web import UserRequest
from segmentation.modelling.comparison import compare
from segmentation.modelling.drafts import open_draft, retire, roll_back
from segmentation.modelling.forms import ModelForm
from segmentation.modelling.scopes import scope_text
from segmentation.modelling.shown import grades_of, rows_of
from segmentation.modelling.wording import problem_lines
from segmentation.models import ScoringModel, ScoringModelVersion
from segmentation.operations import ensure_default_model
from segmentation.scoring.problems import InvalidModel, Problem


@requires("edit_models")
@require_http_methods(["GET", "POST"])
def model_list(request: UserRequest) -> HttpResponse:
    form = ModelForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        model = form.save()
        draft = open_draft(model=model, user=request.user)
        return redirect("segmentation:draft-edit", draft.pk)
    models = list(
        ScoringModel.objects.select_related("draft__author").order_by(
            "retired_at", "-is_default", "priority", "pk"
        )
    )
    newest = {
        version.model_id: version
        for version in ScoringModelVersion.objects.filter(published_at__isnull=False)
        .select_related("published_by")
        .order_by("model_id", "-number")
        .distinct("model_id")
    }
    rows = [
        {
            "model": model,
            "version": newest.get(model.pk),
            "draft": getattr(model, "draft", None),
            "scope": scope_text(model, newest[model.pk].scope if model.pk in newest else {}),
        }
        for model in models
    ]
    return render(request, "segmentation/models/list.html", {"rows": rows, "form": form})


@requires("edit_models")
@require_GET
def model_detail(request: UserRequest, pk: int) -> HttpResponse:
    model = get_object_or_404(ScoringModel.objects.select_related("draft__author"), pk=pk)
    versions = list(
        model.versions.filter(published_at__isnull=False)
        .select_related("published_by", "copied_from")
        .order_by("-number")
    )
    context: dict[str, Any] = {
        "model": model,
        "versions": versions,
        "draft": getattr(model, "draft", None),
        "current": versions[0] if versions else None,
    }
    if versions:
        context |= _shown(versions[0])
    return render(request, "segmentation/models/detail.html", context)


@requires("edit_models")
@require_GET
def version_detail(request: UserRequest, pk: int) -> HttpResponse:
    version = _version(pk)
    context = {"model": version.model, "version": version, **_shown(version)}
    return render(request, "segmentation/models/version.html", context)


@requires("edit_models")
@require_GET
def version_compare(request: UserRequest, pk: int) -> HttpResponse:
    """?before=…&after=…: numbers of two versions of the model."""
    model = get_object_or_404(ScoringModel, pk=pk)
    versions = list(model.versions.filter(published_at__isnull=False).order_by("-number"))
    if not versions:
        raise Http404
    chosen = [
        _chosen(request, name, versions, otherwise) for name, otherwise in (("before", 1), ("after", 0))
    ]
    context = {
        "model": model,
        "versions": versions,
        "before": chosen[0],
        "after": chosen[1],
        "tables": compare(chosen[0].definition, chosen[1].definition),
        "scopes": [scope_text(model, version.scope) for version in chosen],
    }
    return render(request, "segmentation/models/compare.html", context)


def _chosen(
    request: UserRequest, name: str, versions: list[ScoringModelVersion], otherwise: int
) -> ScoringModelVersion:
    wanted = request.GET.get(name)
    if not wanted:
        return versions[min(otherwise, len(versions) - 1)]
    found = [version for version in versions if str(version.number) == wanted]
    if not found:
        raise Http404
    return found[0]


@requires("edit_models")
@require_POST
def draft_start(request: UserRequest, pk: int) -> HttpResponse:
    model = get_object_or_404(ScoringModel, pk=pk)
    if model.is_default:
        ensure_default_model()
    draft = open_draft(model=model, user=request.user)
    return redirect("segmentation:draft-edit", draft.pk)


@requires("edit_models")
@require_http_methods(["GET", "POST"])
def version_roll_back(request: UserRequest, pk: int) -> HttpResponse:
    version = _version(pk)
    problems: list[str] = []
    if request.method == "POST":
        reason = request.POST.get("reason", "").strip()[:255]
        try:
            if not reason:
                raise InvalidModel([Problem("reason_missing")])
            again, run = roll_back(version=version, reason=reason, user=request.user)
        except InvalidModel as error:
            problems = problem_lines(error.problems)
        else:
            messages.success(request, _("%(version)s is published.") % {"version": again})
            if run is None:
                return redirect("segmentation:model-detail", version.model_id)
            return redirect("crm:run-detail", run.pk)
    context = {"model": version.model, "version": version, "problems": problems, **_shown(version)}
    return render(request, "segmentation/models/roll_back.html", context, status=400 if problems else 200)


@requires("edit_models")
@require_POST
def model_retire(request: UserRequest, pk: int) -> HttpResponse:
    model = get_object_or_404(ScoringModel, pk=pk)
    try:
        retire(model=model, now=timezone.now())
    except InvalidModel as error:
        messages.error(request, " ".join(problem_lines(error.problems)))
    else:
        messages.success(request, _("%(model)s grades nobody from the next run on.") % {"model": model})
    return redirect("segmentation:model-list")


def _version(pk: int) -> ScoringModelVersion:
    versions = ScoringModelVersion.objects.filter(published_at__isnull=False)
    return get_object_or_404(versions.select_related("model", "published_by", "copied_from"), pk=pk)


def _shown(version: ScoringModelVersion) -> dict[str, Any]:
    definition = version.definition
    return {
        "rows": rows_of(definition, {}),
        "grades": grades_of(definition),
        "by_share": definition.get("grade_by") == "share",
        "definition": definition,
        "scope": scope_text(version.model, version.scope),
    }
