"""The stages of the pipeline, kept by administrators."""

from __future__ import annotations

from django.contrib import messages
from django.db.models import Count, Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from crm.access import requires
from crm.forms.opportunities import CriterionFormSet, StageForm
from crm.models import Opportunity, PipelineStage
from crm.operations import RefusedError
from crm.pipeline.stages import delete_stage, load_usual_stages, save_stage, shift_stage, stages
from crm.web import UserRequest


@requires("edit_pipeline")
@require_GET
def stage_list(request: UserRequest) -> HttpResponse:
    counts = dict(Opportunity.objects.values_list("stage").annotate(n=Count("pk", filter=Q(state="open"))))
    rows = [{"stage": stage, "open": counts.get(stage.pk, 0)} for stage in stages()]
    return render(request, "crm/opportunities/stages.html", {"rows": rows})


@requires("edit_pipeline")
@require_POST
def stage_usual(request: UserRequest) -> HttpResponse:
    """The usual list, where every stage was taken away."""
    load_usual_stages()
    return redirect("crm:pipeline-stages")


@requires("edit_pipeline")
@require_http_methods(["GET", "POST"])
def stage_edit(request: UserRequest, pk: int | None = None) -> HttpResponse:
    stage = get_object_or_404(PipelineStage, pk=pk) if pk else PipelineStage()
    data = request.POST if request.method == "POST" else None
    form = StageForm(data, instance=stage)
    criteria = CriterionFormSet(data, instance=stage, prefix="criteria")
    if data is not None and form.is_valid() and criteria.is_valid():
        gone = [entry.instance.pk for entry in criteria.deleted_forms if entry.instance.pk]
        kept = [
            entry.save(commit=False)
            for entry in criteria.forms
            if entry not in criteria.deleted_forms and entry.cleaned_data.get("text")
        ]
        save_stage(stage=stage, criteria=kept, gone=gone)
        messages.success(request, _("Saved."))
        return redirect("crm:pipeline-stages")
    return render(
        request, "crm/opportunities/stage_form.html", {"form": form, "criteria": criteria, "stage": stage}
    )


@requires("edit_pipeline")
@require_POST
def stage_shift(request: UserRequest, pk: int) -> HttpResponse:
    stage = get_object_or_404(PipelineStage, pk=pk)
    shift_stage(stage_id=stage.pk, up=request.POST.get("to") == "up")
    return redirect("crm:pipeline-stages")


@requires("edit_pipeline")
@require_POST
def stage_delete(request: UserRequest, pk: int) -> HttpResponse:
    stage = get_object_or_404(PipelineStage, pk=pk)
    try:
        delete_stage(stage_id=stage.pk)
    except RefusedError as refused:
        text = _("“%(stage)s” stays: %(reason)s") % {"stage": stage, "reason": refused}
        messages.error(request, text)
    else:
        messages.success(request, _("“%(stage)s” is deleted.") % {"stage": stage})
    return redirect("crm:pipeline-stages")
