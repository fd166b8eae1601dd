"""The editor of a scoring model: every button keeps the draft and answers with the editor as it then is."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from crm.access import requires
from crm.exports import export_response
from crm.snapshots import shown_run
from crm.web import UserRequest
from segmentation.modelling.actions import apply
from segmentation.modelling.comparison import compare
from segmentation.modelling.drafts import (
    OutdatedDraft,
    discard_draft,
    draft_problems,
    newest_version,
    publish_draft,
    rebase_draft,
    save_draft,
)
from segmentation.modelling.preview import preview
from segmentation.modelling.report import PreviewReport
from segmentation.modelling.scopes import scope_choices
from segmentation.modelling.shown import STANDARDS, grades_of, in_percent, offered, plain, rows_of, weight_sum
from segmentation.modelling.typed import definition_of, scope_of
from segmentation.modelling.wording import problem_lines, problem_texts
from segmentation.models import ScoringModelDraft
from segmentation.scoring.problems import InvalidModel


@requires("edit_models")
@require_http_methods(["GET", "POST"])
def draft_edit(request: UserRequest, pk: int) -> HttpResponse:
    draft = _draft(pk)
    if request.method == "GET":
        return render(request, "segmentation/models/edit.html", _editor(draft))
    definition = apply(
        definition_of(request.POST),
        request.POST.get("action", "save"),
        request.POST.get("add", ""),
        shown_run(),
    )
    try:
        draft = save_draft(
            draft_id=pk,
            revision=_revision(request),
            definition=definition,
            scope=scope_of(request.POST),
            user=request.user,
        )
    except OutdatedDraft as error:
        return _outdated(request, error)
    if request.POST.get("action") == "preview":
        return redirect("segmentation:draft-preview", draft.pk)
    template = "_editor.html" if request.headers.get("HX-Request") else "edit.html"
    return render(request, f"segmentation/models/{template}", {**_editor(draft), "saved": True})


@requires("edit_models")
@require_GET
def draft_preview(request: UserRequest, pk: int) -> HttpResponse:
    """Distribution, matrix, movers by name, effect per rep: computed now, for the figures on show."""
    draft = _draft(pk)
    report, problems = _report(request, draft)
    context: dict[str, Any] = {"draft": draft, "model": draft.model, "report": report, "problems": problems}
    newest = newest_version(draft.model)
    context["outdated"] = (newest.pk if newest else None) != draft.base_id
    context["newest"] = newest
    if newest is not None:
        context["changes"] = compare(newest.definition, draft.definition)
    return render(request, "segmentation/models/preview.html", context)


@requires("edit_models")
@require_GET
def draft_movers(request: UserRequest, pk: int, kind: str) -> HttpResponseBase:
    """Everybody who would move, as a file."""
    draft = _draft(pk)
    report, problems = _report(request, draft)
    if report is None or problems:
        return redirect("segmentation:draft-preview", pk)
    table = report.movers_table(None)
    return export_response(kind, _("movers"), table.export_headers(), table.export_rows())


@requires("edit_models")
@require_POST
def draft_publish(request: UserRequest, pk: int) -> HttpResponse:
    draft = _draft(pk)
    try:
        version, run = publish_draft(
            draft_id=pk,
            revision=_revision(request),
            reason=request.POST.get("reason", "").strip()[:255],
            user=request.user,
        )
    except OutdatedDraft as error:
        return _outdated(request, error)
    except InvalidModel as error:
        for line in problem_lines(error.problems):
            messages.error(request, line)
        return redirect("segmentation:draft-preview", pk)
    messages.success(request, _("%(version)s is published.") % {"version": version})
    return (
        redirect("crm:run-detail", run.pk) if run else redirect("segmentation:model-detail", draft.model_id)
    )


@requires("edit_models")
@require_POST
def draft_rebase(request: UserRequest, pk: int) -> HttpResponse:
    """The author has seen the version that came out meanwhile and goes on with the draft."""
    try:
        rebase_draft(draft_id=pk, revision=_revision(request))
    except OutdatedDraft as error:
        return _outdated(request, error)
    return redirect("segmentation:draft-preview", pk)


@requires("edit_models")
@require_POST
def draft_discard(request: UserRequest, pk: int) -> HttpResponse:
    draft = _draft(pk)
    try:
        discard_draft(draft_id=pk, revision=_revision(request))
    except OutdatedDraft as error:
        return _outdated(request, error)
    messages.success(request, _("The draft is gone; the published version stays."))
    return redirect("segmentation:model-detail", draft.model_id)


def _editor(draft: ScoringModelDraft) -> dict[str, Any]:
    definition = draft.definition or {}
    whole, by_code = problem_texts(draft_problems(draft))
    total = weight_sum(definition)
    return {
        "draft": draft,
        "model": draft.model,
        "rows": rows_of(definition, by_code),
        "grades": grades_of(definition),
        "by_share": definition.get("grade_by") == "share",
        "min_coverage": in_percent(definition.get("min_coverage", 0.5)),
        "hysteresis": plain(definition.get("hysteresis", 2.0)),
        "weight_sum": in_percent(total),
        "weights_fit": abs(total - 1) < 1e-6,
        "problems": whole,
        "ready": not whole and not by_code,
        "offered": offered(definition),
        "standards": STANDARDS.items(),
        "scopes": [] if draft.model.is_default else scope_choices(draft.scope or {}),
    }


def _report(request: UserRequest, draft: ScoringModelDraft) -> tuple[PreviewReport | None, list[str]]:
    if problems := draft_problems(draft):
        return None, problem_lines(problems)
    run = shown_run()
    if run is None:
        return None, []
    return PreviewReport(preview(draft, request.user, run), run, draft.model), []


def _outdated(request: UserRequest, error: OutdatedDraft) -> HttpResponse:
    """Nothing was written: what the colleague left is shown."""
    context = {"draft": error.draft, "model": error.draft.model if error.draft else None}
    response = render(request, "segmentation/models/outdated.html", context, status=409)
    if request.headers.get("HX-Request"):
        # htmx swaps no error: let it show the whole page.
        response.status_code = 200
        response["HX-Retarget"] = "body"
        response["HX-Reswap"] = "innerHTML"
    return response


def _draft(pk: int) -> ScoringModelDraft:
    return get_object_or_404(ScoringModelDraft.objects.select_related("model", "author", "base"), pk=pk)


def _revision(request: UserRequest) -> int:
    text = request.POST.get("revision", "")
    return int(text) if text.isdecimal() and len(text) < 10 else -1
